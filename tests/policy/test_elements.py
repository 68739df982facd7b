"""
The elements of a statement: whom they mean, and which actions and resources.

Sources: *Principal*, *NotPrincipal*, *Action* and *Resource* in the IAM User Guide.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from attrs import evolve

from kmsmodel.policy.access import Access
from kmsmodel.policy.elements import Actions, How, Principals, Resources, account_named, how_named
from kmsmodel.policy.policies import Policies
from kmsmodel.policy.principal import PrincipalKind, principal
from kmsmodel.policy.question import Value
from kmsmodel.policy.variables import HAS_VARIABLES, Template, template
from kmsmodel.testing.policies import KEY, OTHER, OWNER

ROOT, OTHER_ROOT = (f"arn:aws:iam::{account}:root" for account in (OWNER, OTHER))
ADA = f"arn:aws:iam::{OWNER}:user/Ada"
ROLE = f"arn:aws:iam::{OWNER}:role/App"
SESSION = f"arn:aws:sts::{OWNER}:assumed-role/App/one"
FEDERATED = f"arn:aws:sts::{OWNER}:federated-user/Fay"
STRANGER = f"arn:aws:iam::{OTHER}:user/Ada"
SERVICE, ANONYMOUS = "s3.amazonaws.com", "*"
ID = "AROAEXAMPLE"
WHO = (ROOT, ADA, ROLE, SESSION, FEDERATED, STRANGER, SERVICE, ANONYMOUS)


def asked(who: str, **members: Any) -> Access:
    return Access(
        principal=principal(who, unique_id=ID if who in {ROLE, SESSION} else None),
        action="kms:Decrypt",
        resource=KEY,
        owner=OWNER,
        **members,
    )


# ---- who

EVERYBODY = dict.fromkeys(WHO, How.ITSELF)
OF_THE_ACCOUNT = dict.fromkeys((ROOT, ADA, ROLE, SESSION, FEDERATED), How.ACCOUNT)
MEANT: list[tuple[dict[str | None, list[str]], dict[str, How]]] = [
    ({None: ["*"]}, EVERYBODY),
    ({"AWS": ["*"]}, EVERYBODY),
    ({"AWS": [OWNER]}, OF_THE_ACCOUNT),
    ({"AWS": [ROOT]}, OF_THE_ACCOUNT),
    ({"AWS": [ADA]}, {ADA: How.ITSELF}),
    ({"AWS": [ROOT, ADA]}, OF_THE_ACCOUNT | {ADA: How.ITSELF}),
    ({"AWS": [ADA.replace("user/", "user/a/path/")]}, {ADA: How.ITSELF}),
    ({"AWS": [ROLE]}, {ROLE: How.ISSUER, SESSION: How.ISSUER}),
    ({"AWS": [SESSION]}, {SESSION: How.ITSELF}),
    ({"AWS": [ROLE, SESSION]}, {ROLE: How.ISSUER, SESSION: How.ITSELF}),
    ({"AWS": [ID]}, {ROLE: How.ISSUER, SESSION: How.ISSUER}),
    ({"AWS": [f"{ID}:one"]}, {SESSION: How.ITSELF}),
    ({"AWS": [f"{ID}:other"]}, {}),
    ({"AWS": [FEDERATED]}, {FEDERATED: How.ITSELF}),
    ({"AWS": [STRANGER]}, {STRANGER: How.ITSELF}),
    ({"AWS": [OTHER]}, {STRANGER: How.ACCOUNT}),
    ({"AWS": []}, {}),
    ({"Service": [SERVICE, "sns.amazonaws.com"]}, {SERVICE: How.ITSELF}),
    ({"Service": ["*"]}, {}),
    ({"AWS": [SERVICE]}, {}),
    ({"Federated": ["*"], "CanonicalUser": [ADA]}, {}),
    ({"Federated": ["*"], "AWS": [ADA]}, {ADA: How.ITSELF}),
]


def principals(named: Mapping[str | None, list[str]], *, negated: bool = False) -> Principals:
    return Principals(
        tuple((kind, tuple(names), True) for kind, names in named.items()), negated=negated
    )


@pytest.mark.parametrize("named, meant", MEANT)
def test_a_principal_element_means_these_in_this_way(
    named: dict[str | None, list[str]], meant: dict[str, How]
) -> None:
    element = principals(named)
    assert {who: element.how(asked(who)) for who in WHO} == dict.fromkeys(WHO) | meant
    assert {who for who in WHO if element.matches(asked(who))} == meant.keys()
    assert {who: element.means(principal(who, unique_id=None)) for who in (ADA, SERVICE)} == {
        who: meant.get(who) for who in (ADA, SERVICE)
    }


LISTED: list[tuple[dict[str | None, list[str]], set[str]]] = [
    ({None: ["*"]}, set(WHO)),
    ({"AWS": [OWNER]}, {ROOT}),
    ({"AWS": [ADA]}, set()),
    ({"AWS": [ROOT, ADA]}, {ROOT, ADA}),
    ({"AWS": [ROOT, ROLE]}, {ROOT, ROLE}),
    ({"AWS": [ROOT, SESSION]}, {ROOT}),
    ({"AWS": [ROOT, ROLE, SESSION]}, {ROOT, ROLE, SESSION}),
    ({"AWS": [ROOT, ROLE, f"{ID}:one"]}, {ROOT, ROLE, SESSION}),
    ({"AWS": [ROLE, SESSION]}, set()),
    ({"AWS": [OTHER, ADA]}, set()),
    ({"AWS": [OTHER, STRANGER]}, {STRANGER}),
    ({"AWS": [ROOT, FEDERATED]}, {ROOT, FEDERATED}),
    ({"Service": [SERVICE]}, {SERVICE}),
    ({"Service": ["sns.amazonaws.com"]}, set()),
]


@pytest.mark.parametrize("named, listed", LISTED)
def test_not_principal_hits_all_but_those_whose_account_and_role_are_listed_too(
    named: dict[str | None, list[str]], listed: set[str]
) -> None:
    """But a principal with a permissions boundary is always hit."""
    element = principals(named, negated=True)
    for who in WHO:
        assert element.lists(asked(who).principal) is (who in listed)
        assert element.how(asked(who)) is (None if who in listed else How.ITSELF)
        limited = asked(who, policies=Policies(boundary={"Statement": []}))
        assert element.how(limited) is How.ITSELF
        assert element.matches(limited)


@pytest.mark.parametrize(
    "name, account",
    [
        (OWNER, OWNER),
        (ROOT, OWNER),
        (ROOT.replace("aws", "aws-cn"), OWNER),
        (ADA, None),
        (OWNER[:-1], None),
        (f"{ROOT}x", None),
    ],
)
def test_an_account_is_named_by_its_id_or_the_arn_of_its_root_user(
    name: str, account: str | None
) -> None:
    assert account_named(name) == account


@pytest.mark.parametrize(
    "name, meant",
    [
        (ROOT, OF_THE_ACCOUNT),
        (OWNER, OF_THE_ACCOUNT),
        (ADA, {ADA: How.ITSELF}),
        (ADA.replace("user/", "user/a/path/"), {ADA: How.ITSELF}),
        (ROLE, {ROLE: How.ISSUER, SESSION: How.ISSUER}),
        (SESSION, {SESSION: How.ITSELF}),
        (f"{ID}:one", {SESSION: How.ITSELF}),
        (SERVICE, {SERVICE: How.ITSELF}),
        (OTHER_ROOT, {STRANGER: How.ACCOUNT}),
        ("*", {}),
    ],
)
def test_one_name_means_these_in_this_way(name: str, meant: dict[str, How]) -> None:
    found = {who: how_named(name, asked(who).principal) for who in WHO}
    assert found == dict.fromkeys(WHO) | meant


def test_a_federated_user_is_named_by_the_user_who_asked_for_the_session_too() -> None:
    federated = evolve(principal(FEDERATED), issuer=ADA)
    assert federated.kind is PrincipalKind.FEDERATED_USER
    assert principals({"AWS": [ADA]}).means(federated) is How.ISSUER
    assert principals({"AWS": [FEDERATED]}).means(federated) is How.ITSELF


# ---- what and on which resource


@pytest.mark.parametrize(
    "patterns, negated, matches",
    [
        (("kms:Decrypt",), False, True),
        (("KMS:DECRYPT",), False, True),
        (("kms:Encrypt", "kms:de*"), False, True),
        (("kms:Encrypt",), False, False),
        (("*",), True, False),
        (("kms:Encrypt",), True, True),
        ((), False, False),
        ((), True, False),
    ],
)
def test_an_action_element_matches_an_action_in_any_case(
    patterns: tuple[str, ...], negated: bool, matches: bool
) -> None:
    element = Actions(patterns, negated=negated)
    assert element.matches(asked(ADA)) is matches
    assert element.match("kms:decrypt") is matches


TAGGED = {"aws:principaltag/key": KEY.rpartition("/")[2]}


@pytest.mark.parametrize(
    "patterns, negated, context, matches",
    [
        (("*",), False, {}, True),
        (("*", "a"), False, {}, True),
        (("*",), True, {}, False),
        ((KEY,), False, {}, True),
        (("a", f"{KEY[:-1]}?"), False, {}, True),
        (("a",), False, {}, False),
        (("a",), True, {}, True),
        ((KEY,), True, {}, False),
        ((), False, {}, False),
        ((), True, {}, False),
        (("arn:aws:kms",), False, {}, True),
        (("arn:*:kms:*",), False, {}, True),
        (("arn:aws:s3",), False, {}, False),
        (("arn:aws:kms:us-west-2:111122223333:",), False, {}, False),
        (("aws:kms",), False, {}, False),
        (("arn:aws:kms:*:*:key/${aws:PrincipalTag/key}",), False, TAGGED, True),
        (("arn:aws:kms:*:*:key/${aws:PrincipalTag/key}",), False, {}, False),
        (("arn:aws:kms:*:*:key/${aws:PrincipalTag/key}",), True, {}, True),
        (
            ("arn:aws:kms:*:*:key/${aws:PrincipalTag/key}",),
            False,
            {"aws:principaltag/key": "*"},
            False,
        ),
    ],
)
def test_a_resource_element_matches_a_whole_arn(
    patterns: tuple[str, ...], negated: bool, context: Mapping[str, Value], matches: bool
) -> None:
    element = Resources(patterns, negated=negated, version=HAS_VARIABLES)
    assert element.matches(asked(ADA, context=dict(context))) is matches
    assert element.match(KEY, context) is matches


def test_a_resource_element_has_templates_and_perhaps_variables() -> None:
    plain, variable = "arn:aws:kms", "arn:aws:s3:::a${aws:username}*"
    element = Resources((plain, variable), version=HAS_VARIABLES)
    assert element.templates == (
        template("arn:aws:kms:*:*:*", HAS_VARIABLES, wildcards=True),
        template(variable, HAS_VARIABLES, wildcards=True),
    )
    assert element.has_variables
    assert not Resources((plain, variable)).has_variables
    assert Resources((variable,)).templates == (Template(((variable[:-1], *_ANY_RUN),)),)


_ANY_RUN = template("*", "", wildcards=True).fixed() or ()


# ---- written


@pytest.mark.parametrize(
    "element, written",
    [
        (Principals(((None, ("*",), False),)), {"Principal": "*"}),
        (Principals(((None, ("*",), False),), negated=True), {"NotPrincipal": "*"}),
        (Principals((("AWS", ("*",), False),)), {"Principal": {"AWS": "*"}}),
        (
            Principals((("AWS", ("*",), True), ("Service", (SERVICE,), False)), negated=True),
            {"NotPrincipal": {"AWS": ["*"], "Service": SERVICE}},
        ),
        (Actions(("a", "b")), {"Action": ["a", "b"]}),
        (Actions(("a",), is_list=False), {"Action": "a"}),
        (Actions(("a",), negated=True), {"NotAction": ["a"]}),
        (Resources(("a", "b")), {"Resource": ["a", "b"]}),
        (Resources(("a",), is_list=False, negated=True), {"NotResource": "a"}),
        (Resources.any(), {"Resource": "*"}),
    ],
)
def test_an_element_is_written_as_it_was_read(
    element: Principals | Actions | Resources, written: dict[str, Any]
) -> None:
    assert element.to_json() == written
