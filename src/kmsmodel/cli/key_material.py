"""
``kmsmodel generate`` and ``kmsmodel wrap``: make key material, and encrypt it for import into AWS KMS.
"""

from __future__ import annotations

from base64 import b64decode
from pathlib import Path

import click

from kmsmodel.cli.files import FILE, STANDARD, read, write
from kmsmodel.cli.usage import Word, examples
from kmsmodel.key.key_spec import WRAPPING, key_material_length
from kmsmodel.words.enumerations import AlgorithmSpec, KeySpec

_ALGORITHMS = [
    algorithm for algorithm in AlgorithmSpec if any(algorithm in each for each in WRAPPING.values())
]


@click.command(
    epilog=examples(
        "  kmsmodel generate --output PlaintextKeyMaterial.bin",
        "  kmsmodel generate --key-spec RSA_2048 --output PrivateKey.der",
    )
)
@click.option(
    "--key-spec",
    type=Word(tuple(WRAPPING)),
    default=KeySpec.SYMMETRIC_DEFAULT,
    show_default=True,
    metavar="KEY_SPEC",
    help=f"The key spec of the KMS key: {', '.join(WRAPPING)}.",
)
@click.option(
    "--region",
    default="us-west-2",
    metavar="REGION",
    help="The Region of the KMS key: key material of a symmetric encryption key is shorter in the China Regions.",
)
@click.option(
    "--output",
    type=FILE,
    required=True,
    metavar="FILE",
    help="The file to write the key material to; - is standard output.",
)
@click.option("--force", is_flag=True, help="Write over an existing file.")
def generate(*, key_spec: KeySpec, region: str, output: Path, force: bool) -> None:
    """
    Make key material that can be imported.

    For a symmetric encryption key or an HMAC key, it is as many random bytes as AWS KMS would generate; for an RSA or
    ECC key, it is a private key in PKCS #8, DER. Keep it safe: if it expires or is deleted in AWS KMS, only the same
    key material can be imported again.
    """
    write(output, _generated(key_spec, region), force=force)


def _generated(key_spec: KeySpec, region: str) -> bytes:
    from kmsmodel.crypto.software_hsm import SoftwareHsm

    length = key_material_length(key_spec, region)
    if length is None:
        return SoftwareHsm().generate(key_spec, "key material").reveal()
    return SoftwareHsm().random(length, "key material")


@click.command(
    epilog=examples(
        "  kmsmodel wrap --algorithm RSAES_OAEP_SHA_256 \\",
        "      --public-key WrappingPublicKey.bin \\",
        "      --key-material PlaintextKeyMaterial.bin \\",
        "      --output EncryptedKeyMaterial.bin",
    )
)
@click.option(
    "--algorithm",
    type=Word(_ALGORITHMS),
    required=True,
    metavar="ALGORITHM",
    help=f"The WrappingAlgorithm given to GetParametersForImport: {', '.join(_ALGORITHMS)}.",
)
@click.option(
    "--public-key",
    type=FILE,
    required=True,
    metavar="FILE",
    help="The PublicKey in its response: DER, PEM, or base64 as the AWS CLI prints it.",
)
@click.option(
    "--key-material",
    type=FILE,
    required=True,
    metavar="FILE",
    help="The key material: bytes, or for an RSA or ECC key a private key in PKCS #8, DER or PEM.",
)
@click.option(
    "--output",
    type=FILE,
    required=True,
    metavar="FILE",
    help="The file to write the EncryptedKeyMaterial to.",
)
@click.option("--force", is_flag=True, help="Write over an existing file.")
def wrap(
    *, algorithm: AlgorithmSpec, public_key: Path, key_material: Path, output: Path, force: bool
) -> None:
    """
    Encrypt key material for import into AWS KMS.

    This is step 3 of importing key material, for AWS itself and for this model. The FILE - is standard input or output.
    """
    sources = (public_key, key_material)
    if sources == (STANDARD, STANDARD):
        raise click.UsageError("Only one FILE can be standard input.")
    wrapped = _wrapped(algorithm, _public_key(public_key), read(key_material))
    if output.exists() and any(output.samefile(source) for source in sources if source != STANDARD):
        raise click.ClickException(f"{output} was read, and is not written over")
    write(output, wrapped, force=force)


def _wrapped(algorithm: AlgorithmSpec, public_key: bytes, material: bytes) -> bytes:
    from kmsmodel.crypto.wrapping import plain_key_material, wrap_key_material

    try:
        return wrap_key_material(public_key, algorithm, plain_key_material(material))
    except ValueError as error:
        raise click.ClickException(str(error)) from error


def _public_key(file: Path) -> bytes:
    """The RSA public key in a file, in DER as GetParametersForImport returns it."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.hazmat.primitives.serialization import (
        Encoding,
        PublicFormat,
        load_der_public_key,
        load_pem_public_key,
    )

    content = read(file)
    try:
        if b"-----BEGIN" in content:
            key = load_pem_public_key(content)
        else:
            key = load_der_public_key(_from_base64(content) or content)
    except (ValueError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, RSAPublicKey):
        raise click.ClickException(f"{file} is not an RSA public key in DER, PEM or base64")
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _from_base64(content: bytes) -> bytes | None:
    """The bytes that base64 stands for, with or without quotation marks or line breaks; None if it is not base64."""
    try:
        return b64decode(b"".join(content.split()).strip(b'"'), validate=True)
    except ValueError:
        return None
