"""
CreateGrant: what a grant may be, and when two requests make the same one.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, strategies as st

from kmsmodel.calls.quotas import Quotas
from kmsmodel.errors import (
    AccessDeniedException,
    DisabledException,
    DryRunOperationException,
    InvalidArnException,
    InvalidGrantTokenException,
    LimitExceededException,
    NotFoundException,
    ValidationException,
)
from kmsmodel.local import LocalKms
from kmsmodel.operations.grant_lists import GrantListEntry
from kmsmodel.operations.keys import DisableKeyRequest
from kmsmodel.policy.grant import GrantConstraints
from kmsmodel.words.enumerations import KeySpec, KeyUsageType
from tests.basics import ACCOUNT, NOBODY, NOW, OTHER_ACCOUNT
from tests.operations.grants.granting import (
    APP,
    BUCKET,
    JANITOR,
    S3,
    SESSION,
    Op,
    grant,
    grants,
    request,
)
from tests.operations.steps import create, local_kms, refused

ONE = {"department": "IT"}
BOTH = {"department": "IT", "project": "x"}


# ---- what is listed afterwards


def test_a_grant_is_listed_as_it_was_created(local: LocalKms) -> None:
    key = create(local)
    made = grant(
        local,
        key.key_id,
        retiring_principal=JANITOR,
        operations=(Op.Encrypt, Op.Decrypt, Op.Encrypt),
        constraints=GrantConstraints(encryption_context_subset=ONE, source_arn=BUCKET),
        name="a/name",
    )
    (entry,) = grants(local, key.key_id)
    assert entry == GrantListEntry(
        key_id=key.arn or "",
        grant_id=made.grant_id,
        name="a/name",
        creation_date=NOW.replace(microsecond=0),
        grantee_principal=APP,
        retiring_principal=JANITOR,
        issuing_account=f"arn:aws:iam::{ACCOUNT}:root",
        operations=(Op.Encrypt, Op.Decrypt),
        constraints=GrantConstraints(encryption_context_subset=ONE, source_arn=BUCKET),
    )


def test_what_is_listed_cannot_change_the_grant(local: LocalKms) -> None:
    key_id = create(local).key_id
    given = dict(ONE)
    grant(local, key_id, constraints=GrantConstraints(encryption_context_equals=given))
    given["another"] = "pair"
    (entry,) = grants(local, key_id)
    assert entry.constraints is not None
    told: Any = entry.constraints.encryption_context_equals
    told["another"] = "pair"
    (again,) = grants(local, key_id)
    assert again.constraints == GrantConstraints(encryption_context_equals=ONE)


def test_a_grant_id_is_64_hexadecimal_digits(local: LocalKms) -> None:
    made = grant(local, create(local).key_id)
    assert len(made.grant_id) == 64
    assert bytes.fromhex(made.grant_id).hex() == made.grant_id


# ---- when two requests make the same grant


@given(
    st.lists(
        st.tuples(
            st.sampled_from([None, "one", "two"]),
            st.sampled_from([APP, SESSION]),
            st.sampled_from([(Op.Decrypt,), (Op.Encrypt,), (Op.Encrypt, Op.Decrypt)]),
            st.sampled_from([None, ONE, BOTH]),
        ),
        max_size=8,
    )
)
def test_the_same_request_with_a_name_gives_the_same_grant(asked: list[Any]) -> None:
    """Any other makes another one; each answer has a token of its own."""
    local = local_kms()
    key_id = create(local).key_id
    known: dict[Any, str] = {}
    tokens: set[str] = set()
    made: set[str] = set()
    for number, each in enumerate(asked):
        name, grantee, operations, pairs = each
        answer = grant(
            local,
            key_id,
            name=name,
            grantee_principal=grantee,
            operations=operations,
            constraints=GrantConstraints(encryption_context_subset=pairs),
        )
        which = (grantee, operations, str(pairs), name if name is not None else number)
        assert known.setdefault(which, answer.grant_id) == answer.grant_id
        assert answer.grant_token not in tokens
        tokens.add(answer.grant_token)
        made.add(answer.grant_id)
    assert len(made) == len(known)
    assert {entry.grant_id for entry in grants(local, key_id)} == made


def test_the_same_name_on_another_key_is_another_grant(local: LocalKms) -> None:
    one, other = create(local).key_id, create(local).key_id
    assert grant(local, one, name="n").grant_id != grant(local, other, name="n").grant_id


def test_a_grant_keeps_its_date_when_it_is_asked_for_again(local: LocalKms) -> None:
    key_id = create(local).key_id
    grant(local, key_id, name="n")
    local.clock.advance(seconds=90)
    grant(local, key_id, name="n")
    (entry,) = grants(local, key_id)
    assert entry.creation_date == NOW.replace(microsecond=0)


# ---- principals


@pytest.mark.parametrize(
    "named",
    [
        APP,
        SESSION,
        f"arn:aws:iam::{ACCOUNT}:root",
        f"arn:aws:iam::{OTHER_ACCOUNT}:role/with/a/path/app",
        f"arn:aws:iam::{OTHER_ACCOUNT}:user/Ada",
        f"arn:aws:sts::{ACCOUNT}:federated-user/unissued",
        f"arn:aws:sts::{ACCOUNT}:assumed-role/aws:ec2-infrastructure/i-0123456789abcdef0",
        "AROA00000000000000001:target",
        "AIDA00000000000000001",
        "ec2.us-east-1.amazonaws.com",
    ],
)
def test_a_principal_is_named_by_its_arn_its_unique_id_or_as_an_aws_service(
    local: LocalKms, named: str
) -> None:
    key_id = create(local).key_id
    grant(local, key_id, grantee_principal=named, retiring_principal=named)
    (entry,) = grants(local, key_id, grantee_principal=named)
    assert (entry.grantee_principal, entry.retiring_principal) == (named, named)


@pytest.mark.parametrize(
    "named",
    [
        f"arn:aws:sts::{ACCOUNT}:assumed-role/probe/app/session",
        f"arn:aws:iam::{ACCOUNT}:group/all",
        "arn:aws:iam::1:root",
        f"arn:aws:s3:::{ACCOUNT}",
    ],
)
def test_another_arn_is_not_valid(local: LocalKms, named: str) -> None:
    asked = request(create(local).key_id, grantee_principal=named)
    refused(local, asked, InvalidArnException, f"ARN is not valid: {named}")


def test_a_principal_of_another_partition_is_nobody(local: LocalKms) -> None:
    named = f"arn:aws-cn:iam::{ACCOUNT}:root"
    asked = request(create(local).key_id, grantee_principal=named)
    told = f"ARN does not refer to a valid principal: {named}"
    refused(local, asked, InvalidArnException, told)


@pytest.mark.parametrize("named", ["Ada", ACCOUNT, "AGPA00000000000000001", "AIDA1:session"])
@pytest.mark.parametrize("member", ["grantee_principal", "retiring_principal"])
def test_what_is_no_arn_and_no_id_is_nobody(local: LocalKms, member: str, named: str) -> None:
    asked = request(create(local).key_id, **{member: named})
    shown = "".join(word.capitalize() for word in member.split("_"))
    told = f"{shown} does not refer to a valid principal."
    refused(local, asked, InvalidArnException, told)


_SERVICE: dict[str, Any] = {"grantee_principal": None, "grantee_service_principal": S3}
_OF_BUCKET: dict[str, Any] = {"constraints": GrantConstraints(source_arn=BUCKET)}


@pytest.mark.parametrize(
    "members, told",
    [
        (
            {"grantee_principal": None},
            "You must specify either GranteePrincipal or GranteeServicePrincipal, but not both.",
        ),
        (
            {"grantee_service_principal": S3},
            "You must specify either GranteePrincipal or GranteeServicePrincipal, but not both.",
        ),
        (
            {"retiring_principal": APP, "retiring_service_principal": S3},
            "You can specify either RetiringPrincipal or RetiringServicePrincipal, but not both.",
        ),
        (
            _SERVICE | {"retiring_principal": APP},
            "You must specify a SourceArn constraint with GranteeServicePrincipal.",
        ),
        (
            _SERVICE | _OF_BUCKET,
            (
                "You must specify RetiringPrincipal or RetiringServicePrincipal "
                "with GranteeServicePrincipal."
            ),
        ),
    ],
)
def test_members_for_principals_go_together(
    local: LocalKms, members: dict[str, Any], told: str
) -> None:
    refused(local, request(create(local).key_id, **members), ValidationException, told)


@pytest.mark.parametrize("retiring", ["retiring_principal", "retiring_service_principal"])
def test_an_aws_service_may_be_the_grantee(local: LocalKms, retiring: str) -> None:
    key_id = create(local).key_id
    grant(local, key_id, **_SERVICE, **_OF_BUCKET, **{retiring: S3})
    (entry,) = grants(local, key_id)
    assert (entry.grantee_principal, entry.grantee_service_principal) == (None, S3)


# ---- operations

_ENCRYPTION = "Encrypt, Decrypt, ReEncryptFrom, ReEncryptTo"
_DATA_KEYS = (
    "GenerateDataKey, GenerateDataKeyWithoutPlaintext, "
    "GenerateDataKeyPair, GenerateDataKeyPairWithoutPlaintext"
)


@pytest.mark.parametrize(
    "key_spec, key_usage, unfit, valid",
    [
        ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT", Op.Sign, f"{_ENCRYPTION}, {_DATA_KEYS}"),
        ("HMAC_256", "GENERATE_VERIFY_MAC", Op.Encrypt, "GenerateMac, VerifyMac"),
        ("RSA_2048", "ENCRYPT_DECRYPT", Op.GenerateDataKey, f"{_ENCRYPTION}, GetPublicKey"),
        ("RSA_2048", "SIGN_VERIFY", Op.Encrypt, "Sign, Verify, GetPublicKey"),
        ("ECC_NIST_P256", "KEY_AGREEMENT", Op.Sign, "DeriveSharedSecret, GetPublicKey"),
        (
            "ML_KEM_768",
            "ENCAPSULATE_DECAPSULATE",
            Op.DeriveSharedSecret,
            "Encapsulate, Decapsulate, GetPublicKey",
        ),
    ],
)
def test_operations_fit_the_key(
    local: LocalKms, key_spec: str, key_usage: str, unfit: Op, valid: str
) -> None:
    key_id = create(local, key_spec=KeySpec(key_spec), key_usage=KeyUsageType(key_usage)).key_id
    kind = "a symmetric" if key_spec.startswith(("HMAC", "SYM")) else "an asymmetric"
    told = (
        f"Operations [{unfit}] are not supported when creating a grant for {kind} KMS key with "
        f"key usage {key_usage}. Valid operations are [CreateGrant, RetireGrant, DescribeKey, {valid}]"
    )
    asked = request(key_id, operations=(Op.DescribeKey, unfit))
    refused(local, asked, ValidationException, told)
    every = tuple(map(Op, valid.split(", ")))
    grant(local, key_id, operations=(Op.CreateGrant, Op.RetireGrant, Op.DescribeKey, *every))


@pytest.mark.parametrize("operations", [(Op.CreateGrant,), (Op.CreateGrant, Op.CreateGrant)])
def test_a_grant_is_not_of_create_grant_alone(local: LocalKms, operations: Any) -> None:
    asked = request(create(local).key_id, operations=operations)
    told = "Grants must not contain only the CreateGrant operation."
    refused(local, asked, ValidationException, told)


def test_a_grant_is_of_an_operation_at_least(local: LocalKms) -> None:
    asked = request(create(local).key_id, operations=())
    refused(local, asked, ValidationException, "Grants must contain at least one operation.")
    grant(local, asked.key_id, operations=(Op.RetireGrant,))


# ---- constraints


@pytest.mark.parametrize("member", ["encryption_context_subset", "encryption_context_equals"])
def test_an_encryption_context_is_only_for_symmetric_encryption_keys(
    local: LocalKms, member: str
) -> None:
    told = (
        "EncryptionContext is supported only when creating a grant "
        "for a symmetric encryption KMS key."
    )
    for key_spec, key_usage in (("HMAC_256", "GENERATE_VERIFY_MAC"), ("RSA_2048", "SIGN_VERIFY")):
        key_id = create(local, key_spec=KeySpec(key_spec), key_usage=KeyUsageType(key_usage)).key_id
        pairs: dict[str, Any] = {member: ONE}
        constraints = GrantConstraints(**pairs)
        refused(local, request(key_id, constraints=constraints), ValidationException, told)
        grant(local, key_id, constraints=GrantConstraints(source_arn=BUCKET))


@pytest.mark.parametrize("subset, equals", [(ONE, BOTH), (ONE, {}), ({}, ONE), ({}, {})])
def test_there_is_one_constraint_on_the_encryption_context(
    local: LocalKms, subset: dict[str, str], equals: dict[str, str]
) -> None:
    """Also if one of two is empty."""
    constraints = GrantConstraints(
        encryption_context_subset=subset, encryption_context_equals=equals
    )
    asked = request(create(local).key_id, constraints=constraints)
    refused(local, asked, ValidationException, "More than one constraint supplied")


def test_a_constraint_has_at_most_8_pairs_of_384_characters(local: LocalKms) -> None:
    key_id = create(local).key_id
    pairs = {str(number): "x" * 384 for number in range(8)}
    grant(local, key_id, constraints=GrantConstraints(encryption_context_equals=pairs))
    for too_much, told in (
        (pairs | {"9": ""}, "A grant constraint has at most 8 encryption context pairs."),
        (
            {"": "x" * 385},
            "An encryption context value in a grant constraint has at most 384 characters.",
        ),
    ):
        constraints = GrantConstraints(encryption_context_subset=too_much)
        refused(local, request(key_id, constraints=constraints), ValidationException, told)


@pytest.mark.parametrize(
    "constraints",
    [
        GrantConstraints(),
        GrantConstraints(encryption_context_subset={}),
        GrantConstraints(encryption_context_equals={}),
    ],
)
def test_an_empty_constraint_is_none(local: LocalKms, constraints: GrantConstraints) -> None:
    key_id = create(local, key_spec="HMAC_224", key_usage="GENERATE_VERIFY_MAC").key_id
    grant(local, key_id, constraints=constraints)
    (entry,) = grants(local, key_id)
    assert entry.constraints is None


# ---- the rest, in the order of refusals


def test_a_key_is_named_by_its_id_or_its_arn(local: LocalKms) -> None:
    key = create(local)
    grant(local, key.arn or "")
    told = "Key Aliases are not supported for this operation."
    refused(local, request("alias/aws/s3"), InvalidArnException, told)
    missing = (key.arn or "").replace(key.key_id, NOBODY)
    refused(local, request(NOBODY), NotFoundException, f"Key '{missing}' does not exist")
    with pytest.raises(AccessDeniedException):
        local.handle(request(key.arn or ""), account=OTHER_ACCOUNT)


def test_a_disabled_key_takes_no_grant(local: LocalKms) -> None:
    key = create(local)
    local.handle(DisableKeyRequest(key_id=key.key_id))
    asked = request(key.key_id, operations=(Op.CreateGrant,))
    refused(local, asked, DisabledException, f"{key.arn} is disabled.")


def test_a_grant_token_is_checked_and_may_be_of_any_grant(local: LocalKms) -> None:
    one, other = create(local).key_id, create(local).key_id
    token = grant(local, one).grant_token
    grant(local, other, grant_tokens=(token,))
    damaged = ("A" if token[-1] != "A" else "B").join([token[:-1], ""])
    for text in ("token", damaged, token + "=", token[1:]):
        asked = request(other, grant_tokens=(token, text))
        refused(local, asked, InvalidGrantTokenException, "")


def test_a_dry_run_makes_no_grant(local: LocalKms) -> None:
    key_id = create(local).key_id
    told = "The request would have succeeded, but the DryRun option is set."
    refused(local, request(key_id, dry_run=True), DryRunOperationException, told)
    asked = request(key_id, dry_run=True, grantee_principal="Ada")
    told = "GranteePrincipal does not refer to a valid principal."
    refused(local, asked, InvalidArnException, told)


def test_a_key_has_as_many_grants_as_its_quota(local: LocalKms) -> None:
    """The same grant again is not one more."""
    local.quotas = Quotas(grants_per_key=3)
    key_id = create(local).key_id
    for name in ("a", "b", "c"):
        grant(local, key_id, name=name)
    told = "Grants per key quota for this account in this region is 3, current usage is 3."
    refused(local, request(key_id, name="d"), LimitExceededException, told)
    refused(local, request(key_id, name="d", dry_run=True), LimitExceededException, told)
    grant(local, key_id, name="c")


def test_the_order_of_refusals(local: LocalKms) -> None:
    """Principals that go together, operations, constraints, principals that are there."""
    wrong: dict[str, Any] = {
        "retiring_principal": "Ada",
        "retiring_service_principal": S3,
        "operations": (Op.Sign,),
        "constraints": GrantConstraints(
            encryption_context_subset=ONE, encryption_context_equals=ONE
        ),
    }
    mended: dict[str, Any] = {
        "retiring_service_principal": None,
        "operations": (Op.Decrypt,),
        "constraints": None,
        "retiring_principal": None,
    }
    key_id, told = create(local).key_id, list[str]()
    for name, value in mended.items():
        with pytest.raises((ValidationException, InvalidArnException)) as caught:
            local.handle(request(key_id, **wrong))
        told.append(caught.value.message.partition(" ")[0])
        wrong[name] = value
    assert told == ["You", "Operations", "More", "RetiringPrincipal"]
    grant(local, key_id, **wrong)
