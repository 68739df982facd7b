"""
A ciphertext opens with the key material that made it and an equal encryption context, and with nothing else.
"""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from datetime import timedelta
from enum import Enum

import pytest
from hypothesis import assume, example, given, strategies as st

from kmsmodel.operations.deletion import CancelKeyDeletionRequest, ScheduleKeyDeletionRequest
from kmsmodel.operations.encryption import DecryptRequest
from kmsmodel.operations.importing import DeleteImportedKeyMaterialRequest
from kmsmodel.operations.keys import DisableKeyRequest, EnableKeyRequest
from kmsmodel.operations.rotation import RotateKeyOnDemandRequest
from kmsmodel.words.enumerations import ImportType, KeyState, OriginType
from tests import strategies
from tests.basics import DAY, HSM, NOW
from tests.worlds.belongings import Sealed
from tests.worlds.conversation import Conversation
from tests.worlds.outcome import Refused
from tests.worlds.world import World, world

contexts = st.none() | st.dictionaries(st.text(max_size=4), st.text(max_size=4), max_size=4)
plaintexts = st.binary(min_size=1, max_size=4096)


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
    for each in sealed:
        assert ask.refuses(each.request()) is not None
    ask.import_key_material(key_id, materials[expires])
    for each in sealed:
        assert ask(each.request()).plaintext == b"plaintext"


@given(contexts, contexts)
@example({"a": "bc"}, {"ab": "c"})
@example({"a": "b", "c": "d"}, {"a": "bcd"})
@example({"a": ""}, {"": "a"})
@example(None, {"": ""})
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
    assert refused == Refused("InvalidCiphertextException", "", None, None)


@pytest.mark.parametrize("named", [False, True], ids=["of no named key", "of a named key"])
@pytest.mark.parametrize("name", ["generated", "imported", "multi-Region, imported"])
@pytest.mark.parametrize("mask", [0x01, 0x80, 0xFF])
def test_a_changed_byte_anywhere_in_a_ciphertext_is_refused(
    name: str, named: bool, mask: int
) -> None:
    """The byte may be in the part that names the key or in the sealed part; cut and extended ciphertexts fail too."""
    ask, key = world().conversation, world().named(name)
    (_, sealed, *_) = key.ciphertexts
    key_id = key.key_id if named else None
    whole = sealed.ciphertext
    assert ask(sealed.request(key_id)).plaintext == sealed.plaintext
    changed = [
        bytes([*whole[:where], whole[where] ^ mask, *whole[where + 1 :]])
        for where in range(len(whole))
    ]
    cut = [whole[:where] for where in range(1, len(whole))]
    for ciphertext in (*changed, *cut, whole + bytes([mask])):
        request = DecryptRequest(
            ciphertext_blob=ciphertext, encryption_context=sealed.encryption_context, key_id=key_id
        )
        refused = ask.refuses(request)
        assert refused is not None
        assert refused.code in {
            "AccessDeniedException",
            "IncorrectKeyException",
            "InvalidCiphertextException",
        }


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
    renamed = sealed.ciphertext.replace(key.encode(), other.encode())
    assert renamed != sealed.ciphertext
    refused = ask.refuses(Sealed(renamed, b"").request())
    assert refused is not None
    assert refused.code == "InvalidCiphertextException"
