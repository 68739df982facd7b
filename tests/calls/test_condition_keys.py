"""
The condition keys of a request, each for every action that can have it: request, KMS key and caller decide its value.

Sources: *AWS KMS condition keys* in the Developer Guide; *AWS global condition context keys* in the IAM User Guide.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

import pytest
from attrs import evolve

from kmsmodel.calls.caller import Caller
from kmsmodel.calls.condition_keys import RequestContext
from kmsmodel.calls.request import Request
from kmsmodel.key.key import Key
from kmsmodel.key.tag import Tag
from kmsmodel.local import LocalKms
from kmsmodel.operations import OPERATIONS
from kmsmodel.operations.aliases import CreateAliasRequest
from kmsmodel.operations.asymmetric_keys import (
    DeriveSharedSecretRequest,
    GetPublicKeyRequest,
    SignRequest,
    VerifyRequest,
)
from kmsmodel.operations.data_keys import (
    GenerateDataKeyPairRequest,
    GenerateDataKeyPairWithoutPlaintextRequest,
    GenerateDataKeyRequest,
    GenerateDataKeyWithoutPlaintextRequest,
)
from kmsmodel.operations.deletion import ScheduleKeyDeletionRequest
from kmsmodel.operations.encryption import DecryptRequest, EncryptRequest, ReEncryptRequest
from kmsmodel.operations.grant_deletion import (
    RetireGrantRequest,
    RevokeGrantRequest,
)
from kmsmodel.operations.grant_lists import (
    ListGrantsRequest,
)
from kmsmodel.operations.grants import (
    CreateGrantRequest,
)
from kmsmodel.operations.hmac_keys import GenerateMacRequest, VerifyMacRequest
from kmsmodel.operations.importing import (
    GetParametersForImportRequest,
    ImportKeyMaterialRequest,
)
from kmsmodel.operations.key_encapsulation import DecapsulateRequest, EncapsulateRequest
from kmsmodel.operations.key_policies import GetKeyPolicyRequest, PutKeyPolicyRequest
from kmsmodel.operations.keys import CreateKeyRequest, DescribeKeyRequest, DisableKeyRequest
from kmsmodel.operations.multi_region_keys import (
    ReplicateKeyRequest,
    UpdatePrimaryRegionRequest,
)
from kmsmodel.operations.rotation import EnableKeyRotationRequest
from kmsmodel.operations.tags import TagResourceRequest, UntagResourceRequest
from kmsmodel.policy.actions import ACTIONS
from kmsmodel.policy.grant import Grant, GrantConstraints
from kmsmodel.policy.principal import principal
from kmsmodel.policy.question import Value
from kmsmodel.words.arn import parse_key_arn
from kmsmodel.words.enumerations import (
    AlgorithmSpec,
    DataKeyPairSpec,
    EncapsulationAlgorithmSpec,
    EncryptionAlgorithmSpec,
    ExpirationModelType,
    GrantOperation,
    KeyAgreementAlgorithmSpec,
    KeySpec,
    KeyUsageType,
    MacAlgorithmSpec,
    MessageType,
    OriginType,
    SigningAlgorithmSpec,
    WrappingKeySpec,
)
from tests.basics import ACCOUNT, NOBODY, NOW, OTHER_ACCOUNT, THROUGH_S3, call
from tests.operations.steps import arn_of, create, encrypt, local_kms

PLAINTEXT = b"plaintext"
CONTEXT = {"Department": "Finance", "purpose": ""}
SENT = {"encryption_context": CONTEXT}
OAEP = EncryptionAlgorithmSpec.RSAES_OAEP_SHA_256
SIGNING = SigningAlgorithmSpec.ECDSA_SHA_256
ML_KEM = EncapsulationAlgorithmSpec.ML_KEM
ECDH = KeyAgreementAlgorithmSpec.ECDH
MAC = MacAlgorithmSpec.HMAC_SHA_256
PAIR = DataKeyPairSpec.ECC_NIST_P256
TAGS = (Tag(tag_key="Team", tag_value="a"), Tag(tag_key="empty", tag_value=""))


@cache
def _local() -> tuple[LocalKms, str, str]:
    """A KMS, the ARN of a multi-Region key with two aliases and two tags, and that of a key without any."""
    local = local_kms()
    key = arn_of(create(local, multi_region=True, tags=TAGS))
    for name in ("alias/b", "alias/a"):
        local.handle(CreateAliasRequest(alias_name=name, target_key_id=key))
    plain = arn_of(create(local, key_spec=KeySpec.RSA_2048, key_usage=KeyUsageType.SIGN_VERIFY))
    return local, key, plain


def _key(arn: str) -> Key:
    found = _local()[0].kms.key(parse_key_arn(arn), NOW)
    assert found is not None
    return found


def value_of(
    name: str, action: str, request: Request[Any], caller: Caller | None = None, **of: Any
) -> Value | None:
    """The condition key of a request for the first key, or for ``key``."""
    local, arn, _ = _local()
    key = of.get("key", _key(arn))
    context = RequestContext(action, request, call(caller=caller), kms=local.kms, key=key)
    return context.get(name.lower())


# ---- of the KMS key

OF_THE_KEY: Mapping[str, tuple[Value | None, Value | None]] = {
    "aws:ResourceTag/Team": ("a", None),
    "kms:CallerAccount": (ACCOUNT, ACCOUNT),
    "kms:CustomerMasterKeySpec": ("SYMMETRIC_DEFAULT", "RSA_2048"),
    "kms:CustomerMasterKeyUsage": ("ENCRYPT_DECRYPT", "SIGN_VERIFY"),
    "kms:KeyOrigin": ("AWS_KMS", "AWS_KMS"),
    "kms:KeySpec": ("SYMMETRIC_DEFAULT", "RSA_2048"),
    "kms:KeyUsage": ("ENCRYPT_DECRYPT", "SIGN_VERIFY"),
    "kms:MultiRegion": ("true", "false"),
    "kms:MultiRegionKeyType": ("PRIMARY", None),
    "kms:ResourceAliases": (("alias/a", "alias/b"), None),
    "kms:ViaService": (None, None),
}
"""The values for the multi-Region key, and for the other one."""

ON_KEY = [name for name, action in ACTIONS.items() if action.on_key]


@pytest.mark.parametrize("action", ON_KEY)
def test_every_action_on_a_key_has_the_condition_keys_of_the_key(action: str) -> None:
    _, first, plain = _local()
    request = DescribeKeyRequest(key_id=first)
    for name, values in OF_THE_KEY.items():
        told = tuple(value_of(name, action, request, key=_key(arn)) for arn in (first, plain))
        assert told == values, name
    assert value_of("aws:ResourceTag/TEAM", action, request) == "a"
    assert value_of("aws:ResourceTag/empty", action, request) == ""
    assert value_of("aws:ResourceTag/none", action, request) is None
    via = value_of("kms:ViaService", action, request, THROUGH_S3)
    assert via == "s3.us-west-2.amazonaws.com"


@pytest.mark.parametrize(
    "members, told",
    [
        (
            {},
            {
                "kms:KeySpec": "SYMMETRIC_DEFAULT",
                "kms:KeyUsage": "ENCRYPT_DECRYPT",
                "kms:KeyOrigin": "AWS_KMS",
                "kms:MultiRegion": "false",
                "kms:MultiRegionKeyType": None,
                "kms:BypassPolicyLockoutSafetyCheck": None,
                "aws:TagKeys": None,
            },
        ),
        (
            {
                "key_spec": KeySpec.ECC_NIST_P256,
                "key_usage": KeyUsageType.SIGN_VERIFY,
                "origin": OriginType.EXTERNAL,
                "multi_region": True,
                "bypass_policy_lockout_safety_check": True,
                "tags": TAGS,
            },
            {
                "kms:KeySpec": "ECC_NIST_P256",
                "kms:CustomerMasterKeySpec": "ECC_NIST_P256",
                "kms:KeyUsage": "SIGN_VERIFY",
                "kms:CustomerMasterKeyUsage": "SIGN_VERIFY",
                "kms:KeyOrigin": "EXTERNAL",
                "kms:MultiRegion": "true",
                "kms:MultiRegionKeyType": "PRIMARY",
                "kms:BypassPolicyLockoutSafetyCheck": "true",
                "kms:CallerAccount": ACCOUNT,
                "aws:TagKeys": ("Team", "empty"),
                "aws:RequestTag/team": "a",
                "aws:RequestTag/empty": "",
                "aws:RequestTag/none": None,
                "kms:ViaService": None,
            },
        ),
        ({"customer_master_key_spec": "RSA_3072"}, {"kms:KeySpec": "RSA_3072"}),
        (
            {"bypass_policy_lockout_safety_check": False},
            {"kms:BypassPolicyLockoutSafetyCheck": "false"},
        ),
    ],
)
def test_create_key_has_those_of_the_key_that_it_asks_for(
    members: Mapping[str, Any], told: Mapping[str, Value | None]
) -> None:
    request = CreateKeyRequest(**members)
    assert {name: value_of(name, "CreateKey", request, key=None) for name in told} == told


# ---- of the request


def _encrypting(request: type[Any], **members: Any) -> dict[str, tuple[Request[Any], Value | None]]:
    """What each request under a symmetric key has that takes an encryption context."""

    def of(**more: Any) -> Request[Any]:
        made: Request[Any] = request(**{"key_id": NOBODY, **members, **more})
        return made

    return {
        "kms:EncryptionAlgorithm": (of(), "SYMMETRIC_DEFAULT"),
        "kms:EncryptionContext:department": (of(**SENT), "Finance"),
        "kms:EncryptionContext:purpose": (of(**SENT), ""),
        "kms:EncryptionContext:none": (of(**SENT), None),
        "kms:EncryptionContextKeys": (of(**SENT), ("Department", "purpose")),
        "kms:RequestAlias": (of(key_id="alias/a"), "alias/a"),
    }


def _alias(request: type[Any], **members: Any) -> dict[str, tuple[Request[Any], Value | None]]:
    return {"kms:RequestAlias": (request(key_id="alias/a", **members), "alias/a")}


_ANY: Any = {"message": b"m", "signing_algorithm": SIGNING}
_MAC: Any = {"message": b"m", "mac_algorithm": MAC}
_ECDH: Any = {"key_agreement_algorithm": ECDH, "public_key": b"p"}
_POLICY: Any = {"key_id": NOBODY, "policy": "{}"}
_IMPORT: Any = {"key_id": NOBODY, "import_token": b"t", "encrypted_key_material": b"m"}
_WRAP = GetParametersForImportRequest(
    key_id=NOBODY,
    wrapping_algorithm=AlgorithmSpec.RSAES_OAEP_SHA_256,
    wrapping_key_spec=WrappingKeySpec.RSA_4096,
)
_TAG = TagResourceRequest(key_id=NOBODY, tags=TAGS)
_SIGN = SignRequest(key_id=NOBODY, **_ANY)
_VERIFY = VerifyRequest(key_id=NOBODY, signature=b"s", **_ANY)


def _reencrypting(action: str) -> dict[str, tuple[Request[Any], Value | None]]:
    half = "source" if action == "ReEncryptFrom" else "destination"

    def of(**more: Any) -> Request[Any]:
        given: Any = {
            "destination_key_id": NOBODY,
            **{f"{half}_{name}": v for name, v in more.items()},
        }
        return ReEncryptRequest(ciphertext_blob=b"b", **given)

    return {
        "kms:EncryptionAlgorithm": (of(encryption_algorithm=OAEP), "RSAES_OAEP_SHA_256"),
        "kms:EncryptionContext:department": (of(**SENT), "Finance"),
        "kms:EncryptionContextKeys": (of(**SENT), ("Department", "purpose")),
        "kms:RequestAlias": (of(key_id="alias/a"), "alias/a"),
        "kms:ReEncryptOnSameKey": (
            ReEncryptRequest(
                ciphertext_blob=b"b", source_key_id="alias/a", destination_key_id="alias/b"
            ),
            "true",
        ),
    }


_ADA = f"arn:aws:iam::{ACCOUNT}:user/Ada"
_TOPIC = f"arn:aws:sns:us-west-2:{ACCOUNT}:topic"
_CONSTRAINTS = GrantConstraints(encryption_context_subset=CONTEXT, source_arn=_TOPIC)
_GRANT = CreateGrantRequest(
    key_id=NOBODY,
    grantee_principal=_ADA,
    retiring_principal=_ADA,
    operations=(GrantOperation.Decrypt, GrantOperation.Encrypt),
    constraints=_CONSTRAINTS,
)
_SERVICE_GRANT = CreateGrantRequest(
    key_id=NOBODY,
    grantee_service_principal="sns.amazonaws.com",
    retiring_service_principal="sns.amazonaws.com",
    operations=(GrantOperation.Decrypt,),
)

OF_THE_REQUEST: Mapping[str, Mapping[str, tuple[Request[Any], Value | None]]] = {
    "CreateKey": {
        "aws:RequestTag/Team": (CreateKeyRequest(tags=TAGS), "a"),
        "aws:TagKeys": (CreateKeyRequest(tags=TAGS), ("Team", "empty")),
        "kms:BypassPolicyLockoutSafetyCheck": (
            CreateKeyRequest(bypass_policy_lockout_safety_check=True),
            "true",
        ),
    },
    "CreateGrant": {
        "kms:EncryptionContext:Department": (_GRANT, "Finance"),
        "kms:EncryptionContextKeys": (_GRANT, ("Department", "purpose")),
        "kms:GrantConstraintSourceArn": (_GRANT, _TOPIC),
        "kms:GrantConstraintType": (_GRANT, "EncryptionContextSubset"),
        "kms:GrantIsForAWSResource": (_GRANT, "false"),
        "kms:GrantOperations": (_GRANT, ("Decrypt", "Encrypt")),
        "kms:GranteePrincipal": (_GRANT, _ADA),
        "kms:GranteeServicePrincipal": (_SERVICE_GRANT, "sns.amazonaws.com"),
        "kms:RetiringPrincipal": (_GRANT, _ADA),
        "kms:RetiringServicePrincipal": (_SERVICE_GRANT, "sns.amazonaws.com"),
    },
    "Decapsulate": {
        **_alias(
            DecapsulateRequest, encapsulation_algorithm=ML_KEM, shared_secret_ciphertext_blob=b"b"
        ),
        "kms:EncapsulationAlgorithm": (
            DecapsulateRequest(
                key_id=NOBODY, encapsulation_algorithm=ML_KEM, shared_secret_ciphertext_blob=b"b"
            ),
            "ML_KEM",
        ),
    },
    "Decrypt": _encrypting(DecryptRequest, ciphertext_blob=b"b"),
    "DeriveSharedSecret": {
        **_alias(DeriveSharedSecretRequest, **_ECDH),
        "kms:KeyAgreementAlgorithm": (DeriveSharedSecretRequest(key_id=NOBODY, **_ECDH), "ECDH"),
    },
    "DescribeKey": _alias(DescribeKeyRequest),
    "EnableKeyRotation": {
        # Recorded 2026-09-12: a request without a period has the default one.
        "kms:RotationPeriodInDays": (EnableKeyRotationRequest(key_id=NOBODY), "365"),
    },
    "Encapsulate": {
        **_alias(EncapsulateRequest, encapsulation_algorithm=ML_KEM),
        "kms:EncapsulationAlgorithm": (
            EncapsulateRequest(key_id=NOBODY, encapsulation_algorithm=ML_KEM),
            "ML_KEM",
        ),
    },
    "Encrypt": _encrypting(EncryptRequest, plaintext=PLAINTEXT),
    "GenerateDataKey": _encrypting(GenerateDataKeyRequest, number_of_bytes=1),
    "GenerateDataKeyPair": {
        **_encrypting(GenerateDataKeyPairRequest, key_pair_spec=PAIR),
        "kms:DataKeyPairSpec": (
            GenerateDataKeyPairRequest(key_id=NOBODY, key_pair_spec=PAIR),
            "ECC_NIST_P256",
        ),
    },
    "GenerateDataKeyPairWithoutPlaintext": {
        **_encrypting(GenerateDataKeyPairWithoutPlaintextRequest, key_pair_spec=PAIR),
        "kms:DataKeyPairSpec": (
            GenerateDataKeyPairWithoutPlaintextRequest(key_id=NOBODY, key_pair_spec=PAIR),
            "ECC_NIST_P256",
        ),
    },
    "GenerateDataKeyWithoutPlaintext": _encrypting(
        GenerateDataKeyWithoutPlaintextRequest, number_of_bytes=1
    ),
    "GenerateMac": {
        **_alias(GenerateMacRequest, **_MAC),
        "kms:MacAlgorithm": (GenerateMacRequest(key_id=NOBODY, **_MAC), "HMAC_SHA_256"),
    },
    "GetKeyPolicy": {
        "kms:PolicyName": (GetKeyPolicyRequest(key_id=NOBODY, policy_name="AWS_RAM"), "AWS_RAM"),
    },
    "GetParametersForImport": {
        "kms:WrappingAlgorithm": (_WRAP, "RSAES_OAEP_SHA_256"),
        "kms:WrappingKeySpec": (_WRAP, "RSA_4096"),
    },
    "GetPublicKey": _alias(GetPublicKeyRequest),
    "ImportKeyMaterial": {
        "kms:ExpirationModel": (
            ImportKeyMaterialRequest(
                expiration_model=ExpirationModelType.KEY_MATERIAL_EXPIRES, **_IMPORT
            ),
            "KEY_MATERIAL_EXPIRES",
        ),
        "kms:ValidTo": (
            ImportKeyMaterialRequest(valid_to=datetime(2027, 1, 1, tzinfo=UTC), **_IMPORT),
            "1798761600",
        ),
    },
    "ListGrants": {"kms:GrantIsForAWSResource": (ListGrantsRequest(key_id=NOBODY), "false")},
    "RevokeGrant": {
        "kms:GrantIsForAWSResource": (RevokeGrantRequest(key_id=NOBODY, grant_id="g"), "false")
    },
    "RetireGrant": {
        "kms:EncryptionContext:Department": (RetireGrantRequest(), None),
        "kms:EncryptionContextKeys": (RetireGrantRequest(), None),
        "kms:GrantConstraintType": (RetireGrantRequest(), None),
    },
    "PutKeyPolicy": {
        "kms:BypassPolicyLockoutSafetyCheck": (
            PutKeyPolicyRequest(bypass_policy_lockout_safety_check=True, **_POLICY),
            "true",
        ),
        "kms:PolicyName": (PutKeyPolicyRequest(**_POLICY), "default"),
    },
    "ReEncryptFrom": _reencrypting("ReEncryptFrom"),
    "ReEncryptTo": _reencrypting("ReEncryptTo"),
    "ReplicateKey": {
        "kms:ReplicaRegion": (
            ReplicateKeyRequest(key_id=NOBODY, replica_region="eu-central-1"),
            "eu-central-1",
        ),
    },
    "UpdatePrimaryRegion": {
        "kms:PrimaryRegion": (
            UpdatePrimaryRegionRequest(key_id=NOBODY, primary_region="eu-central-1"),
            "eu-central-1",
        ),
    },
    "DisableKey": {"kms:TrailingDaysWithoutKeyUsage": (DisableKeyRequest(key_id=NOBODY), "0")},
    "ScheduleKeyDeletion": {
        "kms:TrailingDaysWithoutKeyUsage": (ScheduleKeyDeletionRequest(key_id=NOBODY), "0"),
        "kms:ScheduleKeyDeletionPendingWindowInDays": (
            ScheduleKeyDeletionRequest(key_id=NOBODY, pending_window_in_days=8),
            "8",
        ),
    },
    "Sign": {
        **_alias(SignRequest, **_ANY),
        "kms:MessageType": (_SIGN, "RAW"),
        "kms:SigningAlgorithm": (_SIGN, "ECDSA_SHA_256"),
    },
    "TagResource": {"aws:RequestTag/Team": (_TAG, "a"), "aws:TagKeys": (_TAG, ("Team", "empty"))},
    "UntagResource": {
        "aws:RequestTag/Team": (UntagResourceRequest(key_id=NOBODY, tag_keys=("Team",)), None),
        "aws:TagKeys": (UntagResourceRequest(key_id=NOBODY, tag_keys=("Team",)), ("Team",)),
    },
    "Verify": {
        **_alias(VerifyRequest, signature=b"s", **_ANY),
        "kms:MessageType": (_VERIFY, "RAW"),
        "kms:SigningAlgorithm": (_VERIFY, "ECDSA_SHA_256"),
    },
    "VerifyMac": {
        **_alias(VerifyMacRequest, mac=b"m", **_MAC),
        "kms:MacAlgorithm": (VerifyMacRequest(key_id=NOBODY, mac=b"m", **_MAC), "HMAC_SHA_256"),
    },
}
"""By action, what else its requests have: a request, and the value that the condition key has in it."""


@pytest.mark.parametrize(
    "action, name", [(action, name) for action, has in OF_THE_REQUEST.items() for name in has]
)
def test_a_condition_key_has_the_value_that_the_request_gives_it(action: str, name: str) -> None:
    request, value = OF_THE_REQUEST[action][name]
    assert value_of(name, action, request) == value


@pytest.mark.parametrize("identifier", ["alias/a", "arn:aws:kms:us-west-2:111122223333:alias/a"])
def test_the_alias_in_the_request_is_told_by_its_name(identifier: str) -> None:
    request = DescribeKeyRequest(key_id=identifier)
    assert value_of("kms:RequestAlias", "DescribeKey", request) == "alias/a"
    _, arn, _ = _local()
    assert value_of("kms:RequestAlias", "DescribeKey", DescribeKeyRequest(key_id=arn)) is None
    assert value_of("kms:RequestAlias", "Decrypt", DecryptRequest(ciphertext_blob=b"b")) is None


@pytest.mark.parametrize("action", ON_KEY)
def test_an_alias_has_no_condition_keys_of_a_kms_key(action: str) -> None:
    """Neither those of its KMS key, nor those of a new one: the alias is asked apart."""
    request = CreateAliasRequest(alias_name="alias/c", target_key_id=NOBODY)
    for name in (*OF_THE_KEY, "aws:RequestTag/Team", "kms:EncryptionContext:purpose"):
        assert value_of(name, action, request, THROUGH_S3, key=None) is None, name
    caller = value_of("aws:PrincipalAccount", action, request, THROUGH_S3, key=None)
    assert caller == ACCOUNT


@pytest.mark.parametrize(
    "action, request_, name, value",
    [
        ("Encrypt", EncryptRequest(key_id=NOBODY, plaintext=b"p"), "EncryptionContextKeys", None),
        (
            "Encrypt",
            EncryptRequest(key_id=NOBODY, plaintext=b"p", encryption_algorithm=OAEP),
            "EncryptionAlgorithm",
            "RSAES_OAEP_SHA_256",
        ),
        ("ImportKeyMaterial", ImportKeyMaterialRequest(**_IMPORT), "ExpirationModel", None),
        ("ImportKeyMaterial", ImportKeyMaterialRequest(**_IMPORT), "ValidTo", None),
        (
            "PutKeyPolicy",
            PutKeyPolicyRequest(**_POLICY),
            "BypassPolicyLockoutSafetyCheck",
            None,
        ),
        (
            "EnableKeyRotation",
            EnableKeyRotationRequest(key_id=NOBODY, rotation_period_in_days=90),
            "RotationPeriodInDays",
            "90",
        ),
        (
            "Sign",
            SignRequest(key_id=NOBODY, message_type=MessageType.DIGEST, **_ANY),
            "MessageType",
            "DIGEST",
        ),
    ],
)
def test_what_the_request_leaves_out_is_absent_or_has_aws_s_default(
    action: str, request_: Request[Any], name: str, value: Value | None
) -> None:
    assert value_of(f"kms:{name}", action, request_) == value


def test_reencrypt_knows_whether_both_keys_are_one() -> None:
    """Whether the request names the source, or the ciphertext does."""
    local, arn, _ = _local()
    other = arn_of(create(local))
    blob = encrypt(local, arn)
    for destination, is_same in ((arn, "true"), ("alias/a", "true"), (other, "false")):
        for source in (None, arn, "alias/b"):
            request = ReEncryptRequest(
                ciphertext_blob=blob, source_key_id=source, destination_key_id=destination
            )
            of_the_destination = _key(other if destination == other else arn)
            for action, key in (("ReEncryptFrom", _key(arn)), ("ReEncryptTo", of_the_destination)):
                assert value_of("kms:ReEncryptOnSameKey", action, request, key=key) == is_same


def test_what_retires_a_grant_has_the_condition_keys_of_its_constraints() -> None:
    local, arn, _ = _local()
    grant = Grant(
        grant_id="0" * 64,
        issuing_account=ACCOUNT,
        creation_date=NOW,
        seen_at=NOW,
        operations=(GrantOperation.Decrypt,),
        grantee_principal=_ADA,
        constraints=GrantConstraints(encryption_context_equals=CONTEXT),
    )
    context = RequestContext(
        "RetireGrant", RetireGrantRequest(), call(), kms=local.kms, key=_key(arn), grant=grant
    )
    assert context.get("kms:grantconstrainttype") == "EncryptionContextEquals"
    assert context.get("kms:encryptioncontext:department") == "Finance"
    assert context.get("kms:encryptioncontextkeys") == ("Department", "purpose")


@pytest.mark.parametrize("member", ["encryption_context_equals", "encryption_context_subset"])
def test_an_empty_constraint_is_of_no_type(member: str) -> None:
    """A policy that asks for a constraint is not satisfied by one that the grant will not have."""
    none: dict[str, Any] = {member: {}}
    request = evolve(_GRANT, constraints=GrantConstraints(**none))
    assert value_of("kms:GrantConstraintType", "CreateGrant", request) is None


@pytest.mark.parametrize("caller", [THROUGH_S3, Caller("sns.amazonaws.com", account=ACCOUNT)])
def test_a_grant_is_for_an_aws_resource_if_a_service_asks_for_it(caller: Caller) -> None:
    assert value_of("kms:GrantIsForAWSResource", "CreateGrant", _GRANT, caller) == "true"


# ---- the whole of it

ELSEWHERE = "kms:RecipientAttestation:"
"""What needs an attestation document: `tests/calls/test_recipients.py` has it."""

KNOWN = {request.operation for request in OPERATIONS} | {"ReEncryptFrom", "ReEncryptTo"}


@pytest.mark.parametrize("action", sorted(ACTIONS.keys() & KNOWN))
def test_the_tables_name_every_condition_key_of_an_action(action: str) -> None:
    named = {*OF_THE_REQUEST.get(action, {}), *OF_THE_KEY}
    for name in ACTIONS[action].condition_keys:
        if not name.startswith(ELSEWHERE):
            is_family = name.endswith((":", "/"))
            assert any(each.startswith(name) if is_family else each == name for each in named), name


@pytest.mark.parametrize("action", sorted(ACTIONS))
def test_an_action_has_no_condition_key_that_is_not_its_own(action: str) -> None:
    """Whatever the request has."""
    carried = ACTIONS[action].condition_keys
    families = tuple(name for name in carried if name.endswith((":", "/")))
    for has in OF_THE_REQUEST.values():
        for name, (request, _) in has.items():
            if name not in carried and not name.startswith(families):
                assert value_of(name, action, request) is None


# ---- of the caller

ROLE = "arn:aws:iam::111122223333:role/path/Reader"
SESSION = "arn:aws:sts::111122223333:assumed-role/Reader/alice"

OF_THE_CALLER: Mapping[str, tuple[Caller, Mapping[str, Value | None]]] = {
    "root user": (
        Caller(f"arn:aws:iam::{ACCOUNT}:root"),
        {
            "aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:root",
            "aws:PrincipalAccount": ACCOUNT,
            "aws:PrincipalType": "Account",
            "aws:userid": ACCOUNT,
            "aws:username": None,
            "aws:PrincipalIsAWSService": "false",
            "aws:PrincipalServiceName": None,
        },
    ),
    "user": (
        Caller(principal("arn:aws:iam::111122223333:user/path/Ada", unique_id="AIDAEXAMPLE")),
        {
            "aws:PrincipalArn": "arn:aws:iam::111122223333:user/path/Ada",
            "aws:PrincipalType": "User",
            "aws:userid": "AIDAEXAMPLE",
            "aws:username": "Ada",
        },
    ),
    "session": (
        Caller(principal(SESSION, issuer=ROLE, unique_id="AROAEXAMPLE")),
        {
            "aws:PrincipalArn": ROLE,
            "aws:PrincipalType": "AssumedRole",
            "aws:userid": "AROAEXAMPLE:alice",
            "aws:username": None,
        },
    ),
    "federated user": (
        Caller("arn:aws:sts::111122223333:federated-user/Bob"),
        {
            "aws:PrincipalType": "FederatedUser",
            "aws:userid": f"{ACCOUNT}:Bob",
            "aws:username": None,
        },
    ),
    "service": (
        Caller("events.amazonaws.com"),
        {
            "aws:PrincipalArn": None,
            "aws:PrincipalAccount": None,
            "aws:PrincipalType": "Service",
            "aws:PrincipalIsAWSService": "true",
            "aws:PrincipalServiceName": "events.amazonaws.com",
            "aws:PrincipalServiceNamesList": None,
            "aws:userid": None,
            "kms:CallerAccount": None,
        },
    ),
    "service by another of its names": (
        Caller(
            "logs.eu-central-1.amazonaws.com",
            context={"aws:PrincipalServiceName": "logs.amazonaws.com"},
        ),
        {"aws:PrincipalServiceName": "logs.amazonaws.com"},
    ),
    "of another account": (
        Caller("arn:aws:iam::444455556666:user/Mallory"),
        {
            "aws:PrincipalAccount": OTHER_ACCOUNT,
            "aws:ResourceAccount": ACCOUNT,
            "aws:userid": None,
            "kms:CallerAccount": OTHER_ACCOUNT,
        },
    ),
    "through a service": (
        THROUGH_S3,
        {
            "aws:CalledVia": ("s3.amazonaws.com",),
            "aws:CalledViaFirst": "s3.amazonaws.com",
            "aws:CalledViaLast": "s3.amazonaws.com",
            "aws:ViaAWSService": "true",
            "kms:ViaService": "s3.us-west-2.amazonaws.com",
        },
    ),
    "of what cannot be known": (
        Caller(
            "arn:aws:iam::111122223333:user/Ada",
            context={"aws:SourceIp": "192.0.2.1", "aws:SecureTransport": "false"},
        ),
        {
            "aws:SourceIp": "192.0.2.1",
            "aws:SecureTransport": "false",
            "aws:SourceVpc": None,
            "aws:ViaAWSService": "false",
        },
    ),
}


@pytest.mark.parametrize(
    "caller, name, value",
    [
        pytest.param(caller, name, value, id=f"{who}-{name}")
        for who, (caller, told) in OF_THE_CALLER.items()
        for name, value in told.items()
    ],
)
def test_every_request_tells_who_makes_it(caller: Caller, name: str, value: Value | None) -> None:
    assert value_of(name, "DescribeKey", DescribeKeyRequest(key_id=NOBODY), caller) == value


def test_every_request_tells_when_and_where_it_is_made() -> None:
    request = DescribeKeyRequest(key_id=NOBODY)
    told = {
        "aws:CurrentTime": "2026-11-24T12:30:15Z",
        "aws:EpochTime": str(int(NOW.timestamp())),
        "aws:RequestedRegion": "us-west-2",
        "aws:SecureTransport": "true",
        "aws:ResourceAccount": ACCOUNT,
    }
    assert {name: value_of(name, "DescribeKey", request) for name in told} == told
