"""
What the owner of a KMS key has: tokens, key materials, ciphertexts, signatures and the like.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any, final

from attrs import field, frozen

from kmsmodel.crypto.wrapping import wrap_key_material
from kmsmodel.key.key_spec import ALGORITHMS
from kmsmodel.operations.encryption import DecryptRequest
from kmsmodel.operations.grants import (
    CreateGrantResponse,
)
from kmsmodel.operations.importing import GetParametersForImportResponse, ImportKeyMaterialRequest
from kmsmodel.words.enumerations import (
    AlgorithmSpec,
    EncryptionAlgorithmSpec,
    ExpirationModelType,
    ImportType,
    KeySpec,
    KeyUsageType,
    OriginType,
    SigningAlgorithmSpec,
)
from tests.basics import ACCOUNT, DAY, NOW


@final
@frozen
class Parameters:
    """A wrapping public key and its import token."""

    response: GetParametersForImportResponse = field(repr=False)
    algorithm: AlgorithmSpec

    @property
    def import_token(self) -> bytes:
        return self.response.import_token

    @property
    def valid_to(self) -> datetime:
        return self.response.parameters_valid_to

    def wrapped(self, material: bytes) -> bytes:
        return _wrapped(self.response.public_key, self.algorithm, material)

    def request(
        self,
        key_id: str,
        material: bytes,
        valid_to: datetime | None = None,
        import_type: ImportType | None = None,
    ) -> ImportKeyMaterialRequest:
        return ImportKeyMaterialRequest(
            key_id=key_id,
            import_token=self.import_token,
            encrypted_key_material=self.wrapped(material),
            valid_to=valid_to,
            expiration_model=(
                ExpirationModelType.KEY_MATERIAL_DOES_NOT_EXPIRE if valid_to is None else None
            ),
            import_type=import_type,
        )


@cache
def _wrapped(public_key: bytes, algorithm: AlgorithmSpec, material: bytes) -> bytes:
    """Padding is random: the same bytes for the same material, so that a failure is one again."""
    return wrap_key_material(public_key, algorithm, material)


@final
@frozen(eq=False)
class Sealed:
    """A ciphertext, and what is in it."""

    ciphertext: bytes = field(repr=False)
    plaintext: bytes = field(repr=False)
    encryption_context: Mapping[str, str] | None = None
    algorithm: EncryptionAlgorithmSpec | None = None

    def request(self, key_id: str | None = None) -> DecryptRequest:
        return DecryptRequest(
            ciphertext_blob=self.ciphertext,
            encryption_context=self.encryption_context,
            encryption_algorithm=self.algorithm,
            key_id=key_id,
        )


@final
@frozen(eq=False)
class Proof:
    """A message and its signature, or its message authentication code."""

    message: bytes = field(repr=False)
    algorithm: StrEnum
    proof: bytes


GRANTEE = f"arn:aws:iam::{ACCOUNT}:role/application"
RETIRING = f"arn:aws:iam::{ACCOUNT}:role/janitor"
"""Who is granted something in a world, and who may retire it."""

NOT_DONE: frozenset[StrEnum] = frozenset({SigningAlgorithmSpec.ED25519_PH_SHA_512})
"""Algorithms that this model tells of a key and cannot do without an extra."""


@final
@frozen(kw_only=True, eq=False, repr=False)
class KeyInWorld:
    """A KMS key of a world, and what its owner has: tokens, key materials, ciphertexts, signatures and the like."""

    name: str
    key_id: str
    arn: str
    alias_name: str
    origin: OriginType
    key_spec: KeySpec
    key_usage: KeyUsageType
    multi_region: bool
    parameters: tuple[Parameters, ...]
    materials: tuple[bytes, ...]
    ciphertexts: tuple[Sealed, ...]
    proofs: tuple[Proof, ...]
    encapsulations: tuple[bytes, ...]
    grants: tuple[CreateGrantResponse, ...]

    @property
    def is_symmetric_encryption_key(self) -> bool:
        return self.key_spec is KeySpec.SYMMETRIC_DEFAULT

    @property
    def algorithms(self) -> tuple[StrEnum, ...]:
        """What it can be asked for, as far as this model does it."""
        every = ALGORITHMS[self.key_spec][self.key_usage].every
        return tuple(each for each in every if each not in NOT_DONE)

    def __repr__(self) -> str:
        return f"world().named({self.name!r})"

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """Hypothesis, too, is to show a key as the program that gives it."""
        printer.text(repr(self))

    @property
    def valid_parameters(self) -> tuple[Parameters, ...]:
        return tuple(each for each in self.parameters if each.valid_to > NOW + DAY / 2)
