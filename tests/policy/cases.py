"""
Decisions of AWS, as cases: read from ``data/authorization``, whose files say in ``_meta`` where they are from.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

KINDS = frozenset({"request", "multi_resource", "multi_action"})
"""The kinds whose verdict is allow or deny; a case of kind api ends in an error of its operation."""


@dataclass(frozen=True)
class Case:
    """One decision."""

    id: str
    kind: str
    expected: str
    """allow or deny; for kind api, the error."""
    raw: Mapping[str, Any]
    """The whole case, as the file has it."""


@cache
def cases(name: str) -> tuple[Case, ...]:
    """All cases of one file: authorization_cases, recorded_iam_cases or recorded_kms_cases."""
    path = Path(__file__).parents[1] / "data" / "authorization" / f"{name}.json"
    found = json.loads(path.read_text(encoding="utf-8"))["cases"]
    return tuple(Case(it["id"], it["kind"], it["expected"], it) for it in found)


def decisions(name: str) -> tuple[Case, ...]:
    """The cases of one file that end in allow or deny."""
    return tuple(it for it in cases(name) if it.kind in KINDS)
