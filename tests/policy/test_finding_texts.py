"""
Findings: what each of them tells, with its place and its path.

In `finding_texts.txt`, each line of JSON is what differs from a plain statement; None leaves an element
out. The lines behind it are what is found.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from kmsmodel.policy.finding import Finding, FindingKind
from kmsmodel.policy.findings import findings
from kmsmodel.policy.places import Place


def _read() -> dict[str, list[str]]:
    told: dict[str, list[str]] = {}
    elements = ""
    for line in Path(__file__).with_name("finding_texts.txt").read_text("utf-8").splitlines():
        if line.startswith("{"):
            elements = line
            told[elements] = []
        else:
            told[elements].append(line.strip())
    return told


TOLD = _read()


def _told(finding: Finding) -> str:
    where = "/".join(map(str, finding.path))
    assert finding.place is not None
    place = f"{finding.place.line}:{finding.place.column}"
    return f"{place} {where}: {finding.text} [{finding.kind}]"


@pytest.mark.parametrize("elements", TOLD)
def test_a_finding_tells_where_it_is_and_what_is_wrong(elements: str) -> None:
    plain = {"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}
    whole: dict[str, Any] = {"Version": "2012-10-17"} | plain | json.loads(elements)
    statement = {name: each for name, each in whole.items() if each is not None}
    document = {"Version": statement.pop("Version", None), "Statement": statement}
    if document["Version"] is None:
        del document["Version"]
    assert list(map(_told, findings(json.dumps(document, indent=1)))) == TOLD[elements]


_CHECKS = (
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html"
)
_GUIDE = "https://docs.aws.amazon.com/kms/latest/developerguide/"


@pytest.mark.parametrize(
    "kind, page",
    [
        (FindingKind.MISSING_VERSION, _CHECKS),
        (
            FindingKind.NULL_WITH_IF_EXISTS,
            f"{_CHECKS}#access-analyzer-reference-policy-checks-error-null-with-if-exists",
        ),
        (FindingKind.UNKNOWN_VALUE, f"{_GUIDE}conditions-kms.html"),
        (FindingKind.INERT_ACTION, f"{_GUIDE}key-policy-overview.html"),
    ],
)
def test_a_finding_has_a_page_of_aws(kind: FindingKind, page: str) -> None:
    assert Finding(kind=kind, text="", path=()).page == page


def test_a_finding_reads_well_without_a_statement_and_a_place() -> None:
    found = Finding(kind=FindingKind.INVALID_VALUE, text="it is odd", path=())
    assert str(found) == "it is odd [INVALID_VALUE]"
    assert str(evolve(found, place=Place(2, 1))) == "line 2, column 1: it is odd [INVALID_VALUE]"
