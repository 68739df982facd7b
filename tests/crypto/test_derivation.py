"""
The key under which one ciphertext is encrypted, derived from key material.
"""

from __future__ import annotations

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.kbkdf import KBKDFHMAC, CounterLocation, Mode
from hypothesis import given, strategies as st

from kmsmodel.crypto.software_hsm import SoftwareHsm
from kmsmodel.hsm.secret import Secret


@given(key=st.binary(min_size=32, max_size=32), plaintext=st.binary(max_size=40))
def test_a_ciphertext_is_under_the_key_that_nist_sp_800_108_gives_in_counter_mode(
    key: bytes, plaintext: bytes
) -> None:
    """By pyca/cryptography's implementation: HMAC-SHA256, label ``kmsmodel``, the salt as context."""
    sealed = SoftwareHsm().encrypt(Secret(key), plaintext, b"bound", "")
    salt, nonce, encrypted = sealed[:16], sealed[16:28], sealed[28:]
    derivation = KBKDFHMAC(
        algorithm=SHA256(),
        mode=Mode.CounterMode,
        length=32,
        rlen=4,
        llen=4,
        location=CounterLocation.BeforeFixed,
        label=b"kmsmodel",
        context=salt,
        fixed=None,
    )
    assert AESGCM(derivation.derive(key)).decrypt(nonce, encrypted, b"bound") == plaintext
