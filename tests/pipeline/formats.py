"""
The parts of SARIF that a report uses.
"""

from __future__ import annotations

from typing import Any

_TEXT = {"type": "string"}
_MESSAGE = {
    "type": "object",
    "properties": {"text": _TEXT},
    "required": ["text"],
    "additionalProperties": False,
}


def _object(required: list[str], **properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


def _several(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


_RULE = _object(
    [
        "id",
        "shortDescription",
        "fullDescription",
        "help",
    ],  # the last three for code scanning of GitHub
    id=_TEXT,
    shortDescription=_MESSAGE,
    fullDescription=_MESSAGE,
    help=_MESSAGE,
    properties=_object([], tags={**_several(_TEXT), "uniqueItems": True}),
)
_LOCATION = _object(
    [],
    physicalLocation=_object(
        [],
        artifactLocation=_object([], uri={"type": "string", "format": "uri-reference"}),
        region=_object(
            [],
            startLine={"type": "integer", "minimum": 1},
            startColumn={"type": "integer", "minimum": 1},
        ),
    ),
    logicalLocations=_several(_object([], fullyQualifiedName=_TEXT, kind=_TEXT)),
)
_RESULT = _object(
    ["message"],
    ruleId=_TEXT,
    ruleIndex={"type": "integer", "minimum": -1},
    level={"enum": ["none", "note", "warning", "error"]},
    message=_MESSAGE,
    locations=_several(_LOCATION),
    partialFingerprints={"type": "object", "additionalProperties": _TEXT},
    suppressions=_several(
        _object(
            ["kind"],
            kind={"enum": ["inSource", "external"]},
            status={"enum": ["accepted", "underReview", "rejected"]},
            justification=_TEXT,
        )
    ),
)

SARIF = _object(
    ["version", "runs"],
    **{"$schema": {"type": "string", "format": "uri"}},
    version={"enum": ["2.1.0"]},
    runs=_several(
        _object(
            ["tool"],
            tool=_object(
                ["driver"],
                driver=_object(["name"], name=_TEXT, version=_TEXT, rules=_several(_RULE)),
            ),
            columnKind={"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
            results=_several(_RESULT),
        )
    ),
)
"""
What a report uses of *SARIF 2.1.0*: which members there are, of which types, and which are needed.

`sarif-schema-2.1.0.json` itself is in no package that is used here. Reports of all kinds were validated against it in
November 2026, with the release 5.7.0 of Microsoft's SARIF Multitool; see `docs/policy-pipeline.md`.
"""
