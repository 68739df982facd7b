"""
The key under which one ciphertext is encrypted, derived from key material.
"""

from __future__ import annotations

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.kbkdf import KBKDFHMAC, CounterLocation, Mode
from hypothesis import given, strategies as st

from kmsmodel.crypto import sm4
from kmsmodel.crypto.software_hsm import SoftwareHsm
from kmsmodel.hsm.secret import Secret


def derived(key: bytes, salt: bytes, length: int) -> bytes:
    """By pyca/cryptography's implementation: HMAC-SHA256, label ``kmsmodel``, the salt as context."""
    derivation = KBKDFHMAC(
        algorithm=SHA256(),
        mode=Mode.CounterMode,
        length=length,
        rlen=4,
        llen=4,
        location=CounterLocation.BeforeFixed,
        label=b"kmsmodel",
        context=salt,
        fixed=None,
    )
    return derivation.derive(key)


@given(key=st.binary(min_size=32, max_size=32), plaintext=st.binary(max_size=40))
def test_a_ciphertext_is_under_the_key_that_nist_sp_800_108_gives_in_counter_mode(
    key: bytes, plaintext: bytes
) -> None:
    sealed = SoftwareHsm().encrypt(Secret(key), plaintext, b"bound", "")
    salt, nonce, encrypted = sealed[:16], sealed[16:28], sealed[28:]
    assert AESGCM(derived(key, salt, 32)).decrypt(nonce, encrypted, b"bound") == plaintext


@given(key=st.binary(min_size=16, max_size=16), plaintext=st.binary(max_size=40))
def test_under_a_key_of_128_bits_it_is_by_sm4(key: bytes, plaintext: bytes) -> None:
    sealed = SoftwareHsm().encrypt(Secret(key), plaintext, b"bound", "")
    salt, nonce, encrypted = sealed[:16], sealed[16:28], sealed[28:]
    assert sm4.decrypt(derived(key, salt, 16), nonce, encrypted, b"bound") == plaintext
