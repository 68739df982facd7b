"""
ListGrants and ListRetirableGrants: which grants are listed, to whom, and in which pages.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from kmsmodel import boto
from kmsmodel.errors import (
    AccessDeniedException,
    InvalidArnException,
    InvalidGrantIdException,
    InvalidMarkerException,
    NotFoundException,
    ValidationException,
)
from kmsmodel.local import LocalKms
from kmsmodel.memory.pages import marker
from kmsmodel.operations.deletion import ScheduleKeyDeletionRequest
from kmsmodel.operations.grant_lists import (
    ListGrantsRequest,
    ListRetirableGrantsRequest,
)
from kmsmodel.operations.key_policies import PutKeyPolicyRequest
from kmsmodel.policy.grant import GrantConstraints
from tests.basics import ACCOUNT, OTHER_ACCOUNT
from tests.operations.grants.granting import (
    APP,
    BUCKET,
    JANITOR,
    S3,
    SESSION,
    STRANGER,
    grant,
    grants,
)
from tests.operations.steps import create, refused

SERVICE: dict[str, Any] = {
    "grantee_principal": None,
    "grantee_service_principal": S3,
    "retiring_service_principal": S3,
    "constraints": GrantConstraints(source_arn=BUCKET),
}


def retirable(local: LocalKms, retiring: str = JANITOR, **who: Any) -> set[str]:
    asked = ListRetirableGrantsRequest(retiring_principal=retiring, limit=100)
    return {entry.grant_id for entry in local.handle(asked, **who).grants}


# ---- ListGrants


def test_ten_thousand_grants_are_listed_once_each_in_the_order_of_their_ids(
    local: LocalKms,
) -> None:
    key_id = create(local).key_id
    made = [grant(local, key_id).grant_id for _ in range(10_000)]
    paginator: Any = boto.client(local).get_paginator("list_grants")
    pages = list(paginator.paginate(KeyId=key_id, PaginationConfig={"PageSize": 100}))
    listed = [entry["GrantId"] for page in pages for entry in page["Grants"]]
    assert len(pages) == 100
    assert listed == sorted(made)


def test_a_page_has_50_grants_and_at_most_100(local: LocalKms) -> None:
    key_id = create(local).key_id
    for _ in range(101):
        grant(local, key_id, retiring_principal=JANITOR)
    about_key: dict[str, Any] = {"key_id": key_id}
    about_janitor: dict[str, Any] = {"retiring_principal": JANITOR}
    lists: tuple[tuple[Any, dict[str, Any]], ...] = (
        (ListGrantsRequest, about_key),
        (ListRetirableGrantsRequest, about_janitor),
    )
    for cls, about in lists:
        one: Any = local.handle(cls(**about))
        most: Any = local.handle(cls(**about, limit=100))
        assert (len(one.grants), len(most.grants), most.truncated) == (50, 100, True)
        last: Any = local.handle(cls(**about, limit=100, marker=most.next_marker))
        assert (len(last.grants), last.truncated, last.next_marker) == (1, False, None)
        told = (
            "1 validation error detected: Value '101' at 'limit' failed to satisfy constraint: "
            "Member must have value less than or equal to 100"
        )
        refused(local, cls(**about, limit=101), ValidationException, told)
        other = marker("ListKeys", "")
        refused(local, cls(**about, marker=other), InvalidMarkerException, "")


def test_grants_are_filtered_by_grant_id_and_grantee(local: LocalKms) -> None:
    key_id = create(local).key_id
    of_app, of_session = grant(local, key_id), grant(local, key_id, grantee_principal=SESSION)
    by_id = grants(local, key_id, grant_id=of_app.grant_id)
    by_grantee = grants(local, key_id, grantee_principal=SESSION)
    assert [entry.grant_id for entry in by_id] == [of_app.grant_id]
    assert [entry.grant_id for entry in by_grantee] == [of_session.grant_id]
    assert grants(local, key_id, grant_id=of_app.grant_id, grantee_principal=SESSION) == ()
    assert grants(local, key_id, grant_id="0" * 64) == ()
    assert grants(local, key_id, grantee_principal=JANITOR) == ()


def test_a_role_is_found_by_its_name_whatever_its_path(local: LocalKms) -> None:
    key_id = create(local).key_id
    plain, in_a_path = (f"arn:aws:iam::{ACCOUNT}:role/{name}" for name in ("x", "p/x"))
    for written, asked in ((in_a_path, plain), (plain, in_a_path)):
        made = grant(local, key_id, grantee_principal=written, retiring_principal=written)
        for filters in ({}, {"grant_id": made.grant_id}):
            found = grants(local, key_id, grantee_principal=asked, **filters)
            assert made.grant_id in {entry.grant_id for entry in found}
        assert made.grant_id in retirable(local, asked)
    assert retirable(local, f"arn:aws:iam::{ACCOUNT}:user/x") == set()


def test_a_filter_is_checked(local: LocalKms) -> None:
    key_id = create(local).key_id
    told = "Input does not refer to a valid principal"
    refused(
        local, ListGrantsRequest(key_id=key_id, grantee_principal="Ada"), InvalidArnException, told
    )
    wrong = f"arn:aws:iam::{ACCOUNT}:group/all"
    asked = ListGrantsRequest(key_id=key_id, grantee_principal=wrong)
    refused(local, asked, InvalidArnException, f"ARN is not valid: {wrong}")
    for grant_id in ("0" * 63, "A" * 64, "x"):
        asked = ListGrantsRequest(key_id=key_id, grant_id=grant_id)
        refused(local, asked, InvalidGrantIdException, "")
    both = ListGrantsRequest(key_id=key_id, grantee_principal=APP, grantee_service_principal=S3)
    told = "You can specify either GranteePrincipal or GranteeServicePrincipal, but not both."
    refused(local, both, ValidationException, told)


def test_only_aws_services_filter_by_aws_services(local: LocalKms) -> None:
    key_id = create(local).key_id
    made = grant(local, key_id, **SERVICE)
    by_grantee = ListGrantsRequest(key_id=key_id, grantee_service_principal=S3)
    by_retiring = ListRetirableGrantsRequest(retiring_service_principal=S3)
    told = "GranteeServicePrincipal is only usable by callers in a service principal."
    refused(local, by_grantee, ValidationException, told)
    told = "RetiringServicePrincipal is only usable by callers in a service principal."
    refused(local, by_retiring, ValidationException, told)
    statement = {"Effect": "Allow", "Action": "kms:*", "Resource": "*"}
    everybody = statement | {"Principal": {"AWS": ACCOUNT, "Service": S3}}
    policy = json.dumps({"Statement": [everybody]})
    local.handle(PutKeyPolicyRequest(key_id=key_id, policy=policy))
    for entries in (
        local.handle(by_grantee, account=ACCOUNT, principal=S3).grants,
        local.handle(by_retiring, account=ACCOUNT, principal=S3).grants,
    ):
        assert [entry.grant_id for entry in entries] == [made.grant_id]


# ---- ListRetirableGrants


def test_grants_are_listed_by_their_retiring_principal_on_keys_of_all_accounts(
    local: LocalKms,
) -> None:
    own = create(local).key_id
    foreign = local.dispatch("CreateKey", {}, account=OTHER_ACCOUNT)["KeyMetadata"]["KeyId"]
    members = {"KeyId": foreign, "GranteePrincipal": APP, "RetiringPrincipal": JANITOR}
    members |= {"Operations": ["Decrypt"]}
    on_foreign: str = local.dispatch("CreateGrant", members, account=OTHER_ACCOUNT)["GrantId"]
    on_own = grant(local, own, retiring_principal=JANITOR).grant_id
    grant(local, own, retiring_principal=APP)
    assert retirable(local) == {on_own, on_foreign}


def test_grants_are_listed_in_their_own_region_only(local: LocalKms) -> None:
    key_id = create(local, multi_region=True).key_id
    grant(local, key_id, retiring_principal=JANITOR)
    assert retirable(local, region="eu-central-1") == set()


def test_grants_on_a_deleted_key_are_gone(local: LocalKms) -> None:
    gone, kept = create(local).key_id, create(local).key_id
    for _ in range(3):
        grant(local, gone, retiring_principal=JANITOR)
    stays = grant(local, kept, retiring_principal=JANITOR).grant_id
    local.handle(ScheduleKeyDeletionRequest(key_id=gone, pending_window_in_days=7))
    assert len(retirable(local)) == 4
    local.clock.advance(days=7)
    assert retirable(local) == {stays}
    page = local.handle(ListRetirableGrantsRequest(retiring_principal=JANITOR, limit=1))
    assert ([entry.grant_id for entry in page.grants], page.truncated) == ([stays], False)


def test_exactly_one_retiring_principal_is_named(local: LocalKms) -> None:
    told = "You must specify either RetiringPrincipal or RetiringServicePrincipal, but not both."
    refused(local, ListRetirableGrantsRequest(), ValidationException, told)
    both = ListRetirableGrantsRequest(retiring_principal=APP, retiring_service_principal=S3)
    refused(local, both, ValidationException, told)


def test_the_retiring_principal_is_one_of_the_callers_account(local: LocalKms) -> None:
    asked = ListRetirableGrantsRequest(retiring_principal=STRANGER)
    with pytest.raises(AccessDeniedException, match=f"resource: {STRANGER} "):
        local.handle(asked)
    local.handle(asked, account=OTHER_ACCOUNT)


def test_only_aws_services_ask_what_an_aws_service_may_retire(local: LocalKms) -> None:
    """By its name in RetiringPrincipal, too: grants on keys of other accounts would be listed."""
    foreign = local.dispatch("CreateKey", {}, account=OTHER_ACCOUNT)["KeyMetadata"]["KeyId"]
    service = "ec2.us-west-2.amazonaws.com"
    members = {"KeyId": foreign, "GranteePrincipal": APP, "RetiringPrincipal": service}
    members |= {"Operations": ["Decrypt"]}
    made: str = local.dispatch("CreateGrant", members, account=OTHER_ACCOUNT)["GrantId"]
    asked = ListRetirableGrantsRequest(retiring_principal=service)
    told = "RetiringServicePrincipal is only usable by callers in a service principal."
    refused(local, asked, ValidationException, told)
    assert retirable(local, service, account=ACCOUNT, principal=service) == {made}


def test_a_retiring_principal_that_is_nobody_is_not_found(local: LocalKms) -> None:
    asked = ListRetirableGrantsRequest(retiring_principal="Ada")
    refused(local, asked, NotFoundException, "Retiring principal Ada could not be found")
    assert retirable(local, "AROA00000000000000100:future") == set()
