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

from kmsmodel.policy.finding import Finding
from kmsmodel.policy.findings import findings

TOLD: dict[str, list[str]] = {}
for _line in Path(__file__).with_name("finding_texts.txt").read_text("utf-8").splitlines():
    if _line.startswith("{"):
        _found = TOLD.setdefault(_line, [])
    else:
        _found.append(_line.strip())


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
