"""
ReEncrypt: from one KMS key, key material or encryption context to another.
"""

from __future__ import annotations

import pytest
from attrs import evolve
from hypothesis import given, strategies as st

from kmsmodel.errors import IncorrectKeyException, InvalidCiphertextException, ValidationException
from kmsmodel.local import LocalKms
from kmsmodel.operations.encryption import (
    DecryptRequest,
    EncryptRequest,
    ReEncryptRequest,
    ReEncryptResponse,
)
from kmsmodel.operations.rotation import RotateKeyOnDemandRequest
from kmsmodel.words.enumerations import EncryptionAlgorithmSpec, KeySpec
from tests.operations.encryption.ciphers import (
    CONTEXTS,
    INCORRECT_KEY,
    OAEP_SHA_1,
    OAEP_SHA_256,
    PAIRS,
    SYMMETRIC,
    create_to_encrypt,
)
from tests.operations.steps import (
    FIRST,
    create,
    create_external,
    describe,
    encrypt,
    import_material,
    local_kms,
    refused,
)

PLAINTEXTS = st.binary(min_size=1, max_size=190)
"""What every algorithm can encrypt."""


@given(
    source=st.sampled_from(PAIRS),
    destination=st.sampled_from(PAIRS),
    plaintext=PLAINTEXTS,
    contexts=st.tuples(CONTEXTS, CONTEXTS),
    named=st.booleans(),
)
def test_what_was_reencrypted_opens_under_the_destination(
    source: tuple[KeySpec, EncryptionAlgorithmSpec],
    destination: tuple[KeySpec, EncryptionAlgorithmSpec],
    plaintext: bytes,
    contexts: tuple[dict[str, str], dict[str, str]],
    named: bool,
) -> None:
    """From and to a symmetric key or an RSA key; key material is told of the symmetric ones."""
    local = local_kms()
    from_, to = (create_to_encrypt(local, key_spec) for key_spec, _ in (source, destination))
    of_source, of_destination = (
        context if algorithm is SYMMETRIC else None
        for (_, algorithm), context in zip((source, destination), contexts, strict=True)
    )
    made = local.handle(
        EncryptRequest(
            key_id=from_,
            plaintext=plaintext,
            encryption_algorithm=source[1],
            encryption_context=of_source,
        )
    )
    answer = local.handle(
        ReEncryptRequest(
            ciphertext_blob=made.ciphertext_blob,
            source_key_id=from_ if named or source[1] is not SYMMETRIC else None,
            source_encryption_algorithm=source[1],
            source_encryption_context=of_source,
            destination_key_id=to,
            destination_encryption_algorithm=destination[1],
            destination_encryption_context=of_destination,
        )
    )
    assert answer == ReEncryptResponse(
        ciphertext_blob=answer.ciphertext_blob,
        source_key_id=from_,
        key_id=to,
        source_encryption_algorithm=source[1],
        destination_encryption_algorithm=destination[1],
        source_key_material_id=describe(local, from_).current_key_material_id,
        destination_key_material_id=describe(local, to).current_key_material_id,
    )
    decrypted = local.handle(
        DecryptRequest(
            ciphertext_blob=answer.ciphertext_blob,
            key_id=to,
            encryption_algorithm=destination[1],
            encryption_context=of_destination,
        )
    )
    assert decrypted.plaintext == plaintext


def test_what_was_reencrypted_opens_under_the_new_key_only(local: LocalKms) -> None:
    """And the ciphertext that it was made of is as good as before."""
    one, other = create(local), create(local)
    blob = encrypt(local, one.key_id)
    answer = local.handle(ReEncryptRequest(ciphertext_blob=blob, destination_key_id=other.key_id))
    assert answer.destination_encryption_algorithm is SYMMETRIC
    assert local.handle(DecryptRequest(ciphertext_blob=answer.ciphertext_blob)).key_id == other.arn
    request = DecryptRequest(ciphertext_blob=answer.ciphertext_blob, key_id=one.key_id)
    refused(local, request, IncorrectKeyException, INCORRECT_KEY)
    assert local.handle(DecryptRequest(ciphertext_blob=blob)).key_id == one.arn


def test_reencrypting_under_the_same_key_changes_the_encryption_context(local: LocalKms) -> None:
    arn = create_to_encrypt(local)
    former, latter = {"a": "b"}, {"a": "c"}
    request = EncryptRequest(key_id=arn, plaintext=b"plain", encryption_context=former)
    answer = local.handle(
        ReEncryptRequest(
            ciphertext_blob=local.handle(request).ciphertext_blob,
            source_encryption_context=former,
            destination_key_id=arn,
            destination_encryption_context=latter,
        )
    )
    assert answer.source_key_id == answer.key_id == arn
    decrypt = DecryptRequest(ciphertext_blob=answer.ciphertext_blob, encryption_context=latter)
    assert local.handle(decrypt).plaintext == b"plain"
    refused(local, evolve(decrypt, encryption_context=former), InvalidCiphertextException, "")


@pytest.mark.parametrize("external", [False, True])
def test_after_a_rotation_reencrypting_moves_a_ciphertext_to_the_new_key_material(
    local: LocalKms, external: bool
) -> None:
    arn = create_external(local, FIRST) if external else create_to_encrypt(local)
    blob = encrypt(local, arn)
    former = describe(local, arn).current_key_material_id
    if external:
        import_material(local, arn, b"2" * 32, import_type="NEW_KEY_MATERIAL")
    local.handle(RotateKeyOnDemandRequest(key_id=arn))
    latter = describe(local, arn).current_key_material_id
    answer = local.handle(ReEncryptRequest(ciphertext_blob=blob, destination_key_id=arn))
    assert former != latter
    assert answer.source_key_material_id == former
    assert answer.destination_key_material_id == latter
    for each, material in ((blob, former), (answer.ciphertext_blob, latter)):
        decrypted = local.handle(DecryptRequest(ciphertext_blob=each))
        assert (decrypted.plaintext, decrypted.key_material_id) == (b"attack at dawn", material)


def test_a_plaintext_that_is_too_long_for_the_destination_is_not_reencrypted(
    local: LocalKms,
) -> None:
    arn = create_to_encrypt(local, KeySpec.RSA_2048)
    request = ReEncryptRequest(
        ciphertext_blob=encrypt(local, create(local).key_id, bytes(191)),
        destination_key_id=arn,
        destination_encryption_algorithm=OAEP_SHA_256,
    )
    message = (
        "Algorithm RSAES_OAEP_SHA_256 and key spec RSA_2048 cannot encrypt data larger than "
        "190 bytes."
    )
    refused(local, request, ValidationException, message)
    local.handle(evolve(request, destination_encryption_algorithm=OAEP_SHA_1))
