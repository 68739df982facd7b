"""
Steps that the examples of the chapters share: a KMS of one's own, and what is done in it again and again.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from kmsmodel.calls.request import Request
from kmsmodel.clock import Clock
from kmsmodel.crypto.seeded_hsm import SeededHsm
from kmsmodel.crypto.wrapping import wrap_key_material
from kmsmodel.errors import KmsError
from kmsmodel.key.key_metadata import KeyMetadata
from kmsmodel.local import LocalKms
from kmsmodel.operations.encryption import DecryptRequest, EncryptRequest
from kmsmodel.operations.importing import (
    DeleteImportedKeyMaterialRequest,
    GetParametersForImportRequest,
    GetParametersForImportResponse,
    ImportKeyMaterialRequest,
    ImportKeyMaterialResponse,
)
from kmsmodel.operations.keys import CreateKeyRequest, DescribeKeyRequest
from kmsmodel.operations.rotation import (
    ListKeyRotationsRequest,
    RotateKeyOnDemandRequest,
    RotationsListEntry,
)
from kmsmodel.words.enumerations import (
    AlgorithmSpec,
    ExpirationModelType,
    IncludeKeyMaterial,
    OriginType,
    WrappingKeySpec,
)
from tests.basics import NOW

FIRST, SECOND, THIRD = (bytes([number]) * 32 for number in (1, 2, 3))
"""Three key materials."""


def local_kms() -> LocalKms:
    """A KMS without keys, whose time stands still and whose HSM repeats itself."""
    return LocalKms(clock=Clock(NOW), hsm=SeededHsm())


def create(local: LocalKms, **members: Any) -> KeyMetadata:
    return local.handle(CreateKeyRequest(**members)).key_metadata


def arn_of(metadata: KeyMetadata) -> str:
    assert metadata.arn is not None
    return metadata.arn


def create_external(local: LocalKms, *materials: bytes) -> str:
    """The ARN of a key of origin EXTERNAL that these materials were imported into and rotated to, one by one."""
    arn = arn_of(create(local, origin=OriginType.EXTERNAL))
    for number, material in enumerate(materials):
        if number == 0:
            import_material(local, arn, material)
        else:
            import_material(local, arn, material, import_type="NEW_KEY_MATERIAL")
            local.handle(RotateKeyOnDemandRequest(key_id=arn))
    return arn


def describe(local: LocalKms, key_id: str) -> KeyMetadata:
    return local.handle(DescribeKeyRequest(key_id=key_id)).key_metadata


def parameters(
    local: LocalKms,
    key_id: str,
    algorithm: AlgorithmSpec = AlgorithmSpec.RSAES_OAEP_SHA_256,
    wrapping_key_spec: WrappingKeySpec = WrappingKeySpec.RSA_2048,
) -> GetParametersForImportResponse:
    return local.handle(
        GetParametersForImportRequest(
            key_id=key_id, wrapping_algorithm=algorithm, wrapping_key_spec=wrapping_key_spec
        )
    )


def import_request(
    local: LocalKms, key_id: str, material: bytes, **members: Any
) -> ImportKeyMaterialRequest:
    """A request to import this material under parameters of its own; it does not expire unless ``members`` say so."""
    given = parameters(local, key_id)
    if "valid_to" not in members:
        members.setdefault("expiration_model", ExpirationModelType.KEY_MATERIAL_DOES_NOT_EXPIRE)
    return ImportKeyMaterialRequest(
        key_id=key_id,
        import_token=given.import_token,
        encrypted_key_material=wrap_key_material(
            given.public_key, AlgorithmSpec.RSAES_OAEP_SHA_256, material
        ),
        **members,
    )


def import_material(
    local: LocalKms, key_id: str, material: bytes, **members: Any
) -> ImportKeyMaterialResponse:
    return local.handle(import_request(local, key_id, material, **members))


def delete_material(local: LocalKms, key_id: str, key_material_id: str | None = None) -> None:
    local.handle(DeleteImportedKeyMaterialRequest(key_id=key_id, key_material_id=key_material_id))


def rotations(local: LocalKms, key_id: str) -> tuple[RotationsListEntry, ...]:
    """All key material of a key."""
    request = ListKeyRotationsRequest(
        key_id=key_id, include_key_material=IncludeKeyMaterial.ALL_KEY_MATERIAL
    )
    return local.handle(request).rotations


def encrypt(local: LocalKms, key_id: str, plaintext: bytes = b"attack at dawn") -> bytes:
    return local.handle(EncryptRequest(key_id=key_id, plaintext=plaintext)).ciphertext_blob


def decrypt(local: LocalKms, blob: bytes) -> bytes | None:
    return local.handle(DecryptRequest(ciphertext_blob=blob)).plaintext


def refused(
    local: LocalKms, request: Request[Any], error: type[KmsError], message: str, **who: Any
) -> KmsError:
    """The request is refused with just this error and message, and nothing is changed by it."""
    before = local.kms
    with pytest.raises(error) as caught:
        local.handle(request, **who)
    assert (type(caught.value), caught.value.message) == (error, message)
    assert local.kms is before
    return caught.value


_OPENSSL = shutil.which("openssl")
BY_OPENSSL = pytest.mark.skipif(
    _OPENSSL is None and "CI" not in os.environ, reason="openssl is not on the PATH"
)
"""A test that asks openssl for a second opinion."""


BY_PYCRYPTODOME = pytest.mark.skipif(
    find_spec("Crypto") is None and "CI" not in os.environ,
    reason="the extra ed25519ph is not installed",
)
"""A test of Ed25519ph."""

HAS_KYBER = find_spec("kyber_py") is not None or "CI" in os.environ
BY_KYBER = pytest.mark.skipif(not HAS_KYBER, reason="the extra ml-kem-512 is not installed")
"""A test of ML-KEM-512."""

BY_GMALG = pytest.mark.skipif(
    find_spec("gmalg") is None and "CI" not in os.environ,
    reason="the extra china is not installed",
)
"""A test of SM2."""


def without_pycryptodome(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the extra were not installed."""
    monkeypatch.setitem(sys.modules, "Crypto.Hash", None)


def without_kyber(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the extra were not installed."""
    monkeypatch.setitem(sys.modules, "kyber_py.ml_kem", None)


def openssl(folder: Path, command: str, given: bytes = b"") -> bytes:
    """What openssl answers in this folder."""
    assert _OPENSSL is not None, "openssl is needed where nothing may be skipped"
    done = subprocess.run(
        [_OPENSSL, *command.split()], cwd=folder, input=given, check=True, capture_output=True
    )
    return done.stdout
