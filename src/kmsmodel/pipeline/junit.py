"""
JUnit's XML, as Jenkins, GitLab and others read it: a test case for each rule and policy.

A finding is a failure; what is unknown or not understood is an error; what is accepted is skipped.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import chain, count
from xml.sax.saxutils import escape, quoteattr

from kmsmodel.pipeline.results import Outcome, Report, Result

_ERRORS = (Outcome.UNKNOWN, Outcome.NOT_UNDERSTOOD)


def written(report: Report, suite: str) -> str:
    """A report as a suite of tests of this name."""
    outcomes = [each.outcome for each in report.results]
    counts = {
        "tests": len(outcomes),
        "failures": outcomes.count(Outcome.FOUND),
        "errors": sum(map(outcomes.count, _ERRORS)),
        "skipped": outcomes.count(Outcome.ACCEPTED),
    }
    counted = "".join(f' {name}="{number}"' for name, number in counts.items())
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        f"<testsuites{counted}>",
        f"  <testsuite name={_quoted(suite)}{counted}>",
        *map(_case, report.results, _names(report.results)),
        "  </testsuite>",
        "</testsuites>",
    ]
    return "\n".join(lines)


def _names(results: Iterable[Result]) -> Iterator[str]:
    """A name for each test case of a file, as readers take it for its identity: the second of a name is numbered."""
    taken: set[tuple[str, str]] = set()
    for each in results:
        file, name = map(
            _plain, (each.file, f"{each.name}: {each.rule}" if each.name else each.rule)
        )
        candidates = chain([name], (f"{name} ({number})" for number in count(2)))
        free = next(found for found in candidates if (file, found) not in taken)
        taken.add((file, free))
        yield free


def _case(result: Result, name: str) -> str:
    opening = f"    <testcase classname={_quoted(result.file)} name={_quoted(name)}"
    opening += f" file={_quoted(result.file)}"
    if result.place is not None:
        opening += f' line="{result.place.line}"'
    inner = _inner(result)
    return f"{opening}>{inner}</testcase>" if inner else f"{opening}/>"


def _inner(result: Result) -> str:
    message = _quoted(result.headline)
    details = escape(_plain("\n".join((result.headline, *result.details))))
    match result.outcome:
        case Outcome.PROVED:
            return ""
        case Outcome.NOTED:
            return f"<system-out>{details}</system-out>"
        case Outcome.ACCEPTED:
            accepted = result.accepted
            reason = "" if accepted is None else f"{accepted.reason} (until {accepted.expires})"
            return f"<skipped message={_quoted(reason)}/>"
        case Outcome.FOUND:
            return f'<failure type="found" message={message}>{details}</failure>'
        case Outcome.UNKNOWN | Outcome.NOT_UNDERSTOOD:
            kind = _quoted(result.outcome.words)
            return f"<error type={kind} message={message}>{details}</error>"


def _quoted(text: str) -> str:
    return quoteattr(_plain(text))


def _plain(text: str) -> str:
    """The text with a mark for each character that XML cannot hold."""
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)


_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
