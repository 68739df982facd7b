"""
Message authentication codes, made and verified with an HMAC KMS key.
"""

from __future__ import annotations

import hmac
from functools import cache
from pathlib import Path
from typing import Any, cast

import pytest
from attrs import evolve
from hypothesis import assume, given, strategies as st

from kmsmodel.calls.request import Request
from kmsmodel.errors import (
    DisabledException,
    DryRunOperationException,
    InvalidGrantTokenException,
    InvalidKeyUsageException,
    KMSInvalidMacException,
    KMSInvalidStateException,
    NotFoundException,
    ValidationException,
)
from kmsmodel.key.key_spec import ALGORITHMS, Algorithms
from kmsmodel.local import LocalKms
from kmsmodel.operations.aliases import CreateAliasRequest
from kmsmodel.operations.hmac_keys import (
    GenerateMacRequest,
    GenerateMacResponse,
    VerifyMacRequest,
    VerifyMacResponse,
)
from kmsmodel.operations.keys import DisableKeyRequest
from kmsmodel.words.enumerations import KeySpec, KeyUsageType, MacAlgorithmSpec, OriginType
from tests.basics import NOBODY, facts
from tests.operations.steps import (
    BY_OPENSSL,
    arn_of,
    create,
    delete_material,
    import_material,
    local_kms,
    openssl,
    refused,
)

GENERATE_VERIFY_MAC = KeyUsageType.GENERATE_VERIFY_MAC
DRY_RUN = "The request would have succeeded, but the DryRun option is set."
MESSAGE = b"attack at dawn"

KINDS = [
    (key_spec, MacAlgorithmSpec(algorithm))
    for key_spec in sorted(ALGORITHMS)
    for algorithm in ALGORITHMS[key_spec].get(GENERATE_VERIFY_MAC, Algorithms()).every
]
"""Each HMAC key spec and its MAC algorithm."""

HASHES = {
    MacAlgorithmSpec.HMAC_SHA_224: "sha224",
    MacAlgorithmSpec.HMAC_SHA_256: "sha256",
    MacAlgorithmSpec.HMAC_SHA_384: "sha384",
    MacAlgorithmSpec.HMAC_SHA_512: "sha512",
}
MESSAGES = st.binary(min_size=1, max_size=100) | st.just(bytes(4096))


def key_of(local: LocalKms, key_spec: KeySpec, **members: Any) -> str:
    return arn_of(create(local, key_spec=key_spec, key_usage=GENERATE_VERIFY_MAC, **members))


def key_with(local: LocalKms, key_spec: KeySpec, material: bytes) -> str:
    """A key with this imported key material."""
    arn = key_of(local, key_spec, origin=OriginType.EXTERNAL)
    import_material(local, arn, material)
    return arn


@cache
def shared() -> tuple[LocalKms, dict[KeySpec, tuple[str, str]]]:
    """One KMS with two keys of each key spec, which no message authentication code changes."""
    local = local_kms()
    return local, {spec: (key_of(local, spec), key_of(local, spec)) for spec, _ in KINDS}


def mac_of(
    local: LocalKms, key_id: str, algorithm: MacAlgorithmSpec, message: bytes = MESSAGE
) -> bytes:
    request = GenerateMacRequest(key_id=key_id, message=message, mac_algorithm=algorithm)
    return local.handle(request).mac


def both(
    key_id: str, algorithm: MacAlgorithmSpec, message: bytes = MESSAGE, **members: Any
) -> tuple[Request[Any], Request[Any]]:
    """The same request to generate and to verify."""
    return (
        GenerateMacRequest(key_id=key_id, message=message, mac_algorithm=algorithm, **members),
        VerifyMacRequest(
            key_id=key_id, message=message, mac_algorithm=algorithm, mac=b"mac", **members
        ),
    )


# ---- what is generated


def test_each_hmac_key_spec_has_one_algorithm() -> None:
    assert KINDS == [
        (KeySpec.HMAC_224, MacAlgorithmSpec.HMAC_SHA_224),
        (KeySpec.HMAC_256, MacAlgorithmSpec.HMAC_SHA_256),
        (KeySpec.HMAC_384, MacAlgorithmSpec.HMAC_SHA_384),
        (KeySpec.HMAC_512, MacAlgorithmSpec.HMAC_SHA_512),
    ]


@given(kind=st.sampled_from(KINDS), data=st.data(), message=MESSAGES)
def test_a_mac_is_the_one_that_everybody_with_the_key_material_computes(
    kind: tuple[KeySpec, MacAlgorithmSpec], data: st.DataObject, message: bytes
) -> None:
    local, (key_spec, algorithm) = local_kms(), kind
    least = facts("key_specs.json")["key_specs"][key_spec]["mac_bytes"]
    material = data.draw(st.binary(min_size=least, max_size=128))
    arn = key_with(local, key_spec, material)
    request = GenerateMacRequest(key_id=arn, message=message, mac_algorithm=algorithm)
    assert local.handle(request) == GenerateMacResponse(
        mac=hmac.digest(material, message, HASHES[algorithm]), mac_algorithm=algorithm, key_id=arn
    )


@given(kind=st.sampled_from(KINDS), message=MESSAGES)
def test_what_is_generated_is_verified(
    kind: tuple[KeySpec, MacAlgorithmSpec], message: bytes
) -> None:
    (local, keys), (key_spec, algorithm) = shared(), kind
    arn, _ = keys[key_spec]
    mac = mac_of(local, arn, algorithm, message)
    assert len(mac) == facts("key_specs.json")["key_specs"][key_spec]["mac_bytes"]
    request = VerifyMacRequest(key_id=arn, message=message, mac_algorithm=algorithm, mac=mac)
    assert local.handle(request) == VerifyMacResponse(
        key_id=arn, mac_valid=True, mac_algorithm=algorithm
    )


@given(
    kind=st.sampled_from(KINDS),
    message=MESSAGES,
    other_message=MESSAGES,
    mac=st.binary(min_size=1, max_size=65),
    bit=st.integers(0, 2**16),
)
def test_nothing_else_is_verified(
    kind: tuple[KeySpec, MacAlgorithmSpec],
    message: bytes,
    other_message: bytes,
    mac: bytes,
    bit: int,
) -> None:
    """Another message, another MAC, one that was touched, cut or goes on, and another key's."""
    assume(message != other_message)
    (local, keys), (key_spec, algorithm) = shared(), kind
    arn, other_key = keys[key_spec]
    good = mac_of(local, arn, algorithm, message)
    bit %= 8 * len(good)
    touched = (int.from_bytes(good, "big") ^ 1 << bit).to_bytes(len(good), "big")
    for key_id, false_message, false_mac in (
        (arn, other_message, good),
        (arn, message, mac),
        (arn, message, touched),
        (arn, message, good[:-1]),
        (arn, message, good + b"\0"),
        (other_key, message, good),
    ):
        request = VerifyMacRequest(
            key_id=key_id, message=false_message, mac_algorithm=algorithm, mac=false_mac
        )
        error = refused(local, request, KMSInvalidMacException, "")
        assert error.arn == key_id


def test_a_mac_is_always_the_same(local: LocalKms) -> None:
    arn = key_of(local, KeySpec.HMAC_256)
    macs = {mac_of(local, arn, MacAlgorithmSpec.HMAC_SHA_256) for _ in range(3)}
    assert len(macs) == 1


@BY_OPENSSL
def test_openssl_computes_the_same_mac(local: LocalKms, tmp_path: Path) -> None:
    for key_spec, algorithm in KINDS:
        material = bytes(range(64))
        arn = key_with(local, key_spec, material)
        command = f"dgst -{HASHES[algorithm]} -mac HMAC -macopt hexkey:{material.hex()} -binary"
        assert mac_of(local, arn, algorithm) == openssl(tmp_path, command, MESSAGE)


# ---- what is refused


@pytest.mark.parametrize("key_spec, algorithm", KINDS)
def test_the_algorithm_must_be_the_one_of_the_key_spec(
    key_spec: KeySpec, algorithm: MacAlgorithmSpec
) -> None:
    local, keys = shared()
    arn, _ = keys[key_spec]
    for other in set(MacAlgorithmSpec) - {algorithm}:
        message = f"Algorithm {other} is incompatible with key spec {key_spec}."
        for request in both(arn, other):
            error = refused(local, request, InvalidKeyUsageException, message)
            assert error.arn == arn


@pytest.mark.parametrize(
    "members",
    [
        {},
        {"key_spec": KeySpec.ECC_NIST_P256, "key_usage": KeyUsageType.SIGN_VERIFY},
        {"key_spec": KeySpec.RSA_2048, "key_usage": KeyUsageType.ENCRYPT_DECRYPT},
    ],
)
def test_only_an_hmac_key_will_do(local: LocalKms, members: dict[str, Any]) -> None:
    key = create(local, **members)
    for request in both(arn_of(key), MacAlgorithmSpec.HMAC_SHA_256):
        message = (
            f"{key.arn} key usage is {key.key_usage} which is not valid for {request.operation}."
        )
        error = refused(local, request, InvalidKeyUsageException, message)
        assert error.arn == key.arn


def test_a_message_has_1_to_4096_bytes_and_is_not_shown(local: LocalKms) -> None:
    arn = key_of(local, KeySpec.HMAC_256)
    for message, bound in (
        (b"", "greater than or equal to 1"),
        (b"s" * 4097, "less than or equal to 4096"),
    ):
        text = (
            "1 validation error detected: Value at 'message' failed to satisfy constraint: "
            f"Member must have length {bound}"
        )
        for request in both(arn, MacAlgorithmSpec.HMAC_SHA_256, message):
            refused(local, request, ValidationException, text)
            assert "sss" not in repr(request)


def test_the_key_is_told_of_before_the_algorithm(local: LocalKms) -> None:
    """No such key, a grant token, its key usage, its key state and its algorithm."""
    arn, other = key_of(local, KeySpec.HMAC_256), arn_of(create(local))
    another = MacAlgorithmSpec.HMAC_SHA_512
    token: dict[str, Any] = {"grant_tokens": ("token",), "dry_run": True}
    nobody = f"Key 'arn:aws:kms:us-west-2:111122223333:key/{NOBODY}' does not exist"
    for request in both(NOBODY, another, **token):
        refused(local, request, NotFoundException, nobody)
    for request in both(other, another, **token):
        refused(local, request, InvalidGrantTokenException, "")
    for request in both(other, another, dry_run=True):
        message = (
            f"{other} key usage is ENCRYPT_DECRYPT which is not valid for {request.operation}."
        )
        refused(local, request, InvalidKeyUsageException, message)
    local.handle(DisableKeyRequest(key_id=arn))
    local.handle(DisableKeyRequest(key_id=other))
    for request in both(other, another, dry_run=True):
        with pytest.raises(InvalidKeyUsageException):
            local.handle(request)
    for request in both(arn, another, dry_run=True):
        refused(local, request, DisabledException, f"{arn} is disabled.")


def test_a_key_without_its_key_material_is_pending_import(local: LocalKms) -> None:
    arn = key_of(local, KeySpec.HMAC_224, origin=OriginType.EXTERNAL)
    algorithm, message = MacAlgorithmSpec.HMAC_SHA_224, f"{arn} is pending import."
    for request in both(arn, algorithm):
        refused(local, request, KMSInvalidStateException, message)
    import_material(local, arn, bytes(28))
    mac = mac_of(local, arn, algorithm)
    delete_material(local, arn)
    for request in both(arn, algorithm):
        refused(local, request, KMSInvalidStateException, message)
    import_material(local, arn, bytes(28))
    assert mac_of(local, arn, algorithm) == mac


def test_a_dry_run_says_that_all_would_be_well_and_else_fails_as_it_would(
    local: LocalKms,
) -> None:
    arn, algorithm = key_of(local, KeySpec.HMAC_256), MacAlgorithmSpec.HMAC_SHA_256
    generation, verification = both(arn, algorithm, dry_run=True)
    good = evolve(cast("VerifyMacRequest", verification), mac=mac_of(local, arn, algorithm))
    for request in (generation, good):
        refused(local, request, DryRunOperationException, DRY_RUN)
    refused(local, verification, KMSInvalidMacException, "")


def test_a_key_may_be_named_by_its_alias(local: LocalKms) -> None:
    arn, algorithm = key_of(local, KeySpec.HMAC_256), MacAlgorithmSpec.HMAC_SHA_256
    local.handle(CreateAliasRequest(alias_name="alias/mac", target_key_id=arn))
    generation, verification = both("alias/mac", algorithm)
    answer = local.handle(cast("GenerateMacRequest", generation))
    assert answer.key_id == arn
    verification = evolve(cast("VerifyMacRequest", verification), mac=answer.mac)
    assert local.handle(verification).key_id == arn
