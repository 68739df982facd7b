"""
Policies of IAM in a pipeline: which of them let somebody decrypt with keys that they do not name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import final

from attrs import evolve, frozen

from kmsmodel.pipeline.results import Result, headline, result_of
from kmsmodel.pipeline.stored import StoredPolicy
from kmsmodel.policy.conditions import Condition
from kmsmodel.policy.document import Policy, from_json
from kmsmodel.policy.patterns import glob
from kmsmodel.policy.places import Place
from kmsmodel.policy.policies import Policies
from kmsmodel.policy.proofs.answers import Answer, Found, Proved, Unknown
from kmsmodel.policy.proofs.callers import inside
from kmsmodel.policy.proofs.key_policy import KeyPolicy
from kmsmodel.policy.proofs.rules import Rule, Subject
from kmsmodel.words.arn import KeyArn
from kmsmodel.words.regions import REGIONS

NEVER_DECRYPTS_ALL = Rule(
    "never-decrypts-all",
    "A policy of IAM allows no decryption with keys that it does not name.",
    ("Security Hub KMS.1", "Security Hub KMS.2"),
    lambda policy: Proved(claim=f"{policy.source} is not a policy of IAM"),
    Subject.IDENTITY_POLICY,
)
"""The rule on policies of IAM."""

_OPERATIONS = ("Decrypt", "ReEncryptFrom")
_UNNAMED = ("0f0f0f0f-1e1e-4d2d-8c3c-4b4b4b4b4b4b", "mrk-0f0f0f0f1e1e4d2d8c3c4b4b4b4b4b4b")
"""The ids of keys that no policy names; they have no tags and no aliases."""

_FIRST = "us-east-1"
_ACCOUNT = re.compile("(?<=:)([0-9*?]*[0-9?][0-9*?]*)(?=:|$)")
"""What may be an account in an ARN, or in a pattern of some."""

_DIGITS = 12
_TELLING = (Found, Unknown, Proved)
_VARIABLE = re.compile(r"\$\{[^}]*\}")


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

    The keys are of the same account and of those that the policy names, in each Region that it tells apart, and their
    key policies leave it to IAM. They have no tags and no aliases. Whoever has the policy asks, but for the root user,
    whom it does not limit.
    """
    callers = evolve(
        inside(account),
        title=f"who has it in {account}",
        conditions=(Condition("StringNotEquals", "aws:PrincipalType", ("Account",)),),
        policies=Policies(identity=(policy,)),
    )
    answers = [
        KeyPolicy(
            policy=_leaving_it_to_iam(account), account=key.account, key=str(key)
        ).never_allows(*_OPERATIONS, to=callers, when=_untagged(policy))
        for key in _unnamed_keys(policy, account)
    ]
    return min(answers, key=lambda each: _TELLING.index(type(each)))


@lru_cache(128)
def _leaving_it_to_iam(account: str) -> Policy:
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": account},
        "Action": "kms:*",
        "Resource": "*",
    }
    return from_json({"Version": "2012-10-17", "Statement": statement})


def _unnamed_keys(policy: Policy, account: str) -> Iterable[KeyArn]:
    """Keys whose ids nobody names: one for each set of the patterns of resources that mean such a key."""
    patterns = {
        _VARIABLE.sub("*", pattern)
        for statement in policy.statements
        if statement.resources is not None
        for pattern in statement.resources.patterns
    }
    asked = {
        f":{_VARIABLE.sub('*', text)}:"
        for statement in policy.statements
        for each in statement.conditions
        if each.name == "aws:resourceaccount"
        for text in each.texts
    }
    apart = set(_accounts(asked))
    found: dict[tuple[str | None, frozenset[str]], KeyArn] = {}
    for of in (account, *sorted({*apart, *_accounts(patterns)} - {account})):
        for region in (_FIRST, *sorted(REGIONS)):
            for key_id in _UNNAMED:
                key = KeyArn(of, region, key_id)
                meant = frozenset(each for each in patterns if glob(each)(str(key)))
                found.setdefault((of if of in apart else None, meant), key)
    return found.values()


def _accounts(patterns: Iterable[str]) -> Iterator[str]:
    """The accounts that patterns of ARNs name, and one for each pattern of accounts."""
    told = (each for pattern in patterns for each in _ACCOUNT.findall(pattern))
    yield from filter(None, map(_an_account, told))


def _an_account(pattern: str) -> str | None:
    """An account that a pattern means."""
    before, run, after = pattern.replace("?", "0").partition("*")
    after = after.replace("*", "")
    missing = _DIGITS - len(before) - len(after)
    if missing < 0 or (missing and not run):
        return None
    return f"{before}{'0' * missing}{after}"


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
