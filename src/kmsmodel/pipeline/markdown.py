"""
Markdown, for the comment on a pull request.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from kmsmodel.pipeline.differences import Difference, grouped
from kmsmodel.pipeline.results import Outcome, Report, Result


def written(report: Report) -> str:
    """A report as a table: what was found first, and what was proved as a count."""
    told = [each for each in report.results if each.outcome is not Outcome.PROVED]
    proved = len(report.results) - len(told)
    lines = [f"**{_counted(told)}**" if told else "**all proved**", ""]
    if told:
        lines += ["| policy | rule | answer | |", "|---|---|---|---|"]
        lines += map(_row, told)
        lines.append("")
    lines.append(f"{proved} of {len(report.results)} proved.")
    lines += [f"- {each}" for each in report.remarks]
    lines += [f"- assumed: {each}" for each in report.assumes]
    return "\n".join(lines)


def _counted(told: list[Result]) -> str:
    outcomes = [each.outcome for each in told]
    counts = ((outcomes.count(each), each.words) for each in Outcome)
    return ", ".join(f"{count} {words}" for count, words in counts if count)


def _row(result: Result) -> str:
    where = f"`{_cell(result.file)}`"
    if result.place is not None:
        where += f", line {result.place.line}"
    if result.name:
        where = f"`{_cell(result.name)}` in {where}"
    told = [
        _cell(result.headline),
        *_besides(result.request or {}),
        *(f"closed by: {_cell(each)}" for each in result.closed_by),
    ]
    if result.accepted is not None:
        told.append(f"accepted until {result.accepted.expires}: {_cell(result.accepted.reason)}")
    return f"| {where} | {result.rule} | {result.outcome.words} | {'<br>'.join(told)} |"


def _besides(request: Mapping[str, Any]) -> Iterator[str]:
    """The condition keys of a request, and what must be so besides."""
    context = _context(request)
    if context:
        yield f"with {context}"
    yield from (f"if {_cell(each)}" for each in request.get("assumes", ()))


def _context(request: Mapping[str, Any]) -> str:
    return ", ".join(
        f"`{_cell(name)}` = `{_cell(value if isinstance(value, str) else ', '.join(value))}`"
        for name, value in request.get("context", {}).items()
    )


def compared(differences: Sequence[Difference]) -> str:
    """Differences as tables."""
    return "\n".join(line for each in differences for line in _compared(each, differences))


def _compared(found: Difference, among: Sequence[Difference]) -> Iterator[str]:
    if len(among) > 1:
        yield f"### `{_cell(found.title)}`"
        yield ""
    yield f"**{found.verdict}**"
    yield ""
    if found.new or found.lost or found.unknown:
        yield "| | action | caller | condition keys | by |"
        yield "|---|---|---|---|---|"
    for title, rows in (("new", found.new), ("lost", found.lost)):
        yield from (_access(title, each) for each in grouped(rows))
    yield from (f"| unknown | | | {_cell(each)} | |" for each in found.unknown)
    yield from (f"- assumed: {each}" for each in found.assumes)
    if len(among) > 1:
        yield ""


def _access(title: str, row: Mapping[str, Any]) -> str:
    by = _cell(", ".join(row["by"]))
    on = f" on `{_cell(row['resource'])}`" if "resource" in row else ""
    actions = ", ".join(f"`{each}`" for each in row["actions"])
    return f"| {title} | {actions}{on} | `{_cell(row['caller'])}` | {_context(row)} | {by} |"


def _cell(text: str) -> str:
    """A text that keeps to its cell."""
    return " ".join(text.split()).replace("|", "\\|")
