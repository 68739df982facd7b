"""
SM4-GCM: the example of RFC 8998, and the law of an AEAD.
"""

from __future__ import annotations

from hypothesis import given, strategies as st

from kmsmodel.crypto import sm4

KEYS = st.binary(min_size=16, max_size=16)
NONCES = st.binary(min_size=12, max_size=12)
DATA = st.binary(max_size=60)


def test_it_is_that_of_rfc_8998() -> None:
    """Appendix A.1."""
    key = bytes.fromhex("0123456789ABCDEFFEDCBA9876543210")
    nonce = bytes.fromhex("00001234567800000000ABCD")
    data = bytes.fromhex("FEEDFACEDEADBEEFFEEDFACEDEADBEEFABADDAD2")
    plaintext = bytes.fromhex("".join(digit * 16 for digit in "ABCDEFEA"))
    encrypted = bytes.fromhex(
        "17F399F08C67D5EE19D0DC9969C4BB7D5FD46FD3756489069157B282BB200735"
        "D82710CA5C22F0CCFA7CBF93D496AC15A56834CBCF98C397B4024A2691233B8D"
        "83DE3541E4C2B58177E065A9BF7B62EC"
    )
    assert sm4.encrypt(key, nonce, plaintext, data) == encrypted
    assert sm4.decrypt(key, nonce, encrypted, data) == plaintext


@given(key=KEYS, nonce=NONCES, plaintext=DATA, data=DATA)
def test_decryption_is_the_inverse_of_encryption(
    key: bytes, nonce: bytes, plaintext: bytes, data: bytes
) -> None:
    encrypted = sm4.encrypt(key, nonce, plaintext, data)
    assert len(encrypted) == len(plaintext) + 16
    assert sm4.decrypt(key, nonce, encrypted, data) == plaintext
    assert sm4.decrypt(key, nonce, encrypted, data + b"1") is None
    assert sm4.decrypt(key, nonce, encrypted[:-1], data) is None


@given(encrypted=DATA)
def test_anything_else_opens_as_nothing(encrypted: bytes) -> None:
    assert sm4.decrypt(bytes(16), bytes(12), encrypted, b"") is None
