"""
Rules that linters and AWS's own checks have on key policies, each as a property that is proved.

Each rule has the public ids of the checks that ask the same by reading the text. What they miss or cry over is told in
`docs/policy-rules.md`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from enum import Enum, auto
from typing import final

from attrs import evolve, frozen

from kmsmodel.policy.elements import account_named
from kmsmodel.policy.principal import principal
from kmsmodel.policy.proofs.answers import Answer, Proved
from kmsmodel.policy.proofs.callers import deputies, outside
from kmsmodel.policy.proofs.key_policy import KeyPolicy


@final
class Subject(Enum):
    """What a rule is about."""

    ACCESS = auto()
    """Who a key policy lets use the key."""
    TEXT = auto()
    """The text of a key policy, such as its spelling."""
    IDENTITY_POLICY = auto()
    """What a policy of IAM allows with keys that it does not name."""


@final
@frozen
class Rule:
    """A rule: its name, what it asks, the ids of checks elsewhere that ask it, how it is answered, and its subject."""

    name: str
    asks: str
    ids: tuple[str, ...]
    answer: Callable[[KeyPolicy], Answer]
    about: Subject = Subject.ACCESS


def accounts_named(policy: KeyPolicy) -> tuple[str, ...]:
    """The owner of the key and all accounts that Principal elements and grants name."""
    return tuple(dict.fromkeys((policy.account, *sorted(_accounts(policy)))))


def _accounts(policy: KeyPolicy) -> Iterator[str]:
    for name in _names(policy):
        try:
            account = account_named(name) or principal(name).account
        except ValueError:  # a unique id
            continue
        if account.isdigit():
            yield account


def _names(policy: KeyPolicy) -> Iterator[str]:
    for statement in policy.policy.statements:
        for _, names, _ in statement.principals.named if statement.principals else ():
            yield from names
    for grant in policy.grants:
        yield from filter(None, (grant.grantee, grant.retiring))


def _not_public(policy: KeyPolicy) -> Answer:
    return policy.never_allows(to=outside(*accounts_named(policy)))


def _stays_at_home(policy: KeyPolicy) -> Answer:
    return policy.never_allows(to=outside(policy.account))


def _no_deputies(policy: KeyPolicy) -> Answer:
    return policy.never_allows(to=deputies(policy.account))


def _if_attested(ask: Callable[[KeyPolicy], Answer]) -> Callable[[KeyPolicy], Answer]:
    """What asks only policies that speak of an attestation."""

    def answer(policy: KeyPolicy) -> Answer:
        speaks_of_it = any(
            each.name.startswith("kms:recipientattestation:")
            for statement in policy.policy.statements
            for each in statement.conditions
        )
        return ask(policy) if speaks_of_it else Proved(claim="no statement asks for an attestation")

    return answer


def _attested(policy: KeyPolicy) -> Answer:
    return policy.allows_only_attested("Decrypt", "ReEncryptFrom")


def _deployed(policy: KeyPolicy) -> Answer:
    """An enclave whose PCR3, PCR4 and PCR8 the policy does not name, as all zeros do not, runs anywhere."""
    named: dict[str, list[str]] = {}
    for statement in policy.policy.statements:
        for each in statement.conditions:
            values = [one for one in each.texts if not _NAMES_NONE.search(one)]
            if each.name in _OF_A_DEPLOYMENT and values:
                named.setdefault(each.name, []).extend(values)
    elsewhere = {"StringNotEqualsIgnoreCase": named} if named else None
    claim = f"kms:Decrypt allowed to {outside(policy.account)} only with a PCR3, PCR4 or PCR8 that is named"
    answer = policy.never_allows("Decrypt", to=outside(policy.account), when=elsewhere)
    return evolve(answer, claim=claim)


_OF_A_DEPLOYMENT = {f"kms:recipientattestation:{each}" for each in ("pcr3", "pcr4", "pcr8")}
_NAMES_NONE = re.compile(r"[*?]|^0*$|^(true|false)$")

DEBUG = "0" * 96
"""The measurement of the image of an enclave that runs in debug mode, and of its kernel and its application."""


def _no_debug(policy: KeyPolicy) -> Answer:
    names = ("ImageSha384", "PCR0", "PCR1", "PCR2")
    zeros = {f"kms:RecipientAttestation:{each}": DEBUG for each in names}
    return policy.never_allows("Decrypt", when={"StringEqualsIgnoreCase": zeros})


STANDARD = (
    Rule(
        "never-public",
        "No principal of an account that the policy does not name can use the key.",
        (
            "Security Hub KMS.5",
            "AWS Config KMS_KEY_POLICY_NO_PUBLIC_ACCESS",
            "checkov CKV_AWS_33",
            "cfn_nag F76",
            "guard KMS_NO_WILDCARD_PRINCIPAL",
            "Prowler kms_key_not_publicly_accessible",
            "cloudsploit kmsKeyPolicy",
            "KICS KMS Key With Vulnerable Policy",
        ),
        _not_public,
    ),
    Rule(
        "can-be-administered",
        "Somebody of the key's account can change the key policy.",
        ("checkov CKV2_AWS_64",),
        KeyPolicy.can_be_administered,
    ),
    Rule(
        "no-deputies",
        "No AWS service can use the key for another account.",
        (),
        _no_deputies,
    ),
    Rule(
        "only-attested",
        "If the policy asks for an attestation, nobody can decrypt or re-encrypt without one.",
        (
            "Prowler kms_key_enclave_attestation_not_enforced",
            "Prowler kms_key_enclave_attestation_bypassable_path",
        ),
        _if_attested(_attested),
    ),
    Rule(
        "bound-to-a-deployment",
        "If the policy asks for an attestation, nobody from outside of the key's account can decrypt wherever they run "
        "the image: a PCR3, PCR4 or PCR8 is asked for by its value.",
        ("Prowler kms_key_enclave_attestation_no_deployment_binding",),
        _if_attested(_deployed),
    ),
    Rule(
        "never-in-debug-mode",
        "If the policy asks for an attestation, no enclave in debug mode can decrypt.",
        ("Prowler kms_key_enclave_debug_attestation_detected",),
        _if_attested(_no_debug),
    ),
)
"""The rules that hold for every key."""

STRICT = (
    *STANDARD,
    Rule(
        "never-outside",
        "No principal outside of the key's account can use the key.",
        ("Access Analyzer external access",),
        _stays_at_home,
    ),
)
"""The standard rules, and that nobody from outside can use the key."""

RULES = {"standard": STANDARD, "strict": STRICT}
