"""
SARIF 2.1.0, which code scanning reads: each finding with its rule, its file and its line.

What is proved is left out, because code scanning shows every result as an alert. Source: *Static Analysis Results
Interchange Format (SARIF) Version 2.1.0*, OASIS Standard.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import quote

from kmsmodel.pipeline.results import Outcome, Report, Result

_SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_LEVELS = {
    Outcome.FOUND: "error",
    Outcome.NOT_UNDERSTOOD: "error",
    Outcome.UNKNOWN: "warning",
    Outcome.ACCEPTED: "error",
    Outcome.NOTED: "note",
}


def written(report: Report) -> str:
    """A report as SARIF."""
    told = [each for each in report.results if each.outcome in _LEVELS]
    rules = {each.rule: each for each in told}
    numbers = {name: number for number, name in enumerate(rules)}
    alike: Counter[str] = Counter()
    log = {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "kmsmodel",
                        "version": version("kmsmodel"),
                        "rules": [_rule(each) for each in rules.values()],
                    }
                },
                "columnKind": "unicodeCodePoints",
                "results": [_result(each, numbers[each.rule], alike) for each in told],
            }
        ],
    }
    return json.dumps(log, indent=2)


def _rule(result: Result) -> dict[str, Any]:
    also = f" Asked by {', '.join(result.ids)}." if result.ids else ""
    rule: dict[str, Any] = {
        "id": result.rule,
        "shortDescription": {"text": result.asks},
        "fullDescription": {"text": f"{result.asks}{also}"},
        "help": {"text": f"{result.asks} {_HELP}"},
    }
    if result.ids:
        rule["properties"] = {"tags": list(result.ids)}
    return rule


_HELP = (
    "If it is broken, the message says by which request and which statement, and what closes it; or what of the file "
    "is not understood."
)
"""Code scanning of GitHub needs help for each rule."""


def _result(result: Result, number: int, alike: Counter[str]) -> dict[str, Any]:
    fingerprint = _fingerprint(result)
    alike[fingerprint] += 1
    found: dict[str, Any] = {
        "ruleId": result.rule,
        "ruleIndex": number,
        "level": _LEVELS[result.outcome],
        "message": {"text": "\n".join(_message(result))},
        "locations": [_location(result)],
        "partialFingerprints": {"kmsmodel/v1": f"{fingerprint}:{alike[fingerprint]}"},
    }
    if result.accepted is not None:
        reason = f"{result.accepted.reason} (until {result.accepted.expires})"
        found["suppressions"] = [
            {"kind": "external", "status": "accepted", "justification": reason}
        ]
    return found


def _message(result: Result) -> Iterator[str]:
    is_open = result.outcome in {Outcome.UNKNOWN, Outcome.NOT_UNDERSTOOD}
    yield f"{result.outcome.words}: {result.headline}" if is_open else result.headline
    yield from (each.strip() for each in result.details)
    yield from (f"assumed: {each}" for each in result.assumes)


def _location(result: Result) -> dict[str, Any]:
    physical: dict[str, Any] = {"artifactLocation": {"uri": _uri(result.file)}}
    if result.place is not None:
        physical["region"] = {
            "startLine": result.place.line,
            "startColumn": result.place.column,
        }
    location: dict[str, Any] = {"physicalLocation": physical}
    if result.name:
        location["logicalLocations"] = [{"fullyQualifiedName": result.name, "kind": "resource"}]
    return location


def _uri(file: str) -> str:
    path = Path(file)
    return path.as_uri() if path.is_absolute() else quote(path.as_posix())


def _fingerprint(result: Result) -> str:
    """The same for the same finding when lines and statements above it have moved."""
    request = result.request or {}
    parts: tuple[object, ...] = (
        result.file,
        result.name,
        result.rule,
        request.get("action"),
        request.get("caller"),
    )
    if result.finding is not None:
        statement = result.finding.statement
        sid = None if statement is None else statement.sid
        parts = (*parts, sid, result.finding.kind, result.finding.text)
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]
