"""
Tags and aliases as steps: who decides the conditions on them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import final

from attrs import evolve, frozen

from kmsmodel.policy.access import Access
from kmsmodel.policy.conditions import Condition
from kmsmodel.policy.proofs.moves import MOST_HINTS, GoOn, Move, Moves, is_possible
from kmsmodel.policy.proofs.said import Said
from kmsmodel.policy.proofs.standing import ALIASES, RESOURCE_TAG, Standing


@final
@frozen
class TagResource:
    """
    Whoever may tag or untag a key decides the conditions on its tags.

    Source: *ABAC for AWS KMS* in the Developer Guide.
    """

    name: str = "TagResource"

    def widest(self, at: Standing) -> Standing | None:
        is_known = any(name.startswith(RESOURCE_TAG) for name in (*at.facts, *at.absent))
        if not is_known or not is_possible(at, ("kms:TagResource", "kms:UntagResource")):
            return None
        return at.without(RESOURCE_TAG)

    def followed(self, at: Standing, go_on: GoOn) -> Iterator[Moves]:
        before = at.tags()
        for hint in islice(_with_tags(at, go_on), MOST_HINTS):
            wanted, absent = hint[0].before.tags(), hint[0].before.absent
            added = {key: value for key, value in wanted.items() if before.get(key) != value}
            removed = {key: value for key, value in before.items() if RESOURCE_TAG + key in absent}
            moves: list[Move] = []
            here = at
            for action, tags in ((_TAG, added), (_UNTAG, removed)):
                if not tags:
                    continue
                spelled = {here.spelled(key): value for key, value in tags.items()}
                access = here.question((action,), *_about(action, spelled)).request()
                if not isinstance(access, Access):
                    break
                moves.append(Move(access=access, before=here.seen_in(access), tags=spelled))
                here = _tagged(here, tags, is_added=action == _TAG)
            else:
                if moves:
                    yield (*moves, *hint)


def _with_tags(at: Standing, go_on: GoOn) -> Iterator[Moves]:
    """The ways that lead on with other tags: whichever are wanted, and then those that policies speak of."""
    untagged = at.without(RESOURCE_TAG)
    yield from go_on(untagged)
    said = Said((at.world,), ())
    for key in at.tags():
        for prefix in ("aws:requesttag/", RESOURCE_TAG):
            values = {text for each in said.of(prefix + key).conditions for text in each.texts}
            for value in sorted(values):
                facts = {**at.facts, RESOURCE_TAG + key: value}
                yield from go_on(evolve(at, facts=facts))


_TAG, _UNTAG = "kms:TagResource", "kms:UntagResource"


def _about(action: str, tags: Mapping[str, str]) -> Iterator[Condition]:
    """What a request has that adds or removes just these tags."""
    yield Condition("ForAllValues:StringEquals", "aws:TagKeys", tuple(tags))
    for key, value in tags.items():
        yield Condition("ForAnyValue:StringEquals", "aws:TagKeys", (key,))
        name = f"aws:RequestTag/{key}"
        is_added = action == _TAG
        yield (
            Condition("StringEquals", name, (value,))
            if is_added
            else Condition("Null", name, ("true",))
        )


def _tagged(at: Standing, tags: Mapping[str, str], *, is_added: bool) -> Standing:
    names = frozenset(f"{RESOURCE_TAG}{key}" for key in tags)
    if is_added:
        added = {f"{RESOURCE_TAG}{key}": value for key, value in tags.items()}
        return evolve(at, facts={**at.facts, **added}, absent=at.absent - names)
    kept = {name: value for name, value in at.facts.items() if name not in names}
    return evolve(at, facts=kept, absent=at.absent | names)


@final
@frozen
class CreateAlias:
    """
    Whoever may create, update or delete aliases decides the conditions on the aliases of a key.

    Source: *Use aliases to control access to KMS keys* in the Developer Guide.
    """

    name: str = "CreateAlias"

    def widest(self, at: Standing) -> Standing | None:
        actions = ("kms:CreateAlias", "kms:UpdateAlias", "kms:DeleteAlias")
        is_known = ALIASES in at.facts or ALIASES in at.absent
        return at.without(ALIASES) if is_known and is_possible(at, actions) else None

    def followed(self, at: Standing, go_on: GoOn) -> Iterator[Moves]:
        before = at.aliases()
        for hint in islice(_with_aliases(at, go_on), MOST_HINTS):
            wanted = hint[0].before.aliases()
            added = tuple(each for each in wanted if each not in before)
            removed = tuple(each for each in before if each not in wanted)
            moves: list[Move] = []
            here = at
            for name in (*added, *removed):
                action = "kms:CreateAlias" if name in added else "kms:DeleteAlias"
                access = here.question((action,)).request()
                if not isinstance(access, Access):
                    break
                moves.append(Move(access=access, before=here.seen_in(access), alias=name))
                here = _renamed(here, name, is_added=name in added)
            else:
                if moves:
                    yield (*moves, *hint)


def _with_aliases(at: Standing, go_on: GoOn) -> Iterator[Moves]:
    """The ways that lead on with one more alias that policies speak of, and then those with whichever are wanted."""
    said = Said((at.world,), ()).of(ALIASES).conditions
    for name in sorted({text for each in said for text in each.texts}):
        more = tuple(dict.fromkeys((*at.aliases(), name)))
        facts = {**at.facts, ALIASES: more}
        yield from go_on(evolve(at, facts=facts, absent=at.absent - {ALIASES}))
    yield from go_on(at.without(ALIASES))


def _renamed(at: Standing, name: str, *, is_added: bool) -> Standing:
    others = tuple(each for each in at.aliases() if each != name)
    aliases = (*others, name) if is_added else others
    without = at.without(ALIASES)
    if not aliases:
        return evolve(without, absent=without.absent | {ALIASES})
    return evolve(without, facts={**without.facts, ALIASES: aliases})
