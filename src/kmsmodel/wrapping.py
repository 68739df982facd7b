"""
What a client does with key material before it is imported: step 3 of the guide.
"""

from __future__ import annotations

from typing import cast

from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from kmsmodel.shapes import AlgorithmSpec

PADDINGS = {
    AlgorithmSpec.RSAES_OAEP_SHA_1: OAEP(MGF1(SHA1()), SHA1(), label=None),
    AlgorithmSpec.RSAES_OAEP_SHA_256: OAEP(MGF1(SHA256()), SHA256(), label=None),
}
"""The padding of each wrapping algorithm that is RSA alone."""


def wrap_key_material(public_key: bytes, algorithm: AlgorithmSpec | str, material: bytes) -> bytes:
    """
    Encrypt key material for `ImportKeyMaterial`, under the public key (DER) that `GetParametersForImport` gave.

    Raises ValueError for an algorithm that cannot wrap, or material that is too long for the key.
    """
    padding = PADDINGS.get(AlgorithmSpec(algorithm))
    if padding is None:
        raise ValueError(f"{algorithm} does not wrap key material here")
    key = load_der_public_key(public_key)
    return cast("RSAPublicKey", key).encrypt(material, padding)
