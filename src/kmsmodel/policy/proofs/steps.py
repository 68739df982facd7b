"""
Steps of AWS KMS's own that change who may use a KMS key: what at most comes of each, and how it is followed exactly.

Each rule is a step. What it asks is a question for a request; what at most comes of it is a standing that allows all
that the step can lead to, so that a proof may take it for possible.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from itertools import islice
from typing import Any, Protocol, TypeAlias, final

from attrs import evolve, field, frozen

from kmsmodel.policy.access import Access
from kmsmodel.policy.actions import PREFIX
from kmsmodel.policy.conditions import Condition
from kmsmodel.policy.document import from_json
from kmsmodel.policy.elements import how_named
from kmsmodel.policy.grant import Grant, GrantConstraints
from kmsmodel.policy.principal import Principal
from kmsmodel.policy.proofs import keys
from kmsmodel.policy.proofs.answers import context_keys
from kmsmodel.policy.proofs.domain import Domain
from kmsmodel.policy.proofs.questions import Nothing
from kmsmodel.policy.proofs.said import Grantable, Said
from kmsmodel.policy.proofs.standing import ALIASES, KEY_TYPE, RESOURCE_TAG, Standing
from kmsmodel.policy.question import Value
from kmsmodel.words.enumerations import GrantOperation

OPEN_POLICY: Mapping[str, Any] = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}],
}
"""The key policy that allows most: what somebody puts who may put any."""

OPERATIONS = frozenset(f"{PREFIX}{each}" for each in GrantOperation)
"""The actions that a grant can permit."""

MOST_HINTS = 8
"""For so many requests that a grant could be for, such a grant is looked for."""

_CREATE_GRANT = "kms:CreateGrant"
_RETIRE_GRANT = "kms:RetireGrant"
_GRANTEE = "kms:granteeprincipal"
_OPERATIONS = "kms:grantoperations"
_SOME_DATE = datetime(2026, 1, 1, tzinfo=UTC)


@final
@frozen(kw_only=True)
class Move:
    """
    One request of a path, with what is so of the key before it.

    ``grant``, ``tags`` and ``alias`` are the grant that it makes, the tags that it adds or removes, and the name of the
    alias that it is about.
    """

    access: Access
    before: Standing
    grant: Grant | None = None
    tags: Mapping[str, str] = field(factory=dict[str, str])
    alias: str | None = None


Moves: TypeAlias = "tuple[Move, ...]"
GoOn: TypeAlias = "Callable[[Standing], Iterator[Moves]]"
"""The ways that lead on from a standing."""


class Rule(Protocol):
    """A step that some requests take."""

    @property
    def name(self) -> str: ...

    def widest(self, at: Standing) -> Standing | None:
        """What at most is so after the step; None if nobody can take it, or if nothing comes of it."""
        ...

    def followed(self, at: Standing, go_on: GoOn) -> Iterator[Moves]:
        """The ways that begin with the step, followed exactly."""
        ...


def is_possible(
    at: Standing,
    actions: tuple[str, ...],
    *when: Condition,
    unless: tuple[tuple[Condition, ...], ...] = (),
) -> bool:
    """May there be such a request? What is not known counts as possible."""
    return not isinstance(at.question(actions, *when, unless=unless).request(), Nothing)


# ---- grants


@final
@frozen
class CreateGrant:
    """
    Whoever may create a grant lets its grantee do what grants can permit, and create grants that permit no more.

    Sources: *Grants in AWS KMS*, *Creating grants* and *kms:GrantOperations* in the Developer Guide.
    """

    name: str = "CreateGrant"

    def widest(self, at: Standing) -> Standing | None:
        wanted = at.sought & OPERATIONS
        if not wanted or at.world.grantable is not None:
            return None
        # Whoever makes a grant may retire it, whatever it permits.
        of_grants = () if _RETIRE_GRANT in wanted else (_permitting(*wanted),)
        others = tuple(_to_others(at))
        if not is_possible(at, (_CREATE_GRANT,), *of_grants, unless=others):
            return None
        return _with_all_grants(at)

    def followed(self, at: Standing, go_on: GoOn) -> Iterator[Moves]:
        for hint in islice(go_on(_with_all_grants(at)), MOST_HINTS):
            after = hint[0]
            needed = {after.access.action.removeprefix(PREFIX)}
            if after.grant is not None:
                needed |= set(map(str, after.grant.operations))
            if not needed <= set(map(str, GrantOperation)) or needed == {"CreateGrant"}:
                continue
            for name in _names(after.access.principal):
                wanted = (
                    *_fitting(needed),
                    *(_permitting(f"{PREFIX}{each}") for each in sorted(needed)),
                    Condition("StringEquals", _GRANTEE, (name,)),
                )
                for access in requests(at, (_CREATE_GRANT,), *wanted):
                    grant = _grant(access, name)
                    seen = at.seen_in(access)
                    grants = (*at.world.grants, grant)
                    for rest in go_on(evolve(seen, world=evolve(at.world, grants=grants))):
                        yield (Move(access=access, before=seen, grant=grant), *rest)


def requests(at: Standing, actions: tuple[str, ...], *when: Condition) -> Iterator[Access]:
    """Such requests: one, or if any of the callers may have come to it by grants, one by each who is named."""
    found = at.question(actions, *when).request()
    if not isinstance(found, Access):
        return
    yield found
    if at.world.grantable is None:
        return
    names = at.callers.all_names | _grantees(at)
    askers = Domain((at.world,), names=names).askers
    arns = dict.fromkeys(each.policy_arn for each in askers if at.callers.include(each))
    for arn in arns:
        if arn not in {None, found.principal.policy_arn}:
            by_them = Condition("StringEquals", "aws:PrincipalArn", (str(arn),))
            other = at.question(actions, *when, by_them).request()
            if isinstance(other, Access):
                yield other


def _grantees(at: Standing) -> frozenset[str]:
    """The grantees that policies name."""
    texts = (text for _, text in Said((at.world,), ()).of(_GRANTEE).compared())
    return frozenset("".join(map(str, text)) for text in texts if all(map(_is_plain, text)))


def _fitting(needed: set[str]) -> Iterator[Condition]:
    """The condition that a grant permits nothing that does not go with these operations on one KMS key."""
    for each in _TOGETHER:
        if needed <= each:
            yield Condition("ForAllValues:StringEquals", _OPERATIONS, tuple(sorted(each)))
            return


_OF_EVERY_KEY = frozenset(("CreateGrant", "RetireGrant", "DescribeKey"))
_ENCRYPTION = frozenset(("Encrypt", "Decrypt", "ReEncryptFrom", "ReEncryptTo"))
_DATA_KEYS = frozenset(
    f"GenerateDataKey{each}" for each in ("", "WithoutPlaintext", "Pair", "PairWithoutPlaintext")
)
_TOGETHER = tuple(
    _OF_EVERY_KEY | each
    for each in (
        _ENCRYPTION | _DATA_KEYS,
        frozenset(("GenerateMac", "VerifyMac")),
        frozenset(("Sign", "Verify", "GetPublicKey")),
        frozenset(("DeriveSharedSecret", "GetPublicKey")),
        frozenset(("Encapsulate", "Decapsulate", "GetPublicKey")),
    )
)
"""The operations that a grant on one KMS key can permit."""


def _with_all_grants(at: Standing) -> Standing:
    """The callers have all grants that are worth something to them."""
    grantable = Grantable(at.callers, at.sought & OPERATIONS | {_CREATE_GRANT})
    return evolve(at, world=evolve(at.world, grantable=grantable))


def _permitting(*actions: str) -> Condition:
    """The condition that a grant permits one of these actions."""
    operations = tuple(sorted(each.removeprefix(PREFIX) for each in actions))
    return Condition("ForAnyValue:StringEquals", _OPERATIONS, operations)


def _to_others(at: Standing) -> Iterator[tuple[Condition, ...]]:
    """Conditions that hold together only where the grantee is none of the callers."""
    if _GRANTEE not in at.said():
        return
    literals = _grantees(at)
    callers = at.callers
    askers = Domain((at.world,), names=callers.all_names | literals).askers
    theirs = [each for each in askers if callers.include(each)]
    others = sorted(
        name for name in literals if all(how_named(name, each) is None for each in theirs)
    )
    if others:
        yield (Condition("StringEquals", _GRANTEE, tuple(others)),)
    for each in sorted(callers.other_than):
        yield (Condition("ArnLike", _GRANTEE, (_OF_ACCOUNT.format(each),)),)
    if callers.accounts is not None or callers.names is not None:
        accounts = {*(callers.accounts or ()), *(each.account for each in theirs)} - {""}
        arns = tuple(_OF_ACCOUNT.format(each) for each in sorted(accounts))
        # What is no ARN, such as a unique id or the name of a service, may be one of them.
        is_arn = (Condition("ArnLike", _GRANTEE, ("arn:*:*:*:*:*",)),)
        yield (*is_arn, Condition("ArnNotLike", _GRANTEE, arns)) if arns else is_arn


_OF_ACCOUNT = "arn:*:*:*:{}:*"


def _is_plain(piece: object) -> bool:
    return isinstance(piece, str)


def _names(grantee: Principal) -> Iterator[str]:
    """How a grant can name a principal."""
    listed = (grantee.policy_arn, grantee.arn, grantee.account_arn)
    yield from dict.fromkeys(each for each in listed if each is not None)


def _grant(access: Access, grantee: str) -> Grant:
    """The grant that a request makes."""
    context = context_keys(access)
    return Grant(
        grant_id="",
        issuing_account=access.principal.account,
        creation_date=_SOME_DATE,
        seen_at=_SOME_DATE,
        operations=tuple(map(GrantOperation, context[_OPERATIONS])),
        grantee_principal=grantee,
        retiring_principal=_text(context.get("kms:retiringprincipal")),
        constraints=_constraints(context),
    )


def _constraints(context: Mapping[str, Value]) -> GrantConstraints | None:
    named = context.get(keys.ENCRYPTION_CONTEXT_KEYS, ())
    pairs = {
        each: _text(context.get(keys.ENCRYPTION_CONTEXT + each.lower())) or "" for each in named
    }
    kind = context.get("kms:grantconstrainttype")
    source = _text(context.get("kms:grantconstraintsourcearn"))
    if kind is not None and not pairs:
        pairs = {"purpose": "any"}  # a constraint has at least one pair
    if not pairs and source is None:
        return None
    is_equal = kind == "EncryptionContextEquals"
    return GrantConstraints(
        encryption_context_equals=pairs if pairs and is_equal else None,
        encryption_context_subset=pairs if pairs and not is_equal else None,
        source_arn=source,
    )


def _text(value: Value | None) -> str | None:
    return value if isinstance(value, str) else None


# ---- policies


@final
@frozen
class PutKeyPolicy:
    """
    Whoever may put a key policy lets everybody do everything that a key policy can allow.

    That the new policy must let its author put another one keeps nobody from it. Sources: `PutKeyPolicy` in the API
    Reference; *Changing a key policy* in the Developer Guide.
    """

    name: str = "PutKeyPolicy"

    def widest(self, at: Standing) -> Standing | None:
        if at.world.policy == _OPEN or not is_possible(at, ("kms:PutKeyPolicy",)):
            return None
        return evolve(at, world=evolve(at.world, policy=_OPEN))

    def followed(self, at: Standing, go_on: GoOn) -> Iterator[Moves]:
        access = at.question(("kms:PutKeyPolicy",)).request()
        if isinstance(access, Access):
            seen = at.seen_in(access)
            for rest in go_on(evolve(seen, world=evolve(at.world, policy=_OPEN))):
                yield (Move(access=access, before=seen), *rest)


_OPEN = from_json(OPEN_POLICY)


@final
@frozen
class ReplicateKey:
    """
    Whoever may replicate a primary key gives the replica key a key policy, tags and, later, aliases of its own.

    The two have the same key material, so that what one encrypts the other decrypts. Sources: `ReplicateKey` in the API
    Reference; *Create multi-Region replica keys* in the Developer Guide.
    """

    name: str = "ReplicateKey"

    def widest(self, at: Standing) -> Standing | None:
        if not is_possible(at, ("kms:ReplicateKey",), *_IS_PRIMARY):
            return None
        opened = at.without(RESOURCE_TAG, ALIASES, KEY_TYPE)
        return evolve(opened, world=evolve(at.world, policy=_OPEN, key=None))

    def followed(self, at: Standing, go_on: GoOn) -> Iterator[Moves]:
        access = at.question(("kms:ReplicateKey",), *_IS_PRIMARY).request()
        if isinstance(access, Access):
            seen = at.seen_in(access)
            there = seen.without(RESOURCE_TAG, ALIASES, KEY_TYPE)
            there = evolve(
                there,
                world=evolve(at.world, policy=_OPEN, key=None, grants=()),
                facts={**there.facts, KEY_TYPE: "REPLICA"},
                absent=there.absent | {each for each in at.said() if each.startswith(_OWN)},
                pins=tuple(each for each in at.pins if each.name != KEY_TYPE),
            )
            for rest in go_on(there):
                yield (Move(access=access, before=seen), *rest)


_OWN = (RESOURCE_TAG, ALIASES)
_IS_PRIMARY = (
    Condition("StringEquals", "kms:MultiRegion", ("true",)),
    Condition("StringEquals", "kms:MultiRegionKeyType", ("PRIMARY",)),
)


@final
@frozen
class UpdatePrimaryRegion:
    """
    Whoever may update the primary Region makes a primary key of a replica key, and the other way round.

    It takes the same permission on the other key, of which nothing is known. Source: `UpdatePrimaryRegion` in the API
    Reference.
    """

    name: str = "UpdatePrimaryRegion"

    def widest(self, at: Standing) -> Standing | None:
        if KEY_TYPE not in at.facts or not is_possible(at, ("kms:UpdatePrimaryRegion",)):
            return None
        return at.without(KEY_TYPE)

    def followed(self, at: Standing, go_on: GoOn) -> Iterator[Moves]:
        return iter(())


# ---- tags and aliases


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


RULES: tuple[Rule, ...] = (
    CreateGrant(),
    PutKeyPolicy(),
    ReplicateKey(),
    TagResource(),
    CreateAlias(),
    UpdatePrimaryRegion(),
)
"""All steps that change who may use a key; grants that are retired or revoked only take access away."""
