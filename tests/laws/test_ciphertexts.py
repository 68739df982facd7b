"""
A ciphertext opens with the key material that made it and an equal encryption context, and with nothing else.
"""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from datetime import timedelta
from enum import Enum

import pytest
from attrs import evolve
from hypothesis import assume, example, given, strategies as st

from kmsmodel.hsm import ciphertext
from kmsmodel.operations.deletion import CancelKeyDeletionRequest, ScheduleKeyDeletionRequest
from kmsmodel.operations.encryption import DecryptRequest, EncryptRequest
from kmsmodel.operations.importing import DeleteImportedKeyMaterialRequest
from kmsmodel.operations.keys import DisableKeyRequest, EnableKeyRequest
from kmsmodel.operations.multi_region_keys import ReplicateKeyRequest
from kmsmodel.operations.rotation import RotateKeyOnDemandRequest
from kmsmodel.words.arn import parse_key_arn
from kmsmodel.words.enumerations import ImportType, KeyState, OriginType
from tests import strategies
from tests.basics import DAY, HSM, NOW, OTHER_REGION, REGION
from tests.worlds.belongings import Sealed
from tests.worlds.conversation import Conversation
from tests.worlds.outcome import Refused
from tests.worlds.world import World, world

contexts = st.none() | st.dictionaries(
    st.text(max_size=4), st.text(min_size=1, max_size=4), max_size=4
)
plaintexts = st.binary(min_size=1, max_size=4096)
INVALID = Refused("InvalidCiphertextException", "", None, None)


class Turn(Enum):
    """What happens to a KMS key between encryption and decryption."""

    ROTATE = "rotate"
    DISABLE = "disable and enable again"
    SCHEDULE = "schedule deletion, cancel it, and enable"
    EXPIRE = "let all imported key material expire, and reimport it"
    DELETE = "delete imported key material, and reimport it"
    RESTORE = "restore the state from a copy"
    SETTLE = "write down what time has done"
    WAIT = "wait"


class Keeper:
    """Someone who takes a key through all turns, and can always bring back its key material."""

    def __init__(self, origin: OriginType, *, multi_region: bool) -> None:
        self.ask = Conversation()
        self.key_id = self.ask.create_key(origin=origin, multi_region=multi_region)
        self.imported = origin is OriginType.EXTERNAL
        self.materials: list[bytes] = []
        self.sealed: list[Sealed] = []
        if self.imported:
            self.import_new()

    def import_new(self) -> None:
        material = HSM.random(32, f"key material {len(self.materials)}")
        self.materials.append(material)
        self.ask.import_key_material(
            self.key_id,
            material,
            valid_to=self.ask.now + 300 * DAY,
            import_type=ImportType.NEW_KEY_MATERIAL,
        )

    def reimport(self) -> None:
        for material in self.materials:
            self.ask.import_key_material(self.key_id, material, valid_to=self.ask.now + 300 * DAY)

    def take(self, turn: Turn) -> None:
        match turn:
            case Turn.ROTATE:
                if self.imported:
                    self.import_new()
                self.ask(RotateKeyOnDemandRequest(key_id=self.key_id))
            case Turn.DISABLE:
                self.ask(DisableKeyRequest(key_id=self.key_id))
                self.ask(EnableKeyRequest(key_id=self.key_id))
            case Turn.SCHEDULE:
                self.ask(ScheduleKeyDeletionRequest(key_id=self.key_id, pending_window_in_days=7))
                self.ask.advance(6 * DAY)
                self.ask(CancelKeyDeletionRequest(key_id=self.key_id))
                self.ask(EnableKeyRequest(key_id=self.key_id))
            case Turn.EXPIRE if self.imported:
                self.ask.advance(300 * DAY)
                self.reimport()
            case Turn.DELETE if self.imported:
                self.ask(DeleteImportedKeyMaterialRequest(key_id=self.key_id))
                self.reimport()
            case Turn.RESTORE:
                self.ask.kms = pickle.loads(pickle.dumps(self.ask.kms))
            case Turn.SETTLE:
                self.ask.kms = self.ask.kms.settle(self.ask.now)
            case Turn.WAIT | Turn.EXPIRE | Turn.DELETE:
                self.ask.advance(timedelta(hours=1))


@given(
    st.sampled_from([OriginType.AWS_KMS, OriginType.EXTERNAL]),
    st.booleans(),
    st.lists(st.tuples(st.sampled_from(Turn), plaintexts, contexts), max_size=8),
)
def test_what_was_encrypted_can_be_decrypted(
    origin: OriginType,
    multi_region: bool,
    turns: list[tuple[Turn, bytes, Mapping[str, str] | None]],
) -> None:
    """It can after disabling, cancelled deletion, rotation, expiry and reimport, and in a copy of the state."""
    keeper = Keeper(origin, multi_region=multi_region)
    for turn, plaintext, context in [(Turn.WAIT, b"first", None), *turns]:
        keeper.sealed.append(keeper.ask.encrypt(keeper.key_id, plaintext, context))
        if turn is Turn.EXPIRE or keeper.ask.now < NOW + 280 * DAY:
            keeper.take(turn)
    if keeper.imported:
        keeper.reimport()
    for sealed in keeper.sealed:
        for key_id in (None, keeper.key_id):
            answer = keeper.ask(sealed.request(key_id))
            assert answer.plaintext == sealed.plaintext
            assert answer.key_id.endswith(keeper.key_id)


@given(
    st.integers(1, 4),
    st.data(),
)
def test_ciphertexts_of_key_material_that_is_gone_do_not_open(
    rotations: int, data: st.DataObject
) -> None:
    """This holds for deleted and expired key material; once the same key material is imported again, they open."""
    ask = Conversation()
    key_id = ask.create_key(origin=OriginType.EXTERNAL)
    materials = [HSM.random(32, f"key material {number}") for number in range(rotations)]
    expires = data.draw(st.integers(0, rotations - 1), label="which expires")
    by_expiry = data.draw(st.booleans(), label="by expiry")
    sealed: list[Sealed] = []
    ids: list[str] = []
    for number, material in enumerate(materials):
        response = ask.import_key_material(
            key_id,
            material,
            valid_to=ask.now + DAY if by_expiry and number == expires else None,
            import_type=ImportType.NEW_KEY_MATERIAL,
        )
        ids.append(response.key_material_id or "")
        if number:
            ask(RotateKeyOnDemandRequest(key_id=key_id))
        sealed.append(ask.encrypt(key_id, b"plaintext", {"number": str(number)}))
    if by_expiry:
        ask.advance(DAY)
    else:
        ask(DeleteImportedKeyMaterialRequest(key_id=key_id, key_material_id=ids[expires]))
    assert ask.describe_key(key_id).key_state is KeyState.PendingImport
    arn = ask.describe_key(key_id).arn
    for each in sealed:
        assert ask.refuses(each.request()) == Refused(
            "KMSInvalidStateException", f"{arn} is pending import.", arn, KeyState.PendingImport
        )
    ask.import_key_material(key_id, materials[expires])
    for each in sealed:
        assert ask(each.request()).plaintext == b"plaintext"


@given(contexts, contexts)
@example({"a": "bc"}, {"ab": "c"})
@example({"a": "b", "c": "d"}, {"a": "bcd"})
@example({"a": "b"}, {"": "ab"})
@example(None, {"": "a"})
@example({"a": "b"}, {"A": "b"})
def test_encryption_contexts_bind_exactly(
    one: Mapping[str, str] | None, other: Mapping[str, str] | None
) -> None:
    """A ciphertext opens with an equal encryption context, in any order, and with no other."""
    ask = world().conversation
    key = world().named("imported")
    sealed = ask.encrypt(key.key_id, b"plaintext", one)
    reversed_ = dict(reversed(list((one or {}).items())))
    assert ask(Sealed(sealed.ciphertext, b"", reversed_).request()).plaintext == b"plaintext"
    assume((one or {}) != (other or {}))
    refused = ask.refuses(Sealed(sealed.ciphertext, b"", other).request())
    assert refused == INVALID


@pytest.mark.parametrize("named", [False, True], ids=["of no named key", "of a named key"])
@pytest.mark.parametrize("name", ["generated", "imported", "multi-Region, imported"])
def test_any_bit_that_is_turned_in_a_ciphertext_is_refused(name: str, named: bool) -> None:
    """Whether it stands in what names the key, or in what was sealed; and so is one that is cut, or has more."""
    ask, key = world().conversation, world().named(name)
    (_, sealed, *_) = key.ciphertexts
    key_id = key.key_id if named else None
    whole = sealed.ciphertext
    assert ask(sealed.request(key_id)).plaintext == sealed.plaintext
    turned = [
        bytes([*whole[:where], whole[where] ^ 1 << bit, *whole[where + 1 :]])
        for where in range(len(whole))
        for bit in range(8)
    ]
    cut = [whole[:where] for where in range(1, len(whole))]
    for blob in (*turned, *cut, whole + b"\0", whole + whole):
        request = DecryptRequest(
            ciphertext_blob=blob, encryption_context=sealed.encryption_context, key_id=key_id
        )
        assert ask.refuses(request) == INVALID


@given(plaintexts, contexts, st.integers(0, 10_000), st.binary(min_size=1, max_size=40))
def test_a_ciphertext_that_is_damaged_is_invalid(
    plaintext: bytes, context: Mapping[str, str] | None, where: int, damage: bytes
) -> None:
    """Whatever is written over a part of it, and whether its key is named, or another one, or none."""
    ask, key = world().conversation, world().named("generated")
    sealed = ask.encrypt(key.key_id, plaintext, context)
    whole = sealed.ciphertext
    start = where % (len(whole) - len(damage))
    damaged = whole[:start] + damage + whole[start + len(damage) :]
    assume(damaged != whole)
    for key_id in (None, key.key_id, world().named("imported").arn, "no key"):
        assert ask.refuses(Sealed(damaged, b"", context).request(key_id)) == INVALID


def der_length(content: int) -> int:
    """The length of a DER value whose content is so long: its tag, its length, its content."""
    return 1 + (1 if content < 128 else 2 if content < 256 else 3) + content


@given(plaintexts, contexts)
@example(b"x", None)
@example(bytes(4096), None)
def test_a_ciphertext_is_as_long_as_that_of_aws(
    plaintext: bytes, context: Mapping[str, str] | None
) -> None:
    """It is 58 bytes, and DER that holds a content of 27 bytes more than the plaintext: the context adds nothing."""
    ask = world().conversation
    sealed = ask.encrypt(world().named("generated").key_id, plaintext, context)
    encrypted_content_info = der_length(43 + der_length(len(plaintext) + 27))
    encrypted_data = der_length(3 + encrypted_content_info)
    content_info = der_length(11 + der_length(encrypted_data))
    assert len(sealed.ciphertext) == 58 + content_info


@given(
    st.sampled_from(["multi-Region, generated", "multi-Region, imported"]),
    plaintexts,
    contexts,
    st.booleans(),
)
def test_a_ciphertext_opens_with_any_related_multi_region_key(
    name: str, plaintext: bytes, context: Mapping[str, str] | None, by_id: bool
) -> None:
    """In whichever Region it was made; and with no key where there is no related one."""
    ask = Conversation(kms=world().conversation.kms)
    key = world().named(name)
    related = evolve(parse_key_arn(key.arn), region=OTHER_REGION)
    ask(ReplicateKeyRequest(key_id=key.key_id, replica_region=OTHER_REGION))
    if key.materials:
        ask.import_key_material(key.key_id, key.materials[0], region=OTHER_REGION)
    answer = ask(
        EncryptRequest(key_id=key.key_id, plaintext=plaintext, encryption_context=context),
        region=OTHER_REGION,
    )
    there = Sealed(answer.ciphertext_blob, plaintext, context)
    here = ask.encrypt(key.key_id, plaintext, context)
    key_id = key.key_id if by_id else None
    for sealed in (here, there):
        for region, arn in ((REGION, key.arn), (OTHER_REGION, str(related))):
            opened = ask(sealed.request(key_id), region=region)
            assert (opened.plaintext, opened.key_id) == (plaintext, arn)
        refused = ask.refuses(sealed.request(), region="eu-west-3")
        assert refused is not None
        assert refused.code == "AccessDeniedException"


@given(strategies.worlds(), st.data())
def test_a_ciphertext_opens_with_no_other_key(world: World, data: st.DataObject) -> None:
    """Even a key with the same key material does not open it, because the ciphertext is bound to the key id too."""
    ask = world.conversation
    key, other = (ask.create_key(origin=OriginType.EXTERNAL) for _ in range(2))
    materials = [
        key.materials[0] for key in world.keys if key.materials and key.is_symmetric_encryption_key
    ]
    material = data.draw(st.sampled_from(materials))
    for each in (key, other):
        ask.import_key_material(each, material)
    sealed = ask.encrypt(key, b"plaintext")
    assert ask(sealed.request(key)).plaintext == b"plaintext"
    refused = ask.refuses(sealed.request(other))
    assert refused is not None
    assert refused.code == "IncorrectKeyException"
    parsed = ciphertext.parse(sealed.ciphertext)
    assert parsed is not None
    handle = ciphertext.key_handle(ask.describe_key(other).arn or "")
    renamed = bytes(evolve(parsed, key_handle=handle))
    assert renamed != sealed.ciphertext
    assert ask.refuses(Sealed(renamed, b"").request()) == INVALID
