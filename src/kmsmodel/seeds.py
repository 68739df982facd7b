"""
Seeds: KMS keys with the ids of your choice, their grants and their replica keys, which a `LocalKms` begins with.

`kmsmodel.seed_file` reads them from a file, and `kmsmodel.planting` makes the keys.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Self, final

from attrs import evolve, field, frozen, validators
from attrs.converters import optional

from kmsmodel.policy.grant import GrantConstraints
from kmsmodel.words.arguments import instance_of, tuple_of
from kmsmodel.words.enumerations import (
    GrantOperation,
    KeySpec,
    KeyState,
    KeyUsageType,
    OriginType,
)

KEY_ID = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|mrk-[0-9a-f]{32}")
"""A key id; that of a multi-Region key begins with ``mrk-``."""

STATES = (
    KeyState.Enabled,
    KeyState.Disabled,
    KeyState.PendingDeletion,
    KeyState.PendingImport,
    KeyState.PendingReplicaDeletion,
)
"""The key states that a key can begin in."""

STATES_OF_A_REPLICA_KEY = tuple(
    each for each in STATES if each is not KeyState.PendingReplicaDeletion
)
"""The key states that a replica key can begin in."""


_TEXT = instance_of(str)
_OPTIONAL_TEXT = validators.optional(_TEXT)


@final
class SeedError(ValueError):
    """What is wrong with a seed, and at which place, such as ``keys[0].grants[1]``; of a file, with its line."""

    def __init__(self, told: str, at: str = "", file: str = "") -> None:
        super().__init__(": ".join(filter(None, [file, at, told])))
        self.told = told
        self.at = at


@final
@frozen(kw_only=True)
class SeedMaterial:
    """
    Key material of a seed: bytes, or a private key in PKCS #8, as DER or PEM.

    Without ``valid_to`` it does not expire.
    """

    key_material: bytes = field(repr=False, validator=instance_of(bytes))
    key_material_description: str | None = field(default=None, validator=_OPTIONAL_TEXT)
    valid_to: datetime | None = None


@final
@frozen(kw_only=True)
class SeedGrant:
    """A grant on a KMS key of a seed, with the members of `CreateGrantRequest`; AWS KMS gives it an id."""

    grantee_principal: str | None = field(default=None, validator=_OPTIONAL_TEXT)
    grantee_service_principal: str | None = field(default=None, validator=_OPTIONAL_TEXT)
    operations: tuple[GrantOperation, ...]
    constraints: GrantConstraints | None = None
    name: str | None = field(default=None, validator=_OPTIONAL_TEXT)
    retiring_principal: str | None = field(default=None, validator=_OPTIONAL_TEXT)
    retiring_service_principal: str | None = field(default=None, validator=_OPTIONAL_TEXT)


@final
@frozen(kw_only=True)
class SeedReplicaKey:
    """
    A replica key of a multi-Region primary key of a seed, and what it does not share with the primary key.

    ``policy`` is a key policy in JSON. The key material that is imported into the primary key is imported here too,
    unless ``key_state`` is PendingImport. ``key_state`` is Enabled, Disabled, PendingDeletion or PendingImport; without
    it, the state is what all else gives.
    """

    region: str = field(validator=_TEXT)
    description: str | None = field(default=None, validator=_OPTIONAL_TEXT)
    aliases: tuple[str, ...] = field(default=(), validator=tuple_of(str))
    tags: Mapping[str, str] = field(factory=dict[str, str], validator=instance_of(Mapping))
    policy: str | None = field(default=None, validator=_OPTIONAL_TEXT)
    grants: tuple[SeedGrant, ...] = field(default=(), validator=tuple_of(SeedGrant))
    key_state: KeyState | None = field(default=None, converter=optional(KeyState))
    pending_window_in_days: int | None = None


@final
@frozen(kw_only=True)
class SeedKey:
    """
    A KMS key of a seed.

    Without ``account`` and ``region`` it has those of the seed. ``policy`` is a key policy in JSON. With
    ``key_material``, the key is of origin EXTERNAL; each of several is rotated to in turn. ``key_state`` is Enabled,
    Disabled, PendingDeletion or PendingImport, or PendingReplicaDeletion for a primary key that waits for its replica
    keys; without it, the state is what all else gives.
    """

    key_id: str = field(validator=_TEXT)
    account: str | None = field(default=None, validator=_OPTIONAL_TEXT)
    region: str | None = field(default=None, validator=_OPTIONAL_TEXT)
    key_spec: KeySpec | None = field(default=None, converter=optional(KeySpec))
    key_usage: KeyUsageType | None = field(default=None, converter=optional(KeyUsageType))
    origin: OriginType | None = field(default=None, converter=optional(OriginType))
    description: str | None = field(default=None, validator=_OPTIONAL_TEXT)
    aliases: tuple[str, ...] = field(default=(), validator=tuple_of(str))
    tags: Mapping[str, str] = field(factory=dict[str, str], validator=instance_of(Mapping))
    policy: str | None = field(default=None, validator=_OPTIONAL_TEXT)
    key_material: tuple[SeedMaterial, ...] = field(default=(), validator=tuple_of(SeedMaterial))
    grants: tuple[SeedGrant, ...] = field(default=(), validator=tuple_of(SeedGrant))
    replica_keys: tuple[SeedReplicaKey, ...] = field(default=(), validator=tuple_of(SeedReplicaKey))
    key_state: KeyState | None = field(default=None, converter=optional(KeyState))
    pending_window_in_days: int | None = None
    rotation_period_in_days: int | None = None


def _no_file(_: str) -> str:
    return ""


@final
@frozen(kw_only=True)
class Seed:
    """
    The KMS keys that a `LocalKms` begins with.

    Those that name no account and Region have these, or else those of the `LocalKms`.
    """

    account: str | None = field(default=None, validator=_OPTIONAL_TEXT)
    region: str | None = field(default=None, validator=_OPTIONAL_TEXT)
    keys: tuple[SeedKey, ...] = field(default=(), validator=tuple_of(SeedKey))
    _file: Callable[[str], str] = field(init=False, eq=False, repr=False, default=_no_file)
    """The file that it was read from, and the line of a place in it."""

    def from_file(self, file: Callable[[str], str]) -> Self:
        """The same seed, as read from a file; ``file`` tells the file and the line of a place, for errors."""
        seed = evolve(self)
        object.__setattr__(seed, "_file", file)  # the class is frozen
        return seed

    def located(self, error: SeedError) -> SeedError:
        """The error with the file and the line, if the seed was read from a file."""
        return SeedError(error.told, error.at, self._file(error.at))
