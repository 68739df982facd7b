"""
The rooms of the house, and the one rule of what may import what.
"""

from __future__ import annotations

RULE = """
errors < words < policy machine hsm < key exploration < memory crypto < calls storage < operations
< wire < service sts < trail < clock faults record < local < console
< botocore_answers host_routes moto_seams same_origin
< asgi boto http11 iam_file key_import moto_services xks
< connection key_store_file moto paths pipeline seeds testing
< planting seed_file < pytest_plugin < server < cli < __main__ < .
"""
"""From left to right; the names that stand together do not know each other. The last is the front page."""

PLACES = {
    name: place
    for place, names in enumerate(RULE.replace("\n", " ").split("<"))
    for name in names.split()
}
