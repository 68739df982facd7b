"""
The laws of a request: which condition keys it has, for which actions and askers, and how they depend on each other.

Sources: *AWS KMS condition keys* in the Developer Guide; *AWS global condition context keys* in the IAM User Guide.
"""

from __future__ import annotations

from functools import lru_cache

from kmsmodel.policy.actions import ACTIONS, PREFIX
from kmsmodel.policy.principal import Principal, PrincipalKind

ON_KEYS = tuple(f"{PREFIX}{name}" for name, action in ACTIONS.items() if action.on_key)
"""The actions that a key policy can allow."""

ENCRYPTION_CONTEXT = "kms:encryptioncontext:"
ENCRYPTION_CONTEXT_KEYS = "kms:encryptioncontextkeys"
REQUEST_TAG = "aws:requesttag/"
TAG_KEYS = "aws:tagkeys"

SAME_AS = {
    "aws:epochtime": "aws:currenttime",
    "kms:customermasterkeyspec": "kms:keyspec",
    "kms:customermasterkeyusage": "kms:keyusage",
}
"""Condition keys that have the value of another."""

ALWAYS_PRESENT = frozenset(
    (
        "aws:currenttime",
        "aws:requestedregion",
        "aws:securetransport",
        "kms:datakeypairspec",
        "kms:encapsulationalgorithm",
        "kms:encryptionalgorithm",
        "kms:grantoperations",
        "kms:keyagreementalgorithm",
        "kms:keyorigin",
        "kms:keyspec",
        "kms:keyusage",
        "kms:macalgorithm",
        "kms:messagetype",
        "kms:multiregion",
        "kms:policyname",
        "kms:primaryregion",
        "kms:reencryptonsamekey",
        "kms:replicaregion",
        "kms:signingalgorithm",
        "kms:wrappingalgorithm",
        "kms:wrappingkeyspec",
    )
)
"""
Condition keys that each request has whose action can have them.

``aws:ViaAWSService`` is none of them: AWS says that most services have it.
"""

OF_SERVICES = ("aws:sourcearn", "aws:sourceaccount", "aws:sourceorgid", "aws:sourceorgpaths")
"""Only a service that asks by itself has them."""

NOT_OF_SERVICES = (
    "aws:principaltag/",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:userid",
    "aws:tokenissuetime",
    "aws:multifactorauthpresent",
    "aws:multifactorauthage",
    "aws:sourceidentity",
    "aws:federatedprovider",
    "aws:calledvia",
    "kms:viaservice",
)
"""A service that asks by itself has none of them; names begin so."""

IMPLIED = (
    ("kms:viaservice", "aws:viaawsservice", ("true", None)),
    ("aws:calledvia", "aws:viaawsservice", ("true", None)),
    ("aws:sourcevpce", "aws:sourceip", (None,)),
    ("aws:sourcevpc", "aws:sourceip", (None,)),
    ("aws:vpcsourceip", "aws:sourceip", (None,)),
)
"""If a request has the first condition key, the second has one of these values, where None is to be absent."""


def kept_out_by(name: str) -> tuple[str, ...]:
    """The condition keys beside which a request cannot have this one."""
    return tuple(first for first, other, allowed in IMPLIED if (other, allowed) == (name, (None,)))


SHAPES = {
    "aws:sourceaccount": "account",
    "kms:requestalias": "alias",
    "kms:resourcealiases": "alias",
    "kms:viaservice": "service",
}
"""The forms of values, of which `domain` has the patterns."""


WHOLE_NUMBERS = {
    "kms:rotationperiodindays": (90, 2560),
    "kms:schedulekeydeletionpendingwindowindays": (7, 30),
    "kms:trailingdayswithoutkeyusage": (0, 100_000),
    "aws:multifactorauthage": (0, 10_000_000),
}
"""The least and the greatest value that a request can have."""


@lru_cache(1024)
def carriers(name: str) -> frozenset[str] | None:
    """The actions whose requests can have a condition key; None if all can, or if AWS KMS does not know it."""
    found = frozenset(
        f"{PREFIX}{action}"
        for action, known in ACTIONS.items()
        if any(_is(name, each.lower()) for each in known.condition_keys)
    )
    return found or None


def can_have(name: str, asks: Principal, action: str) -> bool:
    """Can a request for an action by this principal have a condition key?"""
    able = carriers(name)
    if able is not None and action not in able:
        return False
    if asks.kind is PrincipalKind.SERVICE:
        return not name.startswith(NOT_OF_SERVICES)
    return name not in OF_SERVICES


def _is(name: str, known: str) -> bool:
    return name.startswith(known) if known[-1] in ":/" else name == known
