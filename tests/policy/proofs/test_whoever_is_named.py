"""
Whoever and whatever a policy names may be in a request: no name is proved to have no access only because it looks odd.
"""

from __future__ import annotations

import json
from typing import Any

from attrs import evolve
from hypothesis import assume, given, strategies as st

from kmsmodel.errors import MalformedPolicyDocumentException
from kmsmodel.policy import Found, KeyPolicy, inside, services
from kmsmodel.policy.document import from_json
from kmsmodel.policy.principal import is_service, principal
from kmsmodel.policy.proofs.callers import EVERYONE

OWNER = "111122223333"

SERVICES = st.from_regex(
    r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+){0,3}\.amazonaws\.com(\.cn)?|[a-z0-9-]+(\.[a-z0-9-]+){0,2}\.internal",
    fullmatch=True,
)
ENDPOINTS = st.from_regex(r"[a-z0-9-]+(\.[a-z0-9-]+){1,2}\.amazonaws\.com(\.cn)?", fullmatch=True)
NAMES = st.from_regex(r"[A-Za-z0-9+=,.@_-]{1,12}", fullmatch=True)
ASKERS = st.one_of(
    SERVICES,
    st.sampled_from([OWNER, "444455556666"]),
    st.builds("arn:aws:iam::444455556666:user/{}".format, NAMES),
    st.builds("arn:aws:iam::111122223333:user/a/path/{}".format, NAMES),
    st.builds("arn:aws:sts::444455556666:assumed-role/{}/{}".format, NAMES, NAMES),
    st.builds("arn:aws:sts::111122223333:assumed-role/aws:{}/{}".format, NAMES, NAMES),
    st.builds("arn:aws:sts::111122223333:federated-user/{}".format, NAMES),
)


def policy(who: Any, **members: Any) -> KeyPolicy:
    statement = {"Effect": "Allow", "Principal": who, "Action": "kms:Decrypt", "Resource": "*"}
    document = {"Version": "2012-10-17", "Statement": {**statement, **members}}
    return KeyPolicy.parse(json.dumps(document), account=OWNER)


@given(ASKERS)
def test_whoever_a_principal_element_names_is_found(name: str) -> None:
    kind = "Service" if is_service(name) else "AWS"
    try:
        written = policy({kind: name})
    except MalformedPolicyDocumentException:
        assume(False)
        raise
    assert isinstance(written.never_allows("Decrypt", to=EVERYONE), Found)


@given(ASKERS)
def test_whoever_a_condition_names_is_found(name: str) -> None:
    asks = principal(name)
    key = "aws:PrincipalArn" if asks.policy_arn else "aws:PrincipalServiceName"
    told = {"StringEquals": {key: asks.policy_arn or asks.arn}}
    written = policy("*", Condition=told)
    assert isinstance(written.never_allows("Decrypt", to=EVERYONE), Found)
    like = policy("*", Condition={"StringLike": {key: f"{(asks.policy_arn or asks.arn)[:-4]}*"}})
    assert isinstance(like.never_allows("Decrypt", to=EVERYONE), Found)


def test_a_role_that_is_linked_to_a_service_is_not_limited_by_an_organization() -> None:
    """And is somebody whom a policy lets in that names nobody."""
    denying = {"Effect": "Deny", "Action": "*", "Resource": "*"}
    document = {"Version": "2012-10-17", "Statement": {**denying, "Principal": "*"}}
    written = evolve(policy("*"), rcps=(from_json(document),))
    found = written.never_allows("Decrypt", to=inside(OWNER))
    assert isinstance(found, Found)
    assert found.access is not None
    assert found.access.principal.is_service_linked
    user = policy({"AWS": f"arn:aws:iam::{OWNER}:user/a"})
    assert evolve(user, rcps=written.rcps).never_allows("Decrypt")


@given(SERVICES)
def test_a_service_is_one_of_those_that_can_be_asked_for(name: str) -> None:
    written = policy({"Service": ["s3.amazonaws.com", name]})
    assert isinstance(written.never_allows("Decrypt", to=services(name)), Found)
    assert not written.no_new_access(over=policy({"Service": "s3.amazonaws.com"})) or (
        name == "s3.amazonaws.com"
    )


@given(ENDPOINTS)
def test_each_endpoint_of_a_service_may_be_the_one_that_a_request_comes_through(name: str) -> None:
    through = {"StringEquals": {"kms:ViaService": name}}
    written = policy({"AWS": OWNER}, Condition=through)
    assert isinstance(written.never_allows("Decrypt", to=EVERYONE), Found)
    assert written.allows_only_through("Decrypt", services=name)
