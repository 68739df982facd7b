"""
What is not shown: a plaintext, wherever it was sent or given.
"""

from __future__ import annotations

import pytest
from attrs import evolve
from hypothesis import given, strategies as st

from kmsmodel.errors import KmsError
from kmsmodel.operations.encryption import DecryptRequest, EncryptRequest
from kmsmodel.words.enumerations import EncryptionAlgorithmSpec, KeySpec
from tests.operations.encryption.ciphers import OAEP_SHA_1, PAIRS, create_to_encrypt
from tests.operations.steps import local_kms


@given(rest=st.binary(max_size=40), pair=st.sampled_from(PAIRS))
def test_a_plaintext_does_not_show(
    rest: bytes, pair: tuple[KeySpec, EncryptionAlgorithmSpec]
) -> None:
    """Neither in a request nor in an answer, nor in an error."""
    plaintext = b"not to be seen" + rest
    key_spec, algorithm = pair
    local = local_kms()
    arn = create_to_encrypt(local, key_spec)
    request = EncryptRequest(key_id=arn, plaintext=plaintext, encryption_algorithm=algorithm)
    made = local.handle(request)
    decrypt = DecryptRequest(
        ciphertext_blob=made.ciphertext_blob, key_id=arn, encryption_algorithm=algorithm
    )
    shown = [request, made, decrypt, local.handle(decrypt)]
    for too_much in (bytes(5000), bytes(500)):
        with pytest.raises(KmsError) as caught:
            local.handle(
                evolve(request, plaintext=plaintext + too_much, encryption_algorithm=OAEP_SHA_1)
            )
        shown += [caught.value, caught.value.__dict__]
    text = "\n".join(f"{each!r} {each}" for each in shown)
    assert "not to be seen" not in text
    assert b"not to be seen".hex() not in text
