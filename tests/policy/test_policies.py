"""
The policies that a caller comes with: as what they may be given, and what is refused.

Source: *Grammar of the IAM JSON policy language* in the IAM User Guide.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from kmsmodel.errors import MalformedPolicyDocumentException
from kmsmodel.policy.document import Policy, from_json
from kmsmodel.policy.policies import (
    NO_POLICIES,
    Policies,
    of_an_identity,
    of_resources,
    optional,
    policy,
    trust,
)

PLAIN: dict[str, Any] = {"Effect": "Allow", "Action": "kms:*", "Resource": "*"}
NAMING: dict[str, Any] = PLAIN | {"Principal": "*"}
OF_AN_IDENTITY, OF_A_RESOURCE = ({"Statement": [each]} for each in (PLAIN, NAMING))
TRUST = {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}]}


def without(statement: dict[str, Any], name: str) -> dict[str, Any]:
    """A policy of a statement, and of the same without an element."""
    left = {each: found for each, found in statement.items() if each != name}
    return {"Statement": [statement, left]}


def test_a_document_is_a_value_a_text_or_a_mapping() -> None:
    read = from_json(OF_A_RESOURCE)
    for document in (read, json.dumps(OF_A_RESOURCE), OF_A_RESOURCE):
        assert policy(document) == read
    assert policy(read) is read
    for document in (json.dumps(TRUST), TRUST):
        assert policy(document, resource=False) == from_json(TRUST, resource=False)
        assert policy(document) == from_json(TRUST)
        assert trust(document) == from_json(TRUST, resource=False)


@pytest.mark.parametrize("document, name", [(1, "int"), (None, "NoneType"), ([], "list")])
def test_nothing_else_is_a_document(document: object, name: str) -> None:
    with pytest.raises(TypeError) as caught:
        policy(document)
    assert str(caught.value) == f"a policy is a Policy, JSON or a mapping, not {name}"


@pytest.mark.parametrize(
    "document, note",
    [
        (
            {"Statement": [PLAIN, NAMING | {"Sid": "a"}]},
            "statement 2 `a`: only a resource-based policy has a Principal",
        ),
        (without(PLAIN, "Action"), "statement 2: Action or NotAction is expected"),
        (without(PLAIN, "Resource"), "statement 2: Resource or NotResource is expected"),
    ],
)
def test_a_policy_of_an_identity_names_actions_and_resources_and_nobody(
    document: dict[str, Any], note: str
) -> None:
    for give in TAKING:
        with pytest.raises(MalformedPolicyDocumentException) as caught:
            give(document)
        assert caught.value.__notes__ == [note]


TAKING: list[Callable[[dict[str, Any]], object]] = [
    of_an_identity,
    optional,
    lambda each: Policies(identity=[each]),
    lambda each: Policies(boundary=each),
    lambda each: Policies(session=[each]),
    lambda each: Policies(scps=[[each]]),
]
"""What takes the policy of an identity."""


@pytest.mark.parametrize(
    "name, note",
    [
        ("Principal", "statement 2: Principal or NotPrincipal is expected"),
        ("Action", "statement 2: Action or NotAction is expected"),
    ],
)
def test_a_trust_policy_names_somebody_and_actions(name: str, note: str) -> None:
    with pytest.raises(MalformedPolicyDocumentException) as caught:
        trust(without(TRUST["Statement"][0], name))
    assert caught.value.__notes__ == [note]


def test_policies_may_be_given_as_json() -> None:
    own, named = from_json(OF_AN_IDENTITY), from_json(OF_A_RESOURCE)
    for identity, resource in ((OF_AN_IDENTITY, OF_A_RESOURCE), (own, named)):
        found = Policies(
            identity=[identity],
            boundary=identity,
            session=[identity],
            scps=[[identity], [identity, identity]],
            rcps=[resource],
            endpoint=resource,
        )
        assert found == Policies(
            identity=(own,),
            boundary=own,
            session=(own,),
            scps=((own,), (own, own)),
            rcps=(named,),
            endpoint=named,
        )
        assert found.scps == ((own,), (own, own))
        assert found.endpoint == named
    assert Policies(identity=iter([own])).identity == (own,)
    assert of_resources([OF_A_RESOURCE, named]) == (named, named)


def test_without_policies_there_are_none() -> None:
    assert Policies() == NO_POLICIES
    assert (NO_POLICIES.identity, NO_POLICIES.scps, NO_POLICIES.rcps) == ((), (), ())
    assert (NO_POLICIES.boundary, NO_POLICIES.session, NO_POLICIES.endpoint) == (None, None, None)
    assert Policies(session=[]).session == ()
    assert optional(None) is None


@pytest.mark.parametrize("name", ["identity", "session", "rcps"])
@pytest.mark.parametrize("one", [json.dumps(OF_A_RESOURCE), OF_A_RESOURCE, Policy(statements=())])
def test_one_document_is_not_a_list_of_them(name: str, one: object) -> None:
    with pytest.raises(TypeError) as caught:
        Policies(**{name: one})  # type: ignore[arg-type]
    assert str(caught.value) == "policies are a list of documents"
    with pytest.raises(TypeError):
        Policies(scps=[one])  # type: ignore[list-item]
