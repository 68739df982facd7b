"""
The condition keys of AWS KMS and of all AWS services: their types, and how many values a request has for them.

Sources: *AWS KMS condition keys* in the Developer Guide; *AWS global condition context keys* in the IAM User Guide;
*Actions, resources, and condition keys for AWS Key Management Service* in the Service Authorization Reference.
`actions.ACTIONS` says which actions carry a key.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import final

from attrs import frozen

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
    MultiRegionKeyType,
    OriginType,
    SigningAlgorithmSpec,
    WrappingKeySpec,
)
from kmsmodel.words.meant import ALIKE, meant


@final
class ConditionKeyType(StrEnum):
    """What the values of a condition key are, in AWS's words."""

    STRING = "String"
    BOOL = "Bool"
    ARN = "ARN"
    DATE = "Date"
    NUMERIC = "Numeric"
    IP_ADDRESS = "IPAddress"


@final
@frozen
class ConditionKey:
    """
    A condition key.

    A ``name`` that ends with ``:`` or ``/`` goes on with a name of the author's choice. ``is_multivalued`` is whether a
    request may have several values for it. ``values`` are all that AWS has, or empty if AWS has no list of them.
    """

    name: str
    type: ConditionKeyType = ConditionKeyType.STRING
    is_multivalued: bool = False
    values: tuple[str, ...] = ()

    @property
    def is_prefix(self) -> bool:
        """Does the name go on?"""
        return self.name.endswith((":", "/"))


_STRING, _BOOL, _ARN = ConditionKeyType.STRING, ConditionKeyType.BOOL, ConditionKeyType.ARN
_DATE, _NUMERIC = ConditionKeyType.DATE, ConditionKeyType.NUMERIC
_IP_ADDRESS = ConditionKeyType.IP_ADDRESS


def _one_of(name: str, values: Iterable[str]) -> ConditionKey:
    return ConditionKey(name, _STRING, False, tuple(map(str, values)))  # pragma: no mutate


def _several(name: str, values: Iterable[str] = ()) -> ConditionKey:
    return ConditionKey(name, _STRING, True, tuple(map(str, values)))  # pragma: no mutate


_OF_AWS_KMS = (
    ConditionKey("kms:BypassPolicyLockoutSafetyCheck", _BOOL),
    ConditionKey("kms:CallerAccount"),
    _one_of("kms:CustomerMasterKeySpec", KeySpec),
    _one_of("kms:CustomerMasterKeyUsage", KeyUsageType),
    _one_of("kms:DataKeyPairSpec", DataKeyPairSpec),
    _one_of("kms:EncapsulationAlgorithm", EncapsulationAlgorithmSpec),
    _one_of("kms:EncryptionAlgorithm", EncryptionAlgorithmSpec),
    ConditionKey("kms:EncryptionContext:"),
    _several("kms:EncryptionContextKeys"),
    _one_of("kms:ExpirationModel", ExpirationModelType),
    ConditionKey("kms:GrantConstraintSourceArn", _ARN),
    _one_of("kms:GrantConstraintType", ("EncryptionContextEquals", "EncryptionContextSubset")),
    ConditionKey("kms:GrantIsForAWSResource", _BOOL),
    _several("kms:GrantOperations", GrantOperation),
    ConditionKey("kms:GranteePrincipal"),
    ConditionKey("kms:GranteeServicePrincipal"),
    _one_of("kms:KeyAgreementAlgorithm", KeyAgreementAlgorithmSpec),
    _one_of("kms:KeyOrigin", OriginType),
    _one_of("kms:KeySpec", KeySpec),
    _one_of("kms:KeyUsage", KeyUsageType),
    _one_of("kms:MacAlgorithm", MacAlgorithmSpec),
    _one_of("kms:MessageType", MessageType),
    ConditionKey("kms:MultiRegion", _BOOL),
    _one_of("kms:MultiRegionKeyType", MultiRegionKeyType),
    _one_of("kms:PolicyName", ("default", "AWS_RAM")),
    ConditionKey("kms:PrimaryRegion"),
    ConditionKey("kms:ReEncryptOnSameKey", _BOOL),
    ConditionKey("kms:RecipientAttestation:ImageSha384"),
    *(ConditionKey(f"kms:RecipientAttestation:PCR{number}") for number in range(32)),
    *(ConditionKey(f"kms:RecipientAttestation:NitroTPMPCR{number}") for number in range(24)),
    ConditionKey("kms:ReplicaRegion"),
    ConditionKey("kms:RequestAlias"),
    _several("kms:ResourceAliases"),
    ConditionKey("kms:RetiringPrincipal"),
    ConditionKey("kms:RetiringServicePrincipal"),
    ConditionKey("kms:RotationPeriodInDays", _NUMERIC),
    ConditionKey("kms:ScheduleKeyDeletionPendingWindowInDays", _NUMERIC),
    _one_of("kms:SigningAlgorithm", SigningAlgorithmSpec),
    ConditionKey("kms:TrailingDaysWithoutKeyUsage", _NUMERIC),
    ConditionKey("kms:ValidTo", _DATE),
    ConditionKey("kms:ViaService"),
    _one_of("kms:WrappingAlgorithm", AlgorithmSpec),
    _one_of("kms:WrappingKeySpec", WrappingKeySpec),
)

_OF_ALL_SERVICES = (
    ConditionKey("aws:AssumedRoot", _BOOL),
    _several("aws:CalledVia"),
    ConditionKey("aws:CalledViaFirst"),
    ConditionKey("aws:CalledViaLast"),
    ConditionKey("aws:ChatbotSourceArn", _ARN),
    ConditionKey("aws:CurrentTime", _DATE),
    ConditionKey("aws:Ec2InstanceSourcePrivateIPv4", _IP_ADDRESS),
    ConditionKey("aws:Ec2InstanceSourceVpc"),
    ConditionKey("aws:EpochTime", _DATE),
    ConditionKey("aws:FederatedProvider"),
    ConditionKey("aws:MultiFactorAuthAge", _NUMERIC),
    ConditionKey("aws:MultiFactorAuthPresent", _BOOL),
    ConditionKey("aws:PrincipalAccount"),
    ConditionKey("aws:PrincipalArn", _ARN),
    ConditionKey("aws:PrincipalIsAWSService", _BOOL),
    ConditionKey("aws:PrincipalOrgID"),
    _several("aws:PrincipalOrgPaths"),
    ConditionKey("aws:PrincipalServiceName"),
    _several("aws:PrincipalServiceNamesList"),
    ConditionKey("aws:PrincipalTag/"),
    ConditionKey("aws:PrincipalType"),
    ConditionKey("aws:RequestTag/"),
    ConditionKey("aws:RequestedRegion"),
    ConditionKey("aws:ResourceAccount"),
    ConditionKey("aws:ResourceOrgID"),
    _several("aws:ResourceOrgPaths"),
    ConditionKey("aws:ResourceTag/"),
    ConditionKey("aws:SecureTransport", _BOOL),
    ConditionKey("aws:SourceAccount"),
    ConditionKey("aws:SourceArn", _ARN),
    ConditionKey("aws:SourceIdentity"),
    ConditionKey("aws:SourceIp", _IP_ADDRESS),
    ConditionKey("aws:SourceOrgID"),
    _several("aws:SourceOrgPaths"),
    ConditionKey("aws:SourceVpc"),
    ConditionKey("aws:SourceVpcArn", _ARN),
    ConditionKey("aws:SourceVpce"),
    _several("aws:TagKeys"),
    ConditionKey("aws:TokenIssueTime", _DATE),
    ConditionKey("aws:UserAgent"),
    ConditionKey("aws:ViaAWSService", _BOOL),
    ConditionKey("aws:VpcSourceIp", _IP_ADDRESS),
    ConditionKey("aws:VpceAccount"),
    ConditionKey("aws:VpceOrgID"),
    _several("aws:VpceOrgPaths"),
    ConditionKey("aws:referer"),
    ConditionKey("aws:userid"),
    ConditionKey("aws:username"),
)

CONDITION_KEYS: Mapping[str, ConditionKey] = {
    key.name.lower(): key for key in (*_OF_AWS_KMS, *_OF_ALL_SERVICES)
}
"""The condition keys by their names in lower case, as policies know them."""

_PREFIXES = tuple(key for key in CONDITION_KEYS.values() if key.is_prefix)


_GOES_ON = re.compile("[^:/]*:[^:/]*[:/]")
"""Such as ``kms:EncryptionContext:``; what its author adds may have the same marks."""


def condition_key(name: str) -> ConditionKey | None:
    """The condition key with this name, in any case of letters, or None if neither AWS KMS nor AWS has one."""
    name = name.lower()
    found = CONDITION_KEYS.get(name)
    if found is not None:
        return None if found.is_prefix else found
    for prefix in _PREFIXES:
        if name.startswith(prefix.name.lower()):
            return prefix
    return None


def meant_key(name: str, *, alike: float = ALIKE) -> str | None:
    """The condition key that is perhaps meant by one that does not exist, with what its author added to the name."""
    goes_on = _GOES_ON.match(name)
    if goes_on is not None:
        close = meant(goes_on[0], [each.name for each in _PREFIXES], alike=alike)
        if close:
            return f"{close[0]}{name[goes_on.end() :]}"
    close = meant(name, [each.name for each in CONDITION_KEYS.values()], alike=alike)
    return close[0] if close else None
