"""
Importing key material: the wrapping key and the import token, the import, and its deletion.
"""

from __future__ import annotations

from typing import final

from attrs import evolve, frozen

from kmsmodel.calls import access
from kmsmodel.calls.call import Call
from kmsmodel.calls.new_key import backing_key
from kmsmodel.calls.request import Request
from kmsmodel.errors import (
    IncorrectKeyMaterialException,
    InvalidCiphertextException,
    InvalidImportTokenException,
    ValidationException,
)
from kmsmodel.hsm import import_token
from kmsmodel.hsm.import_token import ImportToken
from kmsmodel.hsm.secret import Secret
from kmsmodel.key.key import Key
from kmsmodel.key.key_spec import SM4_KEY_LENGTH, is_in_china, wrapping
from kmsmodel.memory.kms import Kms
from kmsmodel.words.enumerations import (
    AlgorithmSpec,
    ExpirationModelType,
    ImportType,
    MultiRegionKeyType,
    WrappingKeySpec,
)
from kmsmodel.words.shapes import (
    BackingKeyIdResponseType,
    BackingKeyIdType,
    CiphertextType,
    DateType,
    KeyIdType,
    KeyMaterialDescriptionType,
    PlaintextType,
)

# ---- GetParametersForImport


@final
@frozen(kw_only=True)
class GetParametersForImportResponse:
    """A public key (DER SubjectPublicKeyInfo) and the import token that belongs to it, valid for 24 hours."""

    key_id: KeyIdType
    import_token: CiphertextType
    public_key: PlaintextType
    parameters_valid_to: DateType


@final
@frozen(kw_only=True)
class GetParametersForImportRequest(Request[GetParametersForImportResponse]):
    key_id: KeyIdType
    wrapping_algorithm: AlgorithmSpec
    wrapping_key_spec: WrappingKeySpec


def get_parameters_for_import(
    kms: Kms, request: GetParametersForImportRequest, call: Call
) -> tuple[Kms, GetParametersForImportResponse]:
    """
    Give what key material is wrapped and imported with: a public key and an import token.

    Any number may be open at once. Source: *Step 2: Download the wrapping public key and import token*.
    """
    key = access.key(kms, request.key_id, request, call)
    algorithm, wrapping_key_spec = request.wrapping_algorithm, request.wrapping_key_spec
    if wrapping_key_spec not in wrapping(call.region)[key.key_spec].get(algorithm, ()):
        raise ValidationException(
            f"Wrapping algorithm {algorithm} and wrapping key spec {wrapping_key_spec} "
            f"cannot be used to import a {key.key_spec} key."
        )
    wrapping_key = call.hsm.wrapping_key(wrapping_key_spec, call.purpose("wrapping key"))
    token = ImportToken(
        valid_to=call.now + import_token.VALIDITY,
        wrapping_algorithm=algorithm,
        private_key=wrapping_key.private_key,
    )
    sealed = import_token.seal(
        token, _import_secret(key), key.arn, call.hsm, call.purpose("import token")
    )
    return kms, GetParametersForImportResponse(
        key_id=key.arn,
        import_token=sealed,
        public_key=wrapping_key.public_key,
        parameters_valid_to=token.valid_to,
    )


# ---- ImportKeyMaterial


@final
@frozen(kw_only=True)
class ImportKeyMaterialResponse:
    key_id: KeyIdType
    key_material_id: BackingKeyIdType | None = None


@final
@frozen(kw_only=True)
class ImportKeyMaterialRequest(Request[ImportKeyMaterialResponse]):
    """A request to import wrapped key material, which expires unless ``expiration_model`` says otherwise."""

    key_id: KeyIdType
    import_token: CiphertextType
    encrypted_key_material: CiphertextType
    valid_to: DateType | None = None
    expiration_model: ExpirationModelType | None = None
    import_type: ImportType | None = None
    key_material_description: KeyMaterialDescriptionType | None = None
    key_material_id: BackingKeyIdType | None = None


def import_key_material(
    kms: Kms, request: ImportKeyMaterialRequest, call: Call
) -> tuple[Kms, ImportKeyMaterialResponse]:
    """
    Import or reimport key material into a KMS key created without it.
    """
    key = access.key(kms, request.key_id, request, call)
    _check_expiration(request)
    _only_with_symmetric_encryption_keys(
        key,
        importType=request.import_type,
        keyMaterialDescription=request.key_material_description,
        keyMaterialId=request.key_material_id,
    )
    _only_on_primary_keys(key, request)
    if request.import_type is ImportType.NEW_KEY_MATERIAL and request.key_material_id is not None:
        raise ValidationException(
            "Input parameter keyMaterialId cannot be used with NEW_KEY_MATERIAL importType.",
            arn=key.arn,
        )
    imported = backing_key(key.key_arn, key.key_spec, _unwrapped(key, request, call), call)
    id_ = imported.key_material_id
    if request.key_material_id is not None:
        if request.key_material_id != id_:
            raise IncorrectKeyMaterialException(
                "Imported key material does not have the expected identifier "
                f"({request.key_material_id}).",
                arn=key.arn,
            )
        if key.lifecycle.materials.get(id_) is None:
            raise IncorrectKeyMaterialException(arn=key.arn)
    life = key.lifecycle.import_key_material(
        id_,
        call.now,
        valid_to=request.valid_to,
        import_type=request.import_type,
        replicas=kms.has_replicas(key, call.now),
    )
    former = key.backing_key(id_)
    description = request.key_material_description
    if description is None and former is not None:
        description = former.description
    key = key.with_backing_key(evolve(imported, description=description), life)
    return _with_imported(kms, key, call), ImportKeyMaterialResponse(
        key_id=key.arn,
        key_material_id=id_ if key.lifecycle.is_symmetric_encryption_key else None,
    )


def _with_imported(kms: Kms, key: Key, call: Call) -> Kms:
    """The state with this key; if each of its relatives has new key material now, that can be rotated to."""
    relatives = kms.relatives(key, call.now)
    if relatives is None:
        return kms.with_key(key)
    return kms.with_relatives(relatives.with_key(key).synchronized(call.now))


def _only_on_primary_keys(key: Key, request: ImportKeyMaterialRequest) -> None:
    """Refuse what is said of key material once, on the primary key."""
    if key.lifecycle.multi_region_key_type is not MultiRegionKeyType.REPLICA:
        return
    if request.key_material_description is not None:
        raise ValidationException(
            "Key material description can only be specified on primary Multi-Region keys",
            arn=key.arn,
        )


def _check_expiration(request: ImportKeyMaterialRequest) -> None:
    expires = request.expiration_model is not ExpirationModelType.KEY_MATERIAL_DOES_NOT_EXPIRE
    if expires and request.valid_to is None:
        raise ValidationException(
            "A validTo date must be set if the ExpirationModel is KEY_MATERIAL_EXPIRES"
        )
    if not expires and request.valid_to is not None:
        raise ValidationException(
            "A validTo date cannot be set if the ExpirationModel is KEY_MATERIAL_DOES_NOT_EXPIRE"
        )


def _only_with_symmetric_encryption_keys(key: Key, **members: str | None) -> None:
    """Refuse members that tell key materials apart, for a key that has one for life."""
    if key.lifecycle.is_symmetric_encryption_key:
        return
    for name, member in members.items():
        if member is not None:
            raise ValidationException(
                f"Input parameter {name} cannot be used with {key.key_spec} imported keys.",
                arn=key.arn,
            )


def _unwrapped(key: Key, request: ImportKeyMaterialRequest, call: Call) -> Secret:
    """The key material in the request, unwrapped as its import token says, if it is of the key's spec."""
    token = import_token.unseal(
        request.import_token, _import_secret(key), key.arn, call.hsm, call.now
    )
    unwrapped = call.hsm.unwrap(
        token.private_key, token.wrapping_algorithm, request.encrypted_key_material
    )
    if unwrapped is None:
        raise InvalidCiphertextException(arn=key.arn).with_note(
            f"it does not open by {token.wrapping_algorithm} under the key that came with the import token"
        )
    secret = _accepted(key, unwrapped, call)
    if secret is None:
        raise InvalidCiphertextException(arn=key.arn).with_note(
            f"it opens, and what it holds, {len(unwrapped.reveal())} bytes, "
            f"is not key material of a {key.key_spec} key"
        )
    return secret


def _accepted(key: Key, material: Secret, call: Call) -> Secret | None:
    """The key material in the form that is kept, or None if it is not of the key's spec."""
    if key.lifecycle.is_symmetric_encryption_key and is_in_china(call.region):
        return material if len(material.reveal()) == SM4_KEY_LENGTH else None
    return call.hsm.accept(key.key_spec, material)


def _import_secret(key: Key) -> Secret:
    if key.import_secret is None:  # a key of another origin, which the key state table refuses
        raise InvalidImportTokenException(arn=key.arn)
    return key.import_secret


# ---- DeleteImportedKeyMaterial


@final
@frozen(kw_only=True)
class DeleteImportedKeyMaterialResponse:
    key_id: KeyIdType
    key_material_id: BackingKeyIdResponseType | None = None


@final
@frozen(kw_only=True)
class DeleteImportedKeyMaterialRequest(Request[DeleteImportedKeyMaterialResponse]):
    key_id: KeyIdType
    key_material_id: BackingKeyIdType | None = None


def delete_imported_key_material(
    kms: Kms, request: DeleteImportedKeyMaterialRequest, call: Call
) -> tuple[Kms, DeleteImportedKeyMaterialResponse]:
    """
    Delete imported key material: the current one, or the one that the request names.
    """
    key = access.key(kms, request.key_id, request, call)
    _only_with_symmetric_encryption_keys(key, keyMaterialId=request.key_material_id)
    life = key.lifecycle.delete_imported_key_material(call.now, request.key_material_id)
    id_ = request.key_material_id
    if id_ is None and life.materials.current is not None and life.is_symmetric_encryption_key:
        id_ = life.materials.current.key_material_id
    return kms.with_key(key.with_lifecycle(life)), DeleteImportedKeyMaterialResponse(
        key_id=key.arn, key_material_id=id_
    )
