"""
How a program shows that a path has come to its goal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from kmsmodel.paths.requests import SECRET, NoProgramError, Place, signing_algorithm


def checks(action: str, caller: str) -> Iterator[str]:
    """The lines that look at the answer of the last request, which has the name ``answer``."""
    if action == "kms:Decrypt":
        yield f"assert answer['Plaintext'] == {SECRET!r}"
    elif action == "kms:ReEncryptFrom":
        sent = "{'CiphertextBlob': answer['CiphertextBlob']}"
        yield f"opened = local.dispatch('Decrypt', {sent}, caller={caller})"
        yield f"assert opened['Plaintext'] == {SECRET!r}"
    elif action in {"kms:Verify", "kms:VerifyMac"}:
        is_valid = "SignatureValid" if action == "kms:Verify" else "MacValid"
        yield f"assert answer[{is_valid!r}]"
    else:
        yield "assert answer is not None"


def own_key(account: str) -> str:
    """A KMS key of the caller's own account, which lets everybody in."""
    return (
        "own = local.dispatch('CreateKey', {'Policy': everything_to_everybody}, "
        f"caller=Caller.unasked({account!r}, local.region))['KeyMetadata']['Arn']"
    )


def encrypted_before(caller: str, account: str) -> Iterator[str]:
    """What the caller encrypted under a key of their own."""
    yield own_key(account)
    sent = f"{{'KeyId': own, 'Plaintext': {SECRET!r}}}"
    yield f"encrypted_before = local.dispatch('Encrypt', {sent}, caller={caller})['CiphertextBlob']"


def imported(at: Place, key_usage: str, caller: str, account: str) -> Iterator[str]:
    """
    The key material that the caller knows, in the KMS key and in a key of the caller's own.

    What takes the secret key of one can then be done with the other.
    """
    material = _MATERIALS.get(at.key_spec)
    shows = _SHOWS.get(key_usage)
    if material is None or shows is None:
        raise NoProgramError(f"key material of the key spec {at.key_spec} that is known")
    spec = f"'KeySpec': {at.key_spec!r}, 'KeyUsage': {key_usage!r}, 'Origin': 'EXTERNAL'"
    yield f"known = {material}"
    yield f"import_key_material(local, key, known, caller={caller})"
    yield f"themselves = Caller.unasked({account!r}, local.region)"
    yield f"own = local.dispatch('CreateKey', {{{spec}}}, caller=themselves)['KeyMetadata']['Arn']"
    yield "import_key_material(local, own, known, caller=themselves)"
    yield from shows(at)


def _same_mac(at: Place) -> Iterator[str]:
    algorithm = at.key_spec.replace("HMAC_", "HMAC_SHA_")
    message = f"'Message': {SECRET!r}, 'MacAlgorithm': {algorithm!r}"
    yield f"mac = local.dispatch('GenerateMac', {{'KeyId': key, {message}}}, caller=owner)"
    yield f"same = local.dispatch('GenerateMac', {{'KeyId': own, {message}}}, caller=themselves)"
    yield "assert mac['Mac'] == same['Mac']"


def _decrypted(at: Place) -> Iterator[str]:  # noqa: ARG001
    algorithm = "'EncryptionAlgorithm': 'RSAES_OAEP_SHA_256'"
    sent = f"{{'KeyId': key, 'Plaintext': {SECRET!r}, {algorithm}}}"
    yield f"encrypted = local.dispatch('Encrypt', {sent}, caller=owner)['CiphertextBlob']"
    sent = f"{{'KeyId': own, 'CiphertextBlob': encrypted, {algorithm}}}"
    yield f"answer = local.dispatch('Decrypt', {sent}, caller=themselves)"
    yield f"assert answer['Plaintext'] == {SECRET!r}"


def _signed(at: Place) -> Iterator[str]:
    algorithm = signing_algorithm(at.key_spec)
    message = f"'Message': {SECRET!r}, 'SigningAlgorithm': {algorithm!r}"
    yield f"signed = local.dispatch('Sign', {{'KeyId': own, {message}}}, caller=themselves)"
    sent = f"{{'KeyId': key, {message}, 'Signature': signed['Signature']}}"
    yield f"answer = local.dispatch('Verify', {sent}, caller=owner)"
    yield "assert answer['SignatureValid']"


_MATERIALS = {
    "HMAC_224": "bytes(range(28))",
    "HMAC_256": "bytes(range(32))",
    "HMAC_384": "bytes(range(48))",
    "HMAC_512": "bytes(range(64))",
    "RSA_2048": "rsa.generate_private_key(65537, 2048)",
    "RSA_3072": "rsa.generate_private_key(65537, 3072)",
    "RSA_4096": "rsa.generate_private_key(65537, 4096)",
    "ECC_NIST_P256": "ec.generate_private_key(ec.SECP256R1())",
    "ECC_NIST_P384": "ec.generate_private_key(ec.SECP384R1())",
    "ECC_NIST_P521": "ec.generate_private_key(ec.SECP521R1())",
}
"""Key material of each key spec, as Python source."""

_SHOWS: Mapping[str, Callable[[Place], Iterator[str]]] = {
    "ENCRYPT_DECRYPT": _decrypted,
    "GENERATE_VERIFY_MAC": _same_mac,
    "SIGN_VERIFY": _signed,
}
