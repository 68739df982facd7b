"""
Decisions: what gives access, what limits it, and which policy is told.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from attrs import evolve

from kmsmodel.policy.access import Access
from kmsmodel.policy.document import Policy, PolicyType, from_json, parse, to_json
from kmsmodel.policy.elements import How, Resources
from kmsmodel.policy.evaluation import (
    Decision,
    Verdict,
    asks_the_request,
    decide,
    is_let_in,
    policies as asked_of,
)
from kmsmodel.policy.explanation import Remark
from kmsmodel.policy.grant import Grant
from kmsmodel.policy.patterns import glob
from kmsmodel.policy.policies import Policies
from kmsmodel.policy.principal import principal
from kmsmodel.testing.policies import KEY, OTHER, OWNER
from kmsmodel.words.enumerations import GrantOperation
from tests.basics import NOW
from tests.policy.policies import STATEMENT, policy

ALLOWING: Policy = parse('{"Statement": {"Effect": "Allow", "Action": "kms:*", "Resource": "*"}}')
SILENT: Policy = parse('{"Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}')
OF_THE_ACCOUNT = parse(policy(STATEMENT))
OF_EVERYBODY = parse(policy(STATEMENT | {"Principal": "*"}))
ADA = f"arn:aws:iam::{OWNER}:user/Ada"
STRANGER = f"arn:aws:iam::{OTHER}:user/Eve"
LINKED = f"arn:aws:sts::{OWNER}:assumed-role/AWSServiceRoleForAutoScaling/one"
FEDERATED = f"arn:aws:sts::{OWNER}:federated-user/Fay"


def access(who: str, of_the_key: Policy | None = OF_THE_ACCOUNT, **policies: object) -> Access:
    return Access(
        principal=principal(who),
        action="kms:Decrypt",
        resource=KEY,
        owner=OWNER,
        resource_policy=of_the_key,
        policies=Policies(**policies),  # type: ignore[arg-type]
    )


def told(asked: Access) -> tuple[Verdict, PolicyType | None, Policy | None, int]:
    decision = decide(asked)
    return decision.verdict, decision.policy_type, decision.policy, len(decision.by)


def test_a_decision_tells_the_last_policy_that_allows_and_the_statements_that_do() -> None:
    allowed = Verdict.ALLOWED
    assert told(access(ADA, OF_EVERYBODY)) == (allowed, None, OF_EVERYBODY, 1)
    assert told(access(ADA, identity=(SILENT, ALLOWING)))[:2] == (allowed, None)
    assert told(access(STRANGER, OF_EVERYBODY, identity=(ALLOWING,))) == (
        allowed,
        None,
        ALLOWING,
        2,
    )


def test_a_decision_tells_the_type_of_the_first_policy_that_does_not_allow() -> None:
    refused = Verdict.NOT_ALLOWED
    identity, boundary = (ALLOWING,), SILENT
    by_type = PolicyType
    assert told(access(ADA)) == (refused, by_type.IDENTITY, None, 0)
    assert told(access(ADA, identity=identity, boundary=boundary))[1] is by_type.BOUNDARY
    assert told(access(STRANGER, OF_EVERYBODY))[1] is by_type.IDENTITY
    managed = evolve(
        access(STRANGER, OF_EVERYBODY, identity=identity), action="kms:ScheduleKeyDeletion"
    )
    assert told(managed)[1] is by_type.RESOURCE
    assert (is_let_in(access(STRANGER, OF_EVERYBODY)), is_let_in(managed)) == (True, False)


def test_a_federated_user_has_identity_based_policies_only_with_a_session_policy() -> None:
    identity = (ALLOWING,)
    assert not decide(access(FEDERATED, identity=identity)).is_allowed
    assert decide(access(FEDERATED, identity=identity, session=(ALLOWING,))).is_allowed
    assert not decide(access(FEDERATED, identity=identity, session=(SILENT,))).is_allowed


def test_a_root_user_needs_no_policy_and_is_limited_by_that_of_a_session() -> None:
    root = f"arn:aws:iam::{OTHER}:root"
    assert decide(access(root, OF_EVERYBODY)).is_allowed
    assert told(access(root, OF_EVERYBODY, session=(SILENT,)))[1] is PolicyType.SESSION
    assert decide(access(root, None)).because == "a root user needs no policy"


@pytest.mark.parametrize(
    "text, fits", [("?", False), ("??", True), ("\U0001d11e", True), ("?*", True)]
)
def test_a_rare_character_is_two_for_a_question_mark(text: str, fits: bool) -> None:
    assert bool(glob(text)("\U0001d11e")) is fits


def test_what_is_rare_in_key_policies_is_written_as_it_was_read() -> None:
    statement = {name: STATEMENT[name] for name in ("Effect", "Principal", "Action")}
    text = policy(statement | {"NotResource": "*"}, Id="of mine")
    assert to_json(parse(text)) == json.loads(text)
    assert Resources.any().to_json() == {"Resource": "*"}


# ---- each way, and each policy that stops it

ROOT, OTHER_ROOT = (f"arn:aws:iam::{account}:root" for account in (OWNER, OTHER))
ROLE, OTHER_ROLE = (f"arn:aws:iam::{account}:role/App" for account in (OWNER, OTHER))
SESSION, OTHER_SESSION = (
    f"arn:aws:sts::{account}:assumed-role/App/one" for account in (OWNER, OTHER)
)
SERVICE = "s3.amazonaws.com"
ALLOWED, REFUSED, DENIED = Verdict.ALLOWED, Verdict.NOT_ALLOWED, Verdict.EXPLICITLY_DENIED


def naming(*names: str, effect: str = "Allow", sid: str | None = None) -> dict[str, Any]:
    """A statement about these principals."""
    found = STATEMENT | {"Effect": effect, "Principal": {"AWS": list(names)}}
    return found if sid is None else found | {"Sid": sid}


def of_key(*statements: dict[str, Any]) -> Policy:
    return from_json({"Statement": list(statements)})


DENYING = from_json({"Statement": {"Effect": "Deny", "Action": "*", "Resource": "*", "Sid": "no"}})
DENYING_ALL = of_key(naming("*", effect="Deny", sid="no"))


def a_grant(grantee: str, issuer: str = OWNER, **members: Any) -> Grant:
    return Grant(
        grant_id="g",
        issuing_account=issuer,
        creation_date=NOW,
        seen_at=NOW,
        operations=members.pop("operations", (GrantOperation.Decrypt,)),
        grantee_principal=grantee,
        **members,
    )


def of_grants(who: str, *grants: Grant, key: Policy | None = SILENT, **own: Any) -> Access:
    """An access to a KMS key with these grants, whose key policy says nothing."""
    return evolve(access(who, key, **own), grants=grants)


NONE: dict[str, Any] = {}
IDENTITY: dict[str, Any] = {"identity": (ALLOWING,)}
OUTCOMES: list[tuple[str, Policy, dict[str, Any], Verdict, PolicyType | None]] = [
    # named itself: nothing else is asked
    (ADA, of_key(naming(ADA)), NONE, ALLOWED, None),
    (ADA, of_key(naming(ADA)), {"boundary": SILENT, "session": (SILENT,)}, ALLOWED, None),
    (SESSION, of_key(naming(SESSION)), {"boundary": SILENT, "session": ()}, ALLOWED, None),
    # the role is named: boundary and session policy limit it
    (SESSION, of_key(naming(ROLE)), NONE, ALLOWED, None),
    (SESSION, of_key(naming(ROLE)), {"boundary": ALLOWING, "session": (ALLOWING,)}, ALLOWED, None),
    (SESSION, of_key(naming(ROLE)), {"boundary": SILENT}, REFUSED, PolicyType.BOUNDARY),
    (SESSION, of_key(naming(ROLE)), {"session": (SILENT,)}, REFUSED, PolicyType.SESSION),
    (SESSION, of_key(naming(ROLE)), {"session": ()}, REFUSED, PolicyType.SESSION),
    (
        SESSION,
        of_key(naming(ROLE)),
        {"boundary": SILENT, "session": (SILENT,)},
        REFUSED,
        PolicyType.BOUNDARY,
    ),
    # the account is named: an identity-based policy must allow too
    (ADA, of_key(naming(OWNER)), NONE, REFUSED, PolicyType.IDENTITY),
    (ADA, of_key(naming(OWNER)), {"identity": (SILENT,)}, REFUSED, PolicyType.IDENTITY),
    (ADA, of_key(naming(OWNER)), IDENTITY, ALLOWED, None),
    (ADA, of_key(naming(OWNER)), IDENTITY | {"boundary": SILENT}, REFUSED, PolicyType.BOUNDARY),
    (ADA, of_key(naming(OWNER)), IDENTITY | {"session": (SILENT,)}, REFUSED, PolicyType.SESSION),
    (ROOT, of_key(naming(OWNER)), NONE, ALLOWED, None),
    (ROOT, of_key(naming(OWNER)), {"session": (SILENT,)}, REFUSED, PolicyType.SESSION),
    (FEDERATED, of_key(naming(OWNER)), IDENTITY, REFUSED, PolicyType.IDENTITY),
    (FEDERATED, of_key(naming(OWNER)), IDENTITY | {"session": (ALLOWING,)}, ALLOWED, None),
    # nobody is named
    (ADA, of_key(naming(STRANGER)), IDENTITY, REFUSED, PolicyType.RESOURCE),
    (ROOT, of_key(naming(STRANGER)), NONE, REFUSED, PolicyType.RESOURCE),
    # of several ways, AWS tells the obstacle of the one that goes furthest
    (
        SESSION,
        of_key(naming(OWNER), naming(ROLE)),
        {"boundary": SILENT},
        REFUSED,
        PolicyType.BOUNDARY,
    ),
    (
        SESSION,
        of_key(naming(ROLE), naming(OWNER)),
        {"boundary": SILENT},
        REFUSED,
        PolicyType.BOUNDARY,
    ),
    (SESSION, of_key(naming(OWNER), naming(ROLE)), NONE, ALLOWED, None),
    # across accounts, both must allow
    (STRANGER, of_key(naming(STRANGER)), NONE, REFUSED, PolicyType.IDENTITY),
    (STRANGER, of_key(naming(STRANGER)), IDENTITY, ALLOWED, None),
    (STRANGER, of_key(naming(OTHER)), IDENTITY, ALLOWED, None),
    (
        STRANGER,
        of_key(naming(OTHER)),
        IDENTITY | {"boundary": SILENT},
        REFUSED,
        PolicyType.BOUNDARY,
    ),
    (STRANGER, of_key(naming(STRANGER)), IDENTITY | {"session": ()}, REFUSED, PolicyType.SESSION),
    (STRANGER, of_key(naming(OWNER)), IDENTITY, REFUSED, PolicyType.RESOURCE),
    (OTHER_ROOT, of_key(naming(OTHER)), NONE, ALLOWED, None),
    (OTHER_ROOT, of_key(naming(OTHER)), {"boundary": SILENT}, REFUSED, PolicyType.BOUNDARY),
    # for a role that the owner names, AWS tells the limits of its session first
    (OTHER_SESSION, of_key(naming(OTHER_ROLE)), NONE, REFUSED, PolicyType.IDENTITY),
    (OTHER_SESSION, of_key(naming(OTHER_ROLE)), {"boundary": SILENT}, REFUSED, PolicyType.BOUNDARY),
    (OTHER_SESSION, of_key(naming(OTHER_ROLE)), {"session": ()}, REFUSED, PolicyType.SESSION),
    (OTHER_SESSION, of_key(naming(OTHER_SESSION)), {"session": ()}, REFUSED, PolicyType.IDENTITY),
    (OTHER_SESSION, of_key(naming(OTHER)), {"session": ()}, REFUSED, PolicyType.IDENTITY),
    # what only limits
    (ADA, of_key(naming(ADA)), {"scps": [[ALLOWING]]}, ALLOWED, None),
    (ADA, of_key(naming(ADA)), {"scps": [[SILENT, ALLOWING]]}, ALLOWED, None),
    (ADA, of_key(naming(ADA)), {"scps": [[ALLOWING], [SILENT]]}, REFUSED, PolicyType.SCP),
    (ADA, of_key(naming(ADA)), {"scps": [[]]}, REFUSED, PolicyType.SCP),
    (ADA, of_key(naming(ADA)), {"endpoint": ALLOWING}, ALLOWED, None),
    (ADA, of_key(naming(ADA)), {"endpoint": SILENT}, REFUSED, PolicyType.ENDPOINT),
    (ADA, of_key(naming(ADA)), {"endpoint": SILENT, "scps": [[SILENT]]}, REFUSED, PolicyType.SCP),
    # what an organization limits are not roles that are linked to a service, nor do SCPs limit services
    (LINKED, of_key(naming(LINKED)), {"scps": [[SILENT]]}, ALLOWED, None),
    (LINKED, of_key(naming(LINKED)), {"scps": [[ALLOWING, DENYING]]}, ALLOWED, None),
    (LINKED, of_key(naming(LINKED)), {"rcps": [DENYING_ALL]}, ALLOWED, None),
    (LINKED, of_key(naming(LINKED)), {"endpoint": SILENT}, REFUSED, PolicyType.ENDPOINT),
    (SERVICE, of_key(naming("*")), {"scps": [[SILENT]]}, ALLOWED, None),
    (SERVICE, of_key(naming("*")), {"rcps": [DENYING_ALL]}, DENIED, PolicyType.RCP),
    # a Deny beats everything
    (ADA, of_key(naming("*"), naming(ADA, effect="Deny")), NONE, DENIED, PolicyType.RESOURCE),
    (ADA, of_key(naming("*")), {"identity": (ALLOWING, DENYING)}, DENIED, PolicyType.IDENTITY),
    (ADA, of_key(naming("*")), {"boundary": DENYING}, DENIED, PolicyType.BOUNDARY),
    (ADA, of_key(naming("*")), {"session": (ALLOWING, DENYING)}, DENIED, PolicyType.SESSION),
    (ADA, of_key(naming("*")), {"scps": [[ALLOWING], [DENYING]]}, DENIED, PolicyType.SCP),
    (ADA, of_key(naming("*")), {"rcps": [DENYING_ALL]}, DENIED, PolicyType.RCP),
    (ADA, of_key(naming("*")), {"endpoint": DENYING}, DENIED, PolicyType.ENDPOINT),
]


@pytest.mark.parametrize("who, of_the_key, own, verdict, policy_type", OUTCOMES)
def test_what_comes_of_an_access_and_which_type_of_policy_is_told(
    who: str,
    of_the_key: Policy,
    own: dict[str, Any],
    verdict: Verdict,
    policy_type: PolicyType | None,
) -> None:
    found = decide(access(who, of_the_key, **own))
    assert (found.verdict, found.policy_type) == (verdict, policy_type)


def by(found: Decision) -> tuple[Policy | None, list[str]]:
    return found.policy, [each.title for each in found.by]


def test_a_decision_tells_by_what() -> None:
    named = of_key(naming(ROOT, sid="account"), naming(ADA, sid="ada"))
    own = from_json(
        {"Statement": {"Sid": "own", "Effect": "Allow", "Action": "*", "Resource": "*"}}
    )
    grant = a_grant(ADA, name="mine")
    assert by(decide(access(ADA, named))) == (named, ["statement 2 `ada`"])
    account = of_key(naming(ROOT, sid="account"))
    assert by(decide(access(ADA, account, identity=(SILENT, own)))) == (
        account,
        ["statement 1 `account`"],
    )
    assert by(decide(of_grants(ADA, grant))) == (None, ["grant `mine`"])
    abroad = of_key(naming(STRANGER, sid="eve"))
    assert by(decide(access(STRANGER, abroad, identity=(own,)))) == (
        own,
        ["statement 1 `eve`", "statement 1 `own`"],
    )
    assert by(decide(access(OTHER_ROOT, of_key(naming(OTHER, sid="other"))))) == (
        None,
        ["statement 1 `other`"],
    )
    assert by(decide(access(ADA, account, identity=(own, DENYING)))) == (
        DENYING,
        ["statement 1 `no`"],
    )
    assert by(decide(access(ADA, None, identity=(own,)))) == (own, ["statement 1 `own`"])
    assert by(decide(access(ROOT, None))) == (None, [])


OF_GRANTS: list[tuple[str, Grant, dict[str, Any], Verdict, PolicyType | None]] = [
    (ADA, a_grant(ADA), NONE, ALLOWED, None),
    (ADA, a_grant(ROOT), NONE, REFUSED, PolicyType.IDENTITY),
    (ADA, a_grant(ROOT), IDENTITY, ALLOWED, None),
    (ADA, a_grant(STRANGER), IDENTITY, REFUSED, PolicyType.RESOURCE),
    (
        ADA,
        a_grant(ADA, operations=(GrantOperation.Encrypt,)),
        NONE,
        REFUSED,
        PolicyType.RESOURCE,
    ),
    (SESSION, a_grant(ROLE), {"boundary": SILENT}, REFUSED, PolicyType.BOUNDARY),
    (STRANGER, a_grant(STRANGER), NONE, REFUSED, PolicyType.IDENTITY),
    (STRANGER, a_grant(STRANGER), IDENTITY, ALLOWED, None),
    # a grant that the caller's own account made needs nothing else
    (STRANGER, a_grant(STRANGER, OTHER), NONE, ALLOWED, None),
    (STRANGER, a_grant(OTHER_ROOT, OTHER), NONE, REFUSED, PolicyType.IDENTITY),
    (STRANGER, a_grant(OTHER_ROOT, OTHER), IDENTITY, ALLOWED, None),
    (OTHER_SESSION, a_grant(OTHER_ROLE, OTHER), {"session": ()}, REFUSED, PolicyType.SESSION),
    (SERVICE, a_grant(SERVICE), NONE, ALLOWED, None),
]


@pytest.mark.parametrize("who, grant, own, verdict, policy_type", OF_GRANTS)
def test_a_grant_is_a_way_in_as_a_key_policy_is(
    who: str, grant: Grant, own: dict[str, Any], verdict: Verdict, policy_type: PolicyType | None
) -> None:
    found = decide(of_grants(who, grant, **own))
    assert (found.verdict, found.policy_type) == (verdict, policy_type)
    assert found.by == ((grant, *found.by[1:]) if found.is_allowed else ())


def test_of_several_grants_each_is_a_way() -> None:
    first, second = a_grant(STRANGER), a_grant(STRANGER, OTHER)
    assert decide(of_grants(STRANGER, first, second)).by == (second,)
    role = a_grant(OTHER_ROLE)
    stopped = of_grants(OTHER_SESSION, role, a_grant(OTHER_ROOT), session=())
    assert decide(stopped).policy_type is PolicyType.SESSION
    assert decide(evolve(stopped, grants=stopped.grants[::-1])).policy_type is PolicyType.IDENTITY


def retiring(who: str, *grants: Grant, **own: Any) -> Access:
    return evolve(of_grants(who, *grants, key=None, **own), action="kms:RetireGrant")


def test_whether_a_grant_may_be_retired_is_asked_of_the_grant_alone() -> None:
    grant = a_grant(ADA, retiring_principal=STRANGER)
    assert decide(retiring(STRANGER, grant)).policy_type is PolicyType.IDENTITY
    assert decide(retiring(STRANGER, grant, **IDENTITY)).is_allowed
    assert decide(retiring(ADA, grant)).policy_type is PolicyType.IDENTITY  # of the key's account
    assert decide(retiring(ADA, grant, **IDENTITY)).by == (grant,)
    everybody = evolve(retiring(STRANGER, a_grant(ADA)), resource_policy=of_key(naming("*")))
    assert decide(everybody).policy_type is PolicyType.RESOURCE


def test_rcps_are_not_asked_about_retire_grant_nor_where_there_is_no_resource() -> None:
    own = {"rcps": [DENYING_ALL]}
    grant = a_grant(ADA, retiring_principal=ADA)
    assert decide(retiring(ADA, grant, **own)).is_allowed
    without = evolve(access(ROOT, None, **own), action="kms:ListKeys", resource="*")
    assert decide(without).is_allowed
    assert decide(access(ROOT, None, **own)).policy_type is PolicyType.RCP


def test_another_service_needs_no_policy_of_its_resource() -> None:
    """But AWS KMS and AWS STS do, whose resources always have one."""
    elsewhere = evolve(access(ADA, SILENT, identity=(parse(ANY_ACTION),)), action="s3:PutObject")
    assert decide(elsewhere).is_allowed
    for action in ("kms:Decrypt", "sts:AssumeRole"):
        asked = evolve(elsewhere, action=action)
        assert decide(asked).policy_type is PolicyType.RESOURCE


ANY_ACTION = '{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}'


def test_policies_are_asked_in_awss_order() -> None:
    own: dict[str, Any] = {
        "identity": (ALLOWING, SILENT),
        "boundary": ALLOWING,
        "session": (ALLOWING,),
        "scps": [[ALLOWING, SILENT], [ALLOWING]],
        "rcps": [DENYING_ALL],
        "endpoint": ALLOWING,
    }
    assert asked_of(access(ADA, OF_EVERYBODY, **own)) == [
        (PolicyType.RESOURCE, OF_EVERYBODY),
        (PolicyType.RCP, DENYING_ALL),
        (PolicyType.SCP, ALLOWING),
        (PolicyType.SCP, SILENT),
        (PolicyType.SCP, ALLOWING),
        (PolicyType.ENDPOINT, ALLOWING),
        (PolicyType.IDENTITY, ALLOWING),
        (PolicyType.IDENTITY, SILENT),
        (PolicyType.BOUNDARY, ALLOWING),
        (PolicyType.SESSION, ALLOWING),
    ]
    assert asked_of(access(ADA, OF_EVERYBODY)) == [(PolicyType.RESOURCE, OF_EVERYBODY)]
    assert asked_of(Access(principal=principal(ADA), action="kms:ListKeys", owner=OWNER)) == []


def test_the_reason_is_told_in_one_line() -> None:
    first = of_key(naming(STRANGER, sid="in"), naming(ADA, effect="Deny"))
    grant = a_grant(STRANGER, name="mine")
    for asked, because in (
        (access(ADA, first), "statement 2 of a resource-based policy denies it"),
        (
            access(STRANGER, first, identity=(ALLOWING,)),
            (
                "statement 1 `in` of a resource-based policy allows it, "
                "and so does statement 1 of an identity-based policy"
            ),
        ),
        (
            of_grants(STRANGER, grant, identity=(ALLOWING,)),
            "grant `mine` allows it, and so does statement 1 of an identity-based policy",
        ),
        (access(ADA), "no identity-based policy allows it"),
        (access(ADA, SILENT), "no resource-based policy allows it"),
        (
            evolve(access(ADA, SILENT), action="kms:DisableKey"),
            "no resource-based policy allows it",
        ),
        (
            evolve(access(STRANGER, OF_EVERYBODY, **IDENTITY), action="kms:DisableKey"),
            "kms:DisableKey does not work with what belongs to another account",
        ),
        (
            evolve(of_grants(STRANGER, grant, key=None), action="kms:DisableKey"),
            "kms:DisableKey does not work with what belongs to another account",
        ),
        (
            evolve(access(STRANGER, None), action="kms:CreateKey"),
            "no identity-based policy allows it",
        ),
        (access(ROOT, None), "a root user needs no policy"),
        (access(SERVICE, None), "an AWS service needs no policy"),
    ):
        assert decide(asked).because == because
        verdict = decide(asked).verdict.value
        assert decide(asked).explanation.outcome == f"{verdict}, because {because}"


def test_a_statement_of_no_policy_is_told_by_its_title() -> None:
    [statement] = SILENT.statements
    found = Decision(access=access(ADA), verdict=ALLOWED, by=(statement,))
    assert found.because == "statement 1 allows it"
    several = evolve(found, by=(statement, a_grant(ADA), statement))
    assert several.because == (
        "statement 1 allows it, and so does grant `g`, and so does statement 1"
    )


def stopped_by(asked: Access) -> list[str]:
    """What the explanation says of each statement and grant that gives access."""
    return [each.sentence for each in decide(asked).explanation.remarks if _gives(each)]


def _gives(remark: Remark) -> bool:
    return remark.applies and remark.policy_type in {None, PolicyType.RESOURCE}


ALLOWS = "applies, and allows"
ACCOUNT, ITSELF = "applies to the account, so ", "applies to the caller itself, so "
BEHIND = "applies to the role or user behind the session, so "


@pytest.mark.parametrize(
    "asked, sentences",
    [
        (access(ADA, of_key(naming(ADA))), [ALLOWS]),
        (access(ADA), [f"{ACCOUNT}an identity-based policy must allow too, and none does"]),
        (
            access(STRANGER, of_key(naming(STRANGER))),
            [f"{ITSELF}an identity-based policy of account {OTHER} must allow too, and none does"],
        ),
        (access(STRANGER, of_key(naming(STRANGER)), **IDENTITY), [ALLOWS]),
        (
            access(OTHER_SESSION, of_key(naming(OTHER_ROLE)), session=()),
            [f"{BEHIND}a session policy of account {OTHER} must allow too, and none does"],
        ),
        (of_grants(STRANGER, a_grant(STRANGER, OTHER)), [ALLOWS]),
        (
            of_grants(STRANGER, a_grant(OTHER_ROOT, OTHER), a_grant(STRANGER)),
            [
                f"{ACCOUNT}an identity-based policy of account {OTHER} must allow too, and none does",
                f"{ITSELF}an identity-based policy of account {OTHER} must allow too, and none does",
            ],
        ),
    ],
)
def test_an_explanation_says_of_each_way_what_stops_it(asked: Access, sentences: list[str]) -> None:
    assert stopped_by(asked) == sentences


def test_who_is_let_in_by_the_owner_whatever_their_own_policies_say() -> None:
    named = of_key(naming(STRANGER))
    assert is_let_in(access(STRANGER, named))
    assert is_let_in(of_grants(STRANGER, a_grant(STRANGER)))
    assert not is_let_in(access(STRANGER, SILENT))
    assert not is_let_in(evolve(access(STRANGER, named), action="kms:DisableKey"))


def test_a_decision_depends_on_the_request_by_grants_and_by_statements_for_the_action() -> None:
    condition = {"Condition": {"Bool": {"aws:SecureTransport": True}}}
    asking = of_key(naming("*") | condition)
    assert not asks_the_request(access(ADA))
    assert asks_the_request(of_grants(ADA, a_grant(ADA)))
    assert asks_the_request(access(ADA, asking))
    assert asks_the_request(access(ADA, of_key(naming("*", effect="Deny") | condition)))
    other = from_json({"Statement": naming("*") | condition | {"Action": "kms:Encrypt"}})
    assert not asks_the_request(access(ADA, other))
    own = from_json({"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"} | condition})
    assert asks_the_request(access(ADA, identity=(own,)))


def test_a_way_that_names_the_caller_itself_ends_the_search() -> None:
    """No other way has fewer obstacles."""
    named = of_key(naming(ADA, sid="first"), naming(ADA, sid="second"))
    assert [each.title for each in decide(access(ADA, named)).by] == ["statement 1 `first`"]
    assert How.ITSELF > How.ISSUER > How.ACCOUNT
