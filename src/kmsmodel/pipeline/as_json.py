"""
JSON, for programs.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from kmsmodel.pipeline.differences import Difference, verdict
from kmsmodel.pipeline.results import Outcome, Report, Result


def written(report: Report) -> str:
    """A report as a list with an object for each result."""
    return json.dumps([_row(each) for each in report.results], indent=2)


def _row(result: Result) -> dict[str, Any]:
    row: dict[str, Any] = {"file": result.file}
    if result.name:
        row["policy"] = result.name
    row |= {"rule": result.rule, "answer": str(result.outcome)}
    if result.outcome in {Outcome.UNKNOWN, Outcome.NOT_UNDERSTOOD}:
        row["reason"] = result.headline
    if result.finding:
        row |= {"finding": result.finding.kind, "reason": result.headline}
    elif result.outcome in {Outcome.FOUND, Outcome.ACCEPTED}:
        row["request"] = None if result.request is None else dict(result.request)
        row["closed_by"] = list(result.closed_by)
        if result.program:
            row["program"] = result.program
    if result.place is not None and result.outcome is not Outcome.PROVED:
        row |= {"line": result.place.line, "column": result.place.column}
    if result.accepted is not None:
        row["accepted"] = {
            "reason": result.accepted.reason,
            "expires": result.accepted.expires.isoformat(),
        }
    if result.assumes:
        row["assumes"] = list(result.assumes)
    return row


def compared(differences: Sequence[Difference]) -> str:
    """Differences as one object; each request names its policy if there are several."""
    found: dict[str, Any] = {
        "verdict": verdict(differences),
        "new": [dict(row) for each in differences for row in each.new],
        "lost": [dict(row) for each in differences for row in each.lost],
    }
    unknown = [
        {"policy": each.title, "reason": reason} for each in differences for reason in each.unknown
    ]
    assumes = list(dict.fromkeys(one for each in differences for one in each.assumes))
    return json.dumps(
        found
        | ({"unknown": unknown} if unknown else {})
        | ({"assumes": assumes} if assumes else {}),
        indent=2,
    )
