"""
Key material, imported in one call.
"""

from __future__ import annotations

from typing import Any, cast

import pytest
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
)
from hypothesis import given, strategies as st

from kmsmodel.crypto.wrapping import KeyMaterial, plain_key_material
from kmsmodel.errors import (
    IncorrectKeyMaterialException,
    InvalidCiphertextException,
    KmsError,
    UnsupportedOperationException,
    ValidationException,
)
from kmsmodel.key.key_spec import ALGORITHMS, WRAPPING
from kmsmodel.key_import import import_key_material
from kmsmodel.local import LocalKms
from kmsmodel.words.enumerations import ExpirationModelType, ImportType, KeySpec, OriginType
from tests.basics import DAY, HSM, NOW
from tests.operations.steps import create, describe, import_material, local_kms

PRIVATE = [
    spec for spec in WRAPPING if not spec.startswith("HMAC") and spec != KeySpec.SYMMETRIC_DEFAULT
]
SEC1, PKCS8 = PrivateFormat.TraditionalOpenSSL, PrivateFormat.PKCS8


def external(local: LocalKms, key_spec: KeySpec = KeySpec.SYMMETRIC_DEFAULT) -> str:
    """The id of a key of this key spec that waits for its key material."""
    usage = next(iter(ALGORITHMS[key_spec]))
    return create(local, origin=OriginType.EXTERNAL, key_spec=key_spec, key_usage=usage).key_id


@pytest.mark.parametrize("key_spec", WRAPPING)
def test_key_material_of_each_key_spec_is_imported(local: LocalKms, key_spec: KeySpec) -> None:
    key_id = external(local, key_spec)
    import_key_material(local, key_id, HSM.generate(key_spec, "material").reveal())
    assert describe(local, key_id).enabled


@pytest.mark.parametrize("key_spec", PRIVATE)
def test_a_private_key_is_the_same_key_material_in_each_form(
    local: LocalKms, key_spec: KeySpec
) -> None:
    der = HSM.generate(key_spec, "material").reveal()
    key = load_der_private_key(der, None)
    pem = key.private_bytes(Encoding.PEM, PKCS8, NoEncryption())
    forms: list[KeyMaterial] = [der, key, pem, b"\n" + pem, pem.decode()]
    if key_spec != KeySpec.ECC_NIST_EDWARDS25519:
        forms.append(key.private_bytes(Encoding.PEM, SEC1, NoEncryption()))
    key_id = external(local, key_spec)
    for form in forms:
        assert plain_key_material(form) == der
        import_key_material(local, key_id, form)  # another private key would be refused


@given(material=st.binary(min_size=32, max_size=32))
def test_it_does_what_the_requests_do_one_by_one(material: bytes) -> None:
    local = local_kms()
    key_id = external(local)
    at_once = import_key_material(local, key_id, material, valid_to=NOW + DAY)
    assert at_once == import_material(local, key_id, material, valid_to=NOW + DAY)
    metadata = describe(local, key_id)
    assert metadata.expiration_model is ExpirationModelType.KEY_MATERIAL_EXPIRES
    assert metadata.valid_to == NOW + DAY


def test_without_a_date_key_material_does_not_expire(local: LocalKms) -> None:
    key_id = external(local)
    import_key_material(local, key_id, bytes(32))
    for_ever = ExpirationModelType.KEY_MATERIAL_DOES_NOT_EXPIRE
    assert describe(local, key_id).expiration_model is for_ever


def test_a_second_key_material_is_named_as_new(local: LocalKms) -> None:
    key_id = external(local)
    first = import_key_material(local, key_id, bytes(32))
    second = import_key_material(
        local,
        key_id,
        bytes([1]) * 32,
        import_type=ImportType.NEW_KEY_MATERIAL,
        key_material_description="second",
    )
    assert first.key_material_id != second.key_material_id


def test_it_is_the_caller_that_the_keywords_name(local: LocalKms) -> None:
    arn = describe(local, external(local)).arn or ""
    for who in ({"account": "444455556666"}, {"region": "eu-central-1"}):
        with pytest.raises(KmsError):
            import_key_material(local, arn, bytes(32), **cast("Any", who))
    import_key_material(local, arn, bytes(32), account="111122223333", region="us-west-2")


@pytest.mark.parametrize(
    "material, error",
    [
        (bytes(31), InvalidCiphertextException),
        (b"", InvalidCiphertextException),
        (bytes(129), ValidationException),
        (HSM.generate(KeySpec.RSA_2048, "not for this key").reveal(), ValidationException),
    ],
    ids=["too short", "empty", "too long", "a private key"],
)
def test_what_does_not_fit_is_refused_by_aws_and_changes_nothing(
    local: LocalKms, material: bytes, error: type[KmsError]
) -> None:
    key_id = external(local)
    before = local.kms
    with pytest.raises(error):
        import_key_material(local, key_id, material)
    assert local.kms is before


def test_a_key_takes_back_no_other_key_material(local: LocalKms) -> None:
    key_id = external(local)
    import_key_material(local, key_id, bytes(32))
    with pytest.raises(IncorrectKeyMaterialException):
        import_key_material(local, key_id, bytes([1]) * 32)
    with pytest.raises(UnsupportedOperationException):
        import_key_material(local, create(local).key_id, bytes(32))


def not_key_material() -> list[Any]:
    key = load_der_private_key(HSM.generate(KeySpec.ECC_NIST_P256, "material").reveal(), None)
    public_key = cast("Any", key).public_key()
    return [
        (key.private_bytes(Encoding.PEM, PKCS8, BestAvailableEncryption(b"x")), "is encrypted"),
        (public_key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo), "in PEM"),
        (b"-----BEGIN PRIVATE KEY-----", "in PEM"),
        ("m" * 32, "in PEM"),
        ("\udc80", "in PEM"),
        (public_key, "not _?ECPublicKey"),
        (bytearray(32), "not bytearray"),
        (None, "not NoneType"),
    ]


@pytest.mark.parametrize("material, why", not_key_material())
def test_what_is_no_key_material_is_a_mistake_of_the_program(
    local: LocalKms, material: Any, why: str
) -> None:
    key_id = external(local)
    before = local.kms
    with pytest.raises((TypeError, ValueError), match=why):
        import_key_material(local, key_id, material)
    assert local.kms is before
