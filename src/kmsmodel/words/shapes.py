"""
AWS's constrained simple shapes, under their API names.

A shape is the Python type annotated with its constraints, which `structures` checks. Source: the KMS service model of
botocore 1.44.8.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated, final

from attrs import frozen

from kmsmodel.words.enumerations import (
    DryRunModifierType,
    EncapsulationAlgorithmSpec,
    EncryptionAlgorithmSpec,
    GrantOperation,
    KeyAgreementAlgorithmSpec,
    MacAlgorithmSpec,
    ResourceOwnerType,
    SigningAlgorithmSpec,
)

# ---- constraints


@final
@frozen
class Length:
    """How many characters, bytes or items a value may have, both ends included."""

    minimum: int
    maximum: int


@final
@frozen
class Range:
    """The least and the greatest number, both included."""

    minimum: int
    maximum: int


@final
@frozen
class Pattern:
    r"""The regular expression that the whole string must match, as AWS spells it: Java has ``\p{ASCII}``."""

    regex: str


@final
@frozen
class Sensitive:
    """AWS marks the value as sensitive: it never shows in messages."""


@final
@frozen
class Unlisted:
    """A value that the service takes, although its enumeration lacks it."""

    value: str


@final
@frozen
class ToldAs:
    """The enumeration that a message lists in the place of the value's own."""

    enumeration: type[StrEnum]


# ---- constrained simple shapes

AWSAccountIdType = str
# The API does not print this pattern; the service tells it.
KeyIdType = Annotated[str, Length(1, 2048), Pattern(r"^\p{ASCII}+$")]
ArnType = Annotated[str, Length(20, 2048)]
RegionType = Annotated[str, Length(1, 32), Pattern(r"^([a-z]+-){2,3}\d+$")]
DateType = datetime
DescriptionType = Annotated[str, Length(0, 8192)]
AliasNameType = Annotated[str, Length(1, 256), Pattern("^[a-zA-Z0-9:/_-]+$")]
PolicyNameType = Annotated[str, Length(1, 128), Pattern(r"[\w]+")]
PolicyType = Annotated[str, Length(1, 131072), Pattern(r"[\u0009\u000A\u000D\u0020-\u00FF]+")]
CloudTrailEventIdType = str
KmsRequestIdType = str
CustomKeyStoreIdType = Annotated[str, Length(1, 64)]
CloudHsmClusterIdType = Annotated[str, Length(19, 24), Pattern("cluster-[2-7a-zA-Z]{11,16}")]
XksKeyIdType = Annotated[str, Length(1, 128), Pattern("^[a-zA-Z0-9-_.]+$")]
AccountIdType = Annotated[str, Length(12, 12), Pattern("[0-9]{12}")]
CustomKeyStoreNameType = Annotated[str, Length(1, 256)]
TrustAnchorCertificateType = Annotated[str, Length(1, 5000)]
KeyStorePasswordType = Annotated[str, Length(7, 32), Sensitive()]
XksProxyUriEndpointType = Annotated[str, Length(10, 128), Pattern("^https://[a-zA-Z0-9.-]+$")]
XksProxyUriPathType = Annotated[
    str,
    Length(10, 128),
    Pattern(r"^(/[a-zA-Z0-9\/_-]+/kms/xks/v\d{1,2})$|^(/kms/xks/v\d{1,2})$"),
]
XksProxyVpcEndpointServiceNameType = Annotated[
    str,
    Length(20, 64),
    Pattern(r"^(com|eu)\.amazonaws\.vpce\.([a-z]+-){2,3}\d+\.vpce-svc-[0-9a-z]+$"),
]
XksProxyAuthenticationAccessKeyIdType = Annotated[
    str, Length(20, 30), Pattern("^[A-Z2-7]+$"), Sensitive()
]
XksProxyAuthenticationRawSecretAccessKeyType = Annotated[
    str, Length(43, 64), Pattern(r"^[a-zA-Z0-9\/+=]+$"), Sensitive()
]
TagKeyType = Annotated[str, Length(1, 128)]
TagValueType = Annotated[str, Length(0, 256)]
BackingKeyIdType = Annotated[str, Length(64, 64), Pattern("^[a-f0-9]+$")]
BackingKeyIdResponseType = Annotated[str, Length(0, 64), Pattern("^[a-f0-9]+$")]
KeyMaterialDescriptionType = Annotated[str, Length(0, 256), Pattern(r"^[a-zA-Z0-9:/_\s.-]+$")]
PendingWindowInDaysType = Annotated[int, Range(1, 365)]
RotationPeriodInDaysType = Annotated[int, Range(90, 2560)]
NumberOfBytesType = Annotated[int, Range(1, 1024)]
LimitType = Annotated[int, Range(1, 1000)]
MarkerType = Annotated[str, Length(1, 1024), Pattern(r"[\u0020-\u00FF]*")]
PlaintextType = Annotated[bytes, Length(1, 4096), Sensitive()]
CiphertextType = Annotated[bytes, Length(1, 6144)]
PublicKeyType = Annotated[bytes, Length(1, 8192)]
AttestationDocumentType = Annotated[bytes, Length(1, 262144)]
GrantTokenType = Annotated[str, Length(1, 8192)]
GrantIdType = Annotated[str, Length(1, 128)]
GrantNameType = Annotated[str, Length(1, 256), Pattern("^[a-zA-Z0-9:/_-]+$")]
GrantConstraintSourceArnType = Annotated[
    str, Length(20, 512), Pattern("^arn:aws[a-z0-9-]*:[a-z0-9-]+:[a-z0-9-]*:[0-9]{12}:.+$")
]
PrincipalIdType = Annotated[str, Length(1, 256), Pattern(r"^[\w+=,.@:/-]+$")]
ServicePrincipalType = Annotated[
    str, Length(1, 128), Pattern(r"^([A-Za-z0-9\-]+)\.([A-Za-z0-9\-]+)(\.[A-Za-z0-9\-]+)+$")
]

EncryptionContextType = Mapping[str, str]
GrantOperationList = tuple[GrantOperation, ...]
GrantTokenList = Annotated[tuple[GrantTokenType, ...], Length(0, 10)]
TagKeyList = tuple[TagKeyType, ...]
PolicyNameList = tuple[PolicyNameType, ...]
ResourceOwnersList = Annotated[tuple[ResourceOwnerType, ...], Length(1, 2)]
DryRunModifierList = tuple[DryRunModifierType, ...]
EncryptionAlgorithmSpecList = tuple[EncryptionAlgorithmSpec, ...]
SigningAlgorithmSpecList = tuple[SigningAlgorithmSpec, ...]
MacAlgorithmSpecList = tuple[MacAlgorithmSpec, ...]
KeyAgreementAlgorithmSpecList = tuple[KeyAgreementAlgorithmSpec, ...]
EncapsulationAlgorithmSpecList = tuple[EncapsulationAlgorithmSpec, ...]
