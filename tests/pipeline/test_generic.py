"""
Resource policies of any service, compared.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from kmsmodel.cli.columns import WIDTH
from kmsmodel.pipeline.differences import Difference
from kmsmodel.pipeline.generic import difference
from kmsmodel.pipeline.stored import StoredPolicy
from kmsmodel.policy.access import Access
from kmsmodel.policy.document import Effect, Policy, parse
from kmsmodel.policy.principal import principal
from kmsmodel.policy.proofs.askers import context_of
from tests.pipeline.running import ROOT, document, run, told

BUCKET = "arn:aws:s3:::bucket"
APP = {"AWS": "arn:aws:iam::111122223333:role/app"}
READ = {
    "Effect": "Allow",
    "Principal": APP,
    "Action": "s3:GetObject",
    "Resource": f"{BUCKET}/*",
}
SECURE = {
    "Effect": "Deny",
    "Principal": "*",
    "Action": "s3:*",
    "Resource": [BUCKET, f"{BUCKET}/*"],
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}


@pytest.fixture
def written(tmp_path: Path) -> Any:
    def write(name: str, *statements: object) -> Path:
        path = tmp_path / name
        path.write_text(document(*statements))
        return path

    return write


def test_values_that_are_written_otherwise_differ(written: Any) -> None:
    def tagged(value: object) -> object:
        return {**READ, "Condition": {"StringEquals": {"aws:PrincipalTag/level": value}}}

    one, true = (written(f"{each}.json", tagged(each)) for each in (1, True))
    assert told("diff", one, true, "--generic")["verdict"] == "incomparable"
    text = written("text.json", tagged("1"))
    assert told("diff", one, text, "--generic")["verdict"] == "equivalent"


def test_bucket_policies_are_compared(written: Any) -> None:
    trail = {
        "Effect": "Allow",
        "Principal": {"Service": "cloudtrail.amazonaws.com"},
        "Action": "s3:PutObject",
        "Resource": f"{BUCKET}/logs/*",
        "Condition": {"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control"}},
    }
    old, new = written("old.json", READ, SECURE), written("new.json", READ, trail, SECURE)
    found = told("diff", "--generic", old, new)
    assert found["verdict"] == "wider"
    (row,) = found["new"]
    assert (row["action"], row["caller"]) == ("s3:PutObject", "cloudtrail.amazonaws.com")
    assert row["resource"] == f"{BUCKET}/logs/something"
    assert row["context"]["s3:x-amz-acl"] == "bucket-owner-full-control"
    assert told("diff", "--generic", new, old)["verdict"] == "narrower"
    result = run("diff", "--generic", old, new)
    assert result.exit_code == 1
    assert result.output.splitlines()[1].startswith("  new  s3:PutObject  arn:aws:s3:::")
    assert max(map(len, result.output.splitlines())) <= WIDTH
    shown = run("diff", "--generic", old, new, "--format", "markdown").output
    assert f"| new | `s3:PutObject` on `{BUCKET}/logs/something` |" in shown


def test_a_wildcard_in_an_action_is_wider_by_what_it_means(written: Any) -> None:
    wider = {**READ, "Action": "s3:Get*"}
    found = told("diff", "--generic", written("old.json", READ), written("new.json", wider))
    assert {row["action"] for row in found["new"]} == {"s3:GetSomething"}


def test_who_has_a_boundary_is_always_among_those_that_are_not_named(written: Any) -> None:
    nobody = {name: each for name, each in READ.items() if name != "Principal"}
    old = written("old.json", {**READ, "Action": "s3:PutObject"})
    new = written("new.json", {**nobody, "NotPrincipal": "*"})
    assert told("diff", "--generic", old, new)["verdict"] == "incomparable"


def test_nothing_is_left_to_iam(written: Any) -> None:
    """Of a key, the root statement lets in whom IAM lets in; here, it is compared as it stands."""
    app = {**ROOT, "Principal": APP}
    old, new = written("old.json", app), written("new.json", app, ROOT)
    found = told("diff", "--generic", old, new)
    assert found["verdict"] == "wider"
    assert {"kms:Decrypt", "kms:PutKeyPolicy"} <= {row["action"] for row in found["new"]}


def test_what_variables_stand_for_is_unknown(written: Any) -> None:
    own = {**READ, "Resource": f"{BUCKET}/${{aws:PrincipalTag/team}}/${{aws:PrincipalTag/name}}/*"}
    result = run("diff", "--generic", written("old.json"), written("new.json", own))
    assert result.exit_code in {1, 3}


def test_what_is_no_policy_is_not_understood(tmp_path: Path, written: Any) -> None:
    path = tmp_path / "none.json"
    path.write_text('{"Statement": [1]}')
    result = run("diff", "--generic", written("old.json", READ), path)
    assert result.exit_code == 2
    assert "statement 1" in result.output


# ---- what is outside

PUBLIC = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"{BUCKET}/*"}


@pytest.mark.parametrize(
    "further, reason",
    [
        ({"Principal": {"CanonicalUser": "79a5"}}, "principals of the kind CanonicalUser"),
        ({"Principal": {"Federated": "cognito-identity.amazonaws.com"}}, "the kind Federated"),
        ({"Condition": {"StringEquals": {"aws:ResourceTag/a": "b"}}}, "aws:resourcetag/a"),
        ({"Condition": {"StringEquals": {"aws:RequestTag/a": "b"}}}, "aws:requesttag/a"),
        ({"Condition": {"ForAnyValue:StringEquals": {"aws:TagKeys": "a"}}}, "aws:tagkeys"),
        ({"Condition": {"StringEquals": {"kms:ViaService": "a"}}}, "kms:viaservice"),
        ({"Condition": {"StringEquals": {"aws:ResourceAccount": "1"}}}, "give --account"),
    ],
)
def test_what_only_aws_kms_reads_in_one_way_is_unknown_elsewhere(
    further: dict[str, Any], reason: str
) -> None:
    old, new = document(PUBLIC), document(PUBLIC, {**PUBLIC, **further, "Action": "s3:PutObject"})
    compared = _compared(old, new)
    assert compared.verdict == "unknown"
    assert all(reason in each for each in compared.unknown)
    assert _compared(new, new).verdict == "equivalent"


def _compared(old: str, new: str) -> Difference:
    return difference(StoredPolicy(file="old", text=old), StoredPolicy(file="new", text=new), None)


def test_who_does_not_sign_in_is_somebody() -> None:
    anonymous = {"Condition": {"StringEquals": {"aws:PrincipalType": "Anonymous"}}}
    root = {**PUBLIC, "Principal": {"AWS": "111122223333"}}
    compared = _compared(document(root), document(root, {**PUBLIC, **anonymous}))
    assert [row["caller"] for row in compared.new] == ["anonymous"]


# ---- a law

_PRINCIPALS = ("111122223333", "444455556666", "arn:aws:iam::111122223333:role/app")
_ACTIONS = ("s3:GetObject", "s3:PutObject", "s3:*", "S3:get*", "sqs:SendMessage", "*")
_RESOURCES = (BUCKET, f"{BUCKET}/*", f"{BUCKET}/a", "*")


_CONDITIONS = (
    ("s3:prefix", ("a", "a*", "b")),
    ("aws:PrincipalArn", ("*", "arn:aws:iam::111122223333:*")),
    ("aws:PrincipalType", ("Anonymous", "User", "*")),
)


@st.composite
def _statements(draw: st.DrawFn) -> dict[str, Any]:
    negated = draw(st.sampled_from(("", "Not")))
    statement: dict[str, Any] = {
        "Effect": draw(st.sampled_from(("Allow", "Allow", "Deny"))),
        "Principal": draw(st.sampled_from(("*", *({"AWS": each} for each in _PRINCIPALS)))),
        f"{negated}Action": draw(st.sampled_from(_ACTIONS)),
        draw(st.sampled_from(("Resource", "NotResource"))): draw(st.sampled_from(_RESOURCES)),
    }
    if draw(st.booleans()):
        used = draw(st.sampled_from(("StringEquals", "StringNotEquals", "StringLike")))
        key, values = draw(st.sampled_from(_CONDITIONS))
        statement["Condition"] = {used: {key: draw(st.sampled_from(values))}}
    return statement


_policies = st.lists(_statements(), min_size=1, max_size=3).map(lambda each: document(*each))


def _requests() -> Iterator[Access]:
    callers = (
        "arn:aws:iam::111122223333:user/someone",
        "arn:aws:iam::444455556666:user/someone",
        "arn:aws:iam::777788889999:user/someone",
        "arn:aws:sts::111122223333:assumed-role/app/session",
        "*",  # who does not sign in
    )
    actions = (
        "s3:GetObject",
        "s3:PutObject",
        "s3:DeleteObject",
        "sqs:SendMessage",
        "ec2:RunInstances",
    )
    resources = (BUCKET, f"{BUCKET}/a", f"{BUCKET}/b", "arn:aws:sqs:us-east-1:111122223333:queue")
    contexts: tuple[dict[str, str], ...] = (
        {},
        {"s3:prefix": "a"},
        {"s3:prefix": "ab"},
        {"s3:prefix": "c"},
    )
    for caller, action, resource, context in product(callers, actions, resources, contexts):
        yield Access(
            principal=principal(caller),
            action=action,
            resource=resource,
            owner="111122223333",
            context={**context_of(principal(caller)), **context},
        )


REQUESTS = tuple(_requests())


def _allows(policy: Policy, access: Access) -> bool:
    return {each.effect for each in policy.statements if each.applies(access)} == {Effect.ALLOW}


@settings(max_examples=60)
@given(_policies, _policies)
def test_no_request_differs_where_no_difference_is_told(old: str, new: str) -> None:
    compared = _compared(old, new)
    before, after = parse(old), parse(new)
    assert not compared.unknown
    gained = any(_allows(after, each) and not _allows(before, each) for each in REQUESTS)
    lost = any(_allows(before, each) and not _allows(after, each) for each in REQUESTS)
    assert bool(compared.new) or not gained
    assert bool(compared.lost) or not lost
    assert json.dumps(compared.new)


@given(_policies)
def test_a_policy_is_equivalent_to_itself(text: str) -> None:
    stored = StoredPolicy(file="same", text=text)
    assert difference(stored, stored, None).verdict == "equivalent"
