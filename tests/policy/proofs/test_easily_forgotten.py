"""
Requests that are easily forgotten: if a proof leaves one out, the engine allows what was proved never to be allowed.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from kmsmodel.policy import Answer, Found, KeyPolicy, named, outside
from kmsmodel.policy.policies import Policies
from kmsmodel.policy.principal import principal
from kmsmodel.policy.proofs.callers import WORST

OWNER, OTHER = "111122223333", "444455556666"
ROOT = {"Principal": {"AWS": f"arn:aws:iam::{OWNER}:root"}}


def policy(*statements: dict[str, Any], **others: Any) -> KeyPolicy:
    """A key policy of such statements; what they do not say is everybody and everything."""
    listed: list[dict[str, Any]] = []
    for each in statements:
        plain = {"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*", **each}
        if "NotPrincipal" in each:
            del plain["Principal"]
        listed.append(plain)
    text = json.dumps({"Version": "2012-10-17", "Statement": listed})
    return KeyPolicy.parse(text, account=OWNER, **others)


def found(answer: Answer) -> Found:
    """The request of an answer, after its program has replayed it."""
    assert isinstance(answer, Found)
    exec(answer.program, {})
    return answer


# ---- federated users

BOB = f"arn:aws:sts::{OWNER}:federated-user/bob"


def test_a_federated_user_has_what_iam_allows_by_a_session_policy() -> None:
    default = policy(ROOT)
    assert default.decide("Decrypt", BOB).is_allowed
    assert not default.decide("Decrypt", BOB, policies=Policies(identity=WORST.identity)).is_allowed
    found(default.never_allows("Decrypt", to=named(BOB)))
    found(default.never_leads_to("Decrypt", by=named(BOB)))


def test_without_identity_based_policies_a_session_policy_gives_nothing() -> None:
    assert policy(ROOT).never_allows("Decrypt", to=named(BOB, identity=[]))
    assert not policy(ROOT).always_allows("Decrypt", to=named(BOB, identity=WORST.identity))


def test_federated_users_of_other_accounts_may_be_let_in() -> None:
    federated = {"Condition": {"StringEquals": {"aws:PrincipalType": "FederatedUser"}}}
    found(policy(ROOT, federated).never_allows("Decrypt", to=outside(OWNER)))
    by_arn = {"Condition": {"ArnLike": {"aws:PrincipalArn": "arn:aws:sts::*:federated-user/*"}}}
    new = policy({"Principal": {"AWS": OTHER}, **by_arn})
    old = policy({"Principal": {"AWS": "999988887777"}, "Action": "kms:DescribeKey"})
    found(new.no_new_access(over=old))


@pytest.mark.parametrize("account", [OWNER, OTHER])
def test_a_federated_user_has_what_the_user_has_whose_session_it_is(account: str) -> None:
    alice = f"arn:aws:iam::{account}:user/team/alice"
    bob = principal(f"arn:aws:sts::{account}:federated-user/bob", issuer=alice)
    no_user = {"Condition": {"StringNotEquals": {"aws:PrincipalType": "User"}}}
    known = policy({"Principal": {"AWS": alice}, **no_user})
    assert known.decide("Decrypt", bob).is_allowed
    answer = found(known.never_allows("Decrypt", to=named(bob.arn)))
    assert answer.access is not None
    assert answer.access.principal.issuer is not None
    assert known.never_allows("Decrypt", to=named(alice))
