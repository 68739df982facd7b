"""
What a key spec says of a KMS key is what AWS lists.
"""

from __future__ import annotations

from typing import Any

import pytest

from kmsmodel.key.key_spec import (
    ALGORITHMS,
    DATA_KEY_LENGTH,
    KEY_MATERIAL_LENGTH,
    LONGEST_HMAC_KEY,
    MODULUS_BITS,
    SUPPORTED,
    WRAPPING,
    is_asymmetric,
    longest_plaintext,
)
from kmsmodel.words.enumerations import (
    AlgorithmSpec,
    EncryptionAlgorithmSpec,
    KeySpec,
    WrappingKeySpec,
)
from tests.basics import facts

FACTS: dict[str, Any] = facts("key_specs.json")
OF_KEY_SPEC: dict[str, Any] = FACTS["key_specs"]
ML_KEM: dict[str, Any] = FACTS["ml_kem"]

RAW = "raw bytes"
"""The format of key material that is not a private key."""


def test_aws_lists_each_key_spec() -> None:
    assert {*OF_KEY_SPEC, *ML_KEM["key_specs"]} == set(KeySpec)


def test_each_key_spec_has_the_usages_and_algorithms_that_aws_lists() -> None:
    usages = {key_spec: fact["usages"] for key_spec, fact in OF_KEY_SPEC.items()}
    usages |= dict.fromkeys(ML_KEM["key_specs"], ML_KEM["usages"])
    assert {
        key_spec: {usage: sorted(algorithms.every) for usage, algorithms in of_usage.items()}
        for key_spec, of_usage in ALGORITHMS.items()
    } == {
        key_spec: {usage: sorted(algorithms) for usage, algorithms in of_usage.items()}
        for key_spec, of_usage in usages.items()
    }


def test_key_material_of_a_supported_key_spec_is_wrapped_as_aws_lists() -> None:
    """And key material of the others, among them all that AWS KMS itself does not import, not at all."""
    assert {
        key_spec: {algorithm: sorted(specs) for algorithm, specs in wrapping.items()}
        for key_spec, wrapping in WRAPPING.items()
    } == {
        key_spec: fact["import"]["wrapping"]
        for key_spec, fact in OF_KEY_SPEC.items()
        if fact["import"]["supported"] and key_spec in SUPPORTED
    }


def test_nothing_is_wrapped_as_only_the_regions_of_china_wrap_or_nobody_any_more() -> None:
    algorithms = {algorithm for wrapping in WRAPPING.values() for algorithm in wrapping}
    specs = {spec for wrapping in WRAPPING.values() for each in wrapping.values() for spec in each}
    refused = {*FACTS["wrapping_algorithms_refused"], AlgorithmSpec.SM2PKE}
    assert algorithms == set(AlgorithmSpec) - refused
    assert specs == set(WrappingKeySpec) - {WrappingKeySpec.SM2}


def test_key_material_that_is_raw_bytes_is_as_long_as_aws_says() -> None:
    raw = {k: f["import"] for k, f in OF_KEY_SPEC.items() if f["import"].get("format") == RAW}
    longest = dict.fromkeys(raw, LONGEST_HMAC_KEY)
    longest[KeySpec.SYMMETRIC_DEFAULT] = KEY_MATERIAL_LENGTH[KeySpec.SYMMETRIC_DEFAULT]
    assert {key_spec: fact["length_bytes"] for key_spec, fact in raw.items()} == {
        key_spec: {"min": length, "max": longest[key_spec]}
        for key_spec, length in KEY_MATERIAL_LENGTH.items()
    }


@pytest.mark.parametrize("key_spec", KeySpec)
def test_a_key_spec_is_asymmetric_unless_its_key_material_is_raw_bytes(key_spec: KeySpec) -> None:
    imported = OF_KEY_SPEC.get(key_spec, {}).get("import", {})
    assert is_asymmetric(key_spec) is (imported.get("format") != RAW)


@pytest.mark.parametrize("key_spec", KeySpec)
def test_algorithms_are_told_in_the_order_of_the_alphabet(key_spec: KeySpec) -> None:
    for algorithms in ALGORITHMS[key_spec].values():
        assert list(algorithms.every) == sorted(algorithms.every)


def test_a_modulus_has_as_many_bits_as_the_key_spec_says() -> None:
    rsa = [key_spec for key_spec in KeySpec if key_spec.startswith("RSA_")]
    assert {f"RSA_{bits}": bits for bits in MODULUS_BITS.values()} == MODULUS_BITS
    assert list(MODULUS_BITS) == rsa


def test_a_data_key_is_as_long_as_aws_says() -> None:
    assert FACTS["data_key_specs"] == DATA_KEY_LENGTH


def test_each_algorithm_encrypts_as_much_as_aws_says() -> None:
    listed: dict[tuple[str, str], int] = {
        (key_spec, algorithm): fact["max_plaintext_bytes"][algorithm]
        for key_spec, fact in OF_KEY_SPEC.items()
        if fact.get("max_plaintext_bytes") and key_spec in SUPPORTED
        for algorithm in fact["max_plaintext_bytes"]
    }
    assert len(listed) == 7
    for (key_spec, algorithm), most in listed.items():
        assert longest_plaintext(KeySpec(key_spec), EncryptionAlgorithmSpec(algorithm)) == most
