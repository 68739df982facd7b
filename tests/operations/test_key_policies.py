"""
Key policies: read, replaced and listed.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given, strategies as st

from kmsmodel.calls.caller import Caller
from kmsmodel.calls.request import Request
from kmsmodel.errors import (
    AccessDeniedException,
    KmsError,
    LimitExceededException,
    MalformedPolicyDocumentException,
    NotFoundException,
    ValidationException,
)
from kmsmodel.local import LocalKms
from kmsmodel.operations.deletion import ScheduleKeyDeletionRequest
from kmsmodel.operations.key_policies import (
    GetKeyPolicyRequest,
    GetKeyPolicyResponse,
    ListKeyPoliciesRequest,
    ListKeyPoliciesResponse,
    PutKeyPolicyRequest,
    PutKeyPolicyResponse,
)
from kmsmodel.operations.keys import CreateKeyRequest, CreateKeyResponse
from kmsmodel.policy import default_key_policy
from kmsmodel.policy.policies import Policies
from kmsmodel.policy.principal import Principal
from kmsmodel.testing.policies import OWNER, documents, iam_policies, principals
from kmsmodel.words.arn import parse_key_arn
from tests.basics import HSM, allowing
from tests.operations.steps import arn_of, create, describe, refused

ANOTHER = """
{
    "Version": "2012-10-17",
    "Statement": {
        "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::111122223333:root"},
        "Action": "kms:*",
        "Resource": "*"
    }
}
"""


WRITTEN = """{
  "Version" : "2012-10-17",
  "Statement" : [ {
    "Effect" : "Allow",
    "Principal" : {
      "AWS" : "arn:aws:iam::111122223333:root"
    },
    "Action" : "kms:*",
    "Resource" : "*"
  } ]
}"""


def policy_of(local: LocalKms, key_id: str) -> str:
    return local.handle(GetKeyPolicyRequest(key_id=key_id)).policy


@pytest.mark.parametrize("policy_name", [None, "default"])
def test_a_key_has_the_default_key_policy_until_it_gets_another(
    local: LocalKms, policy_name: str | None
) -> None:
    arn = arn_of(create(local))
    request = GetKeyPolicyRequest(key_id=arn, policy_name=policy_name)
    default = default_key_policy(parse_key_arn(arn))
    assert local.handle(request) == GetKeyPolicyResponse(policy=default, policy_name="default")
    put = PutKeyPolicyRequest(key_id=arn, policy_name=policy_name, policy=ANOTHER)
    assert local.handle(put) == PutKeyPolicyResponse()
    assert local.handle(request) == GetKeyPolicyResponse(policy=WRITTEN, policy_name="default")


def test_a_key_policy_may_be_given_at_birth_and_is_written_anew(local: LocalKms) -> None:
    assert policy_of(local, create(local, policy=ANOTHER).key_id) == WRITTEN


def test_the_account_of_a_key_policy_is_its_root_user_in_the_partition_of_the_region(
    local: LocalKms,
) -> None:
    policy = ANOTHER.replace("arn:aws:iam::111122223333:root", "111122223333")
    china = local.handle(CreateKeyRequest(policy=policy), region="cn-north-1").key_metadata
    written = local.handle(GetKeyPolicyRequest(key_id=china.key_id), region="cn-north-1").policy
    assert '"AWS" : "arn:aws-cn:iam::111122223333:root"' in written


def test_a_key_policy_that_was_written_anew_can_be_put_again(local: LocalKms) -> None:
    key_id = create(local, policy=ANOTHER).key_id
    local.handle(PutKeyPolicyRequest(key_id=key_id, policy=policy_of(local, key_id)))
    assert policy_of(local, key_id) == WRITTEN


def test_the_limit_is_of_the_text_that_was_put_and_not_of_the_one_that_is_written(
    local: LocalKms,
) -> None:
    allow = '{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"kms:*","Resource":"*"}'
    without_effect = '{"Effect":"Deny","Principal":"*"}'
    policy = f'{{"Statement":[{",".join([allow, *[without_effect] * 900])}]}}'
    assert len(policy) < 32_768 < len(policy_of(local, create(local, policy=policy).key_id))


def test_the_default_key_policy_can_be_put_where_it_is(local: LocalKms) -> None:
    key_id = create(local).key_id
    default = policy_of(local, key_id)
    local.handle(PutKeyPolicyRequest(key_id=key_id, policy=default))
    assert policy_of(local, key_id) == default


def requests_with(policy: str, key_id: str) -> tuple[Request[Any], ...]:
    return PutKeyPolicyRequest(key_id=key_id, policy=policy), CreateKeyRequest(policy=policy)


@pytest.mark.parametrize("bypass", [None, False, True])
def test_a_malformed_key_policy_is_refused_with_and_without_the_safety_check(
    local: LocalKms, bypass: bool | None
) -> None:
    key_id = create(local).key_id
    message = "Policy contains a statement with no principal."
    policy = json.dumps({"Statement": [{"Effect": "Allow", "Action": "kms:*", "Resource": "*"}]})
    for request in (
        PutKeyPolicyRequest(
            key_id=key_id, policy=policy, bypass_policy_lockout_safety_check=bypass
        ),
        CreateKeyRequest(policy=policy, bypass_policy_lockout_safety_check=bypass),
    ):
        refused(local, request, MalformedPolicyDocumentException, message)


def test_what_is_no_json_is_refused_without_a_text(local: LocalKms) -> None:
    for request in requests_with("not a real policy statement", create(local).key_id):
        refused(local, request, MalformedPolicyDocumentException, "")


def test_a_key_policy_of_more_than_32_kilobytes_exceeds_a_limit(local: LocalKms) -> None:
    for request in requests_with(ANOTHER + " " * 32_768, create(local).key_id):
        refused(local, request, LimitExceededException, "")


@pytest.mark.parametrize(
    "policy, must",
    [
        ("", "have length greater than or equal to 1"),
        ("{\u20ac}", r"satisfy regular expression pattern: [\u0009\u000A\u000D\u0020-\u00FF]+"),
    ],
)
def test_a_key_policy_has_characters_and_they_are_of_latin_1(
    local: LocalKms, policy: str, must: str
) -> None:
    for request in requests_with(policy, create(local).key_id):
        with pytest.raises(ValidationException) as caught:
            local.handle(request)
        told = f"Value '{policy}' at 'policy' failed to satisfy constraint: Member must {must}"
        assert told in caught.value.message


@pytest.mark.parametrize("policy_name", ["AWS_RAM", "Default", "another"])
def test_a_key_has_no_key_policy_of_another_name(local: LocalKms, policy_name: str) -> None:
    arn = arn_of(create(local))
    request = GetKeyPolicyRequest(key_id=arn, policy_name=policy_name)
    error = refused(local, request, NotFoundException, "No such policy exists")
    assert error.arn == arn


@pytest.mark.parametrize(
    "policy_name, message",
    [
        ("AWS_RAM", "The AWS_RAM policy can only be managed by the RAM service."),
        ("another", "Policy name another is not valid."),
    ],
)
def test_only_the_key_policy_named_default_is_put(
    local: LocalKms, policy_name: str, message: str
) -> None:
    request = PutKeyPolicyRequest(
        key_id=create(local).key_id, policy_name=policy_name, policy=ANOTHER
    )
    refused(local, request, ValidationException, message)


def test_a_key_that_is_pending_deletion_has_a_key_policy_that_can_be_replaced(
    local: LocalKms,
) -> None:
    key_id = create(local).key_id
    local.handle(ScheduleKeyDeletionRequest(key_id=key_id))
    local.handle(PutKeyPolicyRequest(key_id=key_id, policy=ANOTHER))
    assert policy_of(local, key_id) == WRITTEN


# ---- the lockout safety check

LOCKOUT = "The new key policy will not allow you to update the key policy in the future."
ADA = "arn:aws:iam::111122223333:user/Ada"


def of_ada(*actions: str) -> str:
    """A key policy that names one user and nobody else."""
    return json.dumps({"Statement": [allowed(list(actions), ADA)]})


def allowed(actions: Any, principal: str = "111122223333") -> dict[str, object]:
    return {
        "Effect": "Allow",
        "Principal": {"AWS": principal},
        "Action": actions,
        "Resource": "*",
    }


LOCKING = {
    "another user": of_ada("kms:*"),
    "nobody": json.dumps({"Statement": [allowed("kms:Describe*")]}),
    "explicit deny": json.dumps(
        {
            "Statement": [
                allowed("kms:*"),
                {
                    "Effect": "Deny",
                    "Principal": "*",
                    "Action": "kms:PutKeyPolicy",
                    "Resource": "*",
                },
            ]
        }
    ),
}


@pytest.mark.parametrize("policy", LOCKING.values(), ids=LOCKING)
def test_a_key_policy_that_its_author_could_not_replace_is_refused(
    local: LocalKms, policy: str
) -> None:
    """Unless the author bypasses the check, who has locked themselves out then."""
    key = create(local)
    for request in requests_with(policy, key.key_id):
        refused(local, request, MalformedPolicyDocumentException, LOCKOUT)
        unchecked = {"bypass_policy_lockout_safety_check": True}
        answer = local.handle(evolve(request, **unchecked))
        arn = arn_of(answer.key_metadata if isinstance(answer, CreateKeyResponse) else key)
        with pytest.raises(AccessDeniedException):
            local.handle(PutKeyPolicyRequest(key_id=arn, policy=ANOTHER))


@pytest.mark.parametrize(
    "caller, policy, is_locked_out",
    [
        (Caller(ADA, policies=allowing("kms:CreateKey")), of_ada("kms:Put*"), False),
        (Caller(ADA, policies=allowing("kms:CreateKey")), of_ada("kms:Get*"), True),
        (Caller(ADA, policies=allowing("kms:CreateKey")), ANOTHER, True),
        (Caller(ADA, policies=allowing("kms:CreateKey", "kms:PutKeyPolicy")), ANOTHER, False),
        (Caller.unasked(), of_ada("kms:Get*"), False),
    ],
    ids=["named", "named for less", "no IAM policy", "by the account", "not asked"],
)
def test_the_author_may_replace_it_by_name_or_by_their_account_and_iam(
    local: LocalKms, caller: Caller, policy: str, *, is_locked_out: bool
) -> None:
    request = CreateKeyRequest(policy=policy)
    if is_locked_out:
        refused(local, request, MalformedPolicyDocumentException, LOCKOUT, caller=caller)
    else:
        arn = arn_of(local.handle(request, caller=caller).key_metadata)
        local.handle(PutKeyPolicyRequest(key_id=arn, policy=policy), caller=caller)


@pytest.mark.parametrize("members", [{}, {"limit": 1}, {"limit": 1000}, {"marker": "any"}])
def test_one_key_policy_is_listed_in_one_page(local: LocalKms, members: dict[str, Any]) -> None:
    for key_id in (create(local).key_id, describe(local, "alias/aws/s3").key_id):
        answer = local.handle(ListKeyPoliciesRequest(key_id=key_id, **members))
        assert answer == ListKeyPoliciesResponse(policy_names=("default",), truncated=False)


@pytest.mark.parametrize(
    "limit, bound", [(0, "greater than or equal to 1"), (1001, "less than or equal to 1000")]
)
def test_a_limit_of_list_key_policies_is_1_to_1000(local: LocalKms, limit: int, bound: str) -> None:
    message = (
        f"1 validation error detected: Value '{limit}' at 'limit' failed to satisfy constraint: "
        f"Member must have value {bound}"
    )
    request = ListKeyPoliciesRequest(key_id=create(local).key_id, limit=limit)
    refused(local, request, ValidationException, message)


@given(documents(), principals(OWNER), st.lists(iam_policies(), max_size=2))
def test_whoever_puts_a_key_policy_can_put_it_again(
    policy: dict[str, Any], principal: Principal, identity: list[dict[str, Any]]
) -> None:
    """What the lockout safety check promises, of policies that lock out and of policies that do not."""
    local = LocalKms(account=OWNER, hsm=HSM)
    key_id = create(local).key_id
    caller = Caller(principal, policies=Policies(identity=identity))
    request = PutKeyPolicyRequest(key_id=key_id, policy=json.dumps(policy))
    try:
        local.handle(request, caller=caller)
    except KmsError:
        return
    local.handle(request, caller=caller)


@pytest.mark.parametrize(
    "odd",
    [{"Action": 5}, {"NotAction": "kms:Get*"}, {"Sid": {}}, {"Condition": {"Bool": {"a:b": None}}}],
)
def test_a_statement_of_an_odd_form_is_kept_and_has_no_effect(
    local: LocalKms, odd: dict[str, Any]
) -> None:
    key_id = create(local).key_id
    policy = {"Id": 5, "Statement": [allowed("kms:*"), allowed("kms:*", ADA) | odd]}
    local.handle(PutKeyPolicyRequest(key_id=key_id, policy=json.dumps(policy)))
    assert describe(local, key_id).key_id == key_id
    with pytest.raises(AccessDeniedException):
        local.handle(GetKeyPolicyRequest(key_id=key_id), caller=Caller(ADA))
