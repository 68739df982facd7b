"""
The rules on key policies that AWS and linters are known for, each with what its reading of the text gets wrong.

A row's ``missed`` is a policy that the check passes though a request speaks against the rule, and ``cried_over`` one
that it flags though the rule is proved. Sources: the source code of checkov, cfn_nag, the guard rules registry,
Prowler, cloudsploit and KICS, and the pages of Security Hub and AWS Config on their controls, as of November 2026.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias, final

from attrs import frozen

from kmsmodel.pipeline.identity_policies import NEVER_DECRYPTS_ALL
from kmsmodel.policy.proofs.answers import Answer
from kmsmodel.policy.proofs.key_policy import KeyPolicy
from kmsmodel.policy.proofs.rules import STRICT

Statement: TypeAlias = "Mapping[str, Any]"
Statements: TypeAlias = "tuple[Statement, ...]"

OWNER = "111122223333"
"""The account of the KMS key in all examples."""


@final
@frozen(kw_only=True)
class Example:
    """A policy, and what it shows."""

    shows: str
    statements: Statements


@final
@frozen(kw_only=True)
class KnownRule:
    """
    A check that others are known for.

    ``rule`` is the name of the rule that asks the same, and ``of_iam`` whether it is about policies of IAM. Where there
    is none, ``out_of_reach`` says why.
    """

    source: str
    id: str
    rule: str = ""
    missed: Example | None = None
    cried_over: Example | None = None
    out_of_reach: str = ""
    of_iam: bool = False


def allow(principal: object, action: object, **others: Any) -> Statement:
    """A statement that allows."""
    return {"Effect": "Allow", "Principal": principal, "Action": action, "Resource": "*", **others}


def deny(action: object, **others: Any) -> Statement:
    """A statement that denies to everyone."""
    return {**allow("*", action, **others), "Effect": "Deny"}


_CALLER, _VIA = "kms:CallerAccount", "kms:ViaService"
_IMAGE, _ROLE = "kms:RecipientAttestation:ImageSha384", "kms:RecipientAttestation:PCR3"
_HASH = "9f" * 48
_ROOT = allow({"AWS": f"arn:aws:iam::{OWNER}:root"}, "kms:*")
_ADMIN = allow({"AWS": f"arn:aws:iam::{OWNER}:role/admin"}, ["kms:Describe*", "kms:Put*"])
_APP = {"AWS": f"arn:aws:iam::{OWNER}:role/app"}
_PARTNER = {"AWS": "arn:aws:iam::444455556666:role/app"}

_THROUGH_A_SERVICE = Example(
    shows=f'`"Principal": "*"` with `{_VIA}`, which is fulfilled in every account',
    statements=(
        _ADMIN,
        allow(
            {"AWS": "*"},
            "kms:Decrypt",
            Condition={"StringEquals": {_VIA: "s3.us-west-2.amazonaws.com"}},
        ),
    ),
)
_EVERYONE_ELSE = Example(
    shows="Allow with `NotPrincipal`, which lets in everyone else",
    statements=(
        _ROOT,
        {
            "Effect": "Allow",
            "NotPrincipal": {"AWS": f"arn:aws:iam::{OWNER}:role/app"},
            "Action": "kms:Decrypt",
            "Resource": "*",
        },
    ),
)
_BY_CALLER_ACCOUNT = Example(
    shows=f'`"Principal": "*"` with `{_CALLER}`, which only one account fulfils',
    statements=(
        _ROOT,
        allow("*", "kms:Decrypt", Condition={"StringEquals": {_CALLER: OWNER}}),
    ),
)
_CLOSED_BY_DENY = Example(
    shows=f'`"Principal": {{"AWS": "*"}}` beside a Deny for all other accounts by `{_CALLER}`',
    statements=(
        _ROOT,
        allow({"AWS": "*"}, "kms:Decrypt"),
        deny("kms:*", Condition={"StringNotEquals": {_CALLER: OWNER}}),
    ),
)
_A_WILDCARD_IN_A_VALUE = Example(
    shows="`aws:PrincipalArn` with a wildcard behind the account",
    statements=(
        _ROOT,
        allow(
            "*",
            "kms:Decrypt",
            Condition={"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{OWNER}:role/*"}},
        ),
    ),
)
_ALL_KEYS_BUT_ONE = Example(
    shows="`NotResource`, which means all keys but one",
    statements=(
        {
            "Effect": "Allow",
            "Action": "kms:Decrypt",
            "NotResource": f"arn:aws:kms:us-west-2:{OWNER}:key/"
            "1234abcd-12ab-34cd-56ef-1234567890ab",
        },
    ),
)
_TAGGED_KEYS = Example(
    shows='`"Resource": "*"` with `aws:ResourceTag`, which only tagged keys fulfil',
    statements=(
        {
            "Effect": "Allow",
            "Action": "kms:Decrypt",
            "Resource": "*",
            "Condition": {"StringEquals": {"aws:ResourceTag/Project": "blue"}},
        },
    ),
)
_ATTESTED = allow(_APP, "kms:Decrypt", Condition={"StringEqualsIgnoreCase": {_IMAGE: _HASH}})

KNOWN_RULES = (
    KnownRule(
        source="Security Hub",
        id="KMS.1",
        rule=NEVER_DECRYPTS_ALL.name,
        of_iam=True,
        missed=_ALL_KEYS_BUT_ONE,
        cried_over=_TAGGED_KEYS,
    ),
    KnownRule(
        source="Security Hub",
        id="KMS.2",
        rule=NEVER_DECRYPTS_ALL.name,
        of_iam=True,
        missed=_ALL_KEYS_BUT_ONE,
        cried_over=_TAGGED_KEYS,
    ),
    KnownRule(source="Security Hub", id="KMS.3", out_of_reach="asks for the state of a key"),
    KnownRule(source="Security Hub", id="KMS.4", out_of_reach="asks for the rotation of a key"),
    KnownRule(
        source="Security Hub",
        id="KMS.5",
        rule="never-public",
        missed=_THROUGH_A_SERVICE,
        cried_over=_A_WILDCARD_IN_A_VALUE,
    ),
    KnownRule(
        source="AWS Config",
        id="KMS_KEY_POLICY_NO_PUBLIC_ACCESS",
        rule="never-public",
        missed=_THROUGH_A_SERVICE,
        cried_over=_A_WILDCARD_IN_A_VALUE,
    ),
    KnownRule(
        source="AWS Config",
        id="KMS_CMK_NOT_SCHEDULED_FOR_DELETION",
        out_of_reach="asks for the state of a key",
    ),
    KnownRule(
        source="AWS Config",
        id="CMK_BACKING_KEY_ROTATION_ENABLED",
        out_of_reach="asks for the rotation of a key",
    ),
    KnownRule(
        source="checkov",
        id="CKV_AWS_33",
        rule="never-public",
        missed=_THROUGH_A_SERVICE,
        cried_over=_CLOSED_BY_DENY,
    ),
    KnownRule(
        source="checkov",
        id="CKV2_AWS_64",
        rule="can-be-administered",
        missed=Example(
            shows="a key policy that allows `kms:PutKeyPolicy` to nobody",
            statements=(allow(_APP, ["kms:Encrypt", "kms:Decrypt"]),),
        ),
        cried_over=Example(
            shows="a key without a policy of its own, which has AWS's default", statements=()
        ),
    ),
    KnownRule(source="checkov", id="CKV_AWS_7", out_of_reach="asks for the rotation of a key"),
    KnownRule(
        source="cfn_nag",
        id="F76",
        rule="never-public",
        missed=_EVERYONE_ELSE,
        cried_over=_BY_CALLER_ACCOUNT,
    ),
    KnownRule(source="cfn_nag", id="F19", out_of_reach="asks for the rotation of a key"),
    KnownRule(
        source="guard",
        id="KMS_NO_WILDCARD_PRINCIPAL",
        rule="never-public",
        missed=Example(
            shows='`"Principal": {"AWS": "*"}`, which is not the text `*`',
            statements=(_ROOT, allow({"AWS": "*"}, "kms:Decrypt")),
        ),
        cried_over=Example(
            shows="a Deny for everyone",
            statements=(_ROOT, deny("kms:ScheduleKeyDeletion")),
        ),
    ),
    KnownRule(
        source="Prowler",
        id="kms_key_not_publicly_accessible",
        rule="never-public",
        missed=_THROUGH_A_SERVICE,
        cried_over=_CLOSED_BY_DENY,
    ),
    KnownRule(
        source="Prowler",
        id="kms_key_enclave_attestation_not_enforced",
        rule="only-attested",
        cried_over=Example(
            shows="a Deny for `kms:Decrypt` and `kms:ReEncryptFrom` without an attestation beside the root statement",
            statements=(
                _ROOT,
                _ATTESTED,
                deny(["kms:Decrypt", "kms:ReEncryptFrom"], Condition={"Null": {_IMAGE: "true"}}),
            ),
        ),
    ),
    KnownRule(
        source="Prowler",
        id="kms_key_enclave_attestation_bypassable_path",
        rule="only-attested",
        missed=Example(
            shows="a Deny without an attestation that spares one role",
            statements=(
                _ROOT,
                deny(
                    "kms:*",
                    Condition={
                        "Null": {_IMAGE: "true"},
                        "ArnNotEquals": {"aws:PrincipalArn": f"arn:aws:iam::{OWNER}:role/admin"},
                    },
                ),
            ),
        ),
        cried_over=Example(
            shows="a Deny with `StringNotEquals`, which the absence of an attestation fulfils too",
            statements=(_ROOT, deny("kms:*", Condition={"StringNotEquals": {_IMAGE: _HASH}})),
        ),
    ),
    KnownRule(
        source="Prowler",
        id="kms_key_enclave_attestation_no_deployment_binding",
        rule="bound-to-a-deployment",
        missed=Example(
            shows="`aws:ResourceAccount`, which every request fulfils",
            statements=(
                _ADMIN,
                allow(
                    _PARTNER,
                    "kms:Decrypt",
                    Condition={
                        "StringEqualsIgnoreCase": {_IMAGE: _HASH},
                        "StringEquals": {"aws:ResourceAccount": OWNER},
                    },
                ),
            ),
        ),
        cried_over=Example(
            shows="a principal of the key's account, which says where the image runs",
            statements=(_ADMIN, _ATTESTED),
        ),
    ),
    KnownRule(
        source="Prowler",
        id="kms_key_enclave_attestation_pcr_mismatch",
        rule="allows_only_attested in a rules file",
        missed=Example(
            shows="a root statement without an attestation beside one with a trusted image",
            statements=(_ROOT, _ATTESTED),
        ),
        cried_over=Example(
            shows="an old image that a Deny keeps out",
            statements=(
                _ADMIN,
                allow(
                    _APP,
                    "kms:Decrypt",
                    Condition={"StringEqualsIgnoreCase": {_IMAGE: [_HASH, "0a" * 48]}},
                ),
                deny("kms:Decrypt", Condition={"StringNotEqualsIgnoreCase": {_IMAGE: _HASH}}),
            ),
        ),
    ),
    KnownRule(
        source="Prowler",
        id="kms_key_enclave_attestation_unknown_image",
        out_of_reach="reads the events of CloudTrail",
    ),
    KnownRule(
        source="Prowler",
        id="kms_key_enclave_debug_attestation_detected",
        rule="never-in-debug-mode",
        missed=Example(
            shows="a policy that asks for the role only, as long as no enclave has run in debug mode",
            statements=(
                _ADMIN,
                allow(_APP, "kms:Decrypt", Condition={"StringEqualsIgnoreCase": {_ROLE: _HASH}}),
            ),
        ),
    ),
    KnownRule(
        source="Prowler",
        id="kms_cmk_rotation_enabled",
        out_of_reach="asks for the rotation of a key",
    ),
    KnownRule(
        source="cloudsploit",
        id="kmsKeyPolicy",
        rule="never-public",
        missed=Example(
            shows='`"Principal": "*"`, which has no member `AWS`',
            statements=(_ROOT, allow("*", "kms:Decrypt")),
        ),
        cried_over=_CLOSED_BY_DENY,
    ),
    KnownRule(
        source="KICS",
        id="KMS Key With Vulnerable Policy",
        rule="never-public",
        missed=_THROUGH_A_SERVICE,
        cried_over=Example(shows="AWS's own default key policy", statements=(_ROOT,)),
    ),
)
"""The table, by source."""

_ANSWERS: Mapping[str, Callable[[KeyPolicy], Answer]] = {
    **{each.name: each.answer for each in STRICT},
    "allows_only_attested in a rules file": lambda policy: policy.allows_only_attested(
        "Decrypt", measurements={"ImageSha384": _HASH}
    ),
}


def answer(known: KnownRule, policy: KeyPolicy) -> Answer:
    """What is proved of a key policy for a known rule."""
    return _ANSWERS[known.rule](policy)
