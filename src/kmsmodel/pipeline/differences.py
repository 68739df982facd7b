"""
Differences: the access that one stored policy gives and another does not, as plain values that any format can tell.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal, TypeAlias, final

from attrs import evolve, frozen

from kmsmodel.pipeline.results import Outcome, Result
from kmsmodel.pipeline.stored import NotUnderstoodError, StoredPolicy
from kmsmodel.policy.document import Policy
from kmsmodel.policy.places import Place
from kmsmodel.policy.proofs.answers import Found
from kmsmodel.policy.proofs.key_policy import KeyPolicy

Verdict: TypeAlias = Literal["equivalent", "wider", "narrower", "incomparable", "unknown"]
Pair: TypeAlias = "tuple[StoredPolicy | None, StoredPolicy | None]"
"""The same policy before and after; None where there is none."""


@final
@frozen(kw_only=True)
class Difference:
    """
    How the access by a policy compares with that by an older one.

    ``new`` and ``lost`` have a request each, with the line and the column of the statement that allows it, in the newer
    or the older file.
    """

    file: str
    name: str = ""
    verdict: Verdict
    new: tuple[Mapping[str, Any], ...] = ()
    lost: tuple[Mapping[str, Any], ...] = ()
    unknown: tuple[str, ...] = ()
    assumes: tuple[str, ...] = ()
    place: Place | None = None

    @property
    def title(self) -> str:
        """The policy."""
        return f"{self.file}{f'#{self.name}' if self.name else ''}"


def difference(
    old: StoredPolicy | None, new: StoredPolicy | None, account: str | None
) -> Difference:
    """How a policy compares with an older one, where one of the two may not be there."""
    there = new or old
    if there is None:
        raise ValueError("at least one policy is compared")
    unknown = tuple(reason for each in (old, new) if each for reason in each.unknown)
    assumes = tuple(dict.fromkeys(one for each in (old, new) if each for one in each.assumes))
    about = Difference(
        file=there.file, name=there.name, verdict="unknown", assumes=assumes, place=there.where(())
    )
    if unknown:
        return evolve(about, unknown=tuple(dict.fromkeys(unknown)))
    after = None if new is None else _key_policy(new, account)
    before = None if old is None else _key_policy(old, account or (after and after.account))
    owner = after or before
    if owner is None:
        raise ValueError("at least one policy is compared")
    nothing = KeyPolicy(policy=Policy(statements=()), account=owner.account)
    comparison = (after or nothing).compared_with(before or nothing)
    return evolve(
        about,
        verdict=comparison.verdict,
        new=tuple(_rows(comparison.new, new)),
        lost=tuple(_rows(comparison.lost, old)),
        unknown=tuple(dict.fromkeys(each.reason for each in comparison.unknown)),
    )


def _key_policy(stored: StoredPolicy, account: str | None) -> KeyPolicy:
    try:
        return stored.key_policy(account)
    except NotUnderstoodError as error:
        raise NotUnderstoodError(f"{stored.title}: {error}") from None


def _rows(found: Iterable[Found], stored: StoredPolicy | None) -> Iterator[Mapping[str, Any]]:
    for each in found:
        placed = each if stored is None else stored.placed(each)
        row = placed.to_json() if isinstance(placed, Found) else {}
        place = None if stored is None else stored.decides_at(each)
        if place is not None:
            row |= {"line": place.line, "column": place.column}
        yield {"policy": stored.name, **row} if stored and stored.name else row


def pairs(old: Iterable[StoredPolicy], new: Iterable[StoredPolicy]) -> list[Pair]:
    """Policies before and after: those of the same name, or the only ones of two files."""
    before, after = list(old), list(new)
    if len(before) == len(after) == 1:
        return [(before[0], after[0])]
    known = {each.name: each for each in before}
    found: list[Pair] = [(known.pop(each.name, None), each) for each in after]
    return [*found, *((each, None) for each in known.values())]


def verdict(differences: Iterable[Difference]) -> Verdict:
    """How all policies together compare with the older ones."""
    found = {each.verdict for each in differences}
    if "incomparable" in found or {"wider", "narrower"} <= found:
        return "incomparable"
    for each in ("unknown", "wider", "narrower"):
        if each in found:
            return each
    return "equivalent"


def as_results(differences: Iterable[Difference]) -> tuple[Result, ...]:
    """The differences as results: new access is found, lost access is noted."""
    return tuple(result for each in differences for result in _results(each))


def _results(compared: Difference) -> Iterator[Result]:
    base = Result(
        file=compared.file,
        name=compared.name,
        rule="no-new-access",
        asks="The policy allows nothing that the older one does not.",
        outcome=Outcome.PROVED,
        headline=compared.verdict,
        assumes=compared.assumes,
        place=compared.place,
    )
    for rows in _by_statement(compared.new):
        row, place = rows[0], base.place
        if "line" in row:
            place = Place(row["line"], row["column"])
        found = evolve(base, outcome=Outcome.FOUND, place=place)
        yield _of_a_statement(found, rows)
    for reason in compared.unknown:
        yield evolve(base, outcome=Outcome.UNKNOWN, headline=reason)
    if not compared.new and not compared.unknown:
        yield base
    lost = "The policy allows all that the older one does."
    noted = evolve(base, rule="no-lost-access", asks=lost, outcome=Outcome.NOTED)
    for rows in _by_statement(compared.lost):
        yield _of_a_statement(noted, rows)


Row: TypeAlias = "Mapping[str, Any]"


def _by_statement(rows: Iterable[Row]) -> list[list[Row]]:
    """The requests of one caller that the same statements allow, together."""
    groups: dict[str, list[Row]] = {}
    for row in rows:
        shared = [
            row.get(name) for name in ("policy", "resource", "caller", "by", "line", "column")
        ]
        groups.setdefault(repr(shared), []).append(row)
    return list(groups.values())


def _of_a_statement(about: Result, rows: list[Row]) -> Result:
    """One result for requests of one caller that the same statements allow."""
    row, actions = rows[0], ", ".join(sorted(each["action"] for each in rows))
    by = f" by {', '.join(row['by'])}" if row["by"] else ""
    on = f" on {row['resource']}" if "resource" in row else ""
    assumes = dict.fromkeys(one for each in rows for one in each.get("assumes", ()))
    return evolve(
        about,
        headline=f"{actions}{on} to {row['caller']}{by}",
        details=(
            *(
                f"  {each['action']} with {conditions(each)}"
                for each in grouped(rows)
                if each["context"]
            ),
            *(f"  if {each}" for each in assumes),
        ),
        request={**row, "action": actions},
    )


def grouped(rows: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The requests with one row for those that differ in the action only; ``action`` then names each."""
    groups: dict[str, dict[str, Any]] = {}
    for row in rows:
        others = repr([(name, row[name]) for name in row if name != "action"])
        group = groups.setdefault(others, {**row, "actions": []})
        group["actions"].append(row["action"])
    return [{**each, "action": ", ".join(each["actions"])} for each in groups.values()]


def conditions(row: Mapping[str, Any]) -> str:
    """The condition keys of a request."""
    return ", ".join(
        f"{name} = {value if isinstance(value, str) else ' and '.join(value)}"
        for name, value in sorted(row["context"].items())
    )
