"""
Cases: every decision that AWS's pages state or that was recorded of AWS, and the format in which they are kept.
"""

from __future__ import annotations

import re
from typing import Any

import pytest

from kmsmodel.errors import MalformedPolicyDocumentException
from kmsmodel.policy.cases import accesses, decisions, verdict
from kmsmodel.policy.evaluation import Verdict
from tests.policy.cases import Case, decisions as known

CASES = [
    case
    for name in ("authorization_cases", "recorded_iam_cases", "recorded_kms_cases")
    for case in known(name)
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_it_is_decided_as_aws_decides_it(case: Case) -> None:
    assert verdict(case.raw) == case.expected


_NAMED = re.compile(r"because no ([\w ]+) allows|with an explicit deny in an? ([\w -]+)")


def named(case: Case) -> tuple[Verdict, str] | None:
    """The verdict and the type of policy that AWS's message names, if it names one."""
    found = _NAMED.search(case.raw.get("message", "").replace("-based", "based"))
    if found is None or "because the resource does not exist" in case.raw["message"]:
        return None
    verdict = Verdict.NOT_ALLOWED if found[1] else Verdict.EXPLICITLY_DENIED
    return verdict, (found[1] or found[2]).replace("based", "-based")


@pytest.mark.parametrize("case", [case for case in CASES if named(case)], ids=lambda case: case.id)
def test_a_denial_is_for_the_reason_in_awss_message(case: Case) -> None:
    [found] = [each for each in decisions(case.raw) if not each.is_allowed]
    assert (found.verdict, found.policy_type) == named(case)


SMALL: dict[str, Any] = {
    "principal": "arn:aws:iam::111122223333:user/Ada",
    "action": "kms:Decrypt",
    "resource": "arn:aws:kms:us-west-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
    "policies": {"key_policy": {"Statement": []}},
}


def test_a_case_has_an_access_for_each_action_and_resource() -> None:
    other = SMALL["resource"].replace("1234abcd", "5678abcd")
    case = SMALL | {
        "action": ["kms:Encrypt", "kms:Decrypt"],
        "resource": [SMALL["resource"], other],
    }
    assert [(each.action, each.resource) for each in accesses(case)] == [
        ("kms:Encrypt", SMALL["resource"]),
        ("kms:Encrypt", other),
        ("kms:Decrypt", SMALL["resource"]),
        ("kms:Decrypt", other),
    ]


def granting(**members: Any) -> dict[str, Any]:
    return {"grants": [{"Operations": "Decrypt"} | members]}


STRING, OBJECT, LIST = "a string is expected", "an object is expected", "a list is expected"
ODD: list[tuple[dict[str, Any], str]] = [
    ({"principal": None}, f"principal: {STRING}"),
    ({"principal": "Ada"}, "'Ada' is not the ARN of a principal"),
    ({"action": None}, f"action: {STRING}"),
    ({"action": 1}, f"action: {STRING}"),
    ({"action": []}, "action: at least one is expected"),
    ({"action": "Decrypt"}, "action: 'Decrypt' names no service; perhaps 'kms:Decrypt' is meant"),
    ({"action": "Xyzzy"}, "action: 'Xyzzy' names no service"),
    (
        {"action": "kms:Decript"},
        "action: AWS KMS has no 'kms:Decript'; perhaps 'kms:Decrypt' is meant",
    ),
    (
        {"action": ["kms:Decrypt", "KMS:Decrypt"]},
        "action: AWS KMS has no 'KMS:Decrypt'; perhaps 'kms:Decrypt' is meant",
    ),
    (
        {"action": "kms:Decrypt:x"},
        "action: AWS KMS has no 'kms:Decrypt:x'; perhaps 'kms:Decrypt' is meant",
    ),
    ({"action": "kms:Xyzzy"}, "action: AWS KMS has no 'kms:Xyzzy'"),
    ({"resource_owner": 0}, f"resource_owner: {STRING}"),
    ({"resource": ["a", 1]}, f"resource: {STRING}"),
    ({"resource": []}, "resource: at least one is expected"),
    ({"resource_owner": 1}, f"resource_owner: {STRING}"),
    ({"expected": "alow"}, "expected: 'alow' is neither 'allow' nor 'deny'"),
    ({"context": ["a"]}, f"context: {OBJECT}"),
    ({"context": {"a": {}}}, f"context, a: {STRING}"),
    ({"context": {"a": ["b", {}]}}, f"context, a: {STRING}"),
    ({"encryption_context": [1]}, f"encryption_context: {OBJECT}"),
    ({"encryption_context": {"a": 1}}, f"encryption_context, a: {STRING}"),
    ({"policies": None}, f"policies: {OBJECT}"),
    ({"policies": {"key_policy": [1]}}, f"key_policy: {OBJECT}"),
    ({"policies": {"identity_policies": {"a": 1}}}, f"identity_policies: {LIST}"),
    ({"policies": {"scps": {"a": 1}}}, f"scps: {LIST}"),
    ({"policies": {"scp_levels": 1}}, f"scp_levels: {LIST}"),
    ({"policies": {"scp_levels": [[], "a"]}}, f"scp_levels: {LIST}"),
    ({"policies": {"rcps": 1}}, f"rcps: {LIST}"),
    ({"policies": {"anything": []}}, "policies: 'anything' is not a policy of a case"),
    ({"grants": 1}, f"grants: {LIST}"),
    ({"grants": [{"Operations": []}, 1]}, f"grant 2: {OBJECT}"),
    ({"grants": [{}]}, f"grant 1, Operations: {STRING}"),
    ({"grants": [{"Operations": ["Fly"]}]}, "'Fly' is not a valid GrantOperation"),
    (granting(GrantId=1), f"grant 1, GrantId: {STRING}"),
    (granting(GranteePrincipal=1), f"grant 1, GranteePrincipal: {STRING}"),
    (granting(GranteeServicePrincipal=1), f"grant 1, GranteeServicePrincipal: {STRING}"),
    (granting(RetiringPrincipal=1), f"grant 1, RetiringPrincipal: {STRING}"),
    (granting(RetiringServicePrincipal=1), f"grant 1, RetiringServicePrincipal: {STRING}"),
    (granting(IssuingAccount=1), f"grant 1, IssuingAccount: {STRING}"),
    (granting(Constraints=1), f"grant 1, Constraints: {OBJECT}"),
    (granting(Constraints={"SourceArn": 1}), f"grant 1, SourceArn: {STRING}"),
    *(
        (granting(Constraints=each | {name: odd}), f"grant 1, {name}: {said}")
        for name, each in (
            ("EncryptionContextEquals", {}),
            ("EncryptionContextSubset", {"EncryptionContextEquals": None}),
        )
        for odd, said in ((1, OBJECT), ([1], OBJECT), ({"a": 1}, STRING))
    ),
    ({"action": "kms:CreateGrant", "request_parameters": []}, f"request_parameters: {OBJECT}"),
    (
        {"action": ["kms:Encrypt", "kms:CreateGrant"], "request_parameters": {"Operations": 1}},
        f"request_parameters, Operations: {STRING}",
    ),
]


@pytest.mark.parametrize(
    "slip, meant",
    [
        ("kinds", "kind"),
        ("principle", "principal"),
        ("actions", "action"),
        ("resources", "resource"),
        ("resource_owners", "resource_owner"),
        ("polices", "policies"),
        ("contxt", "context"),
        ("encryption_contexts", "encryption_context"),
        ("grant", "grants"),
        ("request_parameter", "request_parameters"),
        ("Expected", "expected"),
    ],
)
def test_a_slip_is_told_with_what_is_meant(slip: str, meant: str) -> None:
    assert refusal({slip: "a"}) == f"the case: {slip!r} is not read; perhaps {meant!r} is meant"


@pytest.mark.parametrize(
    "slip, meant",
    [
        ("keypolicy", "key_policy"),
        ("resource_polices", "resource_policy"),
        ("identity_policy", "identity_policies"),
        ("permission_boundary", "permissions_boundary"),
        ("sesion_policy", "session_policy"),
        ("vpc_endpoint_policies", "vpc_endpoint_policy"),
        ("scp", "scps"),
        ("scp_level", "scp_levels"),
        ("rcp", "rcps"),
    ],
)
def test_a_slip_in_a_policy_is_told_with_what_is_meant(slip: str, meant: str) -> None:
    said = f"policies: {slip!r} is not a policy of a case; perhaps {meant!r} is meant"
    assert refusal({"policies": {slip: []}}) == said


@pytest.mark.parametrize(
    "slip, meant",
    [
        ("Operation", "Operations"),
        ("Contraints", "Constraints"),
        ("GrantID", "GrantId"),
        ("GranteePrinciple", "GranteePrincipal"),
        ("GranteeServicePrinciple", "GranteeServicePrincipal"),
        ("RetiringPrincipals", "RetiringPrincipal"),
        ("RetiringServicePrincipals", "RetiringServicePrincipal"),
        ("IssuingAcount", "IssuingAccount"),
    ],
)
def test_a_slip_in_a_grant_is_told_with_what_is_meant(slip: str, meant: str) -> None:
    said = f"grant 1: {slip!r} is not read; perhaps {meant!r} is meant"
    assert refusal(granting(**{slip: "a"})) == said


def refusal(odd: dict[str, Any]) -> str:
    with pytest.raises(ValueError, match=r".") as raised:
        verdict(SMALL | odd)
    return str(raised.value)


@pytest.mark.parametrize("odd, says", ODD)
def test_what_is_no_case_is_a_value_error(odd: dict[str, Any], says: str) -> None:
    assert refusal(odd) == says


def test_a_case_is_an_object() -> None:
    with pytest.raises(ValueError, match=r"^the case: an object is expected$"):
        verdict([])  # type: ignore[arg-type]


def test_what_is_null_is_as_if_it_were_not_there() -> None:
    names = ("context", "encryption_context", "grants", "resource_owner", "request_parameters")
    assert decisions(SMALL | dict.fromkeys(names)) == decisions(SMALL)
    lists = ("key_policy", "identity_policies", "scps", "scp_levels", "rcps")
    others = ("permissions_boundary", "session_policy", "vpc_endpoint_policy", "resource_policy")
    nothing: dict[str, Any] = {}
    small = SMALL | {"policies": nothing}
    assert decisions(small | {"policies": dict.fromkeys((*lists, *others))}) == decisions(small)
    assert decisions(SMALL | granting(Constraints=None, IssuingAccount=None)) == decisions(
        SMALL | granting()
    )


def test_only_create_grant_reads_what_is_asked_for() -> None:
    assert decisions(SMALL | {"request_parameters": 1}) == decisions(SMALL)


def test_members_that_are_no_slips_are_not_read() -> None:
    """`source` is less like `resource` than a slip is."""
    more = {"note": "see the runbook", "team": "blue", "source": "a page", "expected": "deny"}
    assert verdict(SMALL | more) == verdict(SMALL)


@pytest.mark.parametrize("statement", [1, {"Effect": "allow"}, {"Effect": ["Allow"]}])
def test_what_is_no_policy_is_malformed(statement: object) -> None:
    with pytest.raises(MalformedPolicyDocumentException):
        verdict(SMALL | {"policies": {"key_policy": {"Statement": statement}}})
