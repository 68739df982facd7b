"""
What is encrypted is what is decrypted.
"""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve
from hypothesis import given, strategies as st

from kmsmodel.errors import ValidationException
from kmsmodel.local import LocalKms
from kmsmodel.operations.encryption import (
    DecryptRequest,
    DecryptResponse,
    EncryptRequest,
    EncryptResponse,
)
from kmsmodel.words.enumerations import EncryptionAlgorithmSpec, KeySpec
from tests.operations.encryption.ciphers import (
    CONTEXTS,
    PAIRS,
    RSA_PAIRS,
    SYMMETRIC,
    create_to_encrypt,
    longest,
    public_key,
)
from tests.operations.steps import (
    FIRST,
    arn_of,
    create,
    create_external,
    describe,
    encrypt,
    local_kms,
    refused,
)


@given(
    plaintext=st.binary(min_size=1, max_size=100) | st.just(bytes(4096)),
    context=CONTEXTS | st.none(),
    external=st.booleans(),
)
def test_what_was_encrypted_is_decrypted(
    plaintext: bytes, context: dict[str, str] | None, external: bool
) -> None:
    local = local_kms()
    arn = create_external(local, FIRST) if external else arn_of(create(local))
    answer = local.handle(
        EncryptRequest(key_id=arn, plaintext=plaintext, encryption_context=context)
    )
    assert answer == EncryptResponse(
        ciphertext_blob=answer.ciphertext_blob, key_id=arn, encryption_algorithm=SYMMETRIC
    )
    assert len(answer.ciphertext_blob) <= 6144
    for key_id in (None, arn, arn.rpartition("/")[2]):
        request = DecryptRequest(
            ciphertext_blob=answer.ciphertext_blob, encryption_context=context, key_id=key_id
        )
        assert local.handle(request) == DecryptResponse(
            key_id=arn,
            plaintext=plaintext,
            encryption_algorithm=SYMMETRIC,
            key_material_id=describe(local, arn).current_key_material_id,
        )


@given(pair=st.sampled_from(RSA_PAIRS), data=st.data())
def test_what_was_encrypted_under_an_rsa_key_is_decrypted_with_its_key_and_algorithm(
    pair: tuple[KeySpec, EncryptionAlgorithmSpec], data: st.DataObject
) -> None:
    key_spec, algorithm = pair
    local = local_kms()
    arn = create_to_encrypt(local, key_spec)
    plaintext = data.draw(st.binary(min_size=1, max_size=longest(*pair)))
    answer = local.handle(
        EncryptRequest(key_id=arn, plaintext=plaintext, encryption_algorithm=algorithm)
    )
    assert answer == EncryptResponse(
        ciphertext_blob=answer.ciphertext_blob, key_id=arn, encryption_algorithm=algorithm
    )
    assert len(answer.ciphertext_blob) * 8 == public_key(local, arn).key_size
    request = DecryptRequest(
        ciphertext_blob=answer.ciphertext_blob, key_id=arn, encryption_algorithm=algorithm
    )
    assert local.handle(request) == DecryptResponse(
        key_id=arn, plaintext=plaintext, encryption_algorithm=algorithm
    )


@pytest.mark.parametrize("key_spec, algorithm", PAIRS)
def test_no_two_ciphertexts_of_a_plaintext_are_alike(
    local: LocalKms, key_spec: KeySpec, algorithm: EncryptionAlgorithmSpec
) -> None:
    request = EncryptRequest(
        key_id=create_to_encrypt(local, key_spec),
        plaintext=b"attack at dawn",
        encryption_algorithm=algorithm,
    )
    assert len({local.handle(request).ciphertext_blob for _ in range(20)}) == 20


def test_a_ciphertext_does_not_show_the_plaintext(local: LocalKms) -> None:
    assert b"attack at dawn" not in encrypt(local, create(local).key_id)


@pytest.mark.parametrize("key_spec, algorithm", PAIRS)
def test_a_plaintext_is_as_long_as_its_key_and_algorithm_permit_and_no_longer(
    local: LocalKms, key_spec: KeySpec, algorithm: EncryptionAlgorithmSpec
) -> None:
    most = longest(key_spec, algorithm)
    request = EncryptRequest(
        key_id=create_to_encrypt(local, key_spec),
        plaintext=bytes(most),
        encryption_algorithm=algorithm,
    )
    local.handle(request)
    message = (
        f"Algorithm {algorithm} and key spec {key_spec} cannot encrypt data larger than {most} bytes."
        if algorithm is not SYMMETRIC
        else "1 validation error detected: Value at 'plaintext' failed to satisfy constraint: "
        "Member must have length less than or equal to 4096"
    )
    refused(local, evolve(request, plaintext=bytes(most + 1)), ValidationException, message)


def test_a_plaintext_has_a_byte_at_least(local: LocalKms) -> None:
    for plaintext, rule in (
        (b"", "have length greater than or equal to 1"),
        (None, "not be null"),
    ):
        message = (
            "1 validation error detected: Value at 'plaintext' failed to satisfy constraint: "
            f"Member must {rule}"
        )
        given_: Any = plaintext
        request = EncryptRequest(key_id=create(local).key_id, plaintext=given_)
        refused(local, request, ValidationException, message)
