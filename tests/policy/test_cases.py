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


ODD: list[dict[str, Any]] = [
    {"principal": None},
    {"principal": "Ada"},
    {"action": 1},
    {"resource": ["a", 1]},
    {"context": ["a"]},
    {"context": {"a": {}}},
    {"encryption_context": {"a": 1}},
    {"policies": None},
    {"policies": {"key_policy": [1]}},
    {"policies": {"scps": {"a": 1}}},
    {"policies": {"scp_levels": ["a"]}},
    {"grants": [1]},
    {"grants": [{"Operations": ["Fly"]}]},
    {"grants": [{"Operations": ["Decrypt"], "GranteePrincipal": 1}]},
    {"grants": [{"Operations": [], "Constraints": {"EncryptionContextSubset": []}}]},
    {"action": "kms:CreateGrant", "request_parameters": []},
    {"resource_owner": 1},
    {"action": []},
    {"resource": []},
    {"action": "Decrypt"},
    {"action": "kms:Decript"},
    {"action": ["kms:Decrypt", "kms:decrypt"]},
    {"polices": {}},
    {"contxt": {}},
    {"expected": "alow"},
    {"policies": {"identity_policy": []}},
    {"policies": {"anything": []}},
    {"grants": [{"Operations": ["Decrypt"], "GranteePrinciple": "a"}]},
]


SLIPS: list[tuple[dict[str, Any], str]] = [
    ({"action": "kms:Decript"}, "action: AWS KMS has no 'kms:Decript'; perhaps 'kms:Decrypt'"),
    ({"action": "Decrypt"}, "action: 'Decrypt' names no service; perhaps 'kms:Decrypt' is"),
    ({"contxt": {}}, "the case: 'contxt' is not read; perhaps 'context' is meant"),
    ({"policies": {"identity_policy": []}}, "not a policy of a case; perhaps 'identity_policies'"),
    ({"resource": []}, "resource: at least one is expected"),
]


@pytest.mark.parametrize("odd, says", SLIPS)
def test_a_slip_is_told_with_its_place_and_what_is_meant(odd: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        verdict(SMALL | odd)


def test_members_that_are_no_slips_are_not_read() -> None:
    assert verdict(SMALL | {"note": "see the runbook", "team": "blue"}) == verdict(SMALL)


@pytest.mark.parametrize("odd", ODD)
def test_what_is_no_case_is_a_value_error(odd: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"."):
        verdict(SMALL | odd)


@pytest.mark.parametrize("statement", [1, {"Effect": "allow"}, {"Effect": ["Allow"]}])
def test_what_is_no_policy_is_malformed(statement: object) -> None:
    with pytest.raises(MalformedPolicyDocumentException):
        verdict(SMALL | {"policies": {"key_policy": {"Statement": statement}}})
