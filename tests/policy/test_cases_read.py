"""
Cases: what each member of one becomes.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from attrs import evolve

from kmsmodel.policy.access import Access
from kmsmodel.policy.cases import accesses, decisions, verdict
from kmsmodel.policy.document import from_json
from kmsmodel.policy.grant import Grant, GrantConstraints
from kmsmodel.policy.policies import Policies
from kmsmodel.policy.principal import principal
from kmsmodel.words.enumerations import GrantOperation

ADA = "arn:aws:iam::111122223333:user/Ada"
ROLE = "arn:aws:iam::111122223333:role/Partner"
KEY = "arn:aws:kms:us-west-2:444455556666:key/1234abcd-12ab-34cd-56ef-1234567890ab"
ALIAS = "arn:aws:kms:us-west-2:444455556666:alias/a"
BEGAN = datetime(2026, 1, 1, tzinfo=UTC)


def document(action: str) -> dict[str, Any]:
    return {"Statement": {"Effect": "Allow", "Action": action, "Resource": "*"}}


def resource_based(action: str) -> dict[str, Any]:
    statement = document(action)["Statement"] | {"Principal": "*"}
    return {"Statement": statement}


PLAIN: dict[str, Any] = {
    "principal": ADA,
    "action": "kms:Decrypt",
    "resource": KEY,
    "policies": {},
}
GRANT = Grant(
    grant_id="",
    issuing_account="444455556666",
    creation_date=BEGAN,
    seen_at=BEGAN,
    operations=(GrantOperation.Decrypt,),
)


def read(**members: Any) -> Access:
    [access] = accesses(PLAIN | members)
    return access


def test_a_case_without_anything_but_what_it_needs() -> None:
    assert read() == Access(
        principal=principal(ADA),
        action="kms:Decrypt",
        resource=KEY,
        owner="444455556666",
        context={"aws:principalarn": ADA},
        encryption_context={},
    )


@pytest.mark.parametrize(
    "who, found",
    [
        (ADA, {"aws:principalarn": ADA}),
        ("arn:aws:sts::111122223333:assumed-role/Partner/one", {"aws:principalarn": ROLE}),
        ("*", {}),
    ],
)
def test_the_arn_of_the_principal_is_a_condition_key(who: str, found: dict[str, str]) -> None:
    assert read(principal=who).context == found


def test_condition_keys_are_texts_in_lower_case_or_lists_of_them() -> None:
    written = {
        "aws:PrincipalArn": "Given",
        "kms:CallerAccount": "111122223333",
        "aws:SecureTransport": True,
        "kms:MultiRegion": False,
        "kms:RotationPeriodInDays": 90,
        "aws:TagKeys": ["Team", 1],
        "aws:CalledVia": [],
    }
    found: object = read(context=written).context
    assert found == {
        "aws:principalarn": "Given",
        "kms:calleraccount": "111122223333",
        "aws:securetransport": "true",
        "kms:multiregion": "false",
        "kms:rotationperiodindays": "90",
        "aws:tagkeys": ("Team", "1"),
        "aws:calledvia": (),
    }


@pytest.mark.parametrize(
    "resource, given, owner",
    [
        (KEY, None, "444455556666"),
        (KEY, "777788889999", "777788889999"),
        ("*", None, "111122223333"),
        ("*", "", "111122223333"),
        ("arn:aws:s3:::a", None, "111122223333"),
        ("arn:aws:x:::444455556666", None, "111122223333"),
        ("arn:aws:x::444455556666", None, "444455556666"),
        ("arn:aws:x::4444555566667:a", None, "111122223333"),
        ("arn:aws-cn:x:y:444455556666:a", None, "444455556666"),
    ],
)
def test_the_owner_is_given_or_in_the_arn_of_the_resource_or_the_caller(
    resource: str, given: str | None, owner: str
) -> None:
    assert read(resource=resource, resource_owner=given).owner == owner


@pytest.mark.parametrize(
    "action, found", [("kms:Decrypt", {"a": "b"}), ("kms:CreateGrant", None), ("kms:Sign", None)]
)
def test_an_encryption_context_is_of_operations_that_take_one(
    action: str, found: dict[str, str] | None
) -> None:
    assert read(action=action, encryption_context={"a": "b"}).encryption_context == found


def test_a_key_policy_counts_for_its_key() -> None:
    policy = resource_based("kms:Decrypt")
    expected = from_json(policy)
    assert read(policies={"key_policy": policy}).resource_policy == expected
    assert read(policies={"key_policy": {KEY: policy}}).resource_policy == expected
    assert read(policies={"key_policy": {f"{KEY}x": policy}}).resource_policy is None
    for other in (ALIAS, "*"):
        assert read(policies={"key_policy": policy}, resource=other).resource_policy is None
    both = {"key_policy": policy, "resource_policy": resource_based("s3:GetObject")}
    assert read(policies=both).resource_policy == from_json(both["resource_policy"])


def test_a_trust_policy_has_no_resource() -> None:
    trust = resource_based("sts:AssumeRole")
    del trust["Statement"]["Resource"]
    found = read(action="sts:AssumeRole", resource=ROLE, policies={"resource_policy": trust})
    assert found.resource_policy == from_json(trust, resource=False)
    assert (
        verdict(
            PLAIN
            | {"action": "sts:AssumeRole", "resource": ROLE, "policies": {"resource_policy": trust}}
        )
        == "allow"
    )
    other = read(action="s3:GetObject", resource=ROLE, policies={"resource_policy": trust})
    assert other.resource_policy == from_json(trust)


def test_each_policy_has_its_place() -> None:
    names = ("boundary", "session", "endpoint", "identity", "scp", "rcp")
    found = {name: document(f"kms:{name}") for name in names}
    found["rcp"] = resource_based("kms:rcp")
    found["endpoint"] = resource_based("kms:endpoint")
    written = {
        "permissions_boundary": found["boundary"],
        "session_policy": found["session"],
        "vpc_endpoint_policy": found["endpoint"],
        "identity_policies": [found["identity"], found["scp"]],
        "scps": [found["scp"], found["identity"]],
        "rcps": [found["rcp"]],
    }
    policies = Policies(
        boundary=from_json(found["boundary"]),
        session=(from_json(found["session"]),),
        endpoint=from_json(found["endpoint"]),
        identity=(from_json(found["identity"]), from_json(found["scp"])),
        scps=((from_json(found["scp"]), from_json(found["identity"])),),
        rcps=(from_json(found["rcp"]),),
    )
    assert read(policies=written).policies == policies
    levels = [[found["scp"]], [], [found["identity"]]]
    assert read(policies=written | {"scp_levels": levels}).policies.scps == (
        (from_json(found["scp"]),),
        (),
        (from_json(found["identity"]),),
    )
    assert read(policies={"scps": []}).policies == Policies()


@pytest.mark.parametrize(
    "written, found",
    [
        ({}, {}),
        ({"Operations": "Encrypt"}, {"operations": (GrantOperation.Encrypt,)}),
        ({"GrantId": "0"}, {"grant_id": "0"}),
        ({"GranteePrincipal": ADA}, {"grantee_principal": ADA}),
        ({"GranteeServicePrincipal": "a"}, {"grantee_service_principal": "a"}),
        ({"RetiringPrincipal": ADA}, {"retiring_principal": ADA}),
        ({"RetiringServicePrincipal": "a"}, {"retiring_service_principal": "a"}),
        ({"IssuingAccount": "777788889999"}, {"issuing_account": "777788889999"}),
        ({"IssuingAccount": ADA}, {"issuing_account": "111122223333"}),
        ({"Constraints": {}}, {"constraints": None}),
        (
            {"Constraints": {"SourceArn": "a"}},
            {"constraints": GrantConstraints(source_arn="a")},
        ),
        (
            {"Constraints": {"EncryptionContextEquals": {"a": "b"}}},
            {"constraints": GrantConstraints(encryption_context_equals={"a": "b"})},
        ),
        (
            {"Constraints": {"EncryptionContextSubset": {"a": "b"}}},
            {"constraints": GrantConstraints(encryption_context_subset={"a": "b"})},
        ),
    ],
)
def test_a_grant_is_read_with_each_of_its_members(
    written: dict[str, Any], found: dict[str, Any]
) -> None:
    expected = evolve(GRANT, **found)
    plain = {"Operations": ["Decrypt"]}
    assert read(grants=[plain | written, plain]).grants == (expected, GRANT)
    asked = read(action="kms:CreateGrant", request_parameters=plain | written)
    assert (asked.child, asked.grants) == (expected, ())
    assert read(request_parameters=plain | written).child is None


def test_all_accesses_must_be_allowed() -> None:
    policies = {"key_policy": resource_based("kms:Decrypt")}
    allowed = PLAIN | {"policies": policies, "principal": "arn:aws:iam::444455556666:user/Ada"}
    assert verdict(allowed) == "allow"
    assert verdict(allowed | {"action": "kms:Encrypt"}) == "deny"
    both = allowed | {"action": ["kms:Decrypt", "kms:Encrypt"]}
    assert verdict(both) == "deny"
    assert [each.is_allowed for each in decisions(both)] == [True, False]
