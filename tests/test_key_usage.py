"""
Whether a KMS key is of the kind that an operation uses, and takes the algorithm that it is asked for.
"""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from itertools import chain
from typing import Any

import pytest

from kmsmodel import key_usage
from kmsmodel.call import Call
from kmsmodel.errors import InvalidKeyUsageException
from kmsmodel.key import Key
from kmsmodel.key_spec import ALGORITHMS, SUPPORTED
from kmsmodel.new_key import new_key
from kmsmodel.operations.asymmetric_keys import DeriveSharedSecretRequest, SignRequest
from kmsmodel.request import Request
from kmsmodel.seeded_hsm import SeededHsm
from kmsmodel.shapes import KeyAgreementAlgorithmSpec, KeySpec, KeyUsageType, SigningAlgorithmSpec

CALL = Call(now=datetime(2026, 11, 24, tzinfo=UTC), hsm=SeededHsm(), request_id="request")
REQUEST: Request[Any] = SignRequest(
    key_id="key", message=b"message", signing_algorithm=SigningAlgorithmSpec.ECDSA_SHA_256
)
EVERY = sorted(
    {*chain.from_iterable(chain.from_iterable(of.values()) for of in ALGORITHMS.values())}
)
KEYS = [
    new_key(CALL, key_spec=key_spec, key_usage=usage)
    for key_spec in sorted(SUPPORTED)
    for usage in ALGORITHMS[key_spec]
]


def refusal(key: Key, usage: KeyUsageType, algorithm: StrEnum) -> str | None:
    """The message of the refusal, if there is one."""
    try:
        key_usage.check(key, REQUEST, usage, algorithm)
    except InvalidKeyUsageException as error:
        return error.message if error.arn == key.arn else f"not of this key: {error.arn}"
    return None


@pytest.mark.parametrize("key", KEYS, ids=lambda key: f"{key.key_spec}-{key.key_usage}")
def test_a_key_has_one_usage_and_the_algorithms_of_its_key_spec(key: Key) -> None:
    for usage in KeyUsageType:
        other = f"{key.arn} key usage is {key.key_usage} which is not valid for Sign."
        for algorithm in EVERY:
            incompatible = f"Algorithm {algorithm} is incompatible with key spec {key.key_spec}."
            own = algorithm in ALGORITHMS[key.key_spec][key.key_usage]
            expected = other if usage is not key.key_usage else None if own else incompatible
            assert refusal(key, usage, algorithm) == expected


def test_the_message_names_the_operation() -> None:
    request = DeriveSharedSecretRequest(
        key_id="key",
        key_agreement_algorithm=KeyAgreementAlgorithmSpec.ECDH,
        public_key=b"public key",
    )
    key = new_key(CALL, key_spec=KeySpec.HMAC_256, key_usage=KeyUsageType.GENERATE_VERIFY_MAC)
    with pytest.raises(InvalidKeyUsageException) as caught:
        key_usage.check(key, request, KeyUsageType.KEY_AGREEMENT, KeyAgreementAlgorithmSpec.ECDH)
    assert caught.value.message == (
        f"{key.arn} key usage is GENERATE_VERIFY_MAC which is not valid for DeriveSharedSecret."
    )
