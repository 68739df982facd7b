"""
Policies of IAM in a pipeline: which of them let somebody decrypt with keys that they do not name.
"""

from __future__ import annotations

from typing import final

from attrs import evolve, frozen

from kmsmodel.pipeline.results import Result, headline, result_of
from kmsmodel.pipeline.stored import StoredPolicy
from kmsmodel.policy.document import Policy, from_json
from kmsmodel.policy.places import Place
from kmsmodel.policy.policies import Policies
from kmsmodel.policy.proofs.answers import Answer, Found, Proved
from kmsmodel.policy.proofs.callers import named
from kmsmodel.policy.proofs.key_policy import KeyPolicy
from kmsmodel.policy.proofs.rules import Rule, Subject
from kmsmodel.words.arn import root_user

NEVER_DECRYPTS_ALL = Rule(
    "never-decrypts-all",
    "A policy of IAM allows no decryption with keys that it does not name.",
    ("Security Hub KMS.1", "Security Hub KMS.2"),
    lambda policy: Proved(claim=f"{policy.source} is not a policy of IAM"),
    Subject.IDENTITY_POLICY,
)
"""The rule on policies of IAM."""

_OPERATIONS = ("Decrypt", "ReEncryptFrom")
_UNNAMED = "0f0f0f0f-1e1e-4d2d-8c3c-4b4b4b4b4b4b"
"""The id of a key that no policy names; it has no tags and no aliases."""


@final
@frozen(kw_only=True)
class IdentityPolicy:
    """A policy of IAM in a file, by its name; ``account`` is the account that it is in."""

    file: str
    name: str
    policy: Policy
    account: str
    place: Place | None = None


def decrypts_all(policy: Policy, account: str) -> Answer:
    """
    Does a policy of IAM allow no decryption with a key that it does not name?

    The key is of the same account, and its key policy leaves it to IAM. It has no tags and no aliases.
    """
    region = "us-east-1"
    key_policy = from_json(
        {
            "Version": "2012-10-17",
            "Statement": {
                "Effect": "Allow",
                "Principal": {"AWS": root_user(account, region)},
                "Action": "kms:*",
                "Resource": "*",
            },
        }
    )
    key = KeyPolicy(
        policy=key_policy,
        account=account,
        key=f"arn:aws:kms:{region}:{account}:key/{_UNNAMED}",
    )
    someone = named(f"arn:aws:iam::{account}:role/someone")
    callers = evolve(someone, policies=Policies(identity=(policy,)))
    untagged = _untagged(policy)
    return key.never_allows(*_OPERATIONS, to=callers, when=untagged)


def _untagged(policy: Policy) -> dict[str, dict[str, str]]:
    """The condition that the key has none of the tags and aliases that a policy asks for."""
    asked = {
        each.key
        for statement in policy.statements
        for each in statement.conditions
        if each.name.startswith(("aws:resourcetag/", "kms:resourcealiases", "kms:requestalias"))
    }
    return {"Null": dict.fromkeys(sorted(asked), "true")} if asked else {}


def check(stored: IdentityPolicy) -> Result:
    """What comes of asking whether a policy of IAM keeps the rule."""
    answer = decrypts_all(stored.policy, stored.account)
    about = StoredPolicy(file=stored.file, name=stored.name, place=stored.place)
    result = result_of(about, NEVER_DECRYPTS_ALL, answer)
    if not isinstance(answer, Found) or answer.access is None:
        return result
    able = stored.policy.allowing(answer.access.action)
    statements = [each.title for each in able if each.applies(answer.access)]
    request = {**answer.to_json(), "by": statements}
    return evolve(
        result,
        headline=headline(evolve(answer, where=tuple(statements))),
        details=(
            f"  action   {answer.access.action}",
            *(f"  by       {each}" for each in statements),
        ),
        request=request,
        closed_by=(),
    )
