"""
Formats: every report can be told in each, as the programs that read it expect.
"""

from __future__ import annotations

import json
from collections import Counter
from datetime import date
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, strategies as st
from jsonschema import Draft202012Validator

from kmsmodel.pipeline import as_json, junit, markdown, sarif
from kmsmodel.pipeline.results import Acceptance, Outcome, Report, Result
from kmsmodel.policy.places import Place
from tests.pipeline.formats import SARIF

_texts = st.text(max_size=20)
_numbers = st.integers(1, 9_999)
_requests = st.fixed_dictionaries(
    {
        "action": _texts,
        "caller": _texts,
        "context": st.dictionaries(_texts, _texts | st.lists(_texts), max_size=2),
        "by": st.lists(_texts, max_size=2),
        "assumes": st.lists(_texts, max_size=1),
    }
)
_results = st.builds(
    Result,
    file=st.text(min_size=1, max_size=20) | st.just("/a/b c.json"),
    name=_texts,
    rule=st.sampled_from(["never-public", "can-be-administered", "<mine>"]),
    asks=_texts,
    outcome=st.sampled_from(Outcome),
    headline=_texts,
    ids=st.lists(_texts, max_size=2, unique=True).map(tuple),
    details=st.lists(_texts, max_size=2).map(tuple),
    request=st.none() | _requests,
    closed_by=st.lists(_texts, max_size=2).map(tuple),
    assumes=st.lists(_texts, max_size=1).map(tuple),
    place=st.none() | st.builds(Place, _numbers, _numbers),
    accepted=st.none()
    | st.builds(Acceptance, reason=_texts, expires=st.dates(min_value=date(2026, 1, 1))),
)
reports = st.builds(Report, results=st.lists(_results, max_size=4).map(tuple))


@given(reports)
def test_sarif_has_what_its_schema_asks_for_and_no_more(report: Report) -> None:
    log = json.loads(sarif.written(report))
    assert list(Draft202012Validator(SARIF).iter_errors(log)) == []
    (run,) = log["runs"]
    told = [each for each in report.results if each.outcome is not Outcome.PROVED]
    assert len(run["results"]) == len(told)
    rules = run["tool"]["driver"]["rules"]
    for each in run["results"]:
        assert rules[each["ruleIndex"]]["id"] == each["ruleId"]
    assert len({each["id"] for each in rules}) == len(rules)


@given(reports)
def test_junit_is_xml_whose_counts_are_those_of_its_cases(report: Report) -> None:
    root = ET.fromstring(junit.written(report, "a <suite>"))
    (suite,) = root
    assert suite.get("name") == "a <suite>"
    cases = list(suite)
    inner = Counter(each.tag for case in cases for each in case)
    for element in (root, suite):
        assert int(element.get("tests", "")) == len(cases) == len(report.results)
        assert int(element.get("failures", "")) == inner["failure"]
        assert int(element.get("errors", "")) == inner["error"]
        assert int(element.get("skipped", "")) == inner["skipped"]
    identities = [(case.get("classname"), case.get("name")) for case in cases]
    assert all(name and classname is not None for classname, name in identities)
    assert len(set(identities)) == len(identities)


@given(reports)
def test_a_table_of_markdown_has_a_row_of_four_cells_for_each_result_that_is_told(
    report: Report,
) -> None:
    rows = [line for line in markdown.written(report).splitlines() if line.startswith("| ")][1:]
    told = [each for each in report.results if each.outcome is not Outcome.PROVED]
    assert len(rows) == len(told)
    assert all(row.replace("\\|", "").count("|") == 5 for row in rows)


@given(reports)
def test_json_has_an_object_for_each_result(report: Report) -> None:
    rows = json.loads(as_json.written(report))
    assert [row["answer"] for row in rows] == [str(each.outcome) for each in report.results]


@given(reports)
def test_the_status_is_that_of_the_worst_outcome(report: Report) -> None:
    outcomes = {each.outcome for each in report.results}
    expected = 0
    for status, outcome in ((3, Outcome.UNKNOWN), (2, Outcome.NOT_UNDERSTOOD), (1, Outcome.FOUND)):
        expected = status if outcome in outcomes else expected
    assert report.status == expected


def test_sarif_tells_what_is_accepted_as_suppressed() -> None:
    acceptance = Acceptance(reason="legacy", expires=date(2027, 1, 31))
    result = Result(
        file="folder/a key.json",
        name="",
        rule="never-public",
        asks="?",
        outcome=Outcome.ACCEPTED,
        headline="found",
        accepted=acceptance,
    )
    (found,) = json.loads(sarif.written(Report(results=(result,))))["runs"][0]["results"]
    assert found["suppressions"] == [
        {"kind": "external", "status": "accepted", "justification": "legacy (until 2027-01-31)"}
    ]
    location = found["locations"][0]["physicalLocation"]
    assert location["artifactLocation"]["uri"] == "folder/a%20key.json"


@pytest.mark.parametrize("file", ["a.json", "folder/a.json"])
def test_a_fingerprint_stays_when_lines_move(file: str) -> None:
    prints = {
        json.loads(
            sarif.written(
                Report(
                    results=(
                        Result(
                            file=str(Path(file)),
                            name="",
                            rule="never-public",
                            asks="?",
                            outcome=Outcome.FOUND,
                            headline=f"line {line}",
                            place=Place(line, 1),
                        ),
                    )
                )
            )
        )["runs"][0]["results"][0]["partialFingerprints"]["kmsmodel/v1"]
        for line in (1, 2)
    }
    assert len(prints) == 1
