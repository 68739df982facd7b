"""
Steps of AWS KMS's own that change who may use a KMS key: all rules, and those of key policies and replica keys.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, final

from attrs import evolve, frozen

from kmsmodel.policy.access import Access
from kmsmodel.policy.conditions import Condition
from kmsmodel.policy.document import from_json
from kmsmodel.policy.proofs.granting import CreateGrant
from kmsmodel.policy.proofs.labeling import CreateAlias, TagResource
from kmsmodel.policy.proofs.moves import GoOn, Move, Moves, Rule, is_possible
from kmsmodel.policy.proofs.standing import ALIASES, KEY_TYPE, RESOURCE_TAG, Standing

OPEN_POLICY: Mapping[str, Any] = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}],
}
"""The key policy that allows most: what somebody puts who may put any."""


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


RULES: tuple[Rule, ...] = (
    CreateGrant(),
    PutKeyPolicy(),
    ReplicateKey(),
    TagResource(),
    CreateAlias(),
    UpdatePrimaryRegion(),
)
"""All steps that change who may use a key; grants that are retired or revoked only take access away."""
