"""
The kind of key and the algorithm.
"""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve

from kmsmodel.calls.request import Request
from kmsmodel.errors import InvalidKeyUsageException, ValidationException
from kmsmodel.local import LocalKms
from kmsmodel.operations.encryption import DecryptRequest, EncryptRequest, ReEncryptRequest
from kmsmodel.words.enumerations import EncryptionAlgorithmSpec, KeySpec, KeyUsageType
from tests.operations.encryption.ciphers import (
    IGNORE,
    OAEP_SHA_1,
    OAEP_SHA_256,
    PAIRS,
    SYMMETRIC,
    create_to_encrypt,
)
from tests.operations.steps import arn_of, create, encrypt, refused


@pytest.mark.parametrize(
    "key_spec, key_usage",
    [
        (KeySpec.RSA_2048, KeyUsageType.SIGN_VERIFY),
        (KeySpec.ECC_NIST_P256, KeyUsageType.KEY_AGREEMENT),
        (KeySpec.HMAC_256, KeyUsageType.GENERATE_VERIFY_MAC),
        (KeySpec.ML_KEM_768, KeyUsageType.ENCAPSULATE_DECAPSULATE),
    ],
)
def test_a_key_with_another_key_usage_neither_encrypts_nor_decrypts(
    local: LocalKms, key_spec: KeySpec, key_usage: KeyUsageType
) -> None:
    arn = arn_of(create(local, key_spec=key_spec, key_usage=key_usage))
    blob = encrypt(local, create(local).key_id)
    for operation, request in (
        ("Encrypt", EncryptRequest(key_id=arn, plaintext=b"p", encryption_algorithm=OAEP_SHA_1)),
        (
            "Decrypt",
            DecryptRequest(ciphertext_blob=b"b", key_id=arn, encryption_algorithm=OAEP_SHA_1),
        ),
        ("ReEncrypt", ReEncryptRequest(ciphertext_blob=blob, destination_key_id=arn)),
    ):
        message = f"{arn} key usage is {key_usage} which is not valid for {operation}."
        error = refused(local, request, InvalidKeyUsageException, message)
        assert error.arn == arn


@pytest.mark.parametrize(
    "key_spec, algorithm",
    [
        (key_spec, algorithm)
        for key_spec in (KeySpec.SYMMETRIC_DEFAULT, KeySpec.RSA_2048)
        for algorithm in (None, *EncryptionAlgorithmSpec)
        if (key_spec, algorithm or SYMMETRIC) not in PAIRS
    ],
)
@pytest.mark.parametrize("dry_run", [None, True])
def test_the_algorithm_must_be_one_of_the_key_spec(
    local: LocalKms,
    key_spec: KeySpec,
    algorithm: EncryptionAlgorithmSpec | None,
    dry_run: bool | None,
) -> None:
    """By default it is SYMMETRIC_DEFAULT, for an RSA key too."""
    arn = create_to_encrypt(local, key_spec)
    blob = encrypt(local, create(local).key_id)
    message = f"Algorithm {algorithm or SYMMETRIC} is incompatible with key spec {key_spec}."
    requests: list[Request[Any]] = [
        EncryptRequest(key_id=arn, plaintext=b"p", encryption_algorithm=algorithm, dry_run=dry_run),
        ReEncryptRequest(
            ciphertext_blob=blob,
            destination_key_id=arn,
            destination_encryption_algorithm=algorithm,
            dry_run=dry_run,
        ),
        DecryptRequest(
            key_id=arn, encryption_algorithm=algorithm, dry_run=True, dry_run_modifiers=IGNORE
        ),
    ]
    if algorithm not in (None, SYMMETRIC):  # else the ciphertext would have to name an RSA key
        requests += [
            DecryptRequest(
                ciphertext_blob=blob, key_id=arn, encryption_algorithm=algorithm, dry_run=dry_run
            ),
        ]
    for request in requests:
        error = refused(local, request, InvalidKeyUsageException, message)
        assert error.arn == arn


def test_the_algorithm_may_be_said_aloud(local: LocalKms) -> None:
    request = EncryptRequest(
        key_id=create(local).key_id, plaintext=b"p", encryption_algorithm=SYMMETRIC
    )
    blob = local.handle(request).ciphertext_blob
    answer = local.handle(DecryptRequest(ciphertext_blob=blob, encryption_algorithm=SYMMETRIC))
    assert answer.plaintext == b"p"


def test_rsa_algorithms_support_no_encryption_context(local: LocalKms) -> None:
    """An empty one is none."""
    arn = create_to_encrypt(local, KeySpec.RSA_2048)
    request = EncryptRequest(
        key_id=arn, plaintext=b"p", encryption_algorithm=OAEP_SHA_256, encryption_context={}
    )
    decrypt = DecryptRequest(
        ciphertext_blob=local.handle(request).ciphertext_blob,
        key_id=arn,
        encryption_algorithm=OAEP_SHA_256,
        encryption_context={},
    )
    assert local.handle(decrypt).plaintext == b"p"
    context = {"a": "b"}
    for with_context in (
        evolve(request, encryption_context=context),
        evolve(decrypt, encryption_context=context),
        ReEncryptRequest(
            ciphertext_blob=encrypt(local, create(local).key_id),
            destination_key_id=arn,
            destination_encryption_algorithm=OAEP_SHA_256,
            destination_encryption_context=context,
        ),
    ):
        error = refused(local, with_context, ValidationException, NO_CONTEXT)
        assert error.arn == arn


def test_the_encryption_context_is_told_before_an_algorithm_that_does_not_suit_the_key(
    local: LocalKms,
) -> None:
    """It takes the request only, and no ciphertext."""
    arn = arn_of(create(local))
    context, algorithm = {"a": "b"}, OAEP_SHA_256
    for request in (
        DecryptRequest(
            key_id=arn,
            encryption_algorithm=algorithm,
            encryption_context=context,
            dry_run=True,
            dry_run_modifiers=IGNORE,
        ),
        EncryptRequest(
            key_id=arn, plaintext=b"p", encryption_algorithm=algorithm, encryption_context=context
        ),
    ):
        refused(local, request, ValidationException, NO_CONTEXT)


NO_CONTEXT = "EncryptionContext is not supported when encrypting/decrypting with asymmetric CMKs."
