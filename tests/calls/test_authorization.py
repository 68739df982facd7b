"""
Whether callers may do what they ask for: each denial in AWS's words.

Sources of the sentences: *Troubleshoot access denied error messages* in the IAM User Guide; what was recorded in
September 2026; the reports in `docs/fidelity.md`, *Naming a key*.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pytest
from attrs import evolve

from kmsmodel.calls.authorization import access, authorize, denied as denial, refuse_lockout
from kmsmodel.calls.call import Call
from kmsmodel.calls.caller import Caller
from kmsmodel.calls.condition_keys import RequestContext
from kmsmodel.calls.request import Request
from kmsmodel.crypto.seeded_hsm import SeededHsm
from kmsmodel.errors import (
    AccessDeniedException,
    AlreadyExistsException,
    InvalidGrantTokenException,
    KmsError,
    MalformedPolicyDocumentException,
    NotFoundException,
)
from kmsmodel.key.share import Share
from kmsmodel.key.tag import Tag
from kmsmodel.local import LocalKms
from kmsmodel.operations.aliases import (
    CreateAliasRequest,
    DeleteAliasRequest,
    ListAliasesRequest,
    UpdateAliasRequest,
)
from kmsmodel.operations.data_keys import GenerateRandomRequest
from kmsmodel.operations.encryption import DecryptRequest, EncryptRequest, ReEncryptRequest
from kmsmodel.operations.grants import CreateGrantRequest
from kmsmodel.operations.key_policies import GetKeyPolicyRequest, PutKeyPolicyRequest
from kmsmodel.operations.keys import (
    CreateKeyRequest,
    DescribeKeyRequest,
    DisableKeyRequest,
    ListKeysRequest,
)
from kmsmodel.operations.rotation import GetKeyRotationStatusRequest
from kmsmodel.policy.access import Access
from kmsmodel.policy.actions import ACTIONS
from kmsmodel.policy.document import Policy, PolicyType, from_json, kept
from kmsmodel.policy.evaluation import Decision, Verdict, decide
from kmsmodel.policy.grant import Grant
from kmsmodel.policy.policies import Policies
from kmsmodel.words.arn import parse_key_arn
from kmsmodel.words.enumerations import GrantOperation
from tests.basics import ACCOUNT, AWS_MANAGED, DAY, NOBODY, NOW, OTHER_ACCOUNT, allowing, call
from tests.operations.steps import arn_of, create, describe, encrypt, local_kms, refused

ADA = "arn:aws:iam::111122223333:user/Ada"
MALLORY = "arn:aws:iam::444455556666:user/Mallory"
ROOT, OTHER_ROOT = (f"arn:aws:iam::{account}:root" for account in (ACCOUNT, OTHER_ACCOUNT))
BECAUSE = (
    "because the resource does not exist in this Region, no resource-based policies allow access, "
    "or a resource-based policy explicitly denies access"
)
ALLOW, DENY = "Allow", "Deny"

Json = dict[str, Any]


def policy(effect: str = ALLOW, action: Any = "kms:*", **members: Any) -> Json:
    """A policy of one statement."""
    return {"Statement": {"Effect": effect, "Action": action, "Resource": "*", **members}}


NAMED = "arn:aws:iam::aws:policy/Named"
DENIED, OTHERWISE = policy(DENY), policy(action="s3:*")


def with_arn(document: Json) -> Policy:
    return evolve(from_json(document), arn=NAMED)


def key_with(local: LocalKms, *statements: Json) -> str:
    """The ARN of a KMS key whose key policy has these statements, whomever they lock out."""
    document = json.dumps({"Statement": [{"Resource": "*", **each} for each in statements]})
    made = create(local, policy=document, bypass_policy_lockout_safety_check=True)
    return arn_of(made)


def naming(*principals: str, effect: str = ALLOW, action: Any = "kms:*") -> Json:
    return {"Effect": effect, "Principal": {"AWS": list(principals)}, "Action": action}


def sentence(who: str, action: str, rest: str) -> str:
    return f"User: {who} is not authorized to perform: kms:{action} {rest}"


def denied(
    local: LocalKms, request: Request[Any], caller: Caller, rest: str, *, action: str = ""
) -> KmsError:
    """The request is refused with this end of AWS's sentence, and changes nothing."""
    told = sentence(caller.principal.arn, action or request.operation, rest)
    return refused(local, request, AccessDeniedException, told, caller=caller)


def to_describe(arn: str) -> Request[Any]:
    return DescribeKeyRequest(key_id=arn)


# ---- in the account of the KMS key


@pytest.mark.parametrize(
    "given, rest",
    [
        ({}, "because no identity-based policy allows the kms:DescribeKey action"),
        (
            {"identity": [OTHERWISE]},
            "because no identity-based policy allows the kms:DescribeKey action",
        ),
        (
            {"identity": [policy()], "boundary": OTHERWISE},
            "because no permissions boundary allows the kms:DescribeKey action",
        ),
        (
            {"identity": [policy()], "session": []},
            "because no session policy allows the kms:DescribeKey action",
        ),
        (
            {"identity": [policy()], "scps": [[policy()], [OTHERWISE]]},
            "because no service control policy allows the kms:DescribeKey action",
        ),
        (
            {"identity": [policy()], "endpoint": OTHERWISE},
            "because no VPC endpoint policy allows the kms:DescribeKey action",
        ),
        ({"identity": [policy(), DENIED]}, "with an explicit deny in an identity-based policy"),
        (
            {"identity": [policy()], "boundary": DENIED},
            "with an explicit deny in a permissions boundary",
        ),
        (
            {"identity": [policy()], "session": [DENIED]},
            "with an explicit deny in a session policy",
        ),
        (
            {"identity": [policy()], "scps": [[policy(), DENIED]]},
            "with an explicit deny in a service control policy",
        ),
        (
            {"identity": [policy()], "rcps": [DENIED]},
            "with an explicit deny in a resource control policy",
        ),
        (
            {"identity": [policy()], "endpoint": DENIED},
            "with an explicit deny in a VPC endpoint policy",
        ),
    ],
)
def test_the_caller_is_told_which_type_of_policy_refuses(
    local: LocalKms, given: Mapping[str, Any], rest: str
) -> None:
    """The key policy lets in the account, so the caller's own policies must allow, and none may deny."""
    arn = arn_of(create(local))
    caller = Caller(ADA, policies=Policies(**given))
    assert denied(local, to_describe(arn), caller, f"on resource: {arn} {rest}").arn == arn


@pytest.mark.parametrize(
    "given, kind",
    [
        ({"identity": [with_arn(DENIED)]}, "an identity-based policy"),
        ({"boundary": with_arn(DENIED)}, "a permissions boundary"),
        ({"session": [with_arn(DENIED)]}, "a session policy"),
        ({"scps": [[with_arn(DENIED)]]}, "a service control policy"),
        ({"rcps": [with_arn(DENIED)]}, "a resource control policy"),
    ],
)
def test_a_policy_that_denies_is_told_by_its_arn_if_it_has_one(
    local: LocalKms, given: Mapping[str, Any], kind: str
) -> None:
    arn = arn_of(create(local))
    caller = Caller(ADA, policies=Policies(**given))
    rest = f"on resource: {arn} with an explicit deny in {kind}: {NAMED}"
    denied(local, to_describe(arn), caller, rest)


def test_a_key_policy_that_names_others_refuses_even_the_root_user_and_administrators(
    local: LocalKms,
) -> None:
    arn = key_with(local, naming(ADA))
    rest = f"on resource: {arn} because no resource-based policy allows the kms:DescribeKey action"
    for caller in (Caller(ROOT), Caller(f"{ADA}n", policies=Policies(identity=[policy()]))):
        denied(local, to_describe(arn), caller, rest)
    assert local.handle(to_describe(arn), caller=Caller(ADA)).key_metadata.arn == arn


def test_a_key_policy_that_denies_is_told_without_a_name(local: LocalKms) -> None:
    arn = key_with(local, naming(ACCOUNT), naming(ADA, effect=DENY, action="kms:Describe*"))
    caller = Caller(ADA, policies=allowing("kms:*"))
    denied(
        local,
        to_describe(arn),
        caller,
        f"on resource: {arn} with an explicit deny in a resource-based policy",
    )
    local.handle(GetKeyRotationStatusRequest(key_id=arn), caller=caller)


def test_the_root_user_needs_no_iam_policy_and_other_principals_do(local: LocalKms) -> None:
    arn = arn_of(create(local))
    local.handle(to_describe(arn), caller=Caller(ROOT))
    local.handle(to_describe(arn), caller=Caller(ADA, policies=allowing("kms:DescribeKey")))
    only_others = allowing("kms:DescribeKey", resource=arn.replace("1", "2"))
    rest = f"on resource: {arn} because no identity-based policy allows the kms:DescribeKey action"
    denied(local, to_describe(arn), Caller(ADA, policies=only_others), rest)


def test_a_session_is_named_itself_and_may_what_its_role_may(local: LocalKms) -> None:
    role = "arn:aws:iam::111122223333:role/Reader"
    arn = key_with(local, naming(role, action="kms:DescribeKey"))
    session = Caller("arn:aws:sts::111122223333:assumed-role/Reader/alice")
    local.handle(to_describe(arn), caller=session)
    rest = f"on resource: {arn} because no resource-based policy allows the kms:DisableKey action"
    denied(local, DisableKeyRequest(key_id=arn), session, rest)


# ---- between accounts


@pytest.mark.parametrize(
    "given, rest",
    [
        ({}, "because no identity-based policy allows the kms:DescribeKey action"),
        (
            {"identity": [policy()], "session": []},
            "because no session policy allows the kms:DescribeKey action",
        ),
        (
            {"identity": [policy(), with_arn(DENIED)]},
            f"with an explicit deny in an identity-based policy: {NAMED}",
        ),
    ],
)
@pytest.mark.parametrize("named", [OTHER_ACCOUNT, MALLORY])
def test_who_the_owner_lets_in_is_told_what_is_missing_at_home_without_the_arn(
    local: LocalKms, named: str, given: Mapping[str, Any], rest: str
) -> None:
    arn = key_with(local, naming(named))
    caller = Caller(MALLORY, policies=Policies(**given))
    assert denied(local, to_describe(arn), caller, f"on this resource {rest}").arn is None
    allowed = evolve(caller, policies=allowing("kms:DescribeKey", resource=arn))
    assert local.handle(to_describe(arn), caller=allowed).key_metadata.arn == arn


def test_a_root_user_abroad_needs_the_key_policy_only(local: LocalKms) -> None:
    arn = key_with(local, naming(OTHER_ACCOUNT))
    assert local.handle(to_describe(arn), caller=Caller(OTHER_ROOT)).key_metadata.arn == arn


@pytest.mark.parametrize(
    "own",
    [
        Policies(),
        allowing("kms:*"),
        Policies(identity=[DENIED]),
        Policies(identity=[with_arn(DENIED)]),
        Policies(identity=[policy()], boundary=OTHERWISE),
        Policies(identity=[policy()], session=[DENIED]),
        Policies(identity=[policy()], scps=[[OTHERWISE]]),
        Policies(identity=[policy()], endpoint=DENIED),
    ],
)
def test_whom_the_owner_does_not_let_in_learns_nothing_whatever_their_own_policies_say(
    local: LocalKms, own: Policies
) -> None:
    """The same sentence for a KMS key that exists, for one that denies them, and for one that does not exist."""
    closed = arn_of(create(local))
    denying = key_with(local, naming(MALLORY), naming(OTHER_ACCOUNT, effect=DENY))
    nobody = closed.replace(parse_key_arn(closed).key_id, NOBODY)
    for arn in (closed, denying, nobody):
        denied(
            local, to_describe(arn), Caller(MALLORY, policies=own), f"on this resource {BECAUSE}"
        )


def test_what_does_not_work_across_accounts_is_refused_whatever_policies_say(
    local: LocalKms,
) -> None:
    """And so it is to a caller who is not asked."""
    arn = key_with(local, naming(OTHER_ACCOUNT), naming(ACCOUNT))
    requests: tuple[Request[Any], ...] = (
        DisableKeyRequest(key_id=arn),
        PutKeyPolicyRequest(key_id=arn, policy=json.dumps(policy(Principal="*"))),
        CreateAliasRequest(alias_name="alias/mine", target_key_id=arn),
        ListAliasesRequest(key_id=arn),
    )
    for caller in (
        Caller(MALLORY, policies=allowing("kms:*")),
        Caller(OTHER_ROOT),
        Caller.unasked(OTHER_ACCOUNT),
    ):
        for request in requests:
            assert not ACTIONS[request.operation].across_accounts
            denied(local, request, caller, f"on this resource {BECAUSE}")


# ---- services


def test_a_service_is_told_nothing_of_what_refuses_it(local: LocalKms) -> None:
    """Recorded 2026-09: neither a missing Allow nor a Deny."""
    service = {"Principal": {"Service": "events.amazonaws.com"}, "Action": "kms:*"}
    caller = Caller("events.amazonaws.com")
    for statement in (service | {"Effect": DENY}, naming(ACCOUNT)):
        arn = key_with(local, statement)
        denied(local, to_describe(arn), caller, f"on this resource {BECAUSE}")
    allowed = key_with(local, service | {"Effect": ALLOW})
    assert local.handle(to_describe(allowed), caller=caller).key_metadata.arn == allowed


# ---- a ciphertext without its key


def test_a_ciphertext_is_named_in_the_place_of_a_key_that_the_caller_may_not_know(
    local: LocalKms,
) -> None:
    """In the account of the key, the key is named; abroad it is, too, once its owner lets the caller in."""
    arn = key_with(local, naming(ACCOUNT))
    decrypt = DecryptRequest(ciphertext_blob=encrypt(local, arn))
    reencrypt = ReEncryptRequest(ciphertext_blob=encrypt(local, arn), destination_key_id=arn)
    of_the_ciphertext = f"on the resource associated with this ciphertext {BECAUSE}"
    for caller in (Caller(OTHER_ROOT), Caller(MALLORY, policies=Policies(identity=[DENIED]))):
        denied(local, decrypt, caller, of_the_ciphertext)
        denied(local, reencrypt, caller, of_the_ciphertext, action="ReEncryptFrom")
    rest = f"on resource: {arn} because no identity-based policy allows the kms:Decrypt action"
    denied(local, decrypt, Caller(ADA), rest)
    local.handle(
        PutKeyPolicyRequest(
            key_id=arn,
            policy=json.dumps(
                {"Statement": [{"Resource": "*", **naming(ACCOUNT, OTHER_ACCOUNT)}]},
            ),
        )
    )
    rest = "on this resource because no identity-based policy allows the kms:Decrypt action"
    denied(local, decrypt, Caller(MALLORY), rest)
    assert local.handle(decrypt, caller=Caller(OTHER_ROOT)).key_id == arn


def test_both_halves_of_reencrypt_are_asked_each_for_its_own_key(local: LocalKms) -> None:
    source, destination = arn_of(create(local)), arn_of(create(local))
    request = ReEncryptRequest(
        ciphertext_blob=encrypt(local, source), destination_key_id=destination
    )
    for allowed, arn, action in (
        ((), source, "ReEncryptFrom"),
        (("kms:ReEncryptTo",), source, "ReEncryptFrom"),
        (("kms:ReEncryptFrom",), destination, "ReEncryptTo"),
    ):
        rest = f"on resource: {arn} because no identity-based policy allows the kms:{action} action"
        denied(local, request, Caller(ADA, policies=allowing(*allowed)), rest, action=action)
    both = Caller(ADA, policies=allowing("kms:ReEncrypt*"))
    assert local.handle(request, caller=both).key_id == destination


# ---- without a KMS key


@pytest.mark.parametrize(
    "request_",
    [
        CreateKeyRequest(),
        GenerateRandomRequest(number_of_bytes=1),
        ListKeysRequest(),
        ListAliasesRequest(),
    ],
    ids=lambda request: request.operation,
)
def test_without_a_kms_key_iam_policies_alone_are_asked(
    local: LocalKms, request_: Request[Any]
) -> None:
    action = request_.operation
    rest = f"on resource: * because no identity-based policy allows the kms:{action} action"
    assert denied(local, request_, Caller(ADA), rest).arn is None
    denying = Caller(ADA, policies=Policies(identity=[policy(), with_arn(DENIED)]))
    rest = f"on resource: * with an explicit deny in an identity-based policy: {NAMED}"
    denied(local, request_, denying, rest)
    local.handle(request_, caller=Caller(ADA, policies=allowing(f"kms:{action}")))
    local.handle(request_, caller=Caller(ROOT))


def test_tags_of_a_new_key_need_tag_resource_by_iam_and_no_resource_is_told(
    local: LocalKms,
) -> None:
    """Recorded: the sentence is without `on resource`. The key policy that comes with the key is not asked."""
    tags = (Tag(tag_key="team", tag_value="a"),)
    request = CreateKeyRequest(
        tags=tags, policy=json.dumps({"Statement": [{"Resource": "*", **naming(ADA)}]})
    )
    creator = Caller(ADA, policies=allowing("kms:CreateKey"))
    rest = "because no identity-based policy allows the kms:TagResource action"
    denied(local, request, creator, rest, action="TagResource")
    local.handle(evolve(request, tags=()), caller=creator)
    both = Caller(ADA, policies=allowing("kms:CreateKey", "kms:TagResource"))
    assert local.handle(request, caller=both).key_metadata.key_manager == "CUSTOMER"


def test_the_tags_of_a_new_key_are_asked_for_on_any_key_of_the_account_and_region(
    local: LocalKms,
) -> None:
    tags = (Tag(tag_key="team", tag_value="a"),)
    every_key = f"arn:aws:kms:us-west-2:{ACCOUNT}:key/*"
    for resource, is_allowed in ((every_key, True), (every_key.replace("west", "east"), False)):
        tagging = policy(action="kms:TagResource", Resource=resource)
        own = Policies(identity=[policy(action="kms:CreateKey"), tagging])
        asked, caller = CreateKeyRequest(tags=tags), Caller(ADA, policies=own)
        if is_allowed:
            local.handle(asked, caller=caller)
        else:
            with pytest.raises(AccessDeniedException) as caught:
                local.handle(asked, caller=caller)
            [note] = caught.value.__notes__
            assert note.startswith(f"kms:TagResource on {every_key} by {ADA}\nnot allowed, because")


# ---- what is asked of the engine


def asked_for(
    local: LocalKms, request: Request[Any], *, at: datetime = NOW, grant: Grant | None = None
) -> Access:
    [key] = local.kms.keys(NOW)
    asking = call(now=at)
    return access(
        RequestContext(request.operation, request, asking, kms=local.kms, key=key, grant=grant)
    )


def test_an_access_has_the_encryption_context_only_of_an_operation_that_takes_one(
    local: LocalKms,
) -> None:
    arn = arn_of(create(local))
    encrypting = EncryptRequest(key_id=arn, plaintext=b"a", encryption_context={"a": "b"})
    assert asked_for(local, encrypting).encryption_context == {"a": "b"}
    assert asked_for(local, evolve(encrypting, encryption_context=None)).encryption_context == {}
    assert asked_for(local, to_describe(arn)).encryption_context is None
    assert asked_for(local, to_describe(arn)).context.get("kms:calleraccount") == ACCOUNT


def test_an_access_has_the_child_only_of_a_request_for_a_grant(local: LocalKms) -> None:
    arn = arn_of(create(local))
    granting = CreateGrantRequest(
        key_id=arn, grantee_principal=ADA, operations=(GrantOperation.Decrypt,)
    )
    assert asked_for(local, granting).child is granting
    assert asked_for(local, to_describe(arn)).child is None


def test_an_access_has_the_grants_whose_tokens_come_with_it(local: LocalKms) -> None:
    arn = arn_of(create(local))
    made = local.handle(
        CreateGrantRequest(key_id=arn, grantee_principal=ROOT, operations=(GrantOperation.Encrypt,))
    )
    encrypting = EncryptRequest(key_id=arn, plaintext=b"a", grant_tokens=(made.grant_token,))
    before = NOW - DAY
    [grant] = asked_for(local, encrypting, at=before).grants
    assert grant.grant_id == made.grant_id
    assert asked_for(local, evolve(encrypting, grant_tokens=()), at=before).grants == ()
    other = evolve(grant, grant_id=NOBODY)
    alone = asked_for(local, to_describe(arn), grant=other)
    assert (alone.grants, alone.resource_policy) == ((other,), None)
    assert asked_for(local, to_describe(arn)).resource_policy == kept(describe_policy(local, arn))


def test_the_statements_of_aws_ram_come_after_those_of_the_key_policy(local: LocalKms) -> None:
    key_with(local, naming(ADA))
    [key] = local.kms.keys(NOW)
    one = json.dumps({"Statement": {"Resource": "*", **naming(ADA)}})
    shared = evolve(key, policy=one, shares=(Share(OTHER_ACCOUNT, ("DescribeKey",)),))
    request = to_describe(key.arn)
    of = RequestContext("DescribeKey", request, call(), kms=local.kms, key=shared)
    found = access(of).resource_policy
    assert found is not None
    assert found.is_list
    assert [each.actions and each.actions.patterns for each in found.statements] == [
        ("kms:*",),
        ("kms:DescribeKey",),
    ]


def test_what_aws_ram_lets_somebody_do_does_not_keep_a_key_from_being_locked(
    local: LocalKms,
) -> None:
    key_with(local, naming(ADA))
    [key] = local.kms.keys(NOW)
    shared = evolve(key, shares=(Share(ACCOUNT, ("PutKeyPolicy",)),))
    request = PutKeyPolicyRequest(key_id=key.arn, policy=key.key_policy)
    of = RequestContext(
        "PutKeyPolicy", request, call(caller=Caller(ROOT)), kms=local.kms, key=shared
    )
    assert decide(access(of)).is_allowed
    with pytest.raises(MalformedPolicyDocumentException):
        refuse_lockout(of)


def test_a_refusal_has_a_note_that_explains_it_and_names_a_type_of_policy(local: LocalKms) -> None:
    asked = asked_for(local, to_describe(arn_of(create(local))))
    refusing = Decision(access=asked, verdict=Verdict.NOT_ALLOWED, policy_type=PolicyType.IDENTITY)
    assert denial(asked, refusing).__notes__ == [str(refusing.explanation)]
    with pytest.raises(AssertionError) as caught:
        denial(asked, evolve(refusing, policy_type=None))
    assert str(caught.value) == "a decision that refuses names the type of a policy"


def test_a_request_without_a_key_has_condition_keys_too(local: LocalKms) -> None:
    for name, is_allowed in (("Ada", True), ("Bob", False)):
        condition = {"StringEquals": {"aws:username": name}}
        own = Policies(identity=[policy(Condition=condition)])
        if is_allowed:
            local.handle(ListKeysRequest(), caller=Caller(ADA, policies=own))
        else:
            with pytest.raises(AccessDeniedException):
                local.handle(ListKeysRequest(), caller=Caller(ADA, policies=own))


def describe_policy(local: LocalKms, arn: str) -> str:
    return local.handle(GetKeyPolicyRequest(key_id=arn)).policy or ""


def test_a_key_policy_says_nothing_of_an_action_that_is_not_on_a_key(local: LocalKms) -> None:
    key_with(local, naming(ADA))
    [key] = local.kms.keys(NOW)
    asking = call(caller=Caller(ADA))
    of = RequestContext("ListAliases", ListAliasesRequest(), asking, kms=local.kms, key=key)
    with pytest.raises(AccessDeniedException):
        authorize(of)


def test_a_condition_is_asked_of_each_request_though_it_holds_without_one(local: LocalKms) -> None:
    condition = {"Condition": {"StringNotEquals": {"aws:username": "Ada"}}}
    arn = key_with(local, naming("*") | condition)
    rest = f"on resource: {arn} because no resource-based policy allows the kms:DescribeKey action"
    denied(local, to_describe(arn), Caller(ADA), rest)
    local.handle(to_describe(arn), caller=Caller(ADA.replace("Ada", "Bob")))


def test_an_access_to_a_key_names_one() -> None:
    of = RequestContext("ListKeys", ListKeysRequest(), call(), kms=local_kms().kms)
    with pytest.raises(TypeError, match=r"^ListKeys names no KMS key$"):
        access(of)


# ---- aliases


def alias_arn(name: str) -> str:
    return f"arn:aws:kms:us-west-2:111122223333:alias/{name}"


@pytest.mark.parametrize("operation", ["CreateAlias", "UpdateAlias", "DeleteAlias"])
def test_an_alias_is_asked_for_by_iam_and_its_key_by_its_key_policy(
    local: LocalKms, operation: str
) -> None:
    """An Allow on the alias does not reach the key, nor one on the key the alias."""
    key, other = arn_of(create(local)), arn_of(create(local))
    local.handle(CreateAliasRequest(alias_name="alias/old", target_key_id=key))
    request: Request[Any] = {
        "CreateAlias": CreateAliasRequest(alias_name="alias/new", target_key_id=key),
        "UpdateAlias": UpdateAliasRequest(alias_name="alias/old", target_key_id=other),
        "DeleteAlias": DeleteAliasRequest(alias_name="alias/old"),
    }[operation]
    alias = alias_arn("new" if operation == "CreateAlias" else "old")
    keys = {"CreateAlias": [key], "UpdateAlias": [other, key], "DeleteAlias": [key]}[operation]
    reason = f"because no identity-based policy allows the kms:{operation} action"
    action = f"kms:{operation}"

    def allowed_on(*resources: str) -> Caller:
        return Caller(ADA, policies=Policies(identity=[policy(action=action, Resource=resources)]))

    denied(local, request, Caller(ADA), f"on resource: {alias} {reason}")
    denied(local, request, allowed_on(*keys), f"on resource: {alias} {reason}")
    for number, arn in enumerate(keys):
        some = allowed_on(alias, *keys[:number])
        assert denied(local, request, some, f"on resource: {arn} {reason}").arn == arn
    local.handle(request, caller=allowed_on(alias, *keys))


def test_a_key_policy_that_names_the_caller_is_enough_for_the_key_and_not_for_the_alias(
    local: LocalKms,
) -> None:
    arn = key_with(local, naming(ADA, action="kms:CreateAlias"))
    request = CreateAliasRequest(alias_name="alias/new", target_key_id=arn)
    rest = (
        f"on resource: {alias_arn('new')} "
        "because no identity-based policy allows the kms:CreateAlias action"
    )
    denied(local, request, Caller(ADA), rest)
    on_the_alias = allowing("kms:CreateAlias", resource=alias_arn("new"))
    local.handle(request, caller=Caller(ADA, policies=on_the_alias))
    rest = f"on resource: {arn} because no resource-based policy allows the kms:CreateAlias action"
    denied(local, evolve(request, alias_name="alias/newer"), Caller(ROOT), rest)


# ---- the order of the questions


def test_what_does_not_exist_at_home_is_told_before_the_caller_is_asked(local: LocalKms) -> None:
    arn = f"arn:aws:kms:us-west-2:{ACCOUNT}:key/{NOBODY}"
    message = f"Key '{arn}' does not exist"
    refused(local, to_describe(arn), NotFoundException, message, caller=Caller(ADA))


def test_each_decision_is_told_also_one_that_depends_on_nothing(local: LocalKms) -> None:
    arn = arn_of(create(local))
    for caller, verdict in ((Caller(ROOT), Verdict.ALLOWED), (Caller(ADA), Verdict.NOT_ALLOWED)):
        [decision] = local.explain(to_describe(arn), caller=caller)
        assert (decision.access.action, decision.verdict) == ("kms:DescribeKey", verdict)
        assert decision.access.resource == arn


def test_grant_tokens_are_refused_before_the_caller_is_asked(local: LocalKms) -> None:
    request = EncryptRequest(
        key_id=arn_of(create(local)), plaintext=b"plaintext", grant_tokens=("token",)
    )
    refused(local, request, InvalidGrantTokenException, "", caller=Caller(ADA))


def test_an_alias_that_exists_is_told_after_the_caller_is_asked(local: LocalKms) -> None:
    arn = arn_of(create(local))
    request = CreateAliasRequest(alias_name="alias/old", target_key_id=arn)
    local.handle(request)
    with pytest.raises(AccessDeniedException):
        local.handle(request, caller=Caller(ADA))
    with pytest.raises(AlreadyExistsException):
        local.handle(request, caller=Caller(ADA, policies=allowing("kms:CreateAlias")))


# ---- the call


@pytest.mark.parametrize("region, partition", [("us-west-2", "aws"), ("cn-north-1", "aws-cn")])
def test_by_default_the_caller_is_the_root_user_of_the_account(region: str, partition: str) -> None:
    principal = call(account=OTHER_ACCOUNT, region=region).caller.principal
    assert principal.arn == f"arn:{partition}:iam::444455556666:root"


def test_a_call_happens_at_a_time_in_a_time_zone() -> None:
    with pytest.raises(ValueError, match=r"must have a time zone$"):
        Call(now=datetime(2026, 1, 1), hsm=SeededHsm(), request_id="r")  # noqa: DTZ001


def test_what_chance_is_drawn_for_is_told_apart_by_call_and_by_name() -> None:
    purposes = {
        Call(now=NOW, hsm=SeededHsm(), request_id=id_).purpose(name)
        for id_ in ("1", "2")
        for name in ("key id", "key material")
    }
    assert len(purposes) == 4


def test_rcps_hold_for_customer_managed_keys_alone() -> None:
    """Source: *Resource control policies in AWS KMS* in the Developer Guide."""
    local = local_kms()
    customers = arn_of(create(local))
    awss = arn_of(describe(local, AWS_MANAGED))
    deny = {"Effect": "Deny", "Principal": "*", "Action": "kms:*", "Resource": "*"}
    root = Caller(f"arn:aws:iam::{ACCOUNT}:root", policies=Policies(rcps=[{"Statement": deny}]))
    with pytest.raises(AccessDeniedException, match=r"explicit deny in a resource control policy"):
        local.handle(DescribeKeyRequest(key_id=customers), caller=root)
    assert local.handle(DescribeKeyRequest(key_id=awss), caller=root).key_metadata.arn == awss
    assert local.handle(ListKeysRequest(), caller=root).keys
