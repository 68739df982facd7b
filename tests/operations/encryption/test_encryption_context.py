"""
The encryption context: a ciphertext opens with an equal one only.
"""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve
from hypothesis import given

from kmsmodel.errors import (
    InvalidCiphertextException,
    SerializationException,
    ValidationException,
    notes_of,
)
from kmsmodel.local import LocalKms
from kmsmodel.operations.data_keys import (
    GenerateDataKeyPairRequest,
    GenerateDataKeyPairWithoutPlaintextRequest,
    GenerateDataKeyRequest,
    GenerateDataKeyWithoutPlaintextRequest,
)
from kmsmodel.operations.encryption import DecryptRequest, EncryptRequest, ReEncryptRequest
from kmsmodel.words.enumerations import DataKeyPairSpec, DataKeySpec
from tests.operations.encryption.ciphers import CONTEXTS
from tests.operations.steps import create, encrypt, local_kms, refused


@pytest.mark.parametrize("context", [{}, None])
def test_an_empty_encryption_context_is_as_good_as_none(
    local: LocalKms, context: dict[str, str] | None
) -> None:
    key_id = create(local).key_id
    other: dict[str, str] | None = None if context is not None else {}
    request = EncryptRequest(key_id=key_id, plaintext=b"p", encryption_context=context)
    blob = local.handle(request).ciphertext_blob
    answer = local.handle(DecryptRequest(ciphertext_blob=blob, encryption_context=other))
    assert answer.plaintext == b"p"


def test_the_order_of_an_encryption_context_does_not_matter(local: LocalKms) -> None:
    context = {"b": "2", "a": "1", "c": "3"}
    request = EncryptRequest(
        key_id=create(local).key_id, plaintext=b"p", encryption_context=context
    )
    blob = local.handle(request).ciphertext_blob
    reverse = dict(reversed(context.items()))
    assert list(reverse) != list(context)
    answer = local.handle(DecryptRequest(ciphertext_blob=blob, encryption_context=reverse))
    assert answer.plaintext == b"p"


@given(one=CONTEXTS, other=CONTEXTS)
def test_a_ciphertext_opens_with_an_equal_encryption_context_only(
    one: dict[str, str], other: dict[str, str]
) -> None:
    local = local_kms()
    request = EncryptRequest(key_id=create(local).key_id, plaintext=b"p", encryption_context=one)
    blob = local.handle(request).ciphertext_blob
    decrypt = DecryptRequest(ciphertext_blob=blob, encryption_context=other)
    if one == other:
        assert local.handle(decrypt).plaintext == b"p"
    else:
        refused(local, decrypt, InvalidCiphertextException, "")


@pytest.mark.parametrize(
    "one, other",
    [
        ({"a": "bc"}, {"ab": "c"}),
        ({"a": "b", "c": "d"}, {"a": "b"}),
        ({"a": "b"}, {"b": "a"}),
        ({"a": "b"}, {"A": "b"}),
        ({"a": "b"}, {}),
        ({"a": "b", "c": "d"}, {"a": "d", "c": "b"}),
    ],
)
def test_encryption_contexts_that_read_alike_are_told_apart(
    local: LocalKms, one: dict[str, str], other: dict[str, str]
) -> None:
    request = EncryptRequest(key_id=create(local).key_id, plaintext=b"p", encryption_context=one)
    blob = local.handle(request).ciphertext_blob
    decrypt = DecryptRequest(ciphertext_blob=blob, encryption_context=other)
    refused(local, decrypt, InvalidCiphertextException, "")


@pytest.mark.parametrize("context", [{"tenant": ""}, {"a": "b", "tenant": ""}])
def test_a_value_in_an_encryption_context_is_not_empty(
    local: LocalKms, context: dict[str, str]
) -> None:
    """Whatever takes an encryption context refuses it, in a dry run too, and a note names the pair."""
    key_id = create(local).key_id
    blob = encrypt(local, key_id)
    both: dict[str, Any] = {"ciphertext_blob": blob, "destination_key_id": key_id}
    named: dict[str, Any] = {"key_id": key_id, "encryption_context": context}
    pair = DataKeyPairSpec.ECC_NIST_P256
    requests: list[Any] = [
        EncryptRequest(plaintext=b"p", **named),
        DecryptRequest(ciphertext_blob=blob, **named),
        DecryptRequest(ciphertext_blob=blob, encryption_context=context),
        ReEncryptRequest(source_encryption_context=context, **both),
        ReEncryptRequest(destination_encryption_context=context, **both),
        GenerateDataKeyRequest(key_spec=DataKeySpec.AES_256, **named),
        GenerateDataKeyWithoutPlaintextRequest(number_of_bytes=32, **named),
        GenerateDataKeyPairRequest(key_pair_spec=pair, **named),
        GenerateDataKeyPairWithoutPlaintextRequest(key_pair_spec=pair, **named),
    ]
    for request in requests:
        for dry_run in (None, True):
            asked = evolve(request, dry_run=dry_run)
            error = refused(local, asked, ValidationException, "Invalid EncryptionContext")
            assert notes_of(error) == ("the value of 'tenant' is empty",)


def test_an_encryption_context_maps_strings_to_strings(local: LocalKms) -> None:
    context: Any = {"a": True}
    request = EncryptRequest(
        key_id=create(local).key_id, plaintext=b"p", encryption_context=context
    )
    message = "TRUE_VALUE can not be converted to a String"
    refused(local, request, SerializationException, message)


def test_a_number_in_an_encryption_context_is_the_string_of_its_digits(local: LocalKms) -> None:
    context: Any = {"a": 42}
    request = EncryptRequest(
        key_id=create(local).key_id, plaintext=b"p", encryption_context=context
    )
    blob = local.handle(request).ciphertext_blob
    decrypt = DecryptRequest(ciphertext_blob=blob, encryption_context={"a": "42"})
    assert local.handle(decrypt).plaintext == b"p"
