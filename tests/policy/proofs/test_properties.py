"""
Properties of key policies, and the mistakes that people make in them: each is found, with a request that replays, and
proved absent once it is mended.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from contextlib import redirect_stdout
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from kmsmodel.errors import LimitExceededException, MalformedPolicyDocumentException
from kmsmodel.policy import (
    Answer,
    Found,
    KeyPolicy,
    Proved,
    Unknown,
    default_key_policy,
    deputies,
    inside,
    named,
    outside,
    services,
)
from kmsmodel.policy.access import Access
from kmsmodel.policy.form import MAXIMUM_BYTES
from kmsmodel.policy.grant import Grant, GrantConstraints
from kmsmodel.policy.principal import principal
from kmsmodel.words.arn import KeyArn
from kmsmodel.words.enumerations import GrantOperation
from tests.basics import NOW

KEY = KeyArn("111122223333", "us-west-2", "1234abcd-12ab-34cd-56ef-1234567890ab")
OWNER, OTHER = "111122223333", "444455556666"
ROOT = {
    "Sid": "Root",
    "Effect": "Allow",
    "Principal": {"AWS": f"arn:aws:iam::{OWNER}:root"},
    "Action": "kms:*",
    "Resource": "*",
}
APP = f"arn:aws:iam::{OWNER}:role/app"


def allow(principal: Any, action: Any, **others: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": principal, "Action": action, "Resource": "*", **others}


def deny(principal: Any, action: Any, **others: Any) -> dict[str, Any]:
    return {**allow(principal, action, **others), "Effect": "Deny"}


def policy(*statements: Any, **others: Any) -> KeyPolicy:
    text = json.dumps({"Version": "2012-10-17", "Statement": list(statements)}, indent=2)
    return KeyPolicy.parse(text, account=OWNER, **others)


def iam(statement: dict[str, Any]) -> dict[str, Any]:
    """An IAM policy with this statement."""
    without = {name: each for name, each in statement.items() if name != "Principal"}
    return {"Version": "2012-10-17", "Statement": without}


def found(answer: Answer) -> Found:
    """The request of an answer, after its program has replayed it and its change has been looked at."""
    assert isinstance(answer, Found)
    assert not answer
    if answer.access is not None:
        shown = io.StringIO()
        with redirect_stdout(shown):
            exec(answer.program, {})
        assert answer.access.principal.arn in shown.getvalue()
        assert answer.access.action in shown.getvalue()
    return answer


# ---- the four of the first page


def test_access_from_outside_is_found_and_its_smallest_change_proves_it_gone() -> None:
    open_to_other = policy(
        ROOT, allow({"AWS": [f"arn:aws:iam::{OTHER}:role/app", APP]}, "kms:Decrypt")
    )
    answer = found(open_to_other.never_allows("Decrypt", to=outside(OWNER)))
    assert answer.access is not None
    assert answer.access.principal.arn == f"arn:aws:sts::{OTHER}:assumed-role/app/session"
    assert answer.where == ("statement 2 (line 13)",)
    assert answer.assumes == (f"an IAM policy in {OTHER} allows it too",)
    change = answer.smallest_change()
    assert change is not None
    assert change.does == (
        f"remove arn:aws:iam::{OTHER}:role/app from the principals of statement 2",
    )
    mended = KeyPolicy.parse(change.text, account=OWNER)
    assert mended.never_allows("Decrypt", to=outside(OWNER))


def test_a_tenant_is_bound_only_if_every_way_is() -> None:
    bound = {"Condition": {"StringEquals": {"kms:EncryptionContext:tenant": "acme"}}}
    tenant = {"tenant": "acme"}
    assert policy(allow({"AWS": APP}, "kms:Decrypt", **bound)).allows_only_with(
        "Decrypt", encryption_context=tenant
    )
    both = policy(ROOT, allow({"AWS": APP}, "kms:Decrypt", **bound))
    answer = found(both.allows_only_with("Decrypt", encryption_context=tenant))
    assert answer.context == {}
    change = answer.smallest_change()
    assert change is not None
    assert KeyPolicy.parse(change.text, account=OWNER).allows_only_with(
        "Decrypt", encryption_context=tenant
    )


def test_new_access_is_that_which_the_older_policy_does_not_allow() -> None:
    older = policy(ROOT)
    newer = policy(ROOT, allow("*", "kms:DescribeKey"))
    assert older.no_new_access(over=newer)
    answer = found(newer.no_new_access(over=older))
    assert answer.access is not None
    assert answer.access.action == "kms:DescribeKey"


# ---- compared


def test_policies_are_equivalent_wider_narrower_or_neither() -> None:
    one, more = policy(ROOT), policy(ROOT, allow("*", ["kms:Decrypt", "kms:Sign"]))
    other = policy(allow({"Service": "sns.amazonaws.com"}, "kms:*"))
    assert more.compared_with(one).verdict == "wider"
    assert one.compared_with(more).verdict == "narrower"
    assert one.compared_with(other).verdict == "incomparable"
    again = policy(
        allow({"AWS": OWNER}, ["kms:*", "kms:Decrypt"]),
        allow({"AWS": f"arn:aws:iam::{OWNER}:root"}, "kms:Sign"),
    )
    assert one.compared_with(again).verdict == "equivalent"
    assert one.is_equivalent_to(again)
    assert not one.is_equivalent_to(more)


def test_a_comparison_names_a_request_for_each_action() -> None:
    new = policy(ROOT, allow("*", ["kms:Decrypt", "kms:Sign"])).compared_with(policy(ROOT)).new
    assert sorted(each.access.action for each in new if each.access) == ["kms:Decrypt", "kms:Sign"]
    for each in new:
        exec(each.program, {})


def test_a_comparison_reads_as_json() -> None:
    written = policy(ROOT, allow("*", "kms:Sign")).compared_with(policy(ROOT)).to_json()
    assert written["verdict"] == "wider"
    assert written["new"][0] == {
        "action": "kms:Sign",
        "caller": f"arn:aws:iam::{OTHER}:user/someone",
        "context": {},
        "by": ["statement 2 (line 13)"],
        "assumes": [f"an IAM policy in {OTHER} allows it too"],
    }
    assert written["lost"] == []


# ---- mistakes that people make


def test_a_key_that_nobody_can_administer_is_found() -> None:
    answer = found(policy(allow({"AWS": APP}, "kms:Decrypt")).can_be_administered())
    change = answer.smallest_change()
    assert change is not None
    assert KeyPolicy.parse(change.text, account=OWNER).can_be_administered()


def test_the_default_key_policy_can_be_administered_and_lets_nobody_in_from_outside() -> None:
    text = default_key_policy(KEY)
    default = KeyPolicy.parse(text, account=OWNER)
    assert default.can_be_administered()
    assert default.never_allows(to=outside(OWNER))
    assert default.never_allows(to=services())


def test_the_root_statement_means_more_than_the_root_user() -> None:
    """Who reads it so would expect this to hold."""
    assert not policy(ROOT).never_allows("Decrypt", to=named(f"arn:aws:iam::{OWNER}:user/Bob"))
    none = named(f"arn:aws:iam::{OWNER}:user/Bob", identity=[])
    assert policy(ROOT).never_allows("Decrypt", to=none)


def test_a_wildcard_is_saved_by_the_account_of_the_caller_only() -> None:
    saved = {"Condition": {"StringEquals": {"kms:CallerAccount": OWNER}}}
    assert policy(allow("*", "kms:*", **saved)).never_allows(to=outside(OWNER))
    through = {"Condition": {"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}}}
    assert not policy(allow("*", "kms:*", **through)).never_allows(to=outside(OWNER))


def test_a_wildcard_is_saved_by_an_organization_only_for_those_outside_of_it() -> None:
    saved = policy(
        allow(
            "*", "kms:Decrypt", Condition={"StringEquals": {"aws:PrincipalOrgID": "o-abcdefghij"}}
        )
    )
    assert not saved.never_allows(to=outside(OWNER))
    assert saved.never_allows(to=outside(OWNER, organization="o-abcdefghij"))


def test_a_service_needs_its_source() -> None:
    service = {"Service": "cloudtrail.amazonaws.com"}
    answer = found(policy(allow(service, "kms:GenerateDataKey*")).never_allows(to=deputies(OWNER)))
    change = answer.smallest_change()
    assert change is not None
    assert KeyPolicy.parse(change.text, account=OWNER).never_allows(to=deputies(OWNER))
    with_source = {
        "Condition": {"ArnLike": {"aws:SourceArn": f"arn:aws:cloudtrail:*:{OWNER}:trail/*"}}
    }
    assert policy(allow(service, "kms:GenerateDataKey*", **with_source)).never_allows(
        to=deputies(OWNER)
    )


def test_grants_only_for_aws_resources_stay_so() -> None:
    condition = {"Bool": {"kms:GrantIsForAWSResource": True}}
    only = {"Bool": {"kms:GrantIsForAWSResource": "true"}}
    narrow = policy(allow({"AWS": APP}, "kms:CreateGrant", Condition=condition))
    assert narrow.allows_only_with("CreateGrant", conditions=only)
    if_exists = {"BoolIfExists": {"kms:GrantIsForAWSResource": True}}
    wide = policy(allow({"AWS": APP}, "kms:CreateGrant", Condition=if_exists))
    assert not wide.allows_only_with("CreateGrant", conditions=only)


def test_half_of_an_access_across_accounts_is_none() -> None:
    shared = policy(ROOT, allow({"AWS": OTHER}, "kms:Decrypt"))
    bob = f"arn:aws:iam::{OTHER}:user/Bob"
    everything = iam(allow("*", "kms:*"))
    assert shared.never_allows("Decrypt", to=named(bob, identity=[]))
    assert shared.always_allows("Decrypt", to=named(bob, identity=[everything]))
    assert not policy(ROOT).always_allows("Decrypt", to=named(bob, identity=[everything]))


def test_access_through_a_service_is_not_that_of_the_caller_alone() -> None:
    s3 = "s3.us-east-1.amazonaws.com"
    through = {"Condition": {"StringEquals": {"kms:ViaService": s3}}}
    assert policy(allow({"AWS": OWNER}, "kms:Decrypt", **through)).allows_only_through(
        "Decrypt", services=[s3]
    )
    answer = found(policy(ROOT).allows_only_through("Decrypt", services=[s3]))
    assert "kms:viaservice" not in answer.context


# ---- attestations


@pytest.mark.parametrize("key", ["ImageSha384", "PCR3", "NitroTPMPCR4"])
def test_access_only_with_an_attestation_is_proved(key: str) -> None:
    attested = {
        "Condition": {"StringEqualsIgnoreCase": {f"kms:RecipientAttestation:{key}": "ab" * 48}}
    }
    enclave = policy(allow({"AWS": APP}, "kms:Decrypt", **attested))
    assert enclave.allows_only_attested("Decrypt")
    assert enclave.allows_only_attested("Decrypt", measurements={key: "AB" * 48})
    assert not enclave.allows_only_attested("Decrypt", measurements={key: "cd" * 48})


def test_an_attestation_is_passed_by_through_the_root_statement() -> None:
    attested = {"Condition": {"StringEquals": {"kms:RecipientAttestation:PCR0": "ab" * 48}}}
    answer = policy(ROOT, allow({"AWS": APP}, "kms:Decrypt", **attested)).allows_only_attested(
        "Decrypt"
    )
    assert "statement 1 `Root`" in found(answer).where[0]


def test_a_measurement_that_must_not_be_is_no_attestation() -> None:
    negated = {"Condition": {"StringNotEquals": {"kms:RecipientAttestation:PCR0": "00" * 48}}}
    assert not policy(allow({"AWS": APP}, "kms:Decrypt", **negated)).allows_only_attested("Decrypt")


# ---- tags


def test_access_without_a_tag_is_found() -> None:
    tagged = {"Condition": {"StringEquals": {"aws:PrincipalTag/team": ["blue", "red"]}}}
    blue = policy(allow({"AWS": OWNER}, "kms:Decrypt", **tagged))
    assert blue.allows_only_with("Decrypt", principal_tags={"team": None})
    assert blue.allows_only_with("Decrypt", principal_tags={"team": ["red", "blue"]})
    answer = found(blue.allows_only_with("Decrypt", principal_tags={"team": "blue"}))
    assert answer.context == {"aws:principaltag/team": "red"}


def test_what_is_given_of_the_key_counts() -> None:
    imported = {"Condition": {"StringEquals": {"kms:KeyOrigin": "EXTERNAL"}}}
    statement = allow("*", "kms:Decrypt", **imported)
    assert not policy(statement).never_allows(to=outside(OWNER))
    made = policy(statement, given={"kms:KeyOrigin": "AWS_KMS"})
    assert made.never_allows(to=outside(OWNER))


def test_policy_variables_are_followed() -> None:
    own = {"Condition": {"StringEquals": {"kms:EncryptionContext:user": "${aws:username}"}}}
    answer = policy(allow({"AWS": OWNER}, "kms:Decrypt", **own)).never_allows(
        "Decrypt", to=named(f"arn:aws:iam::{OWNER}:user/Bob")
    )
    assert found(answer).context["kms:encryptioncontext:user"] == "Bob"
    session = policy(allow({"AWS": APP}, "kms:Decrypt", **own))
    assert session.never_allows("Decrypt"), "a session of a role has no user name"


# ---- other policies and grants


def test_boundaries_scps_and_rcps_limit() -> None:
    nothing = iam(deny("*", "kms:Decrypt"))
    everything = iam(allow("*", "*"))
    key_policy = policy(ROOT, allow({"AWS": APP}, "kms:*"))
    assert not key_policy.never_allows("Decrypt", to=named(APP, identity=[everything]))
    assert key_policy.never_allows("Decrypt", to=named(APP, boundary=nothing))
    assert key_policy.never_allows("Decrypt", to=named(APP, scps=[[everything, nothing]]))
    rcp = {"Version": "2012-10-17", "Statement": deny("*", "kms:Decrypt")}
    limited = policy(ROOT, allow({"AWS": APP}, "kms:*"), rcps=[rcp])
    assert limited.never_allows("Decrypt", to=named(APP))
    assert found(limited.never_allows("Encrypt", to=named(APP))).access is not None
    linked = found(limited.never_allows("Decrypt")).access
    assert linked is not None
    assert linked.principal.is_service_linked


def test_a_grant_gives_access_with_its_constraints() -> None:
    grant = Grant(
        grant_id="abc",
        issuing_account=OWNER,
        creation_date=NOW,
        seen_at=NOW,
        operations=(GrantOperation.Decrypt,),
        grantee_principal=f"arn:aws:iam::{OTHER}:role/app",
        constraints=GrantConstraints(encryption_context_subset={"tenant": "acme"}),
    )
    granted = policy(ROOT, grants=[grant])
    assert found(granted.never_allows("Decrypt", to=outside(OWNER))).where == ("grant `abc`",)
    assert granted.allows_only_with(
        "Decrypt", encryption_context={"tenant": "acme"}, to=outside(OWNER)
    )
    assert granted.never_allows("Encrypt", to=outside(OWNER))


def test_always_is_refuted_by_a_deny() -> None:
    vpce = {"Condition": {"StringNotEquals": {"aws:SourceVpce": "vpce-1"}}}
    key_policy = policy(allow({"AWS": APP}, "kms:*"), deny("*", "kms:Decrypt", **vpce))
    answer = found(key_policy.always_allows("Decrypt", to=named(APP)))
    assert not answer.is_allowed
    assert answer.where == ("statement 2 (line 12)",)
    inside_vpc = {"StringEquals": {"aws:SourceVpce": "vpce-1"}}
    assert key_policy.always_allows("Decrypt", to=named(APP), when=inside_vpc)


def test_access_that_must_be_can_be_asked_of_an_account() -> None:
    assert policy(ROOT).someone_can("PutKeyPolicy", "Decrypt", by=inside(OWNER))
    assert not policy(ROOT).someone_can("Decrypt", by=inside(OTHER))


# ---- answers


def test_what_is_outside_is_unknown_by_name_and_no_pass() -> None:
    odd = {"Condition": {"StringLike": {"aws:SourceIp": "10.*"}}}
    answer = policy(allow("*", "kms:*", **odd)).never_allows(to=outside(OWNER))
    assert isinstance(answer, Unknown)
    assert not answer
    assert answer.reason == "text for the condition key aws:sourceip"


NEVER_MET: tuple[dict[str, dict[str, str]], ...] = (
    {"StringEquals": {"kms:KeyOrigin": "EXTERNAL"}},
    {"StringEquals": {"kms:KeySpec": "nonsense"}},
    {"Null": {"kms:KeyOrigin": "true"}},
    {"StringEquals": {"kms:MacAlgorithm": "HMAC_SHA_256"}},
    {
        "StringEquals": {"aws:userid": "AIDAEXAMPLE"},
        "StringNotEquals": {"aws:userid": "AIDAEXAMPLE"},
    },
)


@pytest.mark.parametrize("when", NEVER_MET)
def test_nothing_is_proved_of_requests_that_there_are_none_of(when: Any) -> None:
    made = policy(ROOT, given={"kms:KeyOrigin": "AWS_KMS"})
    for answer in (
        made.never_allows("Decrypt", when=when),
        made.always_allows("Decrypt", to=named(APP), when=when),
    ):
        assert isinstance(answer, Unknown)
        assert answer.reason == "no request meets `when`"


def test_where_a_request_meets_the_conditions_a_proof_stands() -> None:
    made = policy(ROOT, given={"kms:KeyOrigin": "AWS_KMS"})
    when = {"StringEquals": {"kms:KeyOrigin": "AWS_KMS"}}
    assert made.never_allows("Decrypt", to=outside(OWNER), when=when)
    assert made.never_allows("PutKeyPolicy", to=outside(OWNER), when=when)


def test_many_overlapping_patterns_are_unknown_by_the_number_of_states() -> None:
    patterns = [f"*{letter}{letter}*" for letter in "abcdefghijklmnop"]
    many = {"Condition": {"StringLike": {"aws:userid": patterns}}}
    answer = policy(allow("*", "kms:*", **many)).never_allows(to=outside(OWNER))
    assert isinstance(answer, Unknown)
    assert answer.reason == "more than 20,000 states of the patterns of one key"


def test_only_a_proof_is_true() -> None:
    answer = policy(ROOT).never_allows(to=outside(OWNER))
    assert isinstance(answer, Proved)
    assert answer
    assert (
        answer.assumes[0] == "the worst of IAM policies that are not given: they allow everything"
    )


def test_what_pytest_shows_of_a_request_is_whole() -> None:
    """Beyond 240 characters, pytest leaves out the middle."""
    answer = policy(allow("*", "kms:*", Sid="x" * 60)).never_allows(
        "ReEncryptFrom", to=outside(OWNER)
    )
    assert len(repr(answer)) < 240
    assert repr(answer).startswith(
        f"Found(arn:aws:iam::{OTHER}:user/someone may kms:ReEncryptFrom by"
    )


def test_the_report_says_all() -> None:
    shared = policy(ROOT, allow({"AWS": OTHER}, "kms:Decrypt", Sid="Share"))
    answer = shared.never_allows("Decrypt", to=outside(OWNER))
    assert str(answer).splitlines() == [
        f"Found against: kms:Decrypt never allowed to principals outside {OWNER}",
        f"  caller   arn:aws:iam::{OTHER}:user/someone",
        "  action   kms:Decrypt",
        "  decision allowed",
        "  by       statement 2 `Share` (line 13)",
        f"  if       an IAM policy in {OTHER} allows it too",
        "  closed by remove statement 2 `Share`",
    ]


def test_a_request_tells_what_it_lacks() -> None:
    bound = {"Condition": {"StringLike": {"kms:EncryptionContext:tenant": "*"}}}
    for statement, lacks, shown in (
        (allow({"AWS": APP}, "kms:Decrypt"), "kms:EncryptionContext:tenant = acme", "without  {}"),
        (
            allow({"AWS": APP}, "kms:Decrypt", **bound),
            "kms:EncryptionContext:tenant = acme, but with ",
            "without  {}",
        ),
    ):
        tenant = {"tenant": "acme"}
        answer = found(policy(statement).allows_only_with("Decrypt", encryption_context=tenant))
        (told,) = answer.lacks
        assert told.startswith(lacks)
        assert f"  {shown.format(told)}" in str(answer).splitlines()
        assert f"may kms:Decrypt without {told}" in repr(answer)
        assert answer.to_json()["lacks"] == [told]
    answer = found(policy(ROOT).never_allows("Decrypt"))
    assert (answer.lacks, "without" in str(answer)) == ((), False)
    assert "lacks" not in answer.to_json()


def test_a_request_lacks_only_what_it_does_not_have() -> None:
    tenant = {"StringEquals": {"kms:EncryptionContext:tenant": "acme"}}
    direct = {"Bool": {"aws:ViaAWSService": "false"}}
    statement = allow({"AWS": OWNER}, "kms:Decrypt", Condition={**tenant, **direct})
    answer = found(
        policy(statement).allows_only_with(
            "Decrypt",
            encryption_context={"tenant": "acme"},
            principal_tags={"team": None},
            conditions={
                "StringLike": {"kms:ViaService": ["s3.*", "ec2.*"]},
                "Bool": {"aws:ViaAWSService": "true"},
            },
        )
    )
    assert answer.lacks == (
        "aws:PrincipalTag/team",
        "kms:ViaService like s3.* or ec2.*",
        "aws:ViaAWSService = true, but with false",
    )


def test_the_smallest_request_has_nothing_that_it_does_not_need() -> None:
    either = {"Condition": {"StringEqualsIfExists": {"kms:EncryptionContext:tenant": "acme"}}}
    answer = found(policy(allow("*", "kms:Decrypt", **either)).never_allows(to=outside(OWNER)))
    assert answer.context == {}


def test_an_action_that_no_key_policy_allows_is_refused() -> None:
    with pytest.raises(ValueError, match="kms:ListKeys is not an action"):
        policy(ROOT).never_allows("ListKeys")
    with pytest.raises(ValueError, match="kms:Decript is not an action"):
        policy(ROOT).decide("Decript", APP)


def test_a_claim_names_the_values_that_are_required() -> None:
    answer = policy(ROOT).allows_only_with("Decrypt", encryption_context={"tenant": ("a", "b")})
    assert answer.claim == "kms:Decrypt allowed only with kms:EncryptionContext:tenant = a or b"
    answer = policy(ROOT).allows_only_with("Decrypt", encryption_context={"tenant": None})
    assert answer.claim == "kms:Decrypt allowed only with kms:EncryptionContext:tenant"


ASKED: Any = policy(ROOT)
DOUBLED = {"kms:encryptioncontext:tenant": "acme"}


@pytest.mark.parametrize(
    "ask, message",
    [
        (
            lambda: ASKED.never_allows("Decript"),
            "key policy allows; perhaps 'kms:Decrypt' is meant",
        ),
        (
            lambda: ASKED.never_allows("ReEncrypt"),
            "perhaps 'kms:ReEncryptFrom' or 'kms:ReEncryptTo' is meant",
        ),
        (lambda: ASKED.never_allows("Describe*"), r"kms:Describe\* has a wildcard: name each"),
        (
            lambda: ASKED.never_allows(when={"StringEqual": {}}),
            "not a condition operator; perhaps 'StringEquals' is meant",
        ),
        (
            lambda: ASKED.never_allows(when={"StringEquals": {"kms:ViaServise": "s3"}}),
            "StringEquals: there is no condition key 'kms:ViaServise'; perhaps 'kms:ViaService' is",
        ),
        (
            lambda: ASKED.always_allows(
                to=named(APP), when={"StringLike": {"kms:EncryptionContex:tenant": "*"}}
            ),
            "perhaps 'kms:EncryptionContext:tenant' is meant",
        ),
        (
            lambda: ASKED.allows_only_attested(measurements={"PCR99": "ab"}),
            "measurements: there is no condition key 'kms:RecipientAttestation:PCR99'; perhaps",
        ),
        (
            lambda: policy(ROOT, given={"kms:KeySpecs": "HMAC_256"}),
            "given: .* 'kms:KeySpec' is meant",
        ),
        (
            lambda: ASKED.decide("Decrypt", APP, {"aws:SourceIP4": "10.0.0.1"}),
            "context: there is no condition key 'aws:SourceIP4'; perhaps 'aws:SourceIp' is meant",
        ),
        (
            lambda: ASKED.allows_only_with("Decrypt", encryption_context=DOUBLED),
            "^encryption_context: 'kms:encryptioncontext:tenant' is a whole .*; write 'tenant'$",
        ),
        (
            lambda: ASKED.allows_only_with(
                "Decrypt", principal_tags={"aws:PrincipalTag/team": None}
            ),
            "^principal_tags: .*; write 'team'$",
        ),
        (
            lambda: ASKED.allows_only_attested(
                measurements={"kms:RecipientAttestation:PCR0": "ab"}
            ),
            "^measurements: .*; write 'PCR0'$",
        ),
        (
            lambda: ASKED.decide("Decrypt", APP, encryption_context=DOUBLED),
            "^encryption_context: .*; write 'tenant'$",
        ),
    ],
)
def test_a_slip_is_refused_with_what_is_perhaps_meant(ask: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        ask()


def test_a_condition_key_that_is_not_listed_may_be_newer() -> None:
    newer = {"StringEquals": {"kms:SomethingOfNextYear": "a", "s3:prefix": "b"}}
    assert policy(allow({"AWS": APP}, "kms:Decrypt")).never_allows("Encrypt", when=newer)


@pytest.mark.parametrize(
    "members, message",
    [
        ({"action": "Decrypt"}, "action: 'Decrypt' is without its prefix, kms:"),
        ({"context": {"kms:EncryptionContext:tenant": "a"}}, "must be in lower case"),
    ],
)
def test_an_access_that_nothing_would_match_is_refused(
    members: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        evolve(Access(principal=principal(APP), action="kms:Decrypt", owner=OWNER), **members)


BAD_CONDITIONS: tuple[tuple[Any, str], ...] = (
    ({"StringEqual": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}}, "'StringEqual' is no"),
    ({"kms:ViaService": "s3.us-east-1.amazonaws.com"}, "'kms:ViaService' is no"),
    ({"Bool": "true"}, "'Bool' has 'true' in the place of condition keys"),
)


@pytest.mark.parametrize("written, message", BAD_CONDITIONS)
def test_conditions_that_no_policy_could_have_are_refused(written: Any, message: str) -> None:
    with pytest.raises((ValueError, TypeError), match=message):
        policy(ROOT).never_allows("Decrypt", when=written)
    with pytest.raises((ValueError, TypeError), match=message):
        policy(ROOT).always_allows("Decrypt", to=named(APP), when=written)
    with pytest.raises((ValueError, TypeError), match=message):
        policy(ROOT).allows_only_with("Decrypt", conditions=written)


BAD_ARGUMENTS: tuple[tuple[str, Callable[[], object]], ...] = (
    ("names: 's3' is not a service", lambda: services("s3")),
    ("names: '111122223333' is not a service", lambda: services(OWNER)),
    ("name: '\\*' is neither an ARN", lambda: named("*")),
    ("account: '\\*' is not an account id", lambda: outside("*")),
    ("account: '1234' is not an account id", lambda: outside(OWNER, "1234")),
    ("account: 's3.amazonaws.com' is not an account id", lambda: inside("s3.amazonaws.com")),
    ("account: 'x' is not an account id", lambda: deputies("x")),
    ("account: '\\*' is not an account id", lambda: KeyPolicy.parse("{}", account="*")),
    ("key: '1234' is not the ARN", lambda: policy(ROOT, key="1234")),
    ("services: none is given", lambda: policy(ROOT).allows_only_through(services=[])),
    (
        "encryption_context: tenant: none is given",
        lambda: policy(ROOT).allows_only_with(encryption_context={"tenant": []}),
    ),
    (
        "measurements: PCR3: none is given",
        lambda: policy(ROOT).allows_only_attested(measurements={"PCR3": []}),
    ),
    (
        "StringEquals: kms:ViaService: none is given",
        lambda: policy(ROOT).allows_only_with(conditions={"StringEquals": {"kms:ViaService": []}}),
    ),
    ("services: 's3' is", lambda: policy(ROOT).allows_only_through("Decrypt", services="s3")),
    ("allows_only_with: nothing is", lambda: policy(ROOT).allows_only_with("Decrypt")),
)


@pytest.mark.parametrize("message, ask", BAD_ARGUMENTS)
def test_an_argument_that_means_nothing_is_refused_by_name(
    message: str, ask: Callable[[], object]
) -> None:
    with pytest.raises(ValueError, match=f"^{message}"):
        ask()


def test_a_text_in_the_place_of_callers_is_refused() -> None:
    asked: Any = policy(ROOT)
    for ask in (
        asked.never_allows,
        asked.always_allows,
        asked.allows_only_attested,
        partial(asked.allows_only_with, encryption_context={"tenant": "acme"}),
        partial(asked.allows_only_through, services="s3.us-east-1.amazonaws.com"),
    ):
        with pytest.raises(TypeError, match=f"^to: '{OWNER}' are not callers"):
            ask("Decrypt", to=OWNER)
    with pytest.raises(TypeError, match="by: "):
        asked.someone_can("Decrypt", by=OWNER)
    for compare in (asked.compared_with, asked.is_equivalent_to):
        with pytest.raises(TypeError, match="to: "):
            compare(asked, to=OWNER)
    with pytest.raises(TypeError, match="to: "):
        asked.no_new_access(over=asked, to=OWNER)


# ---- reading


def test_what_the_aws_cli_prints_is_read(tmp_path: Path) -> None:
    text = json.dumps({"Version": "2012-10-17", "Statement": [ROOT]})
    path = tmp_path / "key.json"
    path.write_text(json.dumps({"Policy": text, "PolicyName": "default"}))
    assert KeyPolicy.load(path, account=OWNER).can_be_administered()


@pytest.mark.parametrize(
    "text, note",
    [
        (
            '{\n "Version": }',
            "the key policy is not JSON: Expecting value: line 2 column 13 (char 14)",
        ),
        ("[", "the key policy is not JSON: Expecting value: line 1 column 2 (char 1)"),
        (
            '{"Statment": []}',
            (
                "the key policy: 'Statment' is not one of Version, Id, Statement; "
                "perhaps 'Statement' is meant (line 1, column 2)"
            ),
        ),
        (" " * (MAXIMUM_BYTES + 1), f"a key policy has at most {MAXIMUM_BYTES} bytes"),
    ],
)
def test_what_is_no_policy_is_refused_with_its_file(text: str, note: str, tmp_path: Path) -> None:
    path = tmp_path / "key.json"
    path.write_text(text)
    with pytest.raises((MalformedPolicyDocumentException, LimitExceededException)) as raised:
        KeyPolicy.load(path, account=OWNER)
    assert raised.value.__notes__ == [f"{path}: {note}"]


def test_the_file_of_a_policy_that_a_caller_has_is_named(tmp_path: Path) -> None:
    path = tmp_path / "identity.json"
    path.write_text("{")
    with pytest.raises(MalformedPolicyDocumentException) as raised:
        named(APP, identity=[path])
    (note,) = raised.value.__notes__
    assert note.startswith(f"{path}: the policy: Expecting property name")


def test_a_file_that_is_no_text_is_refused_by_its_name(tmp_path: Path) -> None:
    path = tmp_path / "key.json"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(ValueError, match=r"key\.json is not a text in UTF-8"):
        KeyPolicy.load(path, account=OWNER)


REFUSED: tuple[dict[str, Any], ...] = (
    allow({"AWS": f"arn:aws:iam::{OTHER}:role/*"}, "kms:Decrypt"),
    allow({"AWS": "1234"}, "kms:Decrypt"),
    allow("*", "kms:Decrypt", Condition={"StringEquals": {"aws:ResourceTag/team": "blue"}}),
    {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*"},
)


@pytest.mark.parametrize("statement", REFUSED)
def test_a_policy_that_aws_kms_does_not_store_is_refused(statement: dict[str, Any]) -> None:
    with pytest.raises(MalformedPolicyDocumentException):
        policy(ROOT, statement)


def test_a_policy_of_the_greatest_length_has_a_program_that_replays() -> None:
    statements = [allow("*", "kms:Decrypt", Sid="s" * 32_648)]
    text = json.dumps({"Version": "2012-10-17", "Statement": statements}, separators=(",", ":"))
    assert len(text) == MAXIMUM_BYTES
    found(KeyPolicy.parse(text, account=OWNER).never_allows("Decrypt", to=outside(OWNER)))
    with pytest.raises(LimitExceededException):
        KeyPolicy.parse(f"{text} ", account=OWNER)


# ---- partitions


def test_keys_in_china_are_proved_in_their_own_partition() -> None:
    pattern = {"Condition": {"ArnLike": {"aws:PrincipalArn": "arn:aws-cn:iam::*:role/app"}}}
    answer = found(policy(allow("*", "kms:Decrypt", **pattern)).never_allows(to=outside(OWNER)))
    assert answer.access is not None
    assert answer.access.principal.arn == f"arn:aws-cn:sts::{OTHER}:assumed-role/app/session"


def test_arns_of_two_partitions_are_unknown() -> None:
    mixed = policy(allow({"AWS": [APP, APP.replace("aws", "aws-cn")]}, "kms:Decrypt"))
    answer = mixed.never_allows(to=outside(OWNER))
    assert isinstance(answer, Unknown)
    assert answer.reason == "ARNs of several partitions: aws, aws-cn"


def test_an_account_can_be_named() -> None:
    shared = policy(ROOT, allow({"AWS": OTHER}, "kms:Decrypt"))
    assert not shared.never_allows("Decrypt", to=named(OTHER))
    assert shared.never_allows("Decrypt", to=named("999988887777"))


def test_a_named_account_is_no_service() -> None:
    service = policy(allow({"Service": "sns.amazonaws.com"}, "kms:Decrypt"))
    assert service.never_allows(to=named(OTHER))
    assert not service.never_allows(to=named("sns.amazonaws.com"))


def test_a_wildcard_in_the_place_of_a_partition_names_none() -> None:
    pattern = {"Condition": {"ArnLike": {"aws:PrincipalArn": f"arn:aws*:iam::{OWNER}:role/app"}}}
    assert policy(allow("*", "kms:Decrypt", **pattern)).never_allows(to=outside(OWNER))


# ---- what is given

PARSE: Any = KeyPolicy.parse
ANYTHING: Any = "old.json"


@pytest.mark.parametrize(
    "ask, says",
    [
        (lambda: PARSE({}, account=OWNER), "text: {} is not a text"),
        (lambda: PARSE("{}", account=1), "account: 1 is not a text"),
        (lambda: policy(ROOT, grants=["x"]), "grants: 'x' is not a Grant"),
        (lambda: policy(ROOT, grants="x"), "grants: a list is expected, not 'x'"),
        (lambda: policy(ROOT, rcps=[1]), "1 is not a policy: give its JSON"),
        (lambda: policy(ROOT, rcps={}), "rcps: a list is expected"),
        (lambda: policy(ROOT, given=["aws:SourceIp"]), "given: condition keys with their values"),
        (lambda: policy(ROOT, given={"kms:KeySpec": 1}), "given: kms:KeySpec: a list is expected"),
        (lambda: policy(ROOT, given={"kms:KeySpec": [1]}), "given: kms:KeySpec: 1 is not a text"),
        (lambda: policy(ROOT).never_allows(1), "actions: 1 is not a text"),  # type: ignore[arg-type]
        (lambda: policy(ROOT).no_new_access(over=ANYTHING), "over: 'old.json' is not a KeyPolicy"),
        (lambda: policy(ROOT).compared_with(ANYTHING), "older: 'old.json' is not a KeyPolicy"),
        (lambda: outside(1), "account: 1 is not a text"),  # type: ignore[arg-type]
        (
            lambda: ASKED.allows_only_with(encryption_context={"tenant": 5}),
            "^encryption_context: tenant: a text or a list of texts is expected, not 5",
        ),
        (lambda: ASKED.allows_only_with(key_tags={"a": [1]}), "key_tags: a: 1 is not a text"),
        (lambda: ASKED.allows_only_with(key_tags={1: "a"}), "key_tags: 1 is not a text"),
        (lambda: ASKED.allows_only_with(key_tags="a"), "key_tags: names with their values are"),
        (lambda: ASKED.never_allows(when="a"), "when: names with their values are expected"),
        (lambda: ASKED.never_allows(when={"Bool": {"a": True}}), "Bool: a: a text or a list"),
        (lambda: ASKED.allows_only_through(services=5), "services: a text or a list of texts"),
        (lambda: named(None), "name: None is not a text"),  # type: ignore[arg-type]
        (lambda: named(APP, identity="{}"), "identity: a list is expected, not '{}'"),
        (lambda: named(APP, scps=["{}"]), "scps: a list is expected, not '{}'"),
    ],
)
def test_what_is_of_another_type_is_told_by_its_name(ask: Any, says: str) -> None:
    with pytest.raises(TypeError, match=says):
        ask()


def test_what_is_not_always_allowed_tells_why() -> None:
    delegated = found(policy(ROOT).always_allows("Decrypt", to=named(APP)))
    assert "decision denied, because no identity-based policy allows it" in str(delegated)
    assert repr(delegated).endswith(
        "may not kms:Decrypt, because no identity-based policy allows it)"
    )
    denied = found(
        policy(allow("*", "kms:*"), deny({"AWS": APP}, "kms:Sign")).always_allows(
            "Sign", to=named(APP)
        )
    )
    assert "denied, because statement 2 of a resource-based policy denies it" in str(denied)


# ---- changes that close


def test_no_change_is_told_that_locks_the_key() -> None:
    only_way = policy(allow({"AWS": f"arn:aws:iam::{OWNER}:role/admin"}, "kms:*"))
    assert found(only_way.never_allows("PutKeyPolicy", to=inside(OWNER))).smallest_change() is None
    shared = policy(allow({"AWS": OWNER, "Service": "sns.amazonaws.com"}, "kms:*"))
    change = found(shared.never_allows(to=deputies(OWNER))).smallest_change()
    assert change is None or KeyPolicy.parse(change.text, account=OWNER).can_be_administered()


def test_no_change_is_told_after_which_the_action_is_possible_for_nobody() -> None:
    signing = policy(ROOT, allow({"AWS": APP}, "kms:Sign"))
    answer = found(signing.allows_only_with("Sign", encryption_context={"tenant": "acme"}))
    assert answer.smallest_change() is None


def test_no_change_is_told_that_aws_kms_refuses_to_store() -> None:
    tagged = policy(ROOT, allow({"AWS": APP}, "kms:Decrypt"))
    assert found(tagged.allows_only_with("Decrypt", key_tags={"a": "b"})).smallest_change() is None


def test_no_change_is_told_that_lets_nobody_in() -> None:
    for denied in (
        policy(ROOT, deny("*", "kms:PutKeyPolicy")).can_be_administered(),
        policy(allow({"AWS": APP}, "kms:Sign")).someone_can("Sign", by=named(OTHER)),
    ):
        assert isinstance(denied, Found)
        assert denied.smallest_change() is None


def test_a_text_that_no_policy_can_have_is_refused_or_read() -> None:
    with pytest.raises(MalformedPolicyDocumentException):
        KeyPolicy.parse('{"Statement":' + "[" * 15_000 + "]" * 15_000 + "}", account=OWNER)
    text = json.dumps({"Statement": {**ROOT, "Action": "kms:\ud800*"}})
    assert KeyPolicy.parse(text, account=OWNER).never_allows("Decrypt", to=outside(OWNER))
    unescaped = text.replace("\\ud800", "\ud800")
    assert KeyPolicy.parse(unescaped, account=OWNER).never_allows("Decrypt", to=outside(OWNER))
