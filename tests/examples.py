"""
A world of KMS keys, and for each operation requests that succeed in it, as an AWS SDK has them.

What is sent to one door can be sent to all of them, whole or spoiled. An operation that is added needs an example.
"""

from __future__ import annotations

import base64
from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache
from typing import Any, cast, final

from attrs import evolve, frozen
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, derive_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from kmsmodel.clock import Clock
from kmsmodel.crypto.seeded_hsm import SeededHsm
from kmsmodel.crypto.wrapping import wrap_key_material
from kmsmodel.local import LocalKms
from kmsmodel.memory.kms import Kms
from kmsmodel.words import structures
from kmsmodel.words.enumerations import KeySpec
from tests.basics import NOW
from tests.key_stores import CLUSTERS, KEY_STORES, PROXIES, of_cluster, of_proxy

Members = dict[str, Any]
"""The members of a request, by AWS's names: blobs are bytes, times datetimes."""

HSM = SeededHsm("examples")
CONTEXT = {"Department": "Finance", "": "\u20ac"}
POLICY = """{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Principal": {"AWS": "arn:aws:iam::111122223333:root"},
    "Action": "kms:*",
    "Resource": "*"
  }
}"""
MESSAGE = b"attack at dawn"

_OAEP = "RSAES_OAEP_SHA_256"


@final
@frozen
class Examples:
    """A `Kms` at `NOW`, and by operation the members of requests that succeed in it."""

    kms: Kms
    requests: Mapping[str, tuple[Members, ...]]

    def local(self) -> LocalKms:
        """A KMS that begins here, and is the same each time."""
        return LocalKms(self.kms, clock=Clock(NOW), hsm=HSM, key_stores=KEY_STORES)


@cache
def examples() -> Examples:
    before = SeededHsm("before the examples")
    local = LocalKms(clock=Clock(NOW), hsm=before, key_stores=KEY_STORES)
    requests: dict[str, list[Members]] = defaultdict(list)
    for chapter in (
        _keys,
        _imports,
        _multi_region_keys,
        _grants,
        _encryption,
        _data_keys,
        _signatures,
        _secrets_shared,
        _custom_key_stores,
    ):
        for operation, members in chapter(local):
            requests[operation].append(members)
    return Examples(local.kms, {operation: tuple(each) for operation, each in requests.items()})


def plain_json(value: Any) -> Any:
    """Members, or one of them, in plain JSON."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, datetime):
        return value.timestamp()
    if isinstance(value, dict):
        members = cast("Members", value)
        return {name: plain_json(content) for name, content in members.items()}
    if isinstance(value, list):
        return [plain_json(item) for item in cast("list[object]", value)]
    return value


# ---- what they are


Request = tuple[str, Members]


def _create(local: LocalKms, **members: Any) -> str:
    """The id of a new key."""
    key_id: str = local.dispatch("CreateKey", members)["KeyMetadata"]["KeyId"]
    return key_id


def _keys(local: LocalKms) -> list[Request]:
    """What is asked about any key."""
    key = _create(local, Description="kept", Tags=[{"TagKey": "a", "TagValue": ""}])
    arn = local.dispatch("DescribeKey", {"KeyId": key})["KeyMetadata"]["Arn"]
    disabled, doomed = _create(local), _create(local)
    local.dispatch("DisableKey", {"KeyId": disabled})
    local.dispatch("ScheduleKeyDeletion", {"KeyId": doomed, "PendingWindowInDays": 7})
    local.dispatch("TagResource", {"KeyId": key, "Tags": [{"TagKey": "b", "TagValue": "\u00e9"}]})
    for name in ("alias/one", "alias/two", "alias/three"):
        local.dispatch("CreateAlias", {"AliasName": name, "TargetKeyId": key})
    pages = [
        (operation, about | {"Marker": local.dispatch(operation, about)["NextMarker"]})
        for operation, about in (
            ("ListKeys", {"Limit": 1}),
            ("ListAliases", {"Limit": 1}),
            ("ListAliases", {"KeyId": key, "Limit": 2}),
            ("ListResourceTags", {"KeyId": key, "Limit": 1}),
        )
    ]
    tags = [{"TagKey": "c", "TagValue": "d"}]
    return [
        *pages,
        ("CreateKey", {}),
        ("CreateKey", {"Policy": POLICY, "Description": "new", "Tags": tags, "MultiRegion": True}),
        ("CreateKey", {"Origin": "EXTERNAL", "BypassPolicyLockoutSafetyCheck": True}),
        ("CreateKey", {"KeySpec": "RSA_2048", "KeyUsage": "SIGN_VERIFY"}),
        ("CreateKey", {"CustomerMasterKeySpec": "HMAC_224", "KeyUsage": "GENERATE_VERIFY_MAC"}),
        *(("DescribeKey", {"KeyId": each}) for each in (key, arn, "alias/one", disabled, doomed)),
        ("DescribeKey", {"KeyId": "alias/aws/s3"}),
        ("ListKeys", {}),
        ("ListKeys", {"Limit": 2, "ResourceOwners": ["SELF"]}),
        ("EnableKey", {"KeyId": disabled}),
        ("DisableKey", {"KeyId": arn}),
        ("UpdateKeyDescription", {"KeyId": key, "Description": ""}),
        ("ScheduleKeyDeletion", {"KeyId": key}),
        ("ScheduleKeyDeletion", {"KeyId": disabled, "PendingWindowInDays": 30}),
        ("CancelKeyDeletion", {"KeyId": doomed}),
        ("CreateAlias", {"AliasName": "alias/four", "TargetKeyId": disabled}),
        ("UpdateAlias", {"AliasName": "alias/one", "TargetKeyId": disabled}),
        ("DeleteAlias", {"AliasName": "alias/two"}),
        ("ListAliases", {}),
        ("ListAliases", {"KeyId": arn}),
        ("TagResource", {"KeyId": arn, "Tags": tags}),
        ("UntagResource", {"KeyId": key, "TagKeys": ["a", "z"]}),
        ("ListResourceTags", {"KeyId": key}),
        ("GetKeyPolicy", {"KeyId": key}),
        ("PutKeyPolicy", {"KeyId": key, "PolicyName": "default", "Policy": POLICY}),
        ("ListKeyPolicies", {"KeyId": key, "Limit": 1}),
    ]


def _imports(local: LocalKms) -> list[Request]:
    """What is asked about keys of origin EXTERNAL, and about rotation."""
    empty, imported, updated = (_create(local, Origin="EXTERNAL") for _ in range(3))
    private_key = _create(local, Origin="EXTERNAL", KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
    about: Members = {"WrappingAlgorithm": _OAEP, "WrappingKeySpec": "RSA_2048"}

    def with_material(key_id: str, material: bytes) -> Members:
        given = local.dispatch("GetParametersForImport", {"KeyId": key_id, **about})
        wrapped = wrap_key_material(given["PublicKey"], _OAEP, material)
        token = given["ImportToken"]
        return {"KeyId": key_id, "ImportToken": token, "EncryptedKeyMaterial": wrapped}

    for_ever: Members = {"ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE"}
    for_a_day: Members = {"ValidTo": NOW + timedelta(days=1)}
    new: Members = {"ImportType": "NEW_KEY_MATERIAL", "KeyMaterialDescription": "second"}
    for key_id in (imported, updated):
        local.dispatch("ImportKeyMaterial", with_material(key_id, bytes(32)) | for_ever)
    local.dispatch("ImportKeyMaterial", with_material(updated, bytes([1]) * 32) | for_a_day | new)
    rotated = _create(local)
    for _ in range(2):
        local.dispatch("RotateKeyOnDemand", {"KeyId": rotated})
    local.dispatch("EnableKeyRotation", {"KeyId": rotated, "RotationPeriodInDays": 90})
    signing = HSM.generate(KeySpec.ECC_NIST_P256, "to be imported").reveal()
    return [
        ("GetParametersForImport", {"KeyId": empty, **about}),
        ("GetParametersForImport", {"KeyId": imported, **about, "WrappingKeySpec": "RSA_4096"}),
        ("ImportKeyMaterial", with_material(empty, bytes(32)) | for_ever),
        ("ImportKeyMaterial", with_material(empty, bytes([7]) * 32) | for_a_day),
        ("ImportKeyMaterial", with_material(imported, bytes([2]) * 32) | for_a_day | new),
        ("ImportKeyMaterial", with_material(private_key, signing) | for_ever),
        ("DeleteImportedKeyMaterial", {"KeyId": imported}),
        ("EnableKeyRotation", {"KeyId": rotated}),
        ("EnableKeyRotation", {"KeyId": rotated, "RotationPeriodInDays": 2560}),
        ("DisableKeyRotation", {"KeyId": rotated}),
        ("RotateKeyOnDemand", {"KeyId": updated}),
        ("RotateKeyOnDemand", {"KeyId": rotated}),
        ("ListKeyRotations", {"KeyId": rotated, "Limit": 1}),
        ("ListKeyRotations", {"KeyId": updated, "IncludeKeyMaterial": "ALL_KEY_MATERIAL"}),
        ("GetKeyRotationStatus", {"KeyId": rotated}),
        ("DescribeKey", {"KeyId": imported}),
        ("DescribeKey", {"KeyId": empty}),
    ]


def _multi_region_keys(local: LocalKms) -> list[Request]:
    key, replicated = (_create(local, MultiRegion=True) for _ in range(2))
    arn = local.dispatch("DescribeKey", {"KeyId": replicated})["KeyMetadata"]["Arn"]
    local.dispatch("ReplicateKey", {"KeyId": replicated, "ReplicaRegion": "eu-west-1"})
    in_full: Members = {
        "Policy": POLICY,
        "BypassPolicyLockoutSafetyCheck": True,
        "Description": "a replica",
        "Tags": [{"TagKey": "a", "TagValue": ""}],
    }
    return [
        ("ReplicateKey", {"KeyId": key, "ReplicaRegion": "eu-west-1"}),
        ("ReplicateKey", {"KeyId": arn, "ReplicaRegion": "ap-northeast-1", **in_full}),
        ("UpdatePrimaryRegion", {"KeyId": arn, "PrimaryRegion": "eu-west-1"}),
        ("UpdatePrimaryRegion", {"KeyId": key, "PrimaryRegion": "us-west-2"}),
        ("DescribeKey", {"KeyId": replicated}),
        ("ScheduleKeyDeletion", {"KeyId": replicated}),
    ]


def _grants(local: LocalKms) -> list[Request]:
    key, signing = _create(local), _create(local, KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY")
    arn = local.dispatch("DescribeKey", {"KeyId": key})["KeyMetadata"]["Arn"]
    role, other = (f"arn:aws:iam::111122223333:role/{name}" for name in ("app", "janitor"))
    to_role: Members = {"KeyId": key, "GranteePrincipal": role, "RetiringPrincipal": other}
    named: Members = {**to_role, "Operations": ["Encrypt", "RetireGrant"], "Name": "named"}
    given = [local.dispatch("CreateGrant", named) for _ in range(2)]
    given += [
        local.dispatch("CreateGrant", {**to_role, "Operations": ["DescribeKey"]}) for _ in range(2)
    ]
    token, grant_id = given[0]["GrantToken"], given[2]["GrantId"]
    pages = [
        (operation, about | {"Marker": local.dispatch(operation, about)["NextMarker"]})
        for operation, about in (
            ("ListGrants", {"KeyId": key, "Limit": 1}),
            ("ListRetirableGrants", {"RetiringPrincipal": other, "Limit": 2}),
        )
    ]
    service: Members = {
        "GranteeServicePrincipal": "s3.amazonaws.com",
        "RetiringServicePrincipal": "s3.amazonaws.com",
        "Constraints": {"SourceArn": "arn:aws:s3:us-west-2:111122223333:bucket"},
    }
    in_context: Members = {"Constraints": {"EncryptionContextSubset": CONTEXT}}
    return [
        *pages,
        ("CreateGrant", named),
        ("CreateGrant", {**to_role, "Operations": ["Decrypt", "CreateGrant"], **in_context}),
        ("CreateGrant", {"KeyId": signing, "GranteePrincipal": role, "Operations": ["Sign"]}),
        ("CreateGrant", {"KeyId": arn, "Operations": ["Decrypt"], **service}),
        ("ListGrants", {"KeyId": arn}),
        ("ListGrants", {"KeyId": key, "GrantId": grant_id, "GranteePrincipal": role}),
        ("ListRetirableGrants", {"RetiringPrincipal": other}),
        ("RetireGrant", {"GrantToken": token}),
        ("RetireGrant", {"KeyId": arn, "GrantId": grant_id}),
        ("RevokeGrant", {"KeyId": key, "GrantId": grant_id}),
        ("DescribeKey", {"KeyId": key, "GrantTokens": [token]}),
    ]


def _encryption(local: LocalKms) -> list[Request]:
    key, rsa = _create(local), _create(local, KeySpec="RSA_2048", KeyUsage="ENCRYPT_DECRYPT")
    plain: Members = {"KeyId": key, "Plaintext": MESSAGE}
    in_context = {**plain, "EncryptionContext": CONTEXT}
    by_rsa = {"KeyId": rsa, "Plaintext": MESSAGE, "EncryptionAlgorithm": "RSAES_OAEP_SHA_1"}
    encryptions = (plain, in_context, by_rsa)
    sealed, sealed_in_context, sealed_by_rsa = (
        local.dispatch("Encrypt", each)["CiphertextBlob"] for each in encryptions
    )
    to_rsa = {"DestinationKeyId": rsa, "DestinationEncryptionAlgorithm": "RSAES_OAEP_SHA_256"}
    from_rsa = {
        "CiphertextBlob": sealed_by_rsa,
        "SourceKeyId": rsa,
        "SourceEncryptionAlgorithm": "RSAES_OAEP_SHA_1",
    }
    return [
        ("GetKeyLastUsage", {"KeyId": key}),
        ("GetKeyLastUsage", {"KeyId": _create(local)}),
        *(("Encrypt", each) for each in encryptions),
        ("Decrypt", {"CiphertextBlob": sealed}),
        ("Decrypt", {"CiphertextBlob": sealed_in_context, "EncryptionContext": CONTEXT}),
        (
            "Decrypt",
            {
                "CiphertextBlob": sealed_by_rsa,
                "KeyId": rsa,
                "EncryptionAlgorithm": "RSAES_OAEP_SHA_1",
            },
        ),
        ("ReEncrypt", {"CiphertextBlob": sealed, **to_rsa}),
        ("ReEncrypt", {**from_rsa, "DestinationKeyId": key}),
        (
            "ReEncrypt",
            {
                "CiphertextBlob": sealed_in_context,
                "SourceEncryptionContext": CONTEXT,
                "DestinationKeyId": "alias/one",
                "DestinationEncryptionContext": {"a": "b"},
            },
        ),
    ]


def _data_keys(local: LocalKms) -> list[Request]:
    key: Members = {"KeyId": _create(local)}
    in_context = {**key, "EncryptionContext": CONTEXT}
    return [
        ("GenerateRandom", {"NumberOfBytes": 1024}),
        ("GenerateDataKey", {**key, "KeySpec": "AES_256"}),
        ("GenerateDataKey", {**in_context, "NumberOfBytes": 64}),
        ("GenerateDataKeyWithoutPlaintext", {**in_context, "KeySpec": "AES_128"}),
        ("GenerateDataKeyPair", {**key, "KeyPairSpec": "RSA_2048"}),
        ("GenerateDataKeyPair", {**in_context, "KeyPairSpec": "ECC_NIST_EDWARDS25519"}),
        ("GenerateDataKeyPairWithoutPlaintext", {**in_context, "KeyPairSpec": "ML_KEM_768"}),
    ]


def _signatures(local: LocalKms) -> list[Request]:
    """Signatures and message authentication codes."""
    found: list[Request] = []
    for key_spec, algorithm, how in (
        ("RSA_2048", "RSASSA_PSS_SHA_256", {"Message": MESSAGE}),
        ("RSA_2048", "RSASSA_PKCS1_V1_5_SHA_512", {"Message": MESSAGE, "MessageType": "RAW"}),
        ("ECC_NIST_P256", "ECDSA_SHA_256", {"Message": bytes(32), "MessageType": "DIGEST"}),
        ("ECC_NIST_EDWARDS25519", "ED25519_SHA_512", {"Message": MESSAGE}),
        ("ML_DSA_44", "ML_DSA_SHAKE_256", {"Message": bytes(64), "MessageType": "EXTERNAL_MU"}),
    ):
        key: Members = {"KeyId": _create(local, KeySpec=key_spec, KeyUsage="SIGN_VERIFY")}
        members = {**key, "SigningAlgorithm": algorithm, **how}
        signature = local.dispatch("Sign", members)["Signature"]
        found += [
            ("Sign", members),
            ("Verify", {**members, "Signature": signature}),
            ("GetPublicKey", key),
        ]
    hmac = _create(local, KeySpec="HMAC_384", KeyUsage="GENERATE_VERIFY_MAC")
    members = {"KeyId": hmac, "MacAlgorithm": "HMAC_SHA_384", "Message": MESSAGE}
    mac = local.dispatch("GenerateMac", members)["Mac"]
    return [*found, ("GenerateMac", members), ("VerifyMac", {**members, "Mac": mac})]


def _secrets_shared(local: LocalKms) -> list[Request]:
    """Key agreement and key encapsulation."""
    agreeing: Members = {
        "KeyId": _create(local, KeySpec="ECC_NIST_P256", KeyUsage="KEY_AGREEMENT"),
        "KeyAgreementAlgorithm": "ECDH",
    }
    peer = derive_private_key(2026, SECP256R1()).public_key()
    public_key = peer.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    encapsulating: Members = {
        "KeyId": _create(local, KeySpec="ML_KEM_768", KeyUsage="ENCAPSULATE_DECAPSULATE"),
        "EncapsulationAlgorithm": "ML_KEM",
    }
    blob = local.dispatch("Encapsulate", encapsulating)["SharedSecretCiphertextBlob"]
    return [
        ("DeriveSharedSecret", {**agreeing, "PublicKey": public_key}),
        ("Encapsulate", encapsulating),
        ("Decapsulate", {**encapsulating, "SharedSecretCiphertextBlob": blob}),
    ]


def _custom_key_stores(local: LocalKms) -> list[Request]:
    """Key stores in each connection state, and KMS keys in them."""
    connected, disconnected, failed, unused = CLUSTERS
    proxy, another, _ = PROXIES
    stores = [
        local.handle(of_cluster(each, name)).custom_key_store_id
        for each, name in ((connected, "connected"), (disconnected, "disconnected"))
    ]
    stores += [
        local.handle(of_proxy(each, name)).custom_key_store_id
        for each, name in ((proxy, "connected proxy"), (another, "disconnected proxy"))
    ]
    wrong = evolve(of_cluster(failed, "failed"), key_store_password="another password")
    stores.append(local.handle(wrong).custom_key_store_id)
    in_cluster, empty, in_proxy, empty_proxy, in_vain = stores
    for store in (in_cluster, in_proxy, in_vain):
        local.dispatch("ConnectCustomKeyStore", {"CustomKeyStoreId": store})
    key = _create(local, Origin="AWS_CLOUDHSM", CustomKeyStoreId=in_cluster)
    external: Members = {"Origin": "EXTERNAL_KEY_STORE", "CustomKeyStoreId": in_proxy}
    doubly = _create(local, **external, XksKeyId="key-0")
    sealed = [
        local.dispatch("Encrypt", {"KeyId": each, "Plaintext": MESSAGE})["CiphertextBlob"]
        for each in (key, doubly)
    ]
    limit: Members = {"Limit": 2}
    page = local.dispatch("DescribeCustomKeyStores", limit)["NextMarker"]
    return [
        *(
            ("CreateCustomKeyStore", structures.to_members(each))
            for each in (of_cluster(unused, "new"), of_proxy(PROXIES[2], "new proxy"))
        ),
        ("DescribeCustomKeyStores", {}),
        ("DescribeCustomKeyStores", limit | {"Marker": page}),
        ("DescribeCustomKeyStores", {"CustomKeyStoreId": in_vain}),
        ("DescribeCustomKeyStores", {"CustomKeyStoreName": "connected proxy"}),
        ("ConnectCustomKeyStore", {"CustomKeyStoreId": empty}),
        ("ConnectCustomKeyStore", {"CustomKeyStoreId": empty_proxy}),
        ("DisconnectCustomKeyStore", {"CustomKeyStoreId": in_cluster}),
        ("DisconnectCustomKeyStore", {"CustomKeyStoreId": in_vain}),
        (
            "UpdateCustomKeyStore",
            {"CustomKeyStoreId": empty, "KeyStorePassword": "another password"},
        ),
        ("UpdateCustomKeyStore", {"CustomKeyStoreId": in_proxy, "NewCustomKeyStoreName": "new"}),
        ("DeleteCustomKeyStore", {"CustomKeyStoreId": empty}),
        ("DeleteCustomKeyStore", {"CustomKeyStoreId": empty_proxy}),
        ("CreateKey", {"Origin": "AWS_CLOUDHSM", "CustomKeyStoreId": in_cluster}),
        ("CreateKey", {**external, "XksKeyId": "key-1"}),
        ("GenerateRandom", {"NumberOfBytes": 8, "CustomKeyStoreId": in_cluster}),
        ("GenerateDataKey", {"KeyId": doubly, "KeySpec": "AES_256"}),
        *(("DescribeKey", {"KeyId": each}) for each in (key, doubly)),
        *(("Decrypt", {"CiphertextBlob": each}) for each in sealed),
    ]
