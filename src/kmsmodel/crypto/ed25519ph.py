"""
Ed25519ph (RFC 8032) with an empty context, on pycryptodome: pyca/cryptography does not have it.

Without the extra ``ed25519ph``, its functions raise UnsupportedOperationException.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from kmsmodel.errors import UnsupportedOperationException
from kmsmodel.words.enumerations import SigningAlgorithmSpec


def sign(private_key: bytes, message: bytes) -> bytes:
    """The signature, of 64 bytes, of a message that is hashed by SHA-512 first."""
    with _by_an_extra():
        from Crypto.Hash import SHA512
        from Crypto.PublicKey import ECC
        from Crypto.Signature import eddsa
    return eddsa.new(ECC.import_key(private_key), "rfc8032").sign(SHA512.new(message))


def verify(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Is this a signature of this message, by the owner of this public key?"""
    with _by_an_extra():
        from Crypto.Hash import SHA512
        from Crypto.PublicKey import ECC
        from Crypto.Signature import eddsa
    try:
        eddsa.new(ECC.import_key(public_key), "rfc8032").verify(SHA512.new(message), signature)
    except ValueError:
        return False
    return True


@contextmanager
def _by_an_extra() -> Generator[None]:
    try:
        yield
    except ModuleNotFoundError as error:
        algorithm = SigningAlgorithmSpec.ED25519_PH_SHA_512
        refused = UnsupportedOperationException(
            f"SigningAlgorithm {algorithm} is not supported by this model."
        )
        refused.add_note(
            f"{algorithm} needs an extra: pip install '.[ed25519ph]' in a clone of kmsmodel"
        )
        raise refused from error
