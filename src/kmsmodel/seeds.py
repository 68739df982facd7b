"""
Seeds: KMS keys with the ids of your choice, which a `LocalKms` begins with.

They come to be by the same requests that a client makes, and so have AWS's limits and AWS's errors; only the key id is
given. `kmsmodel.seed_file` reads them from a file.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, final

from attrs import evolve, field, frozen

from kmsmodel import service
from kmsmodel.calls.call import DEFAULT_QUOTAS, NO_DELAYS, Call
from kmsmodel.calls.caller import EXAMPLE_ACCOUNT, Caller
from kmsmodel.calls.delays import Delays
from kmsmodel.calls.iam import Iam
from kmsmodel.calls.quotas import Quotas
from kmsmodel.clock import Clock
from kmsmodel.crypto.seeded_hsm import SeededHsm
from kmsmodel.crypto.software_hsm import SoftwareHsm
from kmsmodel.errors import KmsError
from kmsmodel.hsm.port import Hsm
from kmsmodel.key_import import import_key_material
from kmsmodel.local import LocalKms
from kmsmodel.memory.kms import Kms
from kmsmodel.operations.keys import CreateKeyRequest, CreateKeyResponse
from kmsmodel.words.arn import KeyArn
from kmsmodel.words.enumerations import (
    ImportType,
    KeySpec,
    KeyState,
    KeyUsageType,
    OriginType,
)
from kmsmodel.words.structures import read

REGION = "us-west-2"
"""The Region if nobody names one, as in `LocalKms`."""

KEY_ID = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|mrk-[0-9a-f]{32}")
"""A key id; that of a multi-Region key begins with ``mrk-``."""

STATES = (KeyState.Enabled, KeyState.Disabled, KeyState.PendingDeletion, KeyState.PendingImport)
"""The key states that a key can begin in."""


@final
class SeedError(ValueError):
    """What is wrong with a seed, and where."""


@final
@frozen(kw_only=True)
class SeedMaterial:
    """
    Key material of a seed: bytes, or a private key in PKCS #8, as DER or PEM.

    Without ``valid_to`` it does not expire.
    """

    key_material: bytes = field(repr=False)
    key_material_description: str | None = None
    valid_to: datetime | None = None


@final
@frozen(kw_only=True)
class SeedKey:
    """
    A KMS key of a seed.

    Without ``account`` and ``region`` it has those of the seed. ``policy`` is a key policy in JSON. With
    ``key_material``, the key is of origin EXTERNAL; each of several is rotated to in turn. ``key_state`` is Enabled,
    Disabled, PendingDeletion or PendingImport; without it, the state is what all else gives.
    """

    key_id: str
    account: str | None = None
    region: str | None = None
    key_spec: KeySpec | None = None
    key_usage: KeyUsageType | None = None
    origin: OriginType | None = None
    description: str | None = None
    aliases: tuple[str, ...] = ()
    tags: Mapping[str, str] = field(factory=dict[str, str])
    policy: str | None = None
    key_material: tuple[SeedMaterial, ...] = ()
    key_state: KeyState | None = None
    pending_window_in_days: int | None = None
    rotation_period_in_days: int | None = None


@final
@frozen(kw_only=True)
class Seed:
    """
    The KMS keys that a `LocalKms` begins with.

    Those that name no account and Region have these, or else those of the `LocalKms`.
    """

    account: str | None = None
    region: str | None = None
    keys: tuple[SeedKey, ...] = ()


def local_kms(
    seed: Seed,
    *,
    account: str | None = None,
    region: str | None = None,
    clock: Clock | None = None,
    hsm: Hsm | None = None,
    delays: Delays = NO_DELAYS,
    quotas: Quotas = DEFAULT_QUOTAS,
    iam: Iam | None = None,
) -> LocalKms:
    """
    A `LocalKms` that begins with a seed, of the seed's account and Region unless others are given.

    Raises SeedError, and what `LocalKms` raises.
    """
    account = account or seed.account or EXAMPLE_ACCOUNT
    region = region or seed.region or REGION
    hsm = SoftwareHsm() if hsm is None else hsm
    clock = Clock() if clock is None else clock
    return LocalKms(
        planted(
            seed,
            account=account,
            region=region,
            now=clock.now(),
            hsm=hsm,
            quotas=quotas,
            iam=iam,
        ),
        account=account,
        region=region,
        clock=clock,
        hsm=hsm,
        delays=delays,
        quotas=quotas,
        iam=iam,
    )


def planted(
    seed: Seed,
    kms: Kms | None = None,
    *,
    account: str = EXAMPLE_ACCOUNT,
    region: str = REGION,
    now: datetime,
    hsm: Hsm,
    quotas: Quotas = DEFAULT_QUOTAS,
    iam: Iam | None = None,
) -> Kms:
    """
    The state with the KMS keys of a seed, created at ``now``.

    ``account`` and ``region`` are those of keys for which the seed names none. What a `SeededHsm` draws for a key
    depends on its seed and on the key's ARN, not on other keys. Raises SeedError for the first key that AWS KMS would
    not have, which names its place.
    """
    kms = Kms() if kms is None else kms
    seen = set[tuple[str, str]]()
    for number, key in enumerate(seed.keys):
        at = f"keys[{number}]"
        owner = key.account or seed.account or account
        place = key.region or seed.region or region
        _expect(key, at)
        is_taken = kms.key(KeyArn(owner, place, key.key_id), now) is not None
        if is_taken or (owner, key.key_id) in seen:
            raise SeedError(f"{at}.key_id: another key has it")
        seen.add((owner, key.key_id))
        try:
            gardener = LocalKms(
                kms,
                caller=Caller.unasked(owner, place),
                region=place,
                clock=Clock(now),
                hsm=_hsm_of(hsm, f"{owner} {place} {key.key_id}"),
                quotas=quotas,
                iam=iam,
            )
        except ValueError as error:
            raise SeedError(f"{at}: {error}") from None
        _Plant(gardener, key, at).grow()
        kms = gardener.kms
    return kms


def _hsm_of(hsm: Hsm, name: str) -> Hsm:
    return SeededHsm(f"{hsm.seed}, for {name}") if isinstance(hsm, SeededHsm) else hsm


def _expect(key: SeedKey, at: str) -> None:
    if KEY_ID.fullmatch(key.key_id) is None:
        raise SeedError(f"{at}.key_id: a key id is a UUID, or mrk- and 32 hexadecimal digits")
    if key.key_state not in {None, *STATES}:
        raise SeedError(f"{at}.key_state: one of {', '.join(STATES)}")
    if key.key_material and key.origin not in {None, OriginType.EXTERNAL}:
        raise SeedError(f"{at}.origin: a key with key_material is of origin EXTERNAL")


@final
@frozen
class _Plant:
    """One key that comes to be, request by request."""

    local: LocalKms
    key: SeedKey
    at: str

    def grow(self) -> None:
        key = self.key
        self._create()
        for number, material in enumerate(key.key_material):
            self._import(material, number)
        for number, alias in enumerate(key.aliases):
            self._ask(f"aliases[{number}]", "CreateAlias", AliasName=alias, TargetKeyId=key.key_id)
        if key.rotation_period_in_days is not None:
            period = key.rotation_period_in_days
            self._ask("rotation_period_in_days", "EnableKeyRotation", RotationPeriodInDays=period)
        self._come_to_its_state()

    def _create(self) -> None:
        key = self.key
        members: dict[str, Any] = {
            "Origin": OriginType.EXTERNAL if key.key_material else key.origin,
            "KeySpec": key.key_spec,
            "KeyUsage": key.key_usage,
            "Description": key.description,
            "Policy": key.policy,
            "Tags": [{"TagKey": name, "TagValue": value} for name, value in key.tags.items()],
            "MultiRegion": key.key_id.startswith("mrk-"),
            "BypassPolicyLockoutSafetyCheck": True,
        }

        def step(kms: Kms, call: Call) -> tuple[Kms, CreateKeyResponse]:
            given = {name: value for name, value in members.items() if value is not None}
            request = read(CreateKeyRequest, given)
            return service.perform(kms, request, evolve(call, key_id=key.key_id))

        try:
            self.local.step(step)
        except KmsError as error:
            raise self._wrong(
                "policy" if key.policy and "olicy" in error.code else "", error
            ) from None

    def _import(self, material: SeedMaterial, number: int) -> None:
        at = f"key_material[{number}]"
        try:
            import_key_material(
                self.local,
                self.key.key_id,
                material.key_material,
                valid_to=material.valid_to,
                import_type=ImportType.NEW_KEY_MATERIAL if number else None,
                key_material_description=material.key_material_description,
            )
        except (KmsError, ValueError) as error:
            raise self._wrong(at, error) from None
        if number:
            self._ask(at, "RotateKeyOnDemand")

    def _come_to_its_state(self) -> None:
        wanted = self.key.key_state
        if wanted is KeyState.Disabled:
            self._ask("key_state", "DisableKey")
        elif wanted is KeyState.PendingDeletion:
            days = self.key.pending_window_in_days or 30
            self._ask("key_state", "ScheduleKeyDeletion", PendingWindowInDays=days)
        state = self._ask("key_state", "DescribeKey")["KeyMetadata"]["KeyState"]
        if wanted not in {None, state}:
            raise SeedError(f"{self.at}.key_state: the key is {state}")

    def _ask(self, at: str, operation: str, **members: object) -> Any:
        if operation != "CreateAlias":
            members["KeyId"] = self.key.key_id
        try:
            return self.local.dispatch(operation, members)
        except KmsError as error:
            raise self._wrong(at, error) from None

    def _wrong(self, at: str, error: Exception) -> SeedError:
        told = f"{error.code}: {error.message}" if isinstance(error, KmsError) else str(error)
        notes = getattr(error, "__notes__", [])
        place = f"{self.at}.{at}" if at else self.at
        return SeedError("; ".join([f"{place}: {told.removesuffix(': ')}", *notes]))
