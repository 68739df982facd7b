"""
The requests and the answers of the external key store proxy API in JSON.

Source: *API operations* in the *External Key Store Proxy API Specification*, version 1. What is of another form is a
ValueError.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from typing import Any, TypeAlias, cast

from kmsmodel.hsm.external_keys import (
    EkmHealthStatus,
    ExternalCiphertext,
    ExternalKeyMetadata,
    XksRequestMetadata,
)

Json: TypeAlias = "dict[str, Any]"

_ALGORITHM = "AES_GCM"
_INTEGRITY = "SHA_256"
_MOST_EKMS = 10
_LONGEST_METADATA = 20
_VECTORS = (12, 16)
_TAG = 16

_METADATA: Mapping[str, str] = {
    "awsPrincipalArn": "aws_principal_arn",
    "awsSourceVpc": "aws_source_vpc",
    "awsSourceVpce": "aws_source_vpce",
    "kmsKeyArn": "kms_key_arn",
    "kmsOperation": "kms_operation",
    "kmsRequestId": "kms_request_id",
    "kmsViaService": "kms_via_service",
}
_OF_HEALTH = ("kmsOperation", "kmsRequestId")


def parsed(body: bytes) -> Json:
    """The object that a body holds."""
    data: object = json.loads(body)
    if not isinstance(data, dict):
        raise ValueError("a body is an object")  # noqa: TRY004 - as for other bytes
    return cast("Json", data)


def _text(data: Json, name: str) -> str:
    value = data.get(name)
    if not isinstance(value, str):
        raise ValueError(f"{name} is a string")  # noqa: TRY004
    return value


def _blob(data: Json, name: str) -> bytes:
    return base64.b64decode(_text(data, name), validate=True)


def _written(value: bytes) -> str:
    return base64.b64encode(value).decode()


def _expect(holds: bool, what: str) -> None:
    if not holds:
        raise ValueError(what)


# ---- requests


def request_metadata(metadata: XksRequestMetadata, *, of_health: bool = False) -> Json:
    """The member ``requestMetadata``; a request for the health says only which request it is."""
    told = {name: getattr(metadata, member) for name, member in _METADATA.items()}
    names = _OF_HEALTH if of_health else _METADATA
    return {name: told[name] for name in names if told[name] is not None}


def read_metadata(data: Json, region: str) -> XksRequestMetadata:
    """What a request says of itself. Members that are not known are ignored, as the specification wants it."""
    given = data.get("requestMetadata")
    _expect(isinstance(given, dict), "requestMetadata is an object")
    told = cast("Json", given)
    optional = {
        member: _text(told, name)
        for name, member in _METADATA.items()
        if name in told and name not in _OF_HEALTH
    }
    return XksRequestMetadata(
        **{"aws_principal_arn": "", **optional},
        region=region,
        kms_operation=_text(told, "kmsOperation"),
        kms_request_id=_text(told, "kmsRequestId"),
    )


def encryption(plaintext: bytes, additional_data: bytes) -> Json:
    """What is to be encrypted; the answer is to hold a Ciphertext Data Integrity Value."""
    return {
        "plaintext": _written(plaintext),
        "encryptionAlgorithm": _ALGORITHM,
        "additionalAuthenticatedData": _written(additional_data),
        "ciphertextDataIntegrityValueAlgorithm": _INTEGRITY,
    }


def read_encryption(data: Json) -> tuple[bytes, bytes, bool]:
    """The plaintext, the additional data, and whether the answer is to hold an integrity value."""
    _expect(data.get("encryptionAlgorithm") == _ALGORITHM, "the algorithm is AES_GCM")
    integrity = data.get("ciphertextDataIntegrityValueAlgorithm")
    _expect(integrity in {None, _INTEGRITY}, "the integrity value is by SHA_256")
    return _blob(data, "plaintext"), _additional_data(data), integrity is not None


def decryption(ciphertext: ExternalCiphertext, additional_data: bytes) -> Json:
    """What is to be decrypted."""
    return {
        **_parts(ciphertext),
        "encryptionAlgorithm": _ALGORITHM,
        "additionalAuthenticatedData": _written(additional_data),
    }


def read_decryption(data: Json) -> tuple[ExternalCiphertext, bytes]:
    """The ciphertext and the additional data."""
    _expect(data.get("encryptionAlgorithm") == _ALGORITHM, "the algorithm is AES_GCM")
    return _read_parts(data), _additional_data(data)


def _additional_data(data: Json) -> bytes:
    name = "additionalAuthenticatedData"
    return _blob(data, name) if name in data else b""


def _parts(ciphertext: ExternalCiphertext) -> Json:
    parts = {
        "ciphertext": _written(ciphertext.ciphertext),
        "initializationVector": _written(ciphertext.initialization_vector),
        "authenticationTag": _written(ciphertext.authentication_tag),
    }
    metadata = ciphertext.metadata
    return {**parts, "ciphertextMetadata": _written(metadata)} if metadata else parts


def _read_parts(data: Json) -> ExternalCiphertext:
    read = ExternalCiphertext(
        ciphertext=_blob(data, "ciphertext"),
        initialization_vector=_blob(data, "initializationVector"),
        authentication_tag=_blob(data, "authenticationTag"),
        metadata=_blob(data, "ciphertextMetadata") if "ciphertextMetadata" in data else b"",
    )
    _expect(len(read.initialization_vector) in _VECTORS, "a vector has 12 or 16 bytes")
    _expect(len(read.authentication_tag) == _TAG, "a tag has 16 bytes")
    _expect(len(read.metadata) <= _LONGEST_METADATA, "metadata has at most 20 bytes")
    return read


# ---- answers


def health(statuses: tuple[EkmHealthStatus, ...]) -> Json:
    """The health of each external key manager of this model's proxy."""
    return {
        "xksProxyFleetSize": 1,
        "xksProxyVendor": "kmsmodel",
        "xksProxyModel": "kmsmodel XKS proxy",
        "ekmVendor": "kmsmodel",
        "ekmFleetDetails": [
            {"id": f"ekm-{number}", "model": "software", "healthStatus": status.value}
            for number, status in enumerate(statuses, start=1)
        ],
    }


def read_health(data: Json) -> tuple[EkmHealthStatus, ...]:
    size: object = data.get("xksProxyFleetSize")
    _expect(type(size) is int and size > 0, "a fleet has at least one proxy")
    for name in ("xksProxyVendor", "xksProxyModel", "ekmVendor"):
        _text(data, name)
    fleet = data.get("ekmFleetDetails")
    _expect(isinstance(fleet, list), "ekmFleetDetails is a list")
    details = cast("list[object]", fleet)
    _expect(1 <= len(details) <= _MOST_EKMS, "there are one to ten external key managers")
    return tuple(map(_health_of_one, details))


def _health_of_one(details: object) -> EkmHealthStatus:
    _expect(isinstance(details, dict), "an external key manager is an object")
    told = cast("Json", details)
    for name in ("id", "model"):
        _text(told, name)
    return EkmHealthStatus(_text(told, "healthStatus"))


def key_metadata(told: ExternalKeyMetadata) -> Json:
    """What is said of an external key."""
    return {
        "keySpec": told.key_spec,
        "keyUsage": list(told.key_usage),
        "keyStatus": told.key_status,
    }


def read_key_metadata(data: Json) -> ExternalKeyMetadata:
    usage = data.get("keyUsage")
    _expect(isinstance(usage, list), "keyUsage is a list")
    usages = cast("list[object]", usage)
    _expect(all(isinstance(each, str) for each in usages), "keyUsage has strings")
    told = tuple(map(str, usages))
    return ExternalKeyMetadata(_text(data, "keySpec"), told, _text(data, "keyStatus"))


def encrypted(ciphertext: ExternalCiphertext, additional_data: bytes, *, integrity: bool) -> Json:
    """The answer to an encryption."""
    parts = _parts(ciphertext)
    if not integrity:
        return parts
    value = _integrity_value(ciphertext, additional_data)
    return {**parts, "ciphertextDataIntegrityValue": _written(value)}


def read_encrypted(data: Json, additional_data: bytes) -> ExternalCiphertext:
    """The ciphertext of an answer whose integrity value is right."""
    read = _read_parts(data)
    told = _blob(data, "ciphertextDataIntegrityValue")
    _expect(told == _integrity_value(read, additional_data), "the integrity value is another")
    return read


def _integrity_value(ciphertext: ExternalCiphertext, additional_data: bytes) -> bytes:
    """The Ciphertext Data Integrity Value: appendix C."""
    return hashlib.sha256(
        additional_data
        + ciphertext.metadata
        + ciphertext.initialization_vector
        + ciphertext.ciphertext
        + ciphertext.authentication_tag
    ).digest()


def decrypted(plaintext: bytes) -> Json:
    """The answer to a decryption."""
    return {"plaintext": _written(plaintext)}


def read_decrypted(data: Json, ciphertext: ExternalCiphertext) -> bytes:
    """The plaintext, which is as long as its ciphertext."""
    plaintext = _blob(data, "plaintext")
    _expect(len(plaintext) == len(ciphertext.ciphertext), "a plaintext is as long as a ciphertext")
    return plaintext
