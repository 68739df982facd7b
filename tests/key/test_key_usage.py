"""
Whether a KMS key is of the kind that an operation uses, and takes the algorithm that it is asked for.
"""

from __future__ import annotations

import pytest

from kmsmodel.calls.new_key import new_key
from kmsmodel.errors import InvalidKeyUsageException
from kmsmodel.key.key import Key
from kmsmodel.key.key_usage import KEY_USAGE, check, check_algorithm
from kmsmodel.operations import OPERATIONS
from kmsmodel.words.enumerations import (
    EncryptionAlgorithmSpec,
    KeyAgreementAlgorithmSpec,
    KeySpec,
    KeyUsageType,
    SigningAlgorithmSpec,
)
from kmsmodel.words.structures import member_names
from tests.basics import call

CALL = call()

OPERATIONS_OF = {
    KeyUsageType.ENCRYPT_DECRYPT: {
        "Encrypt",
        "Decrypt",
        "ReEncrypt",
        "GenerateDataKey",
        "GenerateDataKeyWithoutPlaintext",
        "GenerateDataKeyPair",
        "GenerateDataKeyPairWithoutPlaintext",
    },
    KeyUsageType.SIGN_VERIFY: {"Sign", "Verify"},
    KeyUsageType.GENERATE_VERIFY_MAC: {"GenerateMac", "VerifyMac"},
    KeyUsageType.KEY_AGREEMENT: {"DeriveSharedSecret"},
    KeyUsageType.ENCAPSULATE_DECAPSULATE: {"Encapsulate", "Decapsulate"},
}
KEYS = {
    usage: new_key(CALL, key_spec=key_spec, key_usage=usage)
    for usage, key_spec in {
        KeyUsageType.ENCRYPT_DECRYPT: KeySpec.RSA_2048,
        KeyUsageType.SIGN_VERIFY: KeySpec.ECC_NIST_P256,
        KeyUsageType.GENERATE_VERIFY_MAC: KeySpec.HMAC_256,
        KeyUsageType.KEY_AGREEMENT: KeySpec.ECC_NIST_P256,
        KeyUsageType.ENCAPSULATE_DECAPSULATE: KeySpec.ML_KEM_768,
    }.items()
}


@pytest.mark.parametrize("usage", KeyUsageType)
def test_an_operation_takes_keys_of_one_usage(usage: KeyUsageType) -> None:
    for other, key in KEYS.items():
        for operation in OPERATIONS_OF[usage]:
            if other is usage:
                check(operation, key)
                continue
            with pytest.raises(InvalidKeyUsageException) as caught:
                check(operation, key)
            assert caught.value.arn == key.arn
            assert caught.value.message == (
                f"{key.arn} key usage is {other} which is not valid for {operation}."
            )
        check("DescribeKey", key)


def refusal(key: Key, algorithm: str) -> str:
    with pytest.raises(InvalidKeyUsageException) as caught:
        check_algorithm(key, algorithm)
    assert caught.value.arn == key.arn
    return caught.value.message


def test_a_key_takes_the_algorithms_of_its_key_spec_for_its_usage() -> None:
    rsa, signing = KEYS[KeyUsageType.ENCRYPT_DECRYPT], KEYS[KeyUsageType.SIGN_VERIFY]
    agreeing = KEYS[KeyUsageType.KEY_AGREEMENT]
    check_algorithm(rsa, EncryptionAlgorithmSpec.RSAES_OAEP_SHA_256)
    check_algorithm(signing, SigningAlgorithmSpec.ECDSA_SHA_256)
    check_algorithm(agreeing, KeyAgreementAlgorithmSpec.ECDH)
    message = "Algorithm {} is incompatible with key spec {}."
    for key, algorithm in (
        (rsa, EncryptionAlgorithmSpec.SYMMETRIC_DEFAULT),
        (rsa, SigningAlgorithmSpec.RSASSA_PSS_SHA_256),
        (signing, SigningAlgorithmSpec.ECDSA_SHA_384),
        (signing, KeyAgreementAlgorithmSpec.ECDH),
        (agreeing, SigningAlgorithmSpec.ECDSA_SHA_256),
    ):
        assert refusal(key, algorithm) == message.format(algorithm, key.key_spec)


def test_each_operation_with_key_material_needs_a_key_usage() -> None:
    """Those are the ones that can be tried by a dry run, but for those of grants."""
    names = {request.operation for request in OPERATIONS if "dry_run" in member_names(request)}
    names -= {"CreateGrant", "RetireGrant", "RevokeGrant"}
    assert names == set(KEY_USAGE) == set().union(*OPERATIONS_OF.values())
