"""
The steps that this model answers otherwise than AWS KMS was recorded to, each with the reason.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from tests.recordings.playback import Playback
from tests.recordings.scenario import NAMES, scenario

PATH = Path(__file__).parent / "known_differences.json"

KNOWN: Mapping[str, Mapping[str, str]] = json.loads(PATH.read_text(encoding="utf-8"))
"""Reasons, by recording and step."""


def listed() -> str:
    """The list as it is now: reasons stay, steps that are right are left out, and new ones tell the difference."""
    now: dict[str, dict[str, str]] = {}
    for name in NAMES:
        known = KNOWN.get(name, {})
        found = Playback(scenario(name)).differences()
        if found:
            now[name] = {
                step: known.get(step, f"new: {difference}") for step, difference in found.items()
            }
    return json.dumps(now, ensure_ascii=False, indent=2) + "\n"
