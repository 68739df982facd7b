"""
A `Lifecycle` alone as plain data, for hosts that keep records of keys themselves.

Its members are those of a key's ``lifecycle`` in a snapshot; ``docs/snapshot-2.schema.json`` has them. It holds no
secret.
"""

from __future__ import annotations

from typing import Any

from kmsmodel.machine.lifecycle import Lifecycle
from kmsmodel.storage.forms import Malformed, structure
from kmsmodel.words.arguments import expect

_FORM = structure(Lifecycle)


def to_json(lifecycle: Lifecycle) -> dict[str, Any]:
    """The lifecycle as plain data, for `json.dumps`. Raises TypeError for anything else."""
    expect("lifecycle", lifecycle, Lifecycle)
    return _FORM.write(lifecycle, [])


def from_json(data: object) -> Lifecycle:
    """The lifecycle that is equal to the one that the data were made of. Raises ValueError for any other data."""
    try:
        lifecycle: Lifecycle = _FORM.read(data, "", ())
    except Malformed as error:
        at = error.at.lstrip(".") or "a lifecycle"
        raise ValueError(f"{at} must be {error.what}") from None
    return lifecycle
