"""
Planting: what makes the KMS keys of a seed come to be.

They come to be by the same requests that a client makes, and so have AWS's limits and AWS's errors; only the key id is
given.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, final

from attrs import evolve, frozen

from kmsmodel import service
from kmsmodel.calls.call import DEFAULT_QUOTAS, NO_DELAYS, Call
from kmsmodel.calls.caller import EXAMPLE_ACCOUNT, Caller
from kmsmodel.calls.delays import Delays
from kmsmodel.calls.iam import Iam
from kmsmodel.calls.quotas import Quotas
from kmsmodel.clock import Clock
from kmsmodel.crypto.seeded_hsm import SeededHsm
from kmsmodel.crypto.software_hsm import SoftwareHsm
from kmsmodel.errors import KmsError, notes_of
from kmsmodel.hsm.port import Hsm
from kmsmodel.key_import import import_key_material
from kmsmodel.local import LocalKms
from kmsmodel.memory.kms import Kms
from kmsmodel.operations.grants import CreateGrantRequest
from kmsmodel.operations.keys import CreateKeyRequest, CreateKeyResponse
from kmsmodel.seeds import (
    KEY_ID,
    STATES,
    STATES_OF_A_REPLICA_KEY,
    Seed,
    SeedError,
    SeedGrant,
    SeedKey,
    SeedMaterial,
    SeedReplicaKey,
)
from kmsmodel.words.arguments import expect
from kmsmodel.words.arn import KeyArn
from kmsmodel.words.enumerations import (
    ImportType,
    KeyState,
    OriginType,
)
from kmsmodel.words.structures import read

REGION = "us-west-2"
"""The Region if nobody names one, as in `LocalKms`."""

_A_FILE = "kmsmodel.seed_file.read reads one from a file"


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
    principal: str | None = None,
) -> LocalKms:
    """
    A `LocalKms` that begins with a seed, of the seed's account and Region unless others are given.

    ``principal`` is the ARN of whoever calls, as in `LocalKms`.

    Raises SeedError, and what `LocalKms` raises.
    """
    expect("seed", seed, Seed, hint=_A_FILE)
    account = account or seed.account or EXAMPLE_ACCOUNT
    region = region or seed.region or REGION
    hsm = SoftwareHsm() if hsm is None else hsm
    clock = Clock() if clock is None else clock
    expect("clock", clock, Clock)
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
        principal=principal,
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
    expect("seed", seed, Seed, hint=_A_FILE)
    names = [
        KeyArn(
            each.account or seed.account or account,
            each.region or seed.region or region,
            each.key_id,
        )
        for each in seed.keys
    ]

    def gardener(kms: Kms, name: KeyArn) -> LocalKms:
        """Who may do everything with the key of this name, and has chances of its own."""
        return LocalKms(
            kms,
            caller=Caller.unasked(name.account, name.region),
            region=name.region,
            clock=Clock(now),
            hsm=_hsm_of(hsm, f"{name.account} {name.region} {name.key_id}"),
            quotas=quotas,
            iam=iam,
        )

    try:
        return _planted(seed, names, Kms() if kms is None else kms, now, gardener)
    except SeedError as error:
        raise seed.located(error) from None


def _planted(
    seed: Seed,
    names: list[KeyArn],
    kms: Kms,
    now: datetime,
    gardener: Callable[[Kms, KeyArn], LocalKms],
) -> Kms:
    seen = set[tuple[str, str]]()
    for number, (key, name) in enumerate(zip(seed.keys, names, strict=True)):
        at = f"keys[{number}]"
        _expect(key, at)
        if (name.account, name.key_id) in seen or kms.key(name, now) is not None:
            raise SeedError("another key has it", f"{at}.key_id")
        seen.add((name.account, name.key_id))
        try:
            local = gardener(kms, name)
        except ValueError as error:
            raise SeedError(str(error), at) from None
        _Plant(local, key, at).grow()
        kms = local.kms
    return kms


def _hsm_of(hsm: Hsm, name: str) -> Hsm:
    return SeededHsm(f"{hsm.seed}, for {name}") if isinstance(hsm, SeededHsm) else hsm


def _expect(key: SeedKey, at: str) -> None:
    if KEY_ID.fullmatch(key.key_id) is None:
        raise SeedError("a key id is a UUID, or mrk- and 32 hexadecimal digits", f"{at}.key_id")
    states = [(at, key.key_state)]
    states += [(place, replica.key_state) for place, replica in _replica_keys(key, at)]
    for place, state in states:
        known = STATES if place == at else STATES_OF_A_REPLICA_KEY
        if state not in {None, *known}:
            raise SeedError(f"one of {', '.join(known)}", f"{place}.key_state")
    if key.key_material and key.origin not in {None, OriginType.EXTERNAL}:
        raise SeedError("a key with key_material is of origin EXTERNAL", f"{at}.origin")


def _replica_keys(key: SeedKey, at: str) -> list[tuple[str, SeedReplicaKey]]:
    """The replica keys of a key, each with its place in the seed."""
    return [(f"{at}.replica_keys[{n}]", replica) for n, replica in enumerate(key.replica_keys)]


@final
@frozen
class _Plant:
    """One key that comes to be with its replica keys, request by request; ``at`` is its place in the seed."""

    local: LocalKms
    key: SeedKey
    at: str

    @property
    def _primary(self) -> _InRegion:
        return _InRegion(self.local, self.key.key_id, self.local.region, self.at)

    def grow(self) -> None:
        self._create()
        for number, material in enumerate(self.key.key_material):
            self._import(material, number)
        primary = self._primary
        primary.furnish(self.key)
        if self.key.rotation_period_in_days is not None:
            period = self.key.rotation_period_in_days
            primary.ask("rotation_period_in_days", "EnableKeyRotation", RotationPeriodInDays=period)
        for at, replica in _replica_keys(self.key, self.at):
            self._replicate(replica, at)
        primary.come_to_its_state(self.key)

    def _create(self) -> None:
        key = self.key
        members: dict[str, Any] = {
            "Origin": OriginType.EXTERNAL if key.key_material else key.origin,
            "KeySpec": key.key_spec,
            "KeyUsage": key.key_usage,
            "MultiRegion": key.key_id.startswith("mrk-"),
            **_own(key),
        }

        def step(kms: Kms, call: Call) -> tuple[Kms, CreateKeyResponse]:
            request = read(CreateKeyRequest, _given(members))
            return service.perform(kms, request, evolve(call, key_id=key.key_id))

        try:
            self.local.step(step)
        except KmsError as error:
            raise _refused(key, self.at, error) from None

    def _import(self, material: SeedMaterial, number: int) -> None:
        at = f"key_material[{number}]"
        self._primary.import_key_material(
            at,
            material,
            import_type=ImportType.NEW_KEY_MATERIAL if number else None,
            key_material_description=material.key_material_description,
        )
        if number:
            self._primary.ask(at, "RotateKeyOnDemand")

    def _replicate(self, replica: SeedReplicaKey, at: str) -> None:
        members = {"KeyId": self.key.key_id, "ReplicaRegion": replica.region, **_own(replica)}
        try:
            self.local.dispatch("ReplicateKey", _given(members))
        except KmsError as error:
            raise _refused(replica, at, error) from None
        there = _InRegion(self.local, self.key.key_id, replica.region, at)
        if replica.key_state is not KeyState.PendingImport:
            for material in self.key.key_material:
                there.import_key_material("", material)
        there.furnish(replica)
        there.come_to_its_state(replica)


@final
@frozen
class _InRegion:
    """One key, or one of its replica keys, in its Region; ``at`` is its place in the seed."""

    local: LocalKms
    key_id: str
    region: str
    at: str

    def furnish(self, key: SeedKey | SeedReplicaKey) -> None:
        for number, alias in enumerate(key.aliases):
            at = f"aliases[{number}]"
            self.ask(at, "CreateAlias", AliasName=alias, TargetKeyId=self.key_id)
        for number, grant in enumerate(key.grants):
            self._create_grant(grant, f"grants[{number}]")

    def import_key_material(self, at: str, material: SeedMaterial, **more: Any) -> None:
        try:
            import_key_material(
                self.local,
                self.key_id,
                material.key_material,
                valid_to=material.valid_to,
                region=self.region,
                **more,
            )
        except (KmsError, ValueError) as error:
            raise _wrong(self.at, at, error) from None

    def come_to_its_state(self, key: SeedKey | SeedReplicaKey) -> None:
        wanted = key.key_state
        if wanted is KeyState.Disabled:
            self.ask("key_state", "DisableKey")
        elif wanted in {KeyState.PendingDeletion, KeyState.PendingReplicaDeletion}:
            days = key.pending_window_in_days
            given = {} if days is None else {"PendingWindowInDays": days}
            at = "key_state" if days is None else "pending_window_in_days"
            self.ask(at, "ScheduleKeyDeletion", **given)
        state = self.ask("key_state", "DescribeKey")["KeyMetadata"]["KeyState"]
        if wanted not in {None, state}:
            raise SeedError(f"the key is {state}", f"{self.at}.key_state")

    def ask(self, at: str, operation: str, **members: object) -> Any:
        if operation != "CreateAlias":
            members["KeyId"] = self.key_id
        try:
            return self.local.dispatch(operation, members, region=self.region)
        except KmsError as error:
            raise _wrong(self.at, at, error) from None

    def _create_grant(self, grant: SeedGrant, at: str) -> None:
        request = CreateGrantRequest(
            key_id=self.key_id,
            grantee_principal=grant.grantee_principal,
            grantee_service_principal=grant.grantee_service_principal,
            operations=grant.operations,
            constraints=grant.constraints,
            name=grant.name,
            retiring_principal=grant.retiring_principal,
            retiring_service_principal=grant.retiring_service_principal,
        )
        try:
            self.local.handle(request, region=self.region)
        except KmsError as error:
            raise _wrong(self.at, at, error) from None


def _own(key: SeedKey | SeedReplicaKey) -> dict[str, object]:
    """The members of CreateKey and ReplicateKey that relatives do not share."""
    return {
        "Description": key.description,
        "Policy": key.policy,
        "Tags": [{"TagKey": name, "TagValue": value} for name, value in key.tags.items()],
        "BypassPolicyLockoutSafetyCheck": True,
    }


def _given(members: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in members.items() if value is not None}


def _refused(key: SeedKey | SeedReplicaKey, at: str, error: KmsError) -> SeedError:
    """What is wrong with a key that AWS KMS does not create."""
    return _wrong(at, "policy" if key.policy and "olicy" in error.code else "", error)


def _wrong(at: str, member: str, error: Exception) -> SeedError:
    told = f"{error.code}: {error.message}" if isinstance(error, KmsError) else str(error)
    notes = notes_of(error)
    place = f"{at}.{member}" if member else at
    return SeedError("; ".join([told.removesuffix(": "), *notes]), place)
