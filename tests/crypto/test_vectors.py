"""
Published test vectors, valid and invalid ones, through the verbs of the HSM.

They come in the package cryptography_vectors: NIST's (CAVP), those of standards, and some of pyca/cryptography. Each
test says how many it tried.
"""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import cast, final

import pytest
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256K1,
    SECP256R1,
    SECP384R1,
    SECP521R1,
    EllipticCurve,
    derive_private_key,
)
from cryptography.hazmat.primitives.asymmetric.rsa import (
    RSAPrivateKey,
    RSAPrivateNumbers,
    RSAPublicKey,
    RSAPublicNumbers,
    rsa_crt_dmp1,
    rsa_crt_dmq1,
    rsa_crt_iqmp,
)
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512, HashAlgorithm
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_public_key,
)
from cryptography.x509 import load_pem_x509_certificate

from kmsmodel.crypto.seeded_hsm import SeededHsm
from kmsmodel.crypto.software_hsm import SoftwareCryptography, SoftwareHsm
from kmsmodel.crypto.wrapping import PADDINGS
from kmsmodel.hsm.secret import Secret
from kmsmodel.key.key_spec import WRAPPING, is_asymmetric
from kmsmodel.words.enumerations import (
    AlgorithmSpec,
    EncryptionAlgorithmSpec,
    KeySpec,
    MacAlgorithmSpec,
    MessageType,
    SigningAlgorithmSpec,
    WrappingKeySpec,
)
from tests.operations.steps import BY_KYBER, BY_PYCRYPTODOME

HSM = SoftwareHsm()
FOLDER = Path(str(files("cryptography_vectors")))
RAW, DIGEST = MessageType.RAW, MessageType.DIGEST
FEW = 100
"""How many are tried of vectors that come in thousands."""


# ---- reading

Record = dict[str, str]


def records(name: str, *members: str) -> Iterator[Record]:
    """The records of a file of NIST's that have these members, each with the section it stands in."""
    for record in _paragraphs(name):
        if record.keys() >= set(members):
            yield record


def _paragraphs(name: str) -> Iterator[Record]:
    """They end before an empty line, a section, and a member that they have already."""
    section, record = "", Record()
    with (FOLDER / name).open(encoding="utf-8") as lines:
        for line in lines:
            member, _, value = (part.strip() for part in line.partition("="))
            if member.startswith("#"):
                continue
            if not member or member.startswith("[") or member in record:
                yield record
                section = line.strip("[] \n") if member.startswith("[") else section
                record = {"section": section}
            if member and not member.startswith("["):
                record[member] = value
    yield record


def blocks(name: str) -> Iterator[tuple[str, bytes]]:
    """The blocks of hexadecimal digits in a file, each with the comment above it."""
    comment, digits = "", ""
    for line in [*(FOLDER / name).read_text(encoding="utf-8").splitlines(), "#"]:
        if line.startswith("#"):
            if digits:
                yield comment, bytes.fromhex(digits.zfill(len(digits) + len(digits) % 2))
            comment, digits = line.strip("#: "), ""
        elif comment and set(line) <= set("0123456789abcdefABCDEF "):
            digits += line.replace(" ", "")


def private_key(numbers: dict[str, int]) -> Secret:
    """An RSA private key of any size, by the names of RFC 8017."""
    n, e, d, p, q = (numbers[name] for name in "nedpq")
    crt = rsa_crt_dmp1(d, p), rsa_crt_dmq1(d, q), rsa_crt_iqmp(p, q)
    key = RSAPrivateNumbers(p, q, d, *crt, RSAPublicNumbers(e, n)).private_key(
        unsafe_skip_rsa_key_validation=True
    )
    return Secret(key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()))


def spki(key: RSAPublicKey) -> bytes:
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


# ---- key material wrapped by AES (RFC 5649, NIST SP 800-38F), behind an AES key wrapped by RSA

WRAPPING_KEY = SeededHsm().wrapping_key(WrappingKeySpec.RSA_2048, "vectors")
HYBRID = AlgorithmSpec.RSA_AES_KEY_WRAP_SHA_256


def unwrapped(aes_key: bytes, wrapped: bytes) -> bytes | None:
    public_key = cast("RSAPublicKey", load_der_public_key(WRAPPING_KEY.public_key))
    whole = public_key.encrypt(aes_key, PADDINGS[HYBRID]) + wrapped
    secret = HSM.unwrap(WRAPPING_KEY.private_key, HYBRID, whole)
    return None if secret is None else secret.reveal()


def test_what_is_wrapped_by_an_aes_256_key_is_unwrapped_if_it_is_whole() -> None:
    tried: Counter[str] = Counter()
    for record in records("keywrap/kwtestvectors/KWP_AD_256.txt", "K", "C"):
        expected = bytes.fromhex(record["P"]) if "P" in record else None
        assert unwrapped(bytes.fromhex(record["K"]), bytes.fromhex(record["C"])) == expected
        tried["FAIL" if expected is None else "P"] += 1
    assert tried == {"P": 400, "FAIL": 100}


def test_what_is_wrapped_by_a_shorter_aes_key_is_not_unwrapped() -> None:
    tried = 0
    for bits in (128, 192):
        for record in records(f"keywrap/kwtestvectors/KWP_AD_{bits}.txt", "K", "C", "P"):
            assert unwrapped(bytes.fromhex(record["K"]), bytes.fromhex(record["C"])) is None
            tried += 1
    assert tried == 800


# ---- RSA encryption

SHA_1 = EncryptionAlgorithmSpec.RSAES_OAEP_SHA_1
SHA_256 = EncryptionAlgorithmSpec.RSAES_OAEP_SHA_256


def encryptions(name: str) -> Iterator[tuple[Secret, bytes, bytes]]:
    """Private keys, messages and ciphertexts."""
    names = {
        "Modulus": "n",
        "Public exponent": "e",
        "Exponent": "d",
        "Prime 1": "p",
        "Prime 2": "q",
    }
    numbers: dict[str, int] = {}
    message = b""
    for comment, octets in blocks(name):
        if comment in names:
            numbers[names[comment]] = int.from_bytes(octets, "big")
        elif comment == "Message":
            message = octets
        elif comment == "Encryption":
            yield private_key(numbers), message, octets


@pytest.mark.parametrize(
    "name, algorithm",
    [
        ("pkcs-1v2-1d2-vec/oaep-vect.txt", SHA_1),
        ("oaep-custom/oaep-sha256-sha256.txt", SHA_256),
    ],
)
def test_what_is_encrypted_with_rsa_is_decrypted(
    name: str, algorithm: EncryptionAlgorithmSpec
) -> None:
    tried = 0
    for key, message, ciphertext in encryptions(f"asymmetric/RSA/{name}"):
        assert HSM.rsa_decrypt(key, algorithm, ciphertext) == message
        touched = bytes([ciphertext[0], ciphertext[1] ^ 1, *ciphertext[2:]])
        assert HSM.rsa_decrypt(key, algorithm, touched) is None
        tried += 1
    assert tried == 60


@pytest.mark.parametrize("hashes", ["sha1-sha256", "sha256-sha1", "sha512-sha512"])
def test_oaep_has_one_hash_for_both_of_its_uses_and_one_of_two(hashes: str) -> None:
    tried = 0
    for key, _, ciphertext in encryptions(f"asymmetric/RSA/oaep-custom/oaep-{hashes}.txt"):
        for algorithm in (SHA_1, SHA_256):
            assert HSM.rsa_decrypt(key, algorithm, ciphertext) is None
        tried += 1
    assert tried == 60


# ---- RSA signatures

PKCS1 = {
    "SHA256": SigningAlgorithmSpec.RSASSA_PKCS1_V1_5_SHA_256,
    "SHA384": SigningAlgorithmSpec.RSASSA_PKCS1_V1_5_SHA_384,
    "SHA512": SigningAlgorithmSpec.RSASSA_PKCS1_V1_5_SHA_512,
}
PSS = {
    "SHA256": SigningAlgorithmSpec.RSASSA_PSS_SHA_256,
    "SHA384": SigningAlgorithmSpec.RSASSA_PSS_SHA_384,
    "SHA512": SigningAlgorithmSpec.RSASSA_PSS_SHA_512,
}

HASHES: dict[str, HashAlgorithm] = {"SHA256": SHA256(), "SHA384": SHA384(), "SHA512": SHA512()}


def rsa_signatures(name: str) -> Iterator[tuple[Record, bytes, bytes, bytes]]:
    """Those with a hash that AWS KMS has: their record, public key, message and signature."""
    modulus = 0
    for record in records(f"asymmetric/RSA/{name}"):
        if "n" in record:  # of those that follow
            modulus = int(record["n"], 16)
        if record.get("SHAAlg") in PKCS1:
            public = RSAPublicNumbers(int(record["e"], 16), modulus).public_key()
            yield record, spki(public), bytes.fromhex(record["Msg"]), bytes.fromhex(record["S"])


@pytest.mark.parametrize(
    "name, expected",
    [
        ("FIPS_186-2/SigVer15_186-3.rsp", {"P": 45, "F": 225}),
        ("SigVer15EMTest.txt", {"F": 90}),
    ],
)
def test_pkcs1_signatures_are_verified_if_they_are_valid(
    name: str, expected: dict[str, int]
) -> None:
    tried: Counter[str] = Counter()
    for record, public_key, message, signature in rsa_signatures(name):
        algorithm, valid = PKCS1[record["SHAAlg"]], record["Result"].startswith("P")
        digest = hashlib.new(record["SHAAlg"], message).digest()
        assert HSM.verify(public_key, algorithm, RAW, message, signature) == valid
        assert HSM.verify(public_key, algorithm, DIGEST, digest, signature) == valid
        tried["P" if valid else "F"] += 1
    assert tried == expected


def test_pss_signatures_with_a_shorter_salt_are_not_verified() -> None:
    """Those of NIST have one of 10 bytes; it must be as long as the digest."""
    tried: Counter[str] = Counter()
    for record, public_key, message, signature in rsa_signatures("FIPS_186-2/SigVerPSS_186-3.rsp"):
        assert not HSM.verify(public_key, PSS[record["SHAAlg"]], RAW, message, signature)
        if record["Result"] == "P":
            key, hash_ = load_der_public_key(public_key), HASHES[record["SHAAlg"]]
            salted = padding.PSS(padding.MGF1(hash_), salt_length=10)
            cast("RSAPublicKey", key).verify(signature, message, salted, hash_)
        tried[record["Result"][0]] += 1
    assert tried == {"P": 45, "F": 225}


@pytest.mark.parametrize(
    "name, valid",
    [("rsa_pss_cert.pem", True), ("rsa_pss_sha256_no_null.pem", True), ("ca/rsae_ca.pem", False)],
)
def test_pss_signatures_of_certificates_are_verified_if_their_salt_is_as_long_as_the_digest(
    name: str, valid: bool
) -> None:
    """Each signs itself; the salt of the last has 20 bytes."""
    certificate = load_pem_x509_certificate((FOLDER / "x509/custom" / name).read_bytes())
    public_key = spki(cast("RSAPublicKey", certificate.public_key()))
    message, signature = certificate.tbs_certificate_bytes, certificate.signature
    algorithm = SigningAlgorithmSpec.RSASSA_PSS_SHA_256
    assert HSM.verify(public_key, algorithm, RAW, message, signature) == valid
    assert not HSM.verify(public_key, algorithm, RAW, message + b"\0", signature)


# ---- signatures on curves

HEADS = {
    KeySpec.ECC_NIST_P256: "3059301306072a8648ce3d020106082a8648ce3d03010703420004",
    KeySpec.ECC_NIST_P384: "3076301006072a8648ce3d020106052b8104002203620004",
    KeySpec.ECC_NIST_P521: "30819b301006072a8648ce3d020106052b810400230381860004",
    KeySpec.ECC_SECG_P256K1: "3056301006072a8648ce3d020106052b8104000a03420004",
}
"""What a public key begins with, before its coordinates."""
CURVES: dict[KeySpec, EllipticCurve] = {
    KeySpec.ECC_NIST_P256: SECP256R1(),
    KeySpec.ECC_NIST_P384: SECP384R1(),
    KeySpec.ECC_NIST_P521: SECP521R1(),
    KeySpec.ECC_SECG_P256K1: SECP256K1(),
}
OF_CURVE = {
    "P-256,SHA-256": (KeySpec.ECC_NIST_P256, SigningAlgorithmSpec.ECDSA_SHA_256),
    "P-384,SHA-384": (KeySpec.ECC_NIST_P384, SigningAlgorithmSpec.ECDSA_SHA_384),
    "P-521,SHA-512": (KeySpec.ECC_NIST_P521, SigningAlgorithmSpec.ECDSA_SHA_512),
    "K-256,SHA-256": (KeySpec.ECC_SECG_P256K1, SigningAlgorithmSpec.ECDSA_SHA_256),
}
"""The curves and hashes that AWS KMS has together."""


def point(key_spec: KeySpec, x: str, y: str) -> bytes:
    """A public key with these coordinates, whether there is such a point or not."""
    length = (CURVES[key_spec].key_size + 7) // 8
    coordinates = (int(each, 16).to_bytes(length, "big") for each in (x, y))
    return bytes.fromhex(HEADS[key_spec]) + b"".join(coordinates)


@pytest.mark.parametrize(
    "name, expected",
    [
        ("FIPS_186-3/SigVer.rsp", {"P": 9, "F": 36}),
        ("FIPS_186-3/SigGen.txt", {"P": 45}),
        ("SECP256K1/SigGen.txt", {"P": 225}),
    ],
)
def test_ecdsa_signatures_are_verified_if_they_are_valid(
    name: str, expected: dict[str, int]
) -> None:
    tried: Counter[str] = Counter()
    for record in records(f"asymmetric/ECDSA/{name}", "R", "S"):
        if record["section"] in OF_CURVE:
            key_spec, algorithm = OF_CURVE[record["section"]]
            public_key = point(key_spec, record["Qx"], record["Qy"])
            message = bytes.fromhex(record["Msg"])
            signature = encode_dss_signature(int(record["R"], 16), int(record["S"], 16))
            valid = record.get("Result", "P").startswith("P")
            assert HSM.verify(public_key, algorithm, RAW, message, signature) == valid
            digest = hashlib.new(f"sha{algorithm[-3:]}", message).digest()
            assert HSM.verify(public_key, algorithm, DIGEST, digest, signature) == valid
            tried["P" if valid else "F"] += 1
    assert tried == expected


def test_ed25519_signatures_are_the_published_ones() -> None:
    algorithm, tried = SigningAlgorithmSpec.ED25519_SHA_512, 0
    for line in (FOLDER / "asymmetric/Ed25519/sign.input").read_text(encoding="ascii").splitlines():
        secret, public, message, signed = map(bytes.fromhex, line.split(":")[:4])
        key = made_of(secret[:32], KeySpec.ECC_NIST_EDWARDS25519)
        public_key, signature = HSM.public_key(key), signed[:64]
        assert public_key.endswith(public)
        assert HSM.sign(key, algorithm, RAW, message, "purpose") == signature
        assert HSM.verify(public_key, algorithm, RAW, message, signature)
        assert not HSM.verify(public_key, algorithm, RAW, message + b"\0", signature)
        tried += 1
    assert tried == 1024


@BY_PYCRYPTODOME
def test_an_ed25519ph_signature_is_the_published_one() -> None:
    """RFC 8032, section 7.3."""
    seed = "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42"
    public = "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf"
    signature = bytes.fromhex(
        "98a70222f0b8121aa9d30f813d683f809e462b469c7ff87639499bb94e6dae41"
        "31f85042463c2a355a2003d062adf5aaa10b8c61e636062aaad11c2a26083406"
    )
    algorithm, message = SigningAlgorithmSpec.ED25519_PH_SHA_512, b"abc"
    key = made_of(bytes.fromhex(seed), KeySpec.ECC_NIST_EDWARDS25519)
    public_key = HSM.public_key(key)
    assert public_key.endswith(bytes.fromhex(public))
    assert HSM.sign(key, algorithm, DIGEST, message, "purpose") == signature
    assert HSM.verify(public_key, algorithm, DIGEST, message, signature)
    for wrong in (b"", bytes(64), b"\xff" * 64, signature[:-1], signature + b"\0"):
        assert not HSM.verify(public_key, algorithm, DIGEST, message, wrong)


@BY_PYCRYPTODOME
def test_an_ed25519ph_signature_of_aws_is_verified() -> None:
    """Recorded 2026-09-12: the digest that AWS KMS is given is the message that Ed25519ph hashes."""
    public_key = base64.b64decode("MCowBQYDK2VwAyEAmnl5akZRr82aTm/SBYXqN0IqltQoLHdjrOKW7LIKU7A=")
    message = b"stackd ECC interoperability"
    signature = base64.b64decode(
        "lRxoBfode2A1wa9SP+A30MmtzofGyeVULvcrrwOx8uYqWkic7PuGDT+ZzEJcYI6je4GNiIq29kgJTXk5kXJOAg=="
    )
    algorithm, digest = SigningAlgorithmSpec.ED25519_PH_SHA_512, hashlib.sha512(message).digest()
    assert HSM.verify(public_key, algorithm, DIGEST, digest, signature)
    assert not HSM.verify(public_key, algorithm, DIGEST, message, signature)
    another = hashlib.sha512(b"another").digest()
    assert not HSM.verify(public_key, algorithm, DIGEST, another, signature)


# ---- agreement on curves

ON_CURVE = {
    "EC - SHA256": KeySpec.ECC_NIST_P256,
    "ED - SHA384": KeySpec.ECC_NIST_P384,
    "EE - SHA512": KeySpec.ECC_NIST_P521,
}


@pytest.mark.parametrize("role", ["init", "resp"])
def test_two_agree_on_the_published_secret(role: str) -> None:
    """Left out are the records whose own key pair is wrong: one of an HSM never is."""
    tried: Counter[str] = Counter()
    name = f"asymmetric/ECDH/KASValidityTest_ECCStaticUnified_NOKC_ZZOnly_{role}.fax"
    for record in records(name, "Result"):
        result = record["Result"]
        if record["section"] not in ON_CURVE or "IUT's" in result:
            continue
        key_spec = ON_CURVE[record["section"]]
        key = derive_private_key(int(record["dsIUT"], 16), CURVES[key_spec])
        pkcs8 = Secret(key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()))
        secret = HSM.agree(pkcs8, point(key_spec, record["QsCAVSx"], record["QsCAVSy"]))
        if "PKV" in result:  # no point on the curve
            assert secret is None
        else:
            assert secret is not None
            assert (secret.reveal() == bytes.fromhex(record["Z"])) == result.startswith("P")
        tried[result[0]] += 1
    assert tried == {"P": 54, "F": 18}


# ---- message authentication codes


@pytest.mark.parametrize("bits", [224, 256, 384, 512])
def test_macs_are_the_published_ones(bits: int) -> None:
    """RFC 4231."""
    algorithm, tried = MacAlgorithmSpec(f"HMAC_SHA_{bits}"), 0
    for record in records(f"HMAC/rfc-4231-sha{bits}.txt", "MD"):
        key, message = Secret(bytes.fromhex(record["Key"])), bytes.fromhex(record["Msg"])
        assert HSM.mac(key, algorithm, message) == bytes.fromhex(record["MD"])
        tried += 1
    assert tried == 6


# ---- ML-DSA and ML-KEM


@final
class Drawing(SoftwareCryptography):
    """An HSM that draws just these bytes."""

    def __init__(self, drawn: bytes) -> None:
        self.drawn = drawn

    def random(self, number_of_bytes: int, purpose: str) -> bytes:
        assert number_of_bytes == len(self.drawn)
        return self.drawn

    def rsa_key(self, modulus_bits: int, purpose: str) -> RSAPrivateKey:
        raise NotImplementedError


def made_of(seed: bytes, key_spec: KeySpec) -> Secret:
    """The private key that an HSM makes when it draws this seed."""
    return Drawing(seed).generate(key_spec, "purpose")


@pytest.mark.parametrize("parameters", [44, 65, 87])
def test_ml_dsa_signatures_are_verified_with_their_context(parameters: int) -> None:
    """AWS KMS has an empty one; an external mu may be of any."""
    algorithm, tried = SigningAlgorithmSpec.ML_DSA_SHAKE_256, 0
    for record in records(f"asymmetric/MLDSA/kat_MLDSA_{parameters}_det_pure.rsp", "sm"):
        public, message, context, signed = (
            bytes.fromhex(record[member]) for member in ("pk", "msg", "ctx", "sm")
        )
        key = made_of(bytes.fromhex(record["xi"]), KeySpec(f"ML_DSA_{parameters}"))
        public_key, signature = HSM.public_key(key), signed[: len(signed) - len(message)]
        assert public_key.endswith(public)
        tr = hashlib.shake_256(public).digest(64)
        framed = bytes([0, len(context)]) + context + message
        mu = hashlib.shake_256(tr + framed).digest(64)
        assert HSM.verify(public_key, algorithm, MessageType.EXTERNAL_MU, mu, signature)
        assert HSM.verify(public_key, algorithm, RAW, message, signature) == (context == b"")
        tried += 1
    assert tried == FEW


@pytest.mark.parametrize("parameters", [pytest.param(512, marks=BY_KYBER), 768, 1024])
def test_ml_kem_ciphertexts_have_the_published_secrets(parameters: int) -> None:
    """One that was made, and one that was not."""
    tried = 0
    for record in records(f"asymmetric/MLKEM/kat_MLKEM_{parameters}.rsp", "ct"):
        key = made_of(bytes.fromhex(record["d"] + record["z"]), KeySpec(f"ML_KEM_{parameters}"))
        assert HSM.public_key(key).endswith(bytes.fromhex(record["pk"]))
        for ciphertext, secret in (("ct", "ss"), ("ct_n", "ss_n")):
            decapsulated = HSM.decapsulate(key, bytes.fromhex(record[ciphertext]))
            assert decapsulated == Secret(bytes.fromhex(record[secret]))
        tried += 1
        if tried == FEW:
            break
    assert tried == FEW


# ---- private keys that other tools wrote

ACCEPTED = {
    "PKCS8/ec-consistent-curve.pem": KeySpec.ECC_NIST_P256,
    "PKCS8/ec_private_key.pem": KeySpec.ECC_NIST_P256,
    "PKCS8/ecc_private_with_rfc5915_ext.pem": KeySpec.ECC_NIST_P256,
    "PKCS8/wrong-pem-delimiter-rsa.pem": KeySpec.RSA_2048,  # of which only the delimiter is wrong
    "Ed25519/ed25519-pkcs8.der": KeySpec.ECC_NIST_EDWARDS25519,
    "Ed25519/ed25519-pkcs8.pem": KeySpec.ECC_NIST_EDWARDS25519,
}


def test_the_private_keys_of_these_files_are_accepted_or_refused() -> None:
    """Refused are other versions and algorithms, spelled-out curves, two curves at once, and encrypted keys."""
    folders = ("PKCS8", "Ed25519", "EC", "DER_Serialization", "MLDSA", "MLKEM")
    paths = [path for folder in folders for path in (FOLDER / "asymmetric" / folder).iterdir()]
    accepted = {
        f"{path.parent.name}/{path.name}": key_spec
        for path in paths
        for key_spec in filter(is_asymmetric, WRAPPING)
        if HSM.accept(key_spec, Secret(contents(path))) is not None
    }
    assert accepted == ACCEPTED
    assert len(paths) > FEW


def contents(path: Path) -> bytes:
    """The bytes of a file, or what its first PEM holds."""
    whole = path.read_bytes()
    if b"-----BEGIN" not in whole:
        return whole
    lines = whole.partition(b"-----BEGIN")[2].partition(b"-----END")[0].splitlines()[1:]
    return base64.b64decode(b"".join(lines))
