"""
Grants as steps: who can come to which grants.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import final

from attrs import evolve, frozen

from kmsmodel.policy.access import Access
from kmsmodel.policy.actions import PREFIX
from kmsmodel.policy.conditions import Condition
from kmsmodel.policy.elements import how_named
from kmsmodel.policy.grant import Grant
from kmsmodel.policy.principal import Principal
from kmsmodel.policy.proofs.answers import context_keys
from kmsmodel.policy.proofs.asked import (
    CREATE_GRANT,
    OPERATIONS as ASKED_OPERATIONS,
    constraints,
    text,
)
from kmsmodel.policy.proofs.domain import Domain
from kmsmodel.policy.proofs.moves import (
    GRANTEE,
    MOST_HINTS,
    GoOn,
    Move,
    Moves,
    grantees,
    is_possible,
    requests,
)
from kmsmodel.policy.proofs.said import Grantable
from kmsmodel.policy.proofs.standing import Standing
from kmsmodel.words.enumerations import GrantOperation

OPERATIONS = frozenset(f"{PREFIX}{each}" for each in GrantOperation)
"""The actions that a grant can permit."""

_RETIRE_GRANT = "kms:RetireGrant"
_SOME_DATE = datetime(2026, 1, 1, tzinfo=UTC)


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
        if not is_possible(at, (CREATE_GRANT,), *of_grants, unless=others):
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
                    Condition("StringEquals", GRANTEE, (name,)),
                )
                for access in requests(at, (CREATE_GRANT,), *wanted):
                    grant = _grant(access, name)
                    seen = at.seen_in(access)
                    grants = (*at.world.grants, grant)
                    for rest in go_on(evolve(seen, world=evolve(at.world, grants=grants))):
                        yield (Move(access=access, before=seen, grant=grant), *rest)


def _fitting(needed: set[str]) -> Iterator[Condition]:
    """The condition that a grant permits nothing that does not go with these operations on one KMS key."""
    for each in _TOGETHER:
        if needed <= each:
            yield Condition("ForAllValues:StringEquals", ASKED_OPERATIONS, tuple(sorted(each)))
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
    grantable = Grantable(at.callers, at.sought & OPERATIONS | {CREATE_GRANT})
    return evolve(at, world=evolve(at.world, grantable=grantable))


def _permitting(*actions: str) -> Condition:
    """The condition that a grant permits one of these actions."""
    operations = tuple(sorted(each.removeprefix(PREFIX) for each in actions))
    return Condition("ForAnyValue:StringEquals", ASKED_OPERATIONS, operations)


def _to_others(at: Standing) -> Iterator[tuple[Condition, ...]]:
    """Conditions that hold together only where the grantee is none of the callers."""
    if GRANTEE not in at.said():
        return
    literals = grantees(at)
    callers = at.callers
    askers = Domain((at.world,), names=callers.all_names | literals).askers
    theirs = [each for each in askers if callers.include(each)]
    others = sorted(
        name for name in literals if all(how_named(name, each) is None for each in theirs)
    )
    if others:
        yield (Condition("StringEquals", GRANTEE, tuple(others)),)
    for each in sorted(callers.other_than):
        yield (Condition("ArnLike", GRANTEE, (_OF_ACCOUNT.format(each),)),)
    if callers.accounts is not None or callers.names is not None:
        accounts = {*(callers.accounts or ()), *(each.account for each in theirs)} - {""}
        arns = tuple(_OF_ACCOUNT.format(each) for each in sorted(accounts))
        # Anything that is not an ARN, such as a unique id or the name of a service, may be one of them.
        is_arn = (Condition("ArnLike", GRANTEE, ("arn:*:*:*:*:*",)),)
        yield (*is_arn, Condition("ArnNotLike", GRANTEE, arns)) if arns else is_arn


_OF_ACCOUNT = "arn:*:*:*:{}:*"


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
        operations=tuple(map(GrantOperation, context[ASKED_OPERATIONS])),
        grantee_principal=grantee,
        retiring_principal=text(context.get("kms:retiringprincipal")),
        constraints=constraints(context),
    )
