"""
Importing key material in one call, by way of the same requests that a client of AWS KMS makes.
"""

from __future__ import annotations

from datetime import datetime
from typing import Unpack

from kmsmodel.crypto.wrapping import (
    KeyMaterial,
    plain_key_material,
    wrap_key_material,
    wrapping_algorithm,
)
from kmsmodel.local import LocalKms, Who
from kmsmodel.operations.importing import (
    GetParametersForImportRequest,
    ImportKeyMaterialRequest,
    ImportKeyMaterialResponse,
)
from kmsmodel.words.arguments import expect
from kmsmodel.words.enumerations import ExpirationModelType, ImportType, WrappingKeySpec


def import_key_material(
    local: LocalKms,
    key_id: str,
    material: KeyMaterial,
    *,
    valid_to: datetime | None = None,
    import_type: ImportType | None = None,
    key_material_description: str | None = None,
    **who: Unpack[Who],
) -> ImportKeyMaterialResponse:
    """
    Import key material into a KMS key of origin EXTERNAL: bytes, a private key of pyca/cryptography, or one in PEM.

    Without ``valid_to`` the key material does not expire. The caller in `Who` asks for the parameters for import, wraps
    the key material, and imports it. Raises a `KmsError`, TypeError for anything but key material, and ValueError for
    PEM that is not a private key.
    """
    expect("local", local, LocalKms)
    plain = plain_key_material(material)
    algorithm = wrapping_algorithm(plain)
    parameters = local.handle(
        GetParametersForImportRequest(
            key_id=key_id,
            wrapping_algorithm=algorithm,
            wrapping_key_spec=WrappingKeySpec.RSA_3072,
        ),
        **who,
    )
    expires = ExpirationModelType.KEY_MATERIAL_EXPIRES
    for_ever = ExpirationModelType.KEY_MATERIAL_DOES_NOT_EXPIRE
    return local.handle(
        ImportKeyMaterialRequest(
            key_id=key_id,
            import_token=parameters.import_token,
            encrypted_key_material=wrap_key_material(parameters.public_key, algorithm, plain),
            valid_to=valid_to,
            expiration_model=for_ever if valid_to is None else expires,
            import_type=import_type,
            key_material_description=key_material_description,
        ),
        **who,
    )
