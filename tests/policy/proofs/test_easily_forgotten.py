"""
Requests that are easily forgotten: if a proof leaves one out, the engine allows what was proved never to be allowed.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given, strategies as st

from kmsmodel.policy import Found, Proved, Unknown, named, outside
from kmsmodel.policy.grant import Grant, GrantConstraints
from kmsmodel.policy.policies import Policies
from kmsmodel.policy.principal import principal
from kmsmodel.policy.proofs.callers import WORST
from kmsmodel.words.arn import partition
from kmsmodel.words.enumerations import GrantOperation
from tests.basics import NOW
from tests.policy.proofs.written import APP, OTHER, OWNER, ROOT, found, policy

KEY_ID = "1234abcd-12ab-34cd-56ef-1234567890ab"


# ---- federated users

BOB = f"arn:aws:sts::{OWNER}:federated-user/bob"


def test_a_federated_user_has_what_iam_allows_by_a_session_policy() -> None:
    default = policy(ROOT)
    assert default.decide("Decrypt", BOB).is_allowed
    assert not default.decide("Decrypt", BOB, policies=Policies(identity=WORST.identity)).is_allowed
    answer = found(default.never_allows("Decrypt", to=named(BOB)))
    told = f"an IAM policy and a session policy in {OWNER} allow it too"
    assert answer.assumes == (told,)
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


def test_a_federated_user_has_the_unique_id_of_a_user() -> None:
    """Who is named by the user is limited by the session policy, and who is named by themselves is not."""
    known = policy({"Principal": {"AWS": "AIDAEXAMPLE"}})
    bob = principal(BOB, issuer=f"arn:aws:iam::{OWNER}:user/alice", unique_id="AIDAEXAMPLE")
    unwilling: dict[str, Any] = {"Version": "2012-10-17", "Statement": []}
    limited = named(BOB, session=[unwilling])
    policies = limited.policies
    assert policies is not None
    assert not known.decide("Decrypt", bob, policies=policies).is_allowed
    assert known.never_allows("Decrypt", to=limited)


# ---- accounts


ACCOUNTS = st.integers(0, 10**12 - 1).map("{:012}".format)
NUMBERS = st.one_of(
    ACCOUNTS,
    st.integers(-2, 2).map(str),
    st.sampled_from(("0.5", "999999999999.5", "1e12", "1e999999", "1e-999999", "nobody")),
)
DATES = st.one_of(ACCOUNTS, st.sampled_from(("2020-01-01T00:00:00Z", "1970-01-01T00:00:00.5Z")))
ORDERS = ("Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals")


@given(st.data())
def test_an_account_is_a_number_and_a_date_too(data: st.DataObject) -> None:
    """No account that a condition lets in is proved to be kept out, whatever else is asked of its text."""
    family, values = data.draw(st.sampled_from((("Numeric", NUMBERS), ("Date", DATES))))
    value = data.draw(values)
    key = data.draw(st.sampled_from(("aws:PrincipalAccount", "kms:CallerAccount")))
    tested = {
        f"{family}{data.draw(st.sampled_from(ORDERS))}": {key: value},
        "StringLike": {key: data.draw(st.sampled_from(("*", "9*", "*77", "*0?")))},
    }
    known = policy(ROOT, {"Condition": tested})
    at = [number + int(value) for number in (-1, 0, 1)] if value.isdecimal() else []
    near = (f"{each:012}" for each in at if 0 <= each < 10**12)
    some = (*near, data.draw(ACCOUNTS), "000000000000", "999999999999", "000000000077")
    allowed = [
        each
        for each in some
        if each != OWNER and known.decide("Decrypt", f"arn:aws:iam::{each}:root").is_allowed
    ]
    answer = known.never_allows("Decrypt", to=outside(OWNER))
    assert not isinstance(answer, Unknown)
    assert not (allowed and answer)


def test_of_names_as_numbers_dates_and_addresses_nothing_is_said() -> None:
    known = policy(ROOT, {"Condition": {"IpAddress": {"aws:username": "10.0.0.0/8"}}})
    assert known.decide("Decrypt", "arn:aws:iam::987654321098:user/10.0.0.1").is_allowed
    answer = known.never_allows("Decrypt", to=outside(OWNER))
    assert isinstance(answer, Unknown)
    assert "IpAddress" in answer.reason


def test_too_many_patterns_of_accounts_are_named() -> None:
    pairs = ("12", "34", "56", "78", "90", "13", "24", "57", "68", "79", "80", "46")
    apart = [
        {
            "Effect": "Deny",
            "Condition": {
                "StringLike": {"aws:PrincipalAccount": f"*{each}*"},
                "Bool": {"aws:SecureTransport": "false"},
            },
        }
        for each in pairs
    ]
    some = {"Condition": {"StringLike": {"aws:PrincipalAccount": "98765*"}}}
    answer = policy(some, *apart).never_allows("Decrypt", to=outside(OWNER))
    assert isinstance(answer, Unknown)
    assert "states of the patterns of accounts" in answer.reason
    found(policy(some, *apart[:4]).never_allows("Decrypt", to=outside(OWNER)))


@pytest.mark.parametrize("digits", ["\u0661\u0662\u0663\u0664" * 3, "\u00b2" * 12])
def test_no_account_has_other_digits(digits: str) -> None:
    known = policy({"Condition": {"StringEquals": {"aws:PrincipalAccount": digits}}})
    assert known.never_allows()


# ---- partitions


@pytest.mark.parametrize(
    "service",
    [
        "s3.cn-north-1.amazonaws.com.cn",
        "s3.eusc-de-east-1.amazonaws.eu",
        "s3.us-iso-east-1.c2s.ic.gov",
        "s3.us-isob-east-1.sc2s.sgov.gov",
        "s3.eu-isoe-west-1.cloud.adc-e.uk",
        "s3.us-isof-south-1.csp.hci.ic.gov",
    ],
)
def test_services_of_each_partition_ask_for_others(service: str) -> None:
    through = policy(ROOT, {"Condition": {"StringEquals": {"kms:ViaService": service}}})
    found(through.never_allows("Decrypt", to=outside(OWNER)))


@pytest.mark.parametrize(
    "pattern, region",
    [
        ("arn:aws-*:iam::*:role/*", "cn-north-1"),
        ("arn:aws-*:iam::*:role/*", "us-gov-west-1"),
        ("arn:aws-us-gov*:role/*", None),
        ("arn:*-cn:iam::*", None),
        ("*:aws-c?:iam::*", None),
    ],
)
def test_a_pattern_may_be_of_another_partition(pattern: str, region: str | None) -> None:
    condition = {"Condition": {"StringLike": {"aws:PrincipalArn": pattern}}}
    key = region and f"arn:{partition(region)}:kms:{region}:{OWNER}:key/{KEY_ID}"
    found(policy(condition, key=key).never_allows("Decrypt", to=outside(OWNER)))


def test_a_pattern_of_several_partitions_is_named() -> None:
    condition = {"Condition": {"ArnLike": {"aws:PrincipalArn": "arn:aws-*:iam::*:role/*"}}}
    answer = policy(condition).never_allows("Decrypt", to=outside(OWNER))
    assert isinstance(answer, Unknown)
    assert "partitions" in answer.reason


# ---- grants by grants


def granted(**constraints: Any) -> Grant:
    """A grant for Encrypt and CreateGrant."""
    return Grant(
        grant_id="g",
        issuing_account=OWNER,
        creation_date=NOW,
        seen_at=NOW,
        operations=(GrantOperation.CreateGrant, GrantOperation.Encrypt),
        grantee_principal=APP,
        constraints=GrantConstraints(**constraints) if constraints else None,
    )


ADMIN = {"Principal": {"AWS": f"arn:aws:iam::{OWNER}:role/admin"}}
CREATES = {"Principal": {"AWS": APP}, "Action": "kms:CreateGrant"}
NO_MORE = {"ForAllValues:StringEquals": {"kms:GrantOperations": ["Encrypt", "CreateGrant"]}}


def test_who_may_create_grants_by_a_grant_gets_new_access_by_a_key_policy_that_lets_them() -> None:
    old = policy(ADMIN, grants=[granted()])
    new = policy(ADMIN, CREATES, grants=[granted()])
    answer = found(new.no_new_access(over=old))
    assert answer.access is not None
    assert answer.access.action == "kms:CreateGrant"
    assert new.compared_with(old).verdict == "wider"
    same = policy(ADMIN, {**CREATES, "Condition": NO_MORE}, grants=[granted()])
    assert same.no_new_access(over=old)


def test_a_grant_lets_create_no_wider_grants() -> None:
    known = policy(ADMIN, grants=[granted()])
    found(known.always_allows("CreateGrant", to=named(APP)))
    assert known.always_allows("CreateGrant", to=named(APP), when=NO_MORE)
    assert known.allows_only_with("CreateGrant", conditions=NO_MORE, to=named(APP))
    assert known.never_leads_to("Decrypt", by=named(APP))
    for allowed, operations in ((True, ("Encrypt",)), (False, ("Encrypt", "Decrypt"))):
        decision = known.decide("CreateGrant", APP, {"kms:GrantOperations": operations})
        assert decision.is_allowed is allowed


@pytest.mark.parametrize("kind", ["equals", "subset"])
def test_a_grant_lets_create_grants_with_its_constraints(kind: str) -> None:
    constraint = granted(**{f"encryption_context_{kind}": {"Tenant": "acme"}})
    known = policy(ADMIN, grants=[constraint])
    tenant = {"StringEquals": {"kms:EncryptionContext:Tenant": "acme"}}
    assert known.allows_only_with("CreateGrant", conditions=tenant, to=named(APP))
    as_it_is = {"StringEquals": {"kms:GrantConstraintType": "EncryptionContextEquals"}}
    answer = known.allows_only_with("CreateGrant", conditions=as_it_is, to=named(APP))
    assert bool(answer) is (kind == "equals")


def test_a_grant_lets_create_grants_with_its_source() -> None:
    source = "arn:aws:s3:::bucket"
    known = policy(ADMIN, grants=[granted(source_arn=source)])
    same = {"ArnEquals": {"kms:GrantConstraintSourceArn": source}}
    assert known.allows_only_with("CreateGrant", conditions=same, to=named(APP))


# ---- shared keys


def test_a_proof_that_nobody_may_assumes_a_key_that_is_not_shared() -> None:
    """What AWS RAM lets in stands in another key policy, which only adds to what is allowed."""
    shared = "the KMS key is not shared through AWS RAM"
    known = policy(ROOT)
    for answer in (
        known.never_allows(to=outside(OWNER)),
        known.no_new_access(over=known),
        known.never_leads_to("Decrypt", by=outside(OWNER)),
    ):
        assert isinstance(answer, Proved)
        assert shared in answer.assumes
    always = policy({"Principal": {"AWS": APP}}).always_allows("Decrypt", to=named(APP))
    assert isinstance(always, Proved)
    assert shared not in always.assumes


# ---- boundaries

EVERYTHING = {
    "Version": "2012-10-17",
    "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"},
}


def test_whoever_is_not_meant_is_meant_with_a_permissions_boundary() -> None:
    user = f"arn:aws:iam::{OTHER}:user/u"
    itself = {"Condition": {"StringEquals": {"aws:PrincipalArn": user}}}
    others = policy(ROOT, {"NotPrincipal": {"AWS": [OTHER, user]}, **itself})
    answer = found(others.never_allows("Decrypt", to=outside(OWNER)))
    assert answer.access is not None
    assert answer.access.has_boundary
    assert answer.assumes[0] == "the caller has a permissions boundary"
    nobody = policy(ROOT, {"NotPrincipal": {"AWS": "*"}, **itself})
    found(nobody.never_allows("Decrypt", to=outside(OWNER)))
    old = policy(ROOT, {"NotPrincipal": {"AWS": [OTHER, user]}})
    assert others.no_new_access(over=old)
    found(policy(ROOT, {"Principal": {"AWS": user}}).no_new_access(over=others))


def test_who_is_spared_by_a_deny_statement_is_not_spared_with_a_boundary() -> None:
    but_app = {"Effect": "Deny", "NotPrincipal": {"AWS": [OWNER, APP, SESSION]}}
    known = policy({"Principal": {"AWS": APP}}, but_app)
    found(known.never_allows("Decrypt", to=named(SESSION)))
    assert known.never_allows("Decrypt", to=named(SESSION, boundary=EVERYTHING))


SESSION = f"arn:aws:sts::{OWNER}:assumed-role/app/session"


def test_what_is_proved_to_be_allowed_assumes_no_limits() -> None:
    answer = policy({"Principal": {"AWS": APP}}).always_allows("Decrypt", to=named(APP))
    assert isinstance(answer, Proved)
    assert any("no boundary" in each for each in answer.assumes)


# ---- condition keys


@pytest.mark.parametrize("operator", ["NumericNotEquals", "DateNotEquals"])
def test_the_names_of_an_encryption_context_are_texts_too(operator: str) -> None:
    known = policy(
        {
            "Condition": {
                "StringEquals": {"kms:EncryptionContext:tenant": "acme"},
                f"ForAllValues:{operator}": {"kms:EncryptionContextKeys": "5"},
            }
        }
    )
    assert known.decide("Decrypt", APP, encryption_context={"tenant": "acme"}).is_allowed
    answer = known.never_allows("Decrypt")
    assert isinstance(answer, Unknown)
    assert answer.reason.endswith("and text for the condition key kms:encryptioncontextkeys")


def test_the_encryption_context_of_a_grant_is_a_text_too() -> None:
    tenant = {"tenant": "acme"}
    five = {"Condition": {"NumericEquals": {"kms:EncryptionContext:tenant": "5"}}}
    known = policy({**ADMIN, **five}, grants=[granted(encryption_context_subset=tenant)])
    assert known.decide("Encrypt", APP, encryption_context=tenant).is_allowed
    assert isinstance(known.never_allows("Encrypt", to=named(APP)), Unknown)


@pytest.mark.parametrize("name", ["\U00010400", "\U00010428"])
def test_letters_beyond_the_first_plane_in_a_name_are_named(name: str) -> None:
    known = policy(
        {
            "Condition": {
                "StringEquals": {f"kms:EncryptionContext:{name}": "x"},
                "ForAllValues:StringEquals": {"kms:EncryptionContextKeys": name},
            }
        }
    )
    assert known.decide("Decrypt", APP, encryption_context={name: "x"}).is_allowed
    answer = known.never_allows("Decrypt")
    assert isinstance(answer, Unknown)
    assert answer.reason.startswith("a letter beyond U+FFFF in the name")


@pytest.mark.parametrize("operator", ["StringLike", "StringEqualsIgnoreCase"])
def test_half_of_a_character_is_named(operator: str) -> None:
    known = policy({"Condition": {operator: {"aws:PrincipalTag/team": "\ud800?"}}})
    answer = known.never_allows("Decrypt")
    assert isinstance(answer, Unknown)
    assert answer.reason.startswith("half of a character in")


def test_a_list_of_values_may_have_one() -> None:
    known = policy({"Condition": {"StringEquals": {"kms:EncryptionContextKeys": "tenant"}}})
    assert known.never_allows("Decrypt")
    for value in ("tenant", ("tenant",)):
        assert not known.decide("Decrypt", APP, {"kms:EncryptionContextKeys": value}).is_allowed


@pytest.mark.parametrize("key", ["aws:SourceIpp", "kms:EncryptionContexts:tenant"])
def test_a_key_that_the_policy_misspells_is_replayed(key: str) -> None:
    known = policy({"Condition": {"StringEquals": {key: "x"}}})
    found(known.never_allows("Decrypt"))
    with pytest.raises(ValueError, match="there is no condition key"):
        policy({}).decide("Decrypt", APP, {key: "x"})


def test_a_key_that_aws_does_not_list_may_have_several_values() -> None:
    amr = "cognito-identity.amazonaws.com:amr"
    signed_in = {"StringEquals": {amr: "authenticated"}}
    denied = {"Effect": "Deny", "Condition": {"StringNotEquals": {amr: "authenticated"}}}
    known = policy({"Principal": {"AWS": OTHER}}, denied)
    answer = found(known.allows_only_with("Decrypt", conditions=signed_in))
    assert len(answer.context[amr]) > 1
    allowed = policy({"Principal": {"AWS": OTHER}, "Condition": signed_in})
    assert allowed.allows_only_with("Decrypt", conditions=signed_in)


def test_not_each_service_tells_that_it_asks_for_others() -> None:
    through = {"StringLike": {"kms:ViaService": "glue.*.amazonaws.com"}}
    untold = {**through, "Null": {"aws:ViaAWSService": "true"}}
    found(policy(ROOT, {"Condition": untold}).never_allows("Decrypt", to=outside(OWNER)))
    alone = {**through, "Bool": {"aws:ViaAWSService": "false"}}
    assert policy(ROOT, {"Condition": alone}).never_allows("Decrypt", to=outside(OWNER))


# ---- policies


def test_a_policy_of_an_endpoint_with_the_text_of_an_rcp_is_none() -> None:
    text = json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {"Effect": "Deny", "Principal": "*", "Action": "kms:RetireGrant", "Resource": "*"},
                {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"},
            ],
        }
    )
    retired = evolve(granted(), retiring_principal=APP)
    known = policy(ROOT, grants=[retired], rcps=[text])
    assert known.always_allows("RetireGrant", to=named(APP))
    found(known.always_allows("RetireGrant", to=named(APP, identity=[], endpoint=text)))


def test_long_patterns_end() -> None:
    long = policy({"Condition": {"StringLike": {"foo:bar": "a*" * 15_000}}})
    answer = long.never_allows("Decrypt")
    assert isinstance(answer, Found)
    assert answer.context["foo:bar"] == "a" * 15_000


def test_too_many_long_patterns_are_named() -> None:
    patterns = [
        "".join(f"*{chr(ord('a') + (at * (each + 3)) % 26)}" for at in range(700))
        for each in range(20)
    ]
    answer = policy({"Condition": {"StringLike": {"foo:bar": patterns}}}).never_allows("Decrypt")
    assert isinstance(answer, Unknown)
    assert "moves in the patterns" in answer.reason


@pytest.mark.parametrize("one, other", [("s*", "S*"), ("*a", "*A"), ("t?", "T?"), ("s", "S*")])
def test_names_may_differ_in_more_than_the_case_of_patterns(one: str, other: str) -> None:
    key = "kms:EncryptionContextKeys"
    both = {"ForAnyValue:StringLike": {key: one}, "ForAnyValue:StringLikeIfExists": {key: other}}
    known = policy({"Condition": both})
    pairs = dict.fromkeys((one.replace("*", "x"), other.replace("*", "yz").replace("?", "z")), "")
    assert known.decide("Decrypt", APP, encryption_context=pairs).is_allowed
    request = found(known.never_allows("Decrypt")).access
    assert request is not None
    names = request.encryption_context or {}
    assert len({each.lower() for each in names}) == len(names) > 1


def test_no_request_has_two_names_that_differ_only_in_case() -> None:
    key = "kms:EncryptionContextKeys"
    both = {"ForAnyValue:StringEquals": {key: "Stage"}, "ForAnyValue:StringLike": {key: "stage"}}
    assert policy(ROOT, {"Condition": both}).never_allows("Decrypt", to=outside(OWNER))
    one = {"ForAnyValue:StringLike": {key: "stage"}}
    assert not policy(ROOT, {"Condition": one}).never_allows("Decrypt", to=outside(OWNER))
