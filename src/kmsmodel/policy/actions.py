"""
The actions of AWS KMS as policies call them: on what they are allowed, and which condition keys their requests have.

Sources: *AWS KMS permissions* in the Developer Guide; *Actions, resources, and condition keys for AWS Key Management
Service* in the Service Authorization Reference. A condition key that ends with ``:`` or ``/`` goes on with a name of
the author's choice.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import final

from attrs import frozen

PREFIX = "kms:"


@final
@frozen
class Action:
    """
    An action of AWS KMS.

    ``on_key`` is whether it is allowed on a KMS key, and so by a key policy; others are allowed by IAM policies only.
    ``across_accounts`` is whether it works on a KMS key of another account. ``condition_keys`` are those of AWS KMS,
    and those of AWS about tags, that its requests can have.
    """

    on_key: bool
    across_accounts: bool
    condition_keys: frozenset[str]


_OF_A_KEY = (
    "kms:CallerAccount",
    "kms:CustomerMasterKeySpec",
    "kms:CustomerMasterKeyUsage",
    "kms:KeyOrigin",
    "kms:KeySpec",
    "kms:KeyUsage",
    "kms:MultiRegion",
    "kms:MultiRegionKeyType",
    "kms:ResourceAliases",
    "kms:ViaService",
    "aws:ResourceTag/",
)
_OF_A_NEW_KEY = tuple(
    key for key in _OF_A_KEY if key not in {"kms:ResourceAliases", "aws:ResourceTag/"}
)
_ALIAS = "kms:RequestAlias"
_ENCRYPTION_CONTEXT = (
    "kms:EncryptionAlgorithm",
    "kms:EncryptionContext:",
    "kms:EncryptionContextKeys",
)
_ATTESTATION = (
    "kms:RecipientAttestation:ImageSha384",
    *(f"kms:RecipientAttestation:PCR{number}" for number in range(32)),
    *(f"kms:RecipientAttestation:NitroTPMPCR{number}" for number in range(24)),
)
_TAGS = ("aws:RequestTag/", "aws:TagKeys")


def _at_home(*condition_keys: str) -> Action:
    return Action(True, False, frozenset((*_OF_A_KEY, *condition_keys)))  # pragma: no mutate


def _across_accounts(*condition_keys: str) -> Action:
    return Action(True, True, frozenset((*_OF_A_KEY, *condition_keys)))  # pragma: no mutate


def _without_a_key(*condition_keys: str) -> Action:
    return Action(False, False, frozenset(condition_keys))  # pragma: no mutate


ACTIONS: Mapping[str, Action] = {
    "CancelKeyDeletion": _at_home(),
    "ConnectCustomKeyStore": _without_a_key("kms:CallerAccount"),
    "CreateAlias": _at_home(),
    "CreateCustomKeyStore": _without_a_key("kms:CallerAccount"),
    "CreateGrant": _across_accounts(
        "kms:EncryptionContext:",
        "kms:EncryptionContextKeys",
        "kms:GrantConstraintSourceArn",
        "kms:GrantConstraintType",
        "kms:GrantIsForAWSResource",
        "kms:GrantOperations",
        "kms:GranteePrincipal",
        "kms:GranteeServicePrincipal",
        "kms:RetiringPrincipal",
        "kms:RetiringServicePrincipal",
    ),
    "CreateKey": _without_a_key(*_OF_A_NEW_KEY, *_TAGS, "kms:BypassPolicyLockoutSafetyCheck"),
    "Decapsulate": _across_accounts(_ALIAS, "kms:EncapsulationAlgorithm"),
    "Decrypt": _across_accounts(*_ENCRYPTION_CONTEXT, *_ATTESTATION, _ALIAS),
    "DeleteAlias": _at_home(),
    "DeleteCustomKeyStore": _without_a_key("kms:CallerAccount"),
    "DeleteImportedKeyMaterial": _at_home(),
    "DeriveSharedSecret": _across_accounts(*_ATTESTATION, _ALIAS, "kms:KeyAgreementAlgorithm"),
    "DescribeCustomKeyStores": _without_a_key("kms:CallerAccount"),
    "DescribeKey": _across_accounts(_ALIAS),
    "DisableKey": _at_home("kms:TrailingDaysWithoutKeyUsage"),
    "DisableKeyRotation": _at_home(),
    "DisconnectCustomKeyStore": _without_a_key("kms:CallerAccount"),
    "EnableKey": _at_home(),
    "EnableKeyRotation": _at_home("kms:RotationPeriodInDays"),
    "Encapsulate": _across_accounts(_ALIAS, "kms:EncapsulationAlgorithm"),
    "Encrypt": _across_accounts(*_ENCRYPTION_CONTEXT, _ALIAS),
    "GenerateDataKey": _across_accounts(*_ENCRYPTION_CONTEXT, *_ATTESTATION, _ALIAS),
    "GenerateDataKeyPair": _across_accounts(
        *_ENCRYPTION_CONTEXT, *_ATTESTATION, _ALIAS, "kms:DataKeyPairSpec"
    ),
    "GenerateDataKeyPairWithoutPlaintext": _across_accounts(
        *_ENCRYPTION_CONTEXT, _ALIAS, "kms:DataKeyPairSpec"
    ),
    "GenerateDataKeyWithoutPlaintext": _across_accounts(*_ENCRYPTION_CONTEXT, _ALIAS),
    "GenerateMac": _across_accounts(_ALIAS, "kms:MacAlgorithm"),
    "GenerateRandom": _without_a_key(*_ATTESTATION),
    "GetKeyLastUsage": _at_home(),
    "GetKeyPolicy": _at_home("kms:PolicyName"),
    "GetKeyRotationStatus": _across_accounts(),
    "GetParametersForImport": _at_home("kms:WrappingAlgorithm", "kms:WrappingKeySpec"),
    "GetPublicKey": _across_accounts(_ALIAS),
    "ImportKeyMaterial": _at_home("kms:ExpirationModel", "kms:ValidTo"),
    "ListAliases": _without_a_key(),
    "ListGrants": _across_accounts("kms:GrantIsForAWSResource"),
    "ListKeyPolicies": _at_home(),
    "ListKeyRotations": _at_home(),
    "ListKeys": _without_a_key(),
    "ListResourceTags": _at_home(),
    "ListRetirableGrants": _without_a_key(),
    "PutKeyPolicy": _at_home("kms:BypassPolicyLockoutSafetyCheck", "kms:PolicyName"),
    "ReEncryptFrom": _across_accounts(*_ENCRYPTION_CONTEXT, _ALIAS, "kms:ReEncryptOnSameKey"),
    "ReEncryptTo": _across_accounts(*_ENCRYPTION_CONTEXT, _ALIAS, "kms:ReEncryptOnSameKey"),
    "ReplicateKey": _at_home("kms:ReplicaRegion"),
    "RetireGrant": _across_accounts(
        "kms:EncryptionContext:", "kms:EncryptionContextKeys", "kms:GrantConstraintType"
    ),
    "RevokeGrant": _across_accounts("kms:GrantIsForAWSResource"),
    "RotateKeyOnDemand": _at_home(),
    "ScheduleKeyDeletion": _at_home(
        "kms:ScheduleKeyDeletionPendingWindowInDays", "kms:TrailingDaysWithoutKeyUsage"
    ),
    "Sign": _across_accounts(_ALIAS, "kms:MessageType", "kms:SigningAlgorithm"),
    "SynchronizeMultiRegionKey": _at_home(),
    "TagResource": _at_home(*_TAGS),
    "UntagResource": _at_home(*_TAGS),
    "UpdateAlias": _at_home(),
    "UpdateCustomKeyStore": _without_a_key("kms:CallerAccount"),
    "UpdateKeyDescription": _at_home(),
    "UpdatePrimaryRegion": _at_home("kms:PrimaryRegion"),
    "Verify": _across_accounts(_ALIAS, "kms:MessageType", "kms:SigningAlgorithm"),
    "VerifyMac": _across_accounts(_ALIAS, "kms:MacAlgorithm"),
}
"""The actions by their names without ``kms:``."""

TAKING_AN_ENCRYPTION_CONTEXT = frozenset(
    f"{PREFIX}{name}"
    for name, action in ACTIONS.items()
    if "kms:EncryptionAlgorithm" in action.condition_keys
)
"""
The actions, by their names in policies, that grants with a constraint on the encryption context look at.

CreateGrant and RetireGrant carry it as a condition key, too, but that is the one of a constraint.
"""

_BY_POLICY_NAME = {f"{PREFIX}{name}": action for name, action in ACTIONS.items()}


def works_across_accounts(action: str) -> bool:
    """
    Whether an action, such as ``kms:Decrypt``, can be done with another account's resource.

    What other services' actions can do is not known here.
    """
    known = _BY_POLICY_NAME.get(action)
    return known is None or known.across_accounts
