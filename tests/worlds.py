"""
Worlds to play in: KMS keys of each kind in each key state that requests lead to, and what belongs to them.

`world()` is made by real requests alone, once; ``world(step, ...)`` is what more requests make of it.
"""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, final

from attrs import field, fields, frozen, has

from kmsmodel.call import Call
from kmsmodel.errors import KmsError
from kmsmodel.key import Key, KeyMetadata
from kmsmodel.kms import Kms
from kmsmodel.operations.deletion import ScheduleKeyDeletionRequest
from kmsmodel.operations.encryption import DecryptRequest, EncryptRequest
from kmsmodel.operations.importing import (
    DeleteImportedKeyMaterialRequest,
    GetParametersForImportRequest,
    GetParametersForImportResponse,
    ImportKeyMaterialRequest,
    ImportKeyMaterialResponse,
)
from kmsmodel.operations.keys import CreateKeyRequest, DescribeKeyRequest, DisableKeyRequest
from kmsmodel.operations.rotation import RotateKeyOnDemandRequest
from kmsmodel.request import Request
from kmsmodel.seeded_hsm import SeededHsm
from kmsmodel.service import handle
from kmsmodel.shapes import (
    AlgorithmSpec,
    ExpirationModelType,
    ImportType,
    OriginType,
    WrappingKeySpec,
)
from kmsmodel.wrapping import wrap_key_material

ResponseT = TypeVar("ResponseT")

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
HSM = SeededHsm("tests")
ACCOUNT = "111122223333"
REGION = "us-west-2"

MICROSECOND = timedelta(microseconds=1)
DAY = timedelta(days=1)


def facts(name: str) -> Any:
    """One of the files in tests/data."""
    path = Path(__file__).parent / "data" / name
    return json.loads(path.read_text(encoding="utf-8"))


def call(
    name: str = "the call", now: datetime = NOW, *, account: str = ACCOUNT, region: str = REGION
) -> Call:
    """A call by the root user of ``account``; ``name`` is different for each call in a model's life."""
    return Call(now=now, hsm=HSM, request_id=name, account=account, region=region)


# ---- what comes of a request


@final
@frozen
class Refused:
    """An error, as a value that can be compared."""

    code: str
    message: str
    arn: str | None
    key_state: str | None


def outcome(kms: Kms, request: Request[Any], call_: Call) -> tuple[Kms, Any]:
    """The state that follows and the response; if it was refused, the state as it is and what was said."""
    try:
        return handle(kms, request, call_)
    except KmsError as error:
        return kms, Refused(error.code, error.message, error.arn, error.key_state)


def keys_of(kms: Kms) -> Iterator[Key]:
    """Every key that is remembered, deleted ones too, for as long as they are."""
    for of in kms.accounts.values():
        position = 0
        while page := of.keys.page_after(position, 1000):
            yield from (key for _, key in page)
            position = page[-1][0]


@final
class Conversation:
    """An AWS KMS that is spoken to, one call after another, by a clock that is advanced by hand."""

    def __init__(
        self, name: str = "conversation", now: datetime = NOW, kms: Kms | None = None
    ) -> None:
        self.name = name
        self.now = now
        self.kms = kms or Kms()
        self.calls = 0

    def __call__(self, request: Request[ResponseT], *, region: str = REGION) -> ResponseT:
        self.calls += 1
        name = f"{self.name} {self.calls}"
        self.kms, response = handle(self.kms, request, call(name, self.now, region=region))
        return response

    def refuses(self, request: Request[Any], *, region: str = REGION) -> Refused | None:
        """What is said against a request, or None if it was answered."""
        try:
            self(request, region=region)
        except KmsError as error:
            return Refused(error.code, error.message, error.arn, error.key_state)
        return None

    def advance(self, span: timedelta) -> None:
        self.now += span

    def create_key(self, **members: Any) -> str:
        """The id of a new key."""
        return self(CreateKeyRequest(**members)).key_metadata.key_id

    def describe_key(self, key_id: str) -> KeyMetadata:
        return self(DescribeKeyRequest(key_id=key_id)).key_metadata

    def parameters(
        self,
        key_id: str,
        algorithm: AlgorithmSpec = AlgorithmSpec.RSAES_OAEP_SHA_256,
        wrapping_key_spec: WrappingKeySpec = WrappingKeySpec.RSA_2048,
    ) -> Parameters:
        response = self(
            GetParametersForImportRequest(
                key_id=key_id, wrapping_algorithm=algorithm, wrapping_key_spec=wrapping_key_spec
            )
        )
        return Parameters(response, algorithm)

    def import_key_material(
        self,
        key_id: str,
        material: bytes,
        *,
        valid_to: datetime | None = None,
        import_type: ImportType | None = None,
        parameters: Parameters | None = None,
    ) -> ImportKeyMaterialResponse:
        parameters = parameters or self.parameters(key_id)
        return self(parameters.request(key_id, material, valid_to, import_type))

    def encrypt(
        self, key_id: str, plaintext: bytes, encryption_context: Mapping[str, str] | None = None
    ) -> Sealed:
        request = EncryptRequest(
            key_id=key_id, plaintext=plaintext, encryption_context=encryption_context
        )
        return Sealed(self(request).ciphertext_blob, plaintext, encryption_context)


# ---- what belongs to a key


@final
@frozen
class Parameters:
    """A wrapping public key and its import token."""

    response: GetParametersForImportResponse = field(repr=False)
    algorithm: AlgorithmSpec

    @property
    def import_token(self) -> bytes:
        return self.response.import_token

    @property
    def valid_to(self) -> datetime:
        return self.response.parameters_valid_to

    def wrapped(self, material: bytes) -> bytes:
        return _wrapped(self.response.public_key, self.algorithm, material)

    def request(
        self,
        key_id: str,
        material: bytes,
        valid_to: datetime | None = None,
        import_type: ImportType | None = None,
    ) -> ImportKeyMaterialRequest:
        return ImportKeyMaterialRequest(
            key_id=key_id,
            import_token=self.import_token,
            encrypted_key_material=self.wrapped(material),
            valid_to=valid_to,
            expiration_model=(
                ExpirationModelType.KEY_MATERIAL_DOES_NOT_EXPIRE if valid_to is None else None
            ),
            import_type=import_type,
        )


@cache
def _wrapped(public_key: bytes, algorithm: AlgorithmSpec, material: bytes) -> bytes:
    """Padding is random: the same bytes for the same material, so that a failure is one again."""
    return wrap_key_material(public_key, algorithm, material)


@final
@frozen(eq=False)
class Sealed:
    """A ciphertext, and what is in it."""

    ciphertext: bytes = field(repr=False)
    plaintext: bytes = field(repr=False)
    encryption_context: Mapping[str, str] | None = None

    def request(self, key_id: str | None = None) -> DecryptRequest:
        return DecryptRequest(
            ciphertext_blob=self.ciphertext,
            encryption_context=self.encryption_context,
            key_id=key_id,
        )


@final
@frozen(kw_only=True, eq=False, repr=False)
class KeyInWorld:
    """A KMS key of a world, and what its owner has: wrapping keys and tokens, key materials, ciphertexts."""

    name: str
    key_id: str
    arn: str
    origin: OriginType
    parameters: tuple[Parameters, ...]
    materials: tuple[bytes, ...]
    ciphertexts: tuple[Sealed, ...]

    def __repr__(self) -> str:
        return f"world().named({self.name!r})"

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """Hypothesis, too, is to show a key as the program that gives it."""
        printer.text(repr(self))

    @property
    def valid_parameters(self) -> tuple[Parameters, ...]:
        return tuple(each for each in self.parameters if each.valid_to > NOW + DAY / 2)


# ---- how each key comes to its state


@final
class Owner:
    """The owner of one KMS key, who keeps what he gets."""

    def __init__(self, conversation: Conversation, name: str, *, multi_region: bool) -> None:
        self.ask = conversation
        self.name = f"multi-Region, {name}" if multi_region else name
        self.multi_region = multi_region
        self.key_id = ""
        self.parameters: list[Parameters] = []
        self.materials: list[bytes] = []
        self.ciphertexts: list[Sealed] = []

    def create(self, origin: OriginType = OriginType.EXTERNAL) -> None:
        self.key_id = self.ask.create_key(
            origin=origin, multi_region=self.multi_region, description=self.name
        )

    def encrypt(self) -> None:
        number = len(self.ciphertexts)
        plaintext = HSM.random(24, f"plaintext {number} of {self.name}")
        context = {"owner": self.name, "number": str(number)} if number % 2 else None
        self.ciphertexts.append(self.ask.encrypt(self.key_id, plaintext, context))

    def get_parameters(self) -> None:
        for algorithm, spec in (
            (AlgorithmSpec.RSAES_OAEP_SHA_256, WrappingKeySpec.RSA_2048),
            (AlgorithmSpec.RSAES_OAEP_SHA_1, WrappingKeySpec.RSA_2048),
        ):
            self.parameters.append(self.ask.parameters(self.key_id, algorithm, spec))

    def import_new(self, *, days: float | None = None) -> None:
        """Import new key material, which expires so many days before `NOW`, or not at all."""
        number = len(self.materials)
        material = HSM.random(32, f"key material {number} of {self.name}")
        self.materials.append(material)
        self.ask.import_key_material(
            self.key_id,
            material,
            valid_to=None if days is None else NOW - days * DAY,
            import_type=ImportType.NEW_KEY_MATERIAL,
        )

    def rotate(self) -> None:
        self.ask(RotateKeyOnDemandRequest(key_id=self.key_id))

    def disable(self) -> None:
        self.ask(DisableKeyRequest(key_id=self.key_id))

    def schedule_deletion(self) -> None:
        self.ask(ScheduleKeyDeletionRequest(key_id=self.key_id, pending_window_in_days=7))

    def belongings(self) -> KeyInWorld:
        key = next(key for key in keys_of(self.ask.kms) if key.name.key_id == self.key_id)
        return KeyInWorld(
            name=self.name,
            key_id=self.key_id,
            arn=key.arn,
            origin=key.lifecycle.origin,
            parameters=tuple(self.parameters),
            materials=tuple(self.materials),
            ciphertexts=tuple(self.ciphertexts),
        )


# A story yields the day that it waits for, counted back from `NOW`.
Story = Callable[[Owner], Iterator[float]]


def _enabled(owner: Owner) -> Iterator[float]:
    owner.create(OriginType.AWS_KMS)
    yield 3
    owner.encrypt()
    owner.encrypt()


def _disabled(owner: Owner) -> Iterator[float]:
    yield from _enabled(owner)
    owner.disable()


def _pending_deletion(owner: Owner) -> Iterator[float]:
    yield from _enabled(owner)
    yield 2
    owner.schedule_deletion()


def _rotated(owner: Owner) -> Iterator[float]:
    yield from _enabled(owner)
    for day in (2, 1):
        yield day
        owner.rotate()
        owner.encrypt()


def _pending_import(owner: Owner) -> Iterator[float]:
    owner.create()
    owner.get_parameters()
    yield 0.1
    owner.get_parameters()


def _imported(owner: Owner, *, days: float | None = None) -> Iterator[float]:
    yield from _pending_import(owner)
    owner.import_new(days=days)
    owner.encrypt()
    owner.encrypt()


def _expiring(owner: Owner) -> Iterator[float]:
    yield from _imported(owner, days=-10)


def _imported_disabled(owner: Owner) -> Iterator[float]:
    yield from _imported(owner)
    owner.disable()


def _imported_pending_deletion(owner: Owner) -> Iterator[float]:
    yield from _expiring(owner)
    owner.schedule_deletion()


def _imported_rotated(owner: Owner) -> Iterator[float]:
    yield from _imported(owner)
    for days in (None, -20):
        owner.import_new(days=days)
        owner.rotate()
        owner.encrypt()


def _pending_rotation(owner: Owner) -> Iterator[float]:
    yield from _imported(owner)
    owner.import_new(days=-15)


def _material_deleted(owner: Owner) -> Iterator[float]:
    yield from _imported_rotated(owner)
    owner.ask(DeleteImportedKeyMaterialRequest(key_id=owner.key_id))


def _expired(owner: Owner) -> Iterator[float]:
    yield from _imported(owner, days=0.05)
    yield 0


def _never_imported_pending_deletion(owner: Owner) -> Iterator[float]:
    yield from _pending_import(owner)
    owner.schedule_deletion()


def _deleted(owner: Owner) -> Iterator[float]:
    owner.create()
    owner.get_parameters()
    owner.import_new()
    owner.encrypt()
    yield 7
    owner.schedule_deletion()


STORIES: Mapping[str, Story] = {
    "generated": _enabled,
    "generated and disabled": _disabled,
    "generated and pending deletion": _pending_deletion,
    "generated and rotated": _rotated,
    "pending import": _pending_import,
    "imported": _imported,
    "imported for some days": _expiring,
    "imported and disabled": _imported_disabled,
    "imported and pending deletion": _imported_pending_deletion,
    "imported and rotated": _imported_rotated,
    "imported and pending rotation": _pending_rotation,
    "imported and deleted": _material_deleted,
    "imported and expired": _expired,
    "pending deletion and never imported": _never_imported_pending_deletion,
    "deleted": _deleted,
}


# ---- worlds

Step = tuple[timedelta, Request[Any]]


@final
class World:
    """A `Kms` at ``now``, its keys, and the steps by which it came from the first world."""

    def __init__(
        self, kms: Kms, now: datetime, keys: tuple[KeyInWorld, ...], steps: tuple[Step, ...] = ()
    ) -> None:
        self.kms = kms
        self.now = now
        self.keys = keys
        self.steps = steps

    def __repr__(self) -> str:
        return f"world({', '.join(source(step) for step in self.steps)})"

    def call(self, name: str = "the call", later: timedelta = timedelta()) -> Call:
        return call(name, self.now + later)

    @property
    def remembered(self) -> tuple[Key, ...]:
        """What is remembered of each key."""
        return tuple(keys_of(self.kms))

    def named(self, name: str) -> KeyInWorld:
        (key,) = (key for key in self.keys if key.name == name)
        return key

    @property
    def conversation(self) -> Conversation:
        """Someone who goes on from here."""
        return Conversation("another", self.now, self.kms)


def world(*steps: Step) -> World:
    """The first world after these steps: so much time later, this request, and what was refused has no effect."""
    pickled, keys = _first_world()
    kms, now = (
        pickle.loads(pickled),
        NOW,
    )  # its own copy, for a test that something is changed in place
    for number, (span, request) in enumerate(steps):
        now += span
        kms, _ = outcome(kms, request, call(f"step {number}", now))
    return World(kms, now, keys, steps)


@cache
def _first_world() -> tuple[bytes, tuple[KeyInWorld, ...]]:
    conversation = Conversation("first world", NOW - 30 * DAY)
    owners = [
        (Owner(conversation, name, multi_region=multi_region), story)
        for multi_region in (False, True)
        for name, story in STORIES.items()
    ]
    told = [(30.0, number, story(owner)) for number, (owner, story) in enumerate(owners)]
    while told:
        day, number, story = max(told, key=lambda each: (each[0], -each[1]))
        told.remove((day, number, story))
        conversation.now = NOW - day * DAY
        waits_for = next(story, None)
        if waits_for is not None:
            told.append((waits_for, number, story))
    keys = tuple(owner.belongings() for owner, _ in owners)
    return pickle.dumps(conversation.kms), keys


# ---- programs


def source(value: Any) -> str:
    """The value as Python, with what its own representation hides."""
    kind = kind_of(value)
    if kind is tuple:
        items = [source(item) for item in value]
        return f"({', '.join(items)}{',' if len(items) == 1 else ''})"
    if not has(kind):
        return repr(value)
    members = (
        f"{member.name}={source(getattr(value, member.name))}"
        for member in fields(kind)
        if getattr(value, member.name) != member.default
    )
    return f"{kind.__name__}({', '.join(members)})"


def kind_of(value: object) -> type[Any]:
    return type(value)


# ---- secrets


def secrets_of(keys: Iterable[Key]) -> frozenset[bytes]:
    """Every secret that is remembered of these keys."""
    remembered = tuple(keys)
    found = [key.import_secret for key in remembered]
    found += [material.secret for key in remembered for material in key.materials]
    return frozenset(secret.reveal() for secret in found if secret is not None)
