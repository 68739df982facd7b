"""
How key material is made and wrapped by openssl: the commands of *Importing Key Material Step 3*.

Key material of one's own takes the place of what the first commands make.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from kmsmodel.crypto.wrapping import KEY_WRAPS
from kmsmodel.key.key_spec import key_material_length
from kmsmodel.words.enumerations import AlgorithmSpec, KeySpec

PLAINTEXT: Final = "PlaintextKeyMaterial.bin"
WRAPPED: Final = "EncryptedKeyMaterial.bin"

_KEY_PAIRS: Mapping[KeySpec, str] = {
    KeySpec.RSA_2048: "-algorithm RSA -pkeyopt rsa_keygen_bits:2048",
    KeySpec.RSA_3072: "-algorithm RSA -pkeyopt rsa_keygen_bits:3072",
    KeySpec.RSA_4096: "-algorithm RSA -pkeyopt rsa_keygen_bits:4096",
    KeySpec.ECC_NIST_P256: "-algorithm EC -pkeyopt ec_paramgen_curve:P-256",
    KeySpec.ECC_NIST_P384: "-algorithm EC -pkeyopt ec_paramgen_curve:P-384",
    KeySpec.ECC_NIST_P521: "-algorithm EC -pkeyopt ec_paramgen_curve:P-521",
    KeySpec.ECC_SECG_P256K1: "-algorithm EC -pkeyopt ec_paramgen_curve:secp256k1",
    KeySpec.ECC_NIST_EDWARDS25519: "-algorithm ED25519",
    KeySpec.SM2: "-algorithm SM2",
}

_HASHES: Mapping[AlgorithmSpec, str] = {
    AlgorithmSpec.RSAES_OAEP_SHA_1: "sha1",
    AlgorithmSpec.RSAES_OAEP_SHA_256: "sha256",
    AlgorithmSpec.RSA_AES_KEY_WRAP_SHA_1: "sha1",
    AlgorithmSpec.RSA_AES_KEY_WRAP_SHA_256: "sha256",
}


def wrapping_commands(
    key_spec: KeySpec, algorithm: AlgorithmSpec, wrapping_key_file: str, region: str
) -> tuple[str, ...]:
    """
    The commands of a shell that make and wrap key material for a key spec in a Region, in the wrapping key's folder.

    They leave it in `WRAPPED`. Raises KeyError for a key spec or an algorithm without import.
    """
    make = _make(key_spec, region)
    if algorithm not in KEY_WRAPS:
        return (*make, _encrypt(PLAINTEXT, WRAPPED, algorithm, wrapping_key_file))
    in_hexadecimal = "$(od -An -v -tx1 aes-key.bin | tr -d ' \\n')"
    wrap = (
        f'openssl enc -id-aes256-wrap-pad -iv A65959A6 -K "{in_hexadecimal}" '
        f"-in {PLAINTEXT} -out key-material-wrapped.bin"
    )
    return (
        *make,
        "openssl rand -out aes-key.bin 32",
        wrap,
        _encrypt("aes-key.bin", "aes-key-wrapped.bin", algorithm, wrapping_key_file),
        f"cat aes-key-wrapped.bin key-material-wrapped.bin >{WRAPPED}",
    )


def _make(key_spec: KeySpec, region: str) -> tuple[str, ...]:
    length = key_material_length(key_spec, region)
    if length is not None:
        return (f"openssl rand -out {PLAINTEXT} {length}",)
    pkcs8 = f"openssl pkcs8 -topk8 -outform der -nocrypt -in PrivateKey.pem -out {PLAINTEXT}"
    return (f"openssl genpkey {_KEY_PAIRS[key_spec]} -out PrivateKey.pem", pkcs8)


def _encrypt(plain: str, wrapped: str, algorithm: AlgorithmSpec, wrapping_key_file: str) -> str:
    encrypt = (
        f"openssl pkeyutl -encrypt -in {plain} -out {wrapped}"
        f" -inkey {wrapping_key_file} -keyform DER -pubin"
    )
    if algorithm is AlgorithmSpec.SM2PKE:
        return encrypt
    digest = _HASHES[algorithm]
    return (
        f"{encrypt} -pkeyopt rsa_padding_mode:oaep"
        f" -pkeyopt rsa_oaep_md:{digest} -pkeyopt rsa_mgf1_md:{digest}"
    )
