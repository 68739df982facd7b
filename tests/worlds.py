"""
Worlds to play in: KMS keys of each kind in each key state that requests lead to, and what belongs to them.

`world()` is made by real requests alone, once; ``world(step, ...)`` is what more requests make of it.
"""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, final

from attrs import field, fields, frozen, has

from kmsmodel.calls.call import Call
from kmsmodel.calls.request import Request
from kmsmodel.crypto.seeded_hsm import SeededHsm
from kmsmodel.crypto.wrapping import wrap_key_material
from kmsmodel.errors import KmsError
from kmsmodel.key.key import Key
from kmsmodel.key.key_metadata import KeyMetadata
from kmsmodel.key.key_spec import ALGORITHMS, WRAPPING
from kmsmodel.key.tag import Tag
from kmsmodel.memory.kms import Kms
from kmsmodel.operations.aliases import CreateAliasRequest
from kmsmodel.operations.asymmetric_keys import SignRequest
from kmsmodel.operations.deletion import ScheduleKeyDeletionRequest
from kmsmodel.operations.encryption import DecryptRequest, EncryptRequest
from kmsmodel.operations.hmac_keys import GenerateMacRequest
from kmsmodel.operations.importing import (
    DeleteImportedKeyMaterialRequest,
    GetParametersForImportRequest,
    GetParametersForImportResponse,
    ImportKeyMaterialRequest,
    ImportKeyMaterialResponse,
)
from kmsmodel.operations.key_encapsulation import EncapsulateRequest
from kmsmodel.operations.keys import CreateKeyRequest, DescribeKeyRequest, DisableKeyRequest
from kmsmodel.operations.rotation import EnableKeyRotationRequest, RotateKeyOnDemandRequest
from kmsmodel.operations.tags import TagResourceRequest
from kmsmodel.service import handle
from kmsmodel.words.enumerations import (
    AlgorithmSpec,
    EncapsulationAlgorithmSpec,
    EncryptionAlgorithmSpec,
    ExpirationModelType,
    ImportType,
    KeySpec,
    KeyUsageType,
    MacAlgorithmSpec,
    OriginType,
    SigningAlgorithmSpec,
    WrappingKeySpec,
)

ResponseT = TypeVar("ResponseT")

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
HSM = SeededHsm("tests")
ACCOUNT = "111122223333"
REGION = "us-west-2"

AWS_MANAGED = "alias/aws/s3"
"""The alias of an AWS managed key that each world has."""

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
        self,
        key_id: str,
        plaintext: bytes,
        encryption_context: Mapping[str, str] | None = None,
        algorithm: EncryptionAlgorithmSpec | None = None,
    ) -> Sealed:
        request = EncryptRequest(
            key_id=key_id,
            plaintext=plaintext,
            encryption_context=encryption_context,
            encryption_algorithm=algorithm,
        )
        return Sealed(self(request).ciphertext_blob, plaintext, encryption_context, algorithm)


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
    algorithm: EncryptionAlgorithmSpec | None = None

    def request(self, key_id: str | None = None) -> DecryptRequest:
        return DecryptRequest(
            ciphertext_blob=self.ciphertext,
            encryption_context=self.encryption_context,
            encryption_algorithm=self.algorithm,
            key_id=key_id,
        )


@final
@frozen(eq=False)
class Proof:
    """A message and its signature, or its message authentication code."""

    message: bytes = field(repr=False)
    algorithm: StrEnum
    proof: bytes


NOT_DONE: frozenset[StrEnum] = frozenset({SigningAlgorithmSpec.ED25519_PH_SHA_512})
"""Algorithms that this model tells of a key and cannot do."""


@final
@frozen(kw_only=True, eq=False, repr=False)
class KeyInWorld:
    """A KMS key of a world, and what its owner has: tokens, key materials, ciphertexts, signatures and the like."""

    name: str
    key_id: str
    arn: str
    alias_name: str
    origin: OriginType
    key_spec: KeySpec
    key_usage: KeyUsageType
    parameters: tuple[Parameters, ...]
    materials: tuple[bytes, ...]
    ciphertexts: tuple[Sealed, ...]
    proofs: tuple[Proof, ...]
    encapsulations: tuple[bytes, ...]

    @property
    def is_symmetric_encryption_key(self) -> bool:
        return self.key_spec is KeySpec.SYMMETRIC_DEFAULT

    @property
    def algorithms(self) -> tuple[StrEnum, ...]:
        """What it can be asked for, as far as this model does it."""
        every = ALGORITHMS[self.key_spec][self.key_usage].every
        return tuple(each for each in every if each not in NOT_DONE)

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

    def __init__(
        self,
        conversation: Conversation,
        name: str,
        *,
        multi_region: bool = False,
        key_spec: KeySpec = KeySpec.SYMMETRIC_DEFAULT,
        key_usage: KeyUsageType = KeyUsageType.ENCRYPT_DECRYPT,
    ) -> None:
        self.ask = conversation
        self.name = f"multi-Region, {name}" if multi_region else name
        self.multi_region = multi_region
        self.key_spec = key_spec
        self.key_usage = key_usage
        self.key_id = ""
        self.parameters: list[Parameters] = []
        self.materials: list[bytes] = []
        self.ciphertexts: list[Sealed] = []
        self.proofs: list[Proof] = []
        self.encapsulations: list[bytes] = []

    @property
    def alias_name(self) -> str:
        return f"alias/{self.name.replace(', ', '/').replace(' ', '-')}"

    def create(self, origin: OriginType = OriginType.EXTERNAL) -> None:
        self.key_id = self.ask.create_key(
            origin=origin,
            multi_region=self.multi_region,
            description=self.name,
            key_spec=self.key_spec,
            key_usage=self.key_usage,
        )
        self.ask(CreateAliasRequest(alias_name=self.alias_name, target_key_id=self.key_id))
        tags = (Tag(tag_key="owner", tag_value=self.name), Tag(tag_key="empty", tag_value=""))
        self.ask(TagResourceRequest(key_id=self.key_id, tags=tags))

    def use(self) -> None:
        """Do what this key is for, and keep what comes of it."""
        match self.key_usage:
            case KeyUsageType.ENCRYPT_DECRYPT:
                self.encrypt()
            case KeyUsageType.SIGN_VERIFY:
                self.sign()
            case KeyUsageType.GENERATE_VERIFY_MAC:
                self.generate_mac()
            case KeyUsageType.ENCAPSULATE_DECAPSULATE:
                self.encapsulate()
            case KeyUsageType.KEY_AGREEMENT:
                pass  # what is agreed upon, the peer has too

    def encrypt(self) -> None:
        number = len(self.ciphertexts)
        plaintext = HSM.random(24, f"plaintext {number} of {self.name}")
        if self.key_spec is KeySpec.SYMMETRIC_DEFAULT:
            context = {"owner": self.name, "number": str(number)} if number % 2 else None
            sealed = self.ask.encrypt(self.key_id, plaintext, context)
        else:
            algorithm = EncryptionAlgorithmSpec.RSAES_OAEP_SHA_256
            sealed = self.ask.encrypt(self.key_id, plaintext, algorithm=algorithm)
        self.ciphertexts.append(sealed)

    def sign(self) -> None:
        for algorithm in ALGORITHMS[self.key_spec][self.key_usage].every[:1]:
            message = HSM.random(24, f"message of {self.name}")
            signing = SigningAlgorithmSpec(algorithm)
            request = SignRequest(key_id=self.key_id, message=message, signing_algorithm=signing)
            self.proofs.append(Proof(message, signing, self.ask(request).signature))

    def generate_mac(self) -> None:
        (algorithm,) = ALGORITHMS[self.key_spec][self.key_usage].every
        message, mac_algorithm = (
            HSM.random(24, f"message of {self.name}"),
            MacAlgorithmSpec(algorithm),
        )
        request = GenerateMacRequest(
            key_id=self.key_id, message=message, mac_algorithm=mac_algorithm
        )
        self.proofs.append(Proof(message, mac_algorithm, self.ask(request).mac))

    def encapsulate(self) -> None:
        request = EncapsulateRequest(
            key_id=self.key_id, encapsulation_algorithm=EncapsulationAlgorithmSpec.ML_KEM
        )
        self.encapsulations.append(self.ask(request).shared_secret_ciphertext_blob)

    def get_parameters(self) -> None:
        """As many as there are wrapping algorithms for this key; two, where there are more."""
        for algorithm in tuple(WRAPPING[self.key_spec])[:2]:
            spec = WrappingKeySpec.RSA_2048
            self.parameters.append(self.ask.parameters(self.key_id, algorithm, spec))

    def import_new(self, *, days: float | None = None) -> None:
        """Import new key material, which expires so many days before `NOW`, or not at all."""
        number = len(self.materials)
        material = HSM.generate(self.key_spec, f"key material {number} of {self.name}").reveal()
        self.materials.append(material)
        is_symmetric = self.key_spec is KeySpec.SYMMETRIC_DEFAULT
        self.ask.import_key_material(
            self.key_id,
            material,
            valid_to=None if days is None else NOW - days * DAY,
            import_type=ImportType.NEW_KEY_MATERIAL if is_symmetric else None,
            parameters=self.ask.parameters(self.key_id, next(iter(WRAPPING[self.key_spec]))),
        )

    def rotate(self) -> None:
        self.ask(RotateKeyOnDemandRequest(key_id=self.key_id))

    def disable(self) -> None:
        self.ask(DisableKeyRequest(key_id=self.key_id))

    def schedule_deletion(self) -> None:
        self.ask(ScheduleKeyDeletionRequest(key_id=self.key_id, pending_window_in_days=7))

    def belongings(self) -> KeyInWorld:
        key = next(key for key in keys_of(self.ask.kms) if key.key_arn.key_id == self.key_id)
        return KeyInWorld(
            name=self.name,
            key_id=self.key_id,
            arn=key.arn,
            alias_name=self.alias_name,
            origin=key.lifecycle.origin,
            key_spec=self.key_spec,
            key_usage=self.key_usage,
            proofs=tuple(self.proofs),
            encapsulations=tuple(self.encapsulations),
            parameters=tuple(self.parameters),
            materials=tuple(self.materials),
            ciphertexts=tuple(self.ciphertexts),
        )


# A story begins this many days before `NOW`, and yields the day that it waits for, counted back too.
BEGINNING = 100.0
Story = Callable[[Owner], Iterator[float]]


def _enabled(owner: Owner) -> Iterator[float]:
    owner.create(OriginType.AWS_KMS)
    yield 3
    owner.use()
    owner.use()


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


def _rotating(owner: Owner) -> Iterator[float]:
    """By itself: some time ago, and again some time from now."""
    owner.create(OriginType.AWS_KMS)
    owner.ask(EnableKeyRotationRequest(key_id=owner.key_id, rotation_period_in_days=90))
    owner.encrypt()
    yield 9
    owner.encrypt()


def _overdue(owner: Owner) -> Iterator[float]:
    """Disabled, so that it does not rotate by itself before it is enabled again."""
    owner.create(OriginType.AWS_KMS)
    owner.ask(EnableKeyRotationRequest(key_id=owner.key_id, rotation_period_in_days=90))
    owner.encrypt()
    yield 99
    owner.disable()


def _pending_import(owner: Owner) -> Iterator[float]:
    owner.create()
    owner.get_parameters()
    yield 0.1
    owner.get_parameters()


def _imported(owner: Owner, *, days: float | None = None) -> Iterator[float]:
    yield from _pending_import(owner)
    owner.import_new(days=days)
    owner.use()
    owner.use()


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


def _rotated_and_material_deleted(owner: Owner) -> Iterator[float]:
    yield from _imported_rotated(owner)
    owner.ask(DeleteImportedKeyMaterialRequest(key_id=owner.key_id))


def _material_deleted(owner: Owner) -> Iterator[float]:
    yield from _imported(owner)
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
    "generated and rotating by itself": _rotating,
    "generated and overdue": _overdue,
    "pending import": _pending_import,
    "imported": _imported,
    "imported for some days": _expiring,
    "imported and disabled": _imported_disabled,
    "imported and pending deletion": _imported_pending_deletion,
    "imported and rotated": _imported_rotated,
    "imported and pending rotation": _pending_rotation,
    "imported and deleted": _rotated_and_material_deleted,
    "imported and expired": _expired,
    "pending deletion and never imported": _never_imported_pending_deletion,
    "deleted": _deleted,
}

GENERATED: Mapping[str, Story] = {
    "generated": _enabled,
    "generated and disabled": _disabled,
    "generated and pending deletion": _pending_deletion,
}
IMPORTED: Mapping[str, Story] = {
    "pending import": _pending_import,
    "imported": _imported,
    "imported and deleted": _material_deleted,
    "imported and pending deletion": _imported_pending_deletion,
}

KINDS: Mapping[str, tuple[KeySpec, KeyUsageType, Mapping[str, Story]]] = {
    "RSA": (KeySpec.RSA_2048, KeyUsageType.ENCRYPT_DECRYPT, {**GENERATED, **IMPORTED}),
    "ECC": (KeySpec.ECC_NIST_P256, KeyUsageType.SIGN_VERIFY, {**GENERATED, **IMPORTED}),
    "HMAC": (KeySpec.HMAC_256, KeyUsageType.GENERATE_VERIFY_MAC, {**GENERATED, **IMPORTED}),
    "ECDH": (KeySpec.ECC_NIST_P384, KeyUsageType.KEY_AGREEMENT, {**GENERATED, **IMPORTED}),
    "RSA to sign": (KeySpec.RSA_2048, KeyUsageType.SIGN_VERIFY, {"imported": _imported}),
    "Ed25519": (KeySpec.ECC_NIST_EDWARDS25519, KeyUsageType.SIGN_VERIFY, {"imported": _imported}),
    "ML-DSA": (KeySpec.ML_DSA_44, KeyUsageType.SIGN_VERIFY, {"generated": _enabled}),
    "ML-KEM": (KeySpec.ML_KEM_768, KeyUsageType.ENCAPSULATE_DECAPSULATE, GENERATED),
}
"""The other kinds of keys, and what becomes of them."""


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
    conversation = Conversation("first world", NOW - BEGINNING * DAY)
    owners = [
        (Owner(conversation, name, multi_region=multi_region), story)
        for multi_region in (False, True)
        for name, story in STORIES.items()
    ]
    owners += [
        (Owner(conversation, f"{kind}, {name}", key_spec=key_spec, key_usage=key_usage), story)
        for kind, (key_spec, key_usage, stories) in KINDS.items()
        for name, story in stories.items()
    ]
    told = [(BEGINNING, number, story(owner)) for number, (owner, story) in enumerate(owners)]
    while told:
        day, number, story = max(told, key=lambda each: (each[0], -each[1]))
        told.remove((day, number, story))
        conversation.now = NOW - day * DAY
        waits_for = next(story, None)
        if waits_for is not None:
            told.append((waits_for, number, story))
    conversation.describe_key(AWS_MANAGED)  # its first use, so that a reading is one from now on
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
    found += [material.secret for key in remembered for material in key.backing_keys]
    return frozenset(secret.reveal() for secret in found if secret is not None)
