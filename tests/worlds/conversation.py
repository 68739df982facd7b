"""
An AWS KMS that is spoken to.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, TypeVar, final

from attrs import evolve

from kmsmodel.calls.request import Request
from kmsmodel.errors import KmsError
from kmsmodel.key.key_metadata import KeyMetadata
from kmsmodel.memory.kms import Kms
from kmsmodel.operations.encryption import EncryptRequest
from kmsmodel.operations.importing import GetParametersForImportRequest, ImportKeyMaterialResponse
from kmsmodel.operations.keys import CreateKeyRequest, DescribeKeyRequest
from kmsmodel.service import handle
from kmsmodel.words.enumerations import (
    AlgorithmSpec,
    EncryptionAlgorithmSpec,
    ImportType,
    WrappingKeySpec,
)
from tests.basics import NOW, REGION, call
from tests.key_stores import KEY_STORES
from tests.worlds.belongings import Parameters, Sealed
from tests.worlds.outcome import Refused

ResponseT = TypeVar("ResponseT")


@final
class Conversation:
    """An AWS KMS that is spoken to, one call after another, by a clock that is advanced by hand."""

    def __init__(
        self, name: str = "conversation", now: datetime = NOW, kms: Kms | None = None
    ) -> None:
        self.name = name
        self.now = now
        self.kms = kms or Kms()
        self.calls = 0
        self.key_stores = KEY_STORES

    def __call__(self, request: Request[ResponseT], *, region: str = REGION) -> ResponseT:
        self.calls += 1
        name = f"{self.name} {self.calls}"
        made = evolve(call(name, self.now, region=region), key_stores=self.key_stores)
        self.kms, response = handle(self.kms, request, made)
        return response

    def refuses(self, request: Request[Any], *, region: str = REGION) -> Refused | None:
        """What is said against a request, or None if it was answered."""
        try:
            self(request, region=region)
        except KmsError as error:
            return Refused(error.code, error.message, error.arn, error.key_state)
        return None

    def advance(self, span: timedelta) -> None:
        self.now += span

    def create_key(self, **members: Any) -> str:
        """The id of a new key."""
        return self(CreateKeyRequest(**members)).key_metadata.key_id

    def describe_key(self, key_id: str) -> KeyMetadata:
        return self(DescribeKeyRequest(key_id=key_id)).key_metadata

    def parameters(
        self,
        key_id: str,
        algorithm: AlgorithmSpec = AlgorithmSpec.RSAES_OAEP_SHA_256,
        wrapping_key_spec: WrappingKeySpec = WrappingKeySpec.RSA_2048,
        *,
        region: str = REGION,
    ) -> Parameters:
        response = self(
            GetParametersForImportRequest(
                key_id=key_id, wrapping_algorithm=algorithm, wrapping_key_spec=wrapping_key_spec
            ),
            region=region,
        )
        return Parameters(response, algorithm)

    def import_key_material(
        self,
        key_id: str,
        material: bytes,
        *,
        valid_to: datetime | None = None,
        import_type: ImportType | None = None,
        parameters: Parameters | None = None,
        region: str = REGION,
    ) -> ImportKeyMaterialResponse:
        parameters = parameters or self.parameters(key_id, region=region)
        return self(parameters.request(key_id, material, valid_to, import_type), region=region)

    def encrypt(
        self,
        key_id: str,
        plaintext: bytes,
        encryption_context: Mapping[str, str] | None = None,
        algorithm: EncryptionAlgorithmSpec | None = None,
    ) -> Sealed:
        request = EncryptRequest(
            key_id=key_id,
            plaintext=plaintext,
            encryption_context=encryption_context,
            encryption_algorithm=algorithm,
        )
        return Sealed(self(request).ciphertext_blob, plaintext, encryption_context, algorithm)
