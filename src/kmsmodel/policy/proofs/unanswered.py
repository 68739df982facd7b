"""
Requests that AWS KMS never gets: left out where somebody must be able to do something.

A proof that nobody may do something takes them in, and still holds. One that somebody may would stand on them.

Sources: *Key spec reference*, *Multi-Region keys* and *AWS KMS condition keys* in the Developer Guide; *IAM
identifiers* and *AWS global condition context keys* in the IAM User Guide.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import TypeAlias

from kmsmodel.policy.conditions import Condition
from kmsmodel.words.enumerations import KeySpec, KeyUsageType

Together: TypeAlias = "tuple[Condition, ...]"
"""Conditions that no request fulfils all at once."""

_ENCRYPTS, _SIGNS = KeyUsageType.ENCRYPT_DECRYPT, KeyUsageType.SIGN_VERIFY
_MACS, _AGREES = KeyUsageType.GENERATE_VERIFY_MAC, KeyUsageType.KEY_AGREEMENT
_ENCAPSULATES = KeyUsageType.ENCAPSULATE_DECAPSULATE

USAGES: Mapping[str, tuple[KeyUsageType, ...]] = {
    "SYMMETRIC_DEFAULT": (_ENCRYPTS,),
    "RSA_*": (_ENCRYPTS, _SIGNS),
    "ECC_NIST_P*": (_SIGNS, _AGREES),
    "ECC_SECG_P256K1": (_SIGNS,),
    "ECC_NIST_EDWARDS25519": (_SIGNS,),
    "HMAC_*": (_MACS,),
    "SM2": (_ENCRYPTS, _SIGNS, _AGREES),
    "ML_DSA_*": (_SIGNS,),
    "ML_KEM_*": (_ENCAPSULATES,),
}
"""The key usages of KMS keys, by patterns of their key specs."""

NEEDS: Mapping[str, KeyUsageType] = {
    **dict.fromkeys(("Encrypt", "Decrypt", "ReEncryptFrom", "ReEncryptTo"), _ENCRYPTS),
    **dict.fromkeys(("GenerateDataKey", "GenerateDataKeyWithoutPlaintext"), _ENCRYPTS),
    **dict.fromkeys(("GenerateDataKeyPair", "GenerateDataKeyPairWithoutPlaintext"), _ENCRYPTS),
    **dict.fromkeys(("Sign", "Verify"), _SIGNS),
    **dict.fromkeys(("GenerateMac", "VerifyMac"), _MACS),
    "DeriveSharedSecret": _AGREES,
    **dict.fromkeys(("Encapsulate", "Decapsulate"), _ENCAPSULATES),
}
"""The key usage that an action needs."""

REGIONS = (
    *(f"{each}-*-?" for each in ("af", "ap", "ca", "cn", "eu", "il", "me", "mx", "sa", "us")),
    "eusc-*-?",
)
"""The forms of the names of Regions."""

EARLIEST = "2026-01-01T00:00:00Z"
"""Nobody asks before this time any more, nor with a token of before."""


def unanswered(action: str, said: Collection[str]) -> tuple[Together, ...]:
    """
    What no request for an action is, of the condition keys that are said: each is conditions that never hold together.
    """
    found = (
        *_of_key_specs(action.removeprefix("kms:")),
        *_of_multi_region_keys(),
        (_is_there("kms:PolicyName"), Condition("StringNotEquals", "kms:PolicyName", ("default",))),
        *((Condition("DateLessThan", each, (EARLIEST,)),) for each in _TIMES),
        *_of_forms(),
        *_of_regions(),
        *_of_user_ids(),
    )
    return tuple(
        each for each in found if all(one.name in _AT_HAND or one.name in said for one in each)
    )


_AT_HAND = frozenset(("aws:principaltype",))
"""The condition keys that follow from who asks, which cost nothing."""


def _of_key_specs(action: str) -> Iterator[Together]:
    for specs, usages in USAGES.items():
        listed = tuple(each for each in KeySpec if _fits(each, specs))
        yield (
            Condition("StringEquals", "kms:KeySpec", listed),
            Condition("StringNotEquals", "kms:KeyUsage", usages),
        )
        if action in NEEDS and NEEDS[action] not in usages:
            yield (Condition("StringEquals", "kms:KeySpec", listed),)
    if action in NEEDS:
        yield (Condition("StringNotEquals", "kms:KeyUsage", (NEEDS[action],)),)


def _fits(spec: str, pattern: str) -> bool:
    return spec == pattern or (pattern.endswith("*") and spec.startswith(pattern[:-1]))


def _of_multi_region_keys() -> Iterator[Together]:
    kind = "kms:MultiRegionKeyType"
    yield (Condition("Bool", "kms:MultiRegion", ("false",)), _is_there(kind))
    yield (Condition("Bool", "kms:MultiRegion", ("true",)), Condition("Null", kind, ("true",)))


_TIMES = ("aws:CurrentTime", "aws:TokenIssueTime")

_FORMS = {
    "aws:PrincipalOrgID": "o-*",
    "aws:ResourceOrgID": "o-*",
    "aws:SourceVpc": "vpc-*",
    "aws:SourceVpce": "vpce-*",
    "aws:VpceOrgID": "o-*",
}
"""The forms of ids."""

_PATHS = ("aws:PrincipalOrgPaths", "aws:ResourceOrgPaths", "aws:VpceOrgPaths")
_OF_A_PATH = "o-*/r-*/*"


def _of_forms() -> Iterator[Together]:
    for key, form in _FORMS.items():
        yield (_is_there(key), Condition("StringNotLike", key, (form,)))
    for key in _PATHS:
        yield (Condition("ForAnyValue:StringNotLike", key, (_OF_A_PATH,)),)


def _of_regions() -> Iterator[Together]:
    for key in ("aws:RequestedRegion", "kms:PrimaryRegion", "kms:ReplicaRegion"):
        yield (_is_there(key), Condition("StringNotLike", key, REGIONS))


def _of_user_ids() -> Iterator[Together]:
    key = "aws:userid"
    for kind, form in _USER_IDS.items():
        yield (
            Condition("StringEquals", "aws:PrincipalType", (kind,)),
            _is_there(key),
            Condition("StringNotLike", key, (form,)),
        )


_USER_IDS = {
    "Account": "?" * 12,
    "User": "AIDA*",
    "AssumedRole": "AROA*:*",
    "FederatedUser": f"{'?' * 12}:*",
}
"""The forms of ``aws:userid``, by ``aws:PrincipalType``."""


def _is_there(key: str) -> Condition:
    return Condition("Null", key, ("false",))
