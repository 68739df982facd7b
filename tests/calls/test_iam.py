"""
The directory of IAM: who calls, by ARN and access key, and who exists.
"""

from __future__ import annotations

import json
from string import ascii_letters, digits
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given, strategies as st

from kmsmodel.calls.call import Call
from kmsmodel.calls.caller import Caller
from kmsmodel.calls.condition_keys import RequestContext
from kmsmodel.calls.iam import Iam
from kmsmodel.calls.identities import Group, Role, User
from kmsmodel.errors import (
    AccessDeniedException,
    InvalidArnException,
    KmsError,
    MalformedPolicyDocumentException,
)
from kmsmodel.local import LocalKms
from kmsmodel.memory.kms import Kms
from kmsmodel.operations.grants import CreateGrantRequest
from kmsmodel.operations.key_policies import GetKeyPolicyRequest, PutKeyPolicyRequest
from kmsmodel.operations.keys import CreateKeyRequest, DescribeKeyRequest
from kmsmodel.operations.multi_region_keys import ReplicateKeyRequest
from kmsmodel.policy.principal import PrincipalKind
from kmsmodel.words.arn import KeyArn
from kmsmodel.words.enumerations import GrantOperation
from tests.basics import ACCOUNT, HSM, NOW, OTHER_ACCOUNT, OTHER_REGION, REGION
from tests.operations.steps import refused

ROOT = f"arn:aws:iam::{ACCOUNT}:root"
ADA = f"arn:aws:iam::{ACCOUNT}:user/staff/Ada"
DEPLOY = f"arn:aws:iam::{ACCOUNT}:role/ci/Deploy"
RUN = f"arn:aws:sts::{ACCOUNT}:assumed-role/Deploy/run-7"


def allow(*actions: str, **elements: Any) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": "*", **elements}
    return {"Version": "2012-10-17", "Statement": [statement]}


IAM = Iam(
    users=[
        User(
            "Ada",
            path="/staff/",
            groups=["Auditors"],
            policies=[allow("kms:CreateKey")],
            tags={"Team": "payments"},
            access_keys=["AKIAIOSFODNN7EXAMPLE"],
        )
    ],
    groups=[Group("Auditors", policies=[allow("kms:DescribeKey")])],
    roles=[Role("Deploy", path="/ci/", policies=[allow("kms:*")], tags={"Stage": "test"})],
    organization_id="o-exampleorgid",
)

NAMES = st.text(ascii_letters + digits + "_+=,.@-", min_size=2, max_size=32)
ACCOUNTS = st.text(digits, min_size=12, max_size=12)
PATHS = st.sampled_from(["/", "/a/", "/a/b/"])


def call(iam: Iam | None = IAM, **who: Any) -> Call:
    return Call(now=NOW, hsm=HSM, request_id="a call", region=REGION, iam=iam, **who)


def condition_key(name: str, **who: Any) -> Any:
    request = DescribeKeyRequest(key_id="any")
    return RequestContext("DescribeKey", request, call(**who), kms=Kms()).get(name)


# ---- who calls


@given(name=NAMES, account=ACCOUNTS, path=PATHS)
def test_a_user_is_found_by_their_arn(name: str, account: str, path: str) -> None:
    user = User(name, account=account, path=path)
    principal = Iam(users=[user]).caller(user.arn).principal
    assert (principal.kind, principal.arn, principal.name) == (PrincipalKind.USER, user.arn, name)
    assert (principal.unique_id or "").startswith("AIDA")


@given(name=NAMES, account=ACCOUNTS, path=PATHS, session=NAMES)
def test_a_session_of_a_role_is_found_by_its_arn_which_has_no_path(
    name: str, account: str, path: str, session: str
) -> None:
    role = Role(name, account=account, path=path)
    arn = f"arn:aws:sts::{account}:assumed-role/{name}/{session}"
    principal = Iam(roles=[role]).caller(arn).principal
    assert (principal.arn, principal.issuer) == (arn, role.arn)
    assert principal.session_name == session


def test_a_user_comes_with_their_own_policies_and_those_of_their_groups() -> None:
    identity = IAM.caller(ADA).policies.identity
    assert [str(each.statements[0].actions) for each in identity] == [
        str(each.statements[0].actions)
        for each in (
            *IAM.users[ACCOUNT, "Ada"].policies,
            *IAM.groups[ACCOUNT, "Auditors"].policies,
        )
    ]


@pytest.mark.parametrize(
    "name, of_ada, of_the_run",
    [
        ("aws:principalarn", ADA, DEPLOY),
        ("aws:principaltag/team", "payments", None),
        ("aws:principaltag/stage", None, "test"),
        ("aws:principalorgid", "o-exampleorgid", "o-exampleorgid"),
        ("aws:resourceorgid", "o-exampleorgid", "o-exampleorgid"),
        ("aws:username", "Ada", None),
        ("aws:principaltype", "User", "AssumedRole"),
        ("aws:principalaccount", ACCOUNT, ACCOUNT),
    ],
)
def test_condition_keys_of_a_principal_are_those_of_the_directory(
    name: str, of_ada: str | None, of_the_run: str | None
) -> None:
    assert condition_key(name, principal=ADA) == of_ada
    assert condition_key(name, principal=RUN) == of_the_run


def test_the_user_id_of_a_session_has_the_id_of_the_role_and_the_sessions_name() -> None:
    role, user = IAM.roles[ACCOUNT, "Deploy"], IAM.users[ACCOUNT, "Ada"]
    assert condition_key("aws:userid", principal=RUN) == f"{role.unique_id}:run-7"
    assert condition_key("aws:userid", principal=ADA) == user.unique_id
    assert condition_key("aws:userid") == ACCOUNT


def test_the_tags_of_a_session_replace_those_of_the_role_whatever_their_case() -> None:
    caller = IAM.caller(RUN, session_tags={"STAGE": "production"}, source_identity="Ada")
    assert caller.context["aws:principaltag/stage"] == "production"
    assert caller.context["aws:sourceidentity"] == "Ada"


def test_the_policies_of_a_session_limit_it() -> None:
    local = LocalKms(iam=IAM, hsm=HSM)
    limited = IAM.caller(RUN, session_policies=[allow("kms:ListKeys")])
    key_id = local.handle(CreateKeyRequest()).key_metadata.key_id
    local.handle(DescribeKeyRequest(key_id=key_id), principal=RUN)
    with pytest.raises(AccessDeniedException, match="because no session policy allows"):
        local.handle(DescribeKeyRequest(key_id=key_id), caller=limited)


@pytest.mark.parametrize(
    "arn",
    [
        f"arn:aws:iam::{ACCOUNT}:user/Ada",  # without her path
        f"arn:aws:iam::{ACCOUNT}:user/staff/Bob",
        f"arn:aws:iam::{OTHER_ACCOUNT}:user/staff/Ada",
        f"arn:aws-cn:iam::{ACCOUNT}:user/staff/Ada",
        f"arn:aws:iam::{ACCOUNT}:role/Deploy",
        f"arn:aws:sts::{ACCOUNT}:assumed-role/Nobody/run",
        f"arn:aws-cn:sts::{ACCOUNT}:assumed-role/Deploy/run",
        "nobody",
    ],
)
def test_who_does_not_exist_does_not_call(arn: str) -> None:
    with pytest.raises(ValueError, match=r"there is no|is not the ARN"):
        IAM.caller(arn)
    with pytest.raises(ValueError, match=r"there is no|is not the ARN"):
        call(principal=arn)


@given(account=ACCOUNTS)
def test_each_account_has_a_root_user(account: str) -> None:
    assert call(account=account).caller.principal.kind is PrincipalKind.ROOT_USER
    assert IAM.caller(account).account == account


def test_an_access_key_is_its_users() -> None:
    assert IAM.caller_of("AKIAIOSFODNN7EXAMPLE") == IAM.caller(ADA)
    assert IAM.caller_of("AKIAIOSFODNN7NOBODYS") is None


def test_a_caller_that_is_given_keeps_its_policies_and_is_identified() -> None:
    given_caller = Caller(ADA, policies=IAM.caller(RUN).policies)
    caller = call(caller=given_caller).caller
    assert caller.principal == IAM.caller(ADA).principal
    assert caller.policies is given_caller.policies
    stranger = Caller(f"arn:aws:iam::{OTHER_ACCOUNT}:user/Bob")
    assert call(caller=stranger).caller is stranger


# ---- organizations


DENY_ALL = {"Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]}


def test_scps_hold_for_all_accounts_but_the_management_account() -> None:
    iam = evolve(IAM, scps=[[DENY_ALL]])
    with pytest.raises(AccessDeniedException, match="explicit deny in a service control policy"):
        LocalKms(iam=iam).handle(CreateKeyRequest())
    LocalKms(iam=evolve(iam, management_account=ACCOUNT)).handle(CreateKeyRequest())


def test_the_scps_of_an_account_hold_for_it_alone() -> None:
    local = LocalKms(iam=evolve(IAM, account_scps={OTHER_ACCOUNT: [[DENY_ALL]]}))
    local.handle(CreateKeyRequest())
    with pytest.raises(AccessDeniedException, match="explicit deny in a service control policy"):
        local.handle(CreateKeyRequest(), account=OTHER_ACCOUNT)


def test_rcps_hold_for_keys() -> None:
    rcp = {"Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*", "Principal": "*"}]}
    local = LocalKms(iam=IAM)
    key_id = local.handle(CreateKeyRequest()).key_metadata.key_id
    local.iam = evolve(IAM, rcps=[rcp])
    with pytest.raises(AccessDeniedException, match="explicit deny in a resource control policy"):
        local.handle(DescribeKeyRequest(key_id=key_id))


def test_rcps_spare_the_keys_of_the_management_account_and_not_its_principals() -> None:
    rcp = {"Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*", "Principal": "*"}]}
    local = LocalKms(iam=evolve(IAM, management_account=ACCOUNT))
    own = local.handle(CreateKeyRequest()).key_metadata
    both = {"AWS": [ACCOUNT, OTHER_ACCOUNT]}
    statement = {"Effect": "Allow", "Principal": both, "Action": "kms:*", "Resource": "*"}
    request = CreateKeyRequest(policy=json.dumps({"Statement": statement}))
    other = local.handle(request, account=OTHER_ACCOUNT).key_metadata
    local.iam = evolve(local.iam or IAM, rcps=[rcp])
    assert local.handle(DescribeKeyRequest(key_id=own.key_id)).key_metadata == own
    for account in (ACCOUNT, OTHER_ACCOUNT):
        with pytest.raises(AccessDeniedException):
            local.handle(DescribeKeyRequest(key_id=str(other.arn)), account=account)
    local.iam = evolve(local.iam, rcps=[])
    assert local.handle(DescribeKeyRequest(key_id=str(other.arn))).key_metadata == other


# ---- who exists


@given(name=NAMES, account=ACCOUNTS, path=PATHS, session=st.none() | NAMES)
def test_who_is_remembered_is_shown_as_long_as_they_exist(
    name: str, account: str, path: str, session: str | None
) -> None:
    user, role = User(name, account=account, path=path), Role(name, account=account, path=path)
    iam = Iam(users=[user], roles=[role])
    of_the_role = role.arn
    if session is not None:
        of_the_role = f"arn:aws:sts::{account}:assumed-role/{name}/{session}"
    for arn in (user.arn, of_the_role, f"arn:aws:iam::{account}:root", account, "*"):
        remembered = iam.remembered(arn)
        assert iam.shown(remembered) == arn
        assert iam.remembered(remembered) == remembered
    gone = iam.without_role(name, account).without_user(name, account)
    for arn in (user.arn, of_the_role):
        assert gone.shown(iam.remembered(arn)) == iam.remembered(arn)
        with pytest.raises(ValueError, match="there is no"):
            gone.remembered(arn)


@given(
    account=ACCOUNTS,
    accounts=st.none() | st.frozensets(ACCOUNTS, max_size=2),
    form=st.sampled_from(["{}", "arn:aws:iam::{}:root", "arn:aws:sts::{}:federated-user/Bob"]),
    is_listed=st.booleans(),
)
def test_with_a_list_of_accounts_only_those_exist_and_those_of_users_groups_and_roles(
    account: str, accounts: frozenset[str] | None, form: str, is_listed: bool
) -> None:
    name = form.format(account)
    if accounts is not None and is_listed:
        accounts |= {account}
    iam = Iam(roles=[Role("Deploy")], accounts=accounts)
    if accounts is None or account in {*accounts, ACCOUNT}:
        assert iam.remembered(name) == name
    else:
        with pytest.raises(ValueError, match=f"there is no account {account}"):
            iam.remembered(name)
    assert iam.remembered(ACCOUNT) == ACCOUNT


def test_the_root_user_of_an_account_that_does_not_exist_does_not_call() -> None:
    iam = Iam(accounts=[ACCOUNT])
    assert call(iam, account=ACCOUNT).caller.account == ACCOUNT
    with pytest.raises(ValueError, match=f"there is no account {OTHER_ACCOUNT}"):
        call(iam, account=OTHER_ACCOUNT)


def test_an_account_of_the_organization_exists_and_anybody_may_call() -> None:
    iam = Iam(accounts=[], management_account=ACCOUNT, account_scps={OTHER_ACCOUNT: ()})
    for account in (ACCOUNT, OTHER_ACCOUNT):
        assert call(iam, account=account).caller.account == account
    assert iam.caller("*").principal.kind is PrincipalKind.ANONYMOUS


def test_a_key_policy_and_a_grant_name_accounts_that_exist() -> None:
    local = LocalKms(iam=Iam(accounts=[ACCOUNT]), account=ACCOUNT, region=REGION)
    key_id = local.handle(CreateKeyRequest()).key_metadata.key_id
    with pytest.raises(MalformedPolicyDocumentException):
        local.handle(PutKeyPolicyRequest(key_id=key_id, policy=key_policy(OTHER_ACCOUNT)))
    grantee = f"arn:aws:sts::{OTHER_ACCOUNT}:federated-user/Bob"
    with pytest.raises(InvalidArnException, match="does not refer to a valid principal"):
        local.handle(
            CreateGrantRequest(
                key_id=key_id, grantee_principal=grantee, operations=(GrantOperation.Decrypt,)
            )
        )


@given(name=NAMES, times=st.integers(1, 4))
def test_who_is_made_again_is_another(name: str, times: int) -> None:
    iam = Iam(roles=[Role(name)], users=[User(name)])
    ids = set[str | None]()
    for _ in range(times):
        ids |= {iam.roles[ACCOUNT, name].unique_id, iam.users[ACCOUNT, name].unique_id}
        iam = iam.without_role(name).without_user(name).with_role(Role(name)).with_user(User(name))
    assert len(ids) == 2 * times
    assert iam.roles[ACCOUNT, name].unique_id not in ids


def test_who_is_changed_stays_the_same() -> None:
    changed = IAM.with_role(Role("Deploy", path="/ci/", tags={"Stage": "production"}))
    changed = changed.with_user(User("Ada")).with_group(Group("Auditors"))
    assert changed.roles[ACCOUNT, "Deploy"].unique_id == IAM.roles[ACCOUNT, "Deploy"].unique_id
    assert changed.users[ACCOUNT, "Ada"].unique_id == IAM.users[ACCOUNT, "Ada"].unique_id
    assert changed.caller(RUN).context["aws:principaltag/stage"] == "production"
    assert IAM.caller(RUN).context["aws:principaltag/stage"] == "test"


def test_equal_directories_have_equal_ids() -> None:
    assert evolve(IAM) == IAM
    assert Iam(roles=[Role("Deploy")]) == Iam(roles=[Role("Deploy")])


@pytest.mark.parametrize(
    "make, message",
    [
        (lambda: Iam(users=[User("Ada"), User("Ada", path="/a/")]), "there are two users Ada"),
        (lambda: Iam(users=[User("Ada"), User("ADA")]), "differ only in case"),
        (lambda: Iam(roles=[Role("a")]).with_role(Role("A")), "differ only in case"),
        (lambda: Iam(users=[User("Ada", groups=["Nobody"])]), "there is no group Nobody"),
        (
            lambda: Iam(users=[User(name, access_keys=["AKIA1"]) for name in ("Ada", "Bob")]),
            "the access key AKIA1 is that of",
        ),
        (
            lambda: Iam(roles=[Role("Ada", unique_id="AROA1"), Role("Bob", unique_id="AROA1")]),
            "the unique id AROA1 is that of",
        ),
        (lambda: User("a name"), "name 'a name' of a User is not valid"),
        (lambda: Role("Deploy", path="ci"), "path 'ci' of a Role is not valid"),
        (lambda: User("Ada", account="1"), "account must be an account id"),
        (lambda: User("Ada", access_keys=[ACCOUNT]), "is not valid"),
        (lambda: Role("Deploy", maximum_session_duration=60), "must be >= 3600"),
    ],
)
def test_what_cannot_be_is_refused(make: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()


def test_a_policy_of_a_user_is_a_policy() -> None:
    with pytest.raises(MalformedPolicyDocumentException):
        User("Ada", policies=["no policy"])
    with pytest.raises(TypeError):
        User("Ada", policies=allow("kms:*"))
    with pytest.raises(TypeError, match=r"^name must be a string, not int$"):
        User(5)  # type: ignore[arg-type]


def test_a_directory_is_of_users_groups_and_roles() -> None:
    with pytest.raises(TypeError, match="a User is expected, not 'Ada'"):
        Iam(users=["Ada"])  # type: ignore[list-item]
    with pytest.raises(TypeError, match=r"a Role is expected, not User\(name='Ada'"):
        Iam(roles=[User("Ada")])  # type: ignore[list-item]


# ---- a KMS with a directory


def test_another_directory_can_be_put_in_its_place() -> None:
    local = LocalKms(iam=IAM, principal=ADA)
    local.handle(CreateKeyRequest())
    local.iam = IAM.with_user(evolve(IAM.users[ACCOUNT, "Ada"], policies=()))
    with pytest.raises(AccessDeniedException, match="because no identity-based policy allows"):
        local.handle(CreateKeyRequest())
    local.iam = IAM.without_user("Ada")
    with pytest.raises(ValueError, match="there is no user"):
        local.handle(CreateKeyRequest())
    local.iam = None
    assert local.iam is None
    with pytest.raises(TypeError, match="iam must be an Iam, not dict"):
        local.iam = {}  # type: ignore[assignment]
    with pytest.raises(TypeError, match="iam must be an Iam, not dict"):
        LocalKms(iam={})  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="there is no user"):
        LocalKms(iam=Iam(), principal=ADA)


# ---- key policies


def key_policy(*principals: str, effect: str = "Allow", element: str = "Principal") -> str:
    statements = [
        {
            "Sid": "Account",
            "Effect": "Allow",
            "Principal": {"AWS": ROOT},
            "Action": "kms:*",
            "Resource": "*",
        },
        {
            "Sid": "These",
            "Effect": effect,
            element: {"AWS": list(principals)},
            "Action": "kms:DescribeKey",
            "Resource": "*",
        },
    ]
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def shown_principals(local: LocalKms, key_id: str) -> Any:
    policy = local.handle(GetKeyPolicyRequest(key_id=key_id)).policy
    return json.loads(policy)["Statement"][1]["Principal"]["AWS"]


def test_a_key_policy_names_who_exists_and_shows_an_id_of_who_does_not_any_more() -> None:
    role = IAM.roles[ACCOUNT, "Deploy"]
    local = LocalKms(iam=IAM)
    key_id = local.handle(CreateKeyRequest()).key_metadata.key_id
    local.handle(PutKeyPolicyRequest(key_id=key_id, policy=key_policy(DEPLOY, RUN, ADA)))
    assert shown_principals(local, key_id) == [DEPLOY, RUN, ADA]
    local.iam = IAM.without_role("Deploy")
    gone = [role.unique_id, f"{role.unique_id}:run-7", ADA]
    assert shown_principals(local, key_id) == gone
    local.iam = local.iam.with_role(Role("Deploy", path="/ci/"))
    assert shown_principals(local, key_id) == gone
    policy = local.handle(GetKeyPolicyRequest(key_id=key_id)).policy
    with pytest.raises(MalformedPolicyDocumentException, match="invalid principals"):
        local.handle(PutKeyPolicyRequest(key_id=key_id, policy=policy))


def test_a_role_that_is_made_again_is_not_who_the_key_policy_names() -> None:
    iam = IAM.with_role(evolve(IAM.roles[ACCOUNT, "Deploy"], policies=()))
    local = LocalKms(iam=iam)
    key_id = local.handle(CreateKeyRequest(policy=key_policy(DEPLOY))).key_metadata.key_id
    describe = DescribeKeyRequest(key_id=key_id)
    local.handle(describe, principal=RUN)
    local.iam = iam.without_role("Deploy").with_role(Role("Deploy", path="/ci/"))
    with pytest.raises(AccessDeniedException):
        local.handle(describe, principal=RUN)


def test_not_principal_spares_who_is_listed_with_role_and_account() -> None:
    local = LocalKms(iam=IAM)
    policy = key_policy(DEPLOY, RUN, ROOT, effect="Deny", element="NotPrincipal")
    key_id = local.handle(CreateKeyRequest(policy=policy)).key_metadata.key_id
    describe = DescribeKeyRequest(key_id=key_id)
    local.handle(describe, principal=RUN)
    with pytest.raises(AccessDeniedException, match="explicit deny in a resource-based policy"):
        local.handle(describe, principal=ADA)
    with pytest.raises(AccessDeniedException, match="explicit deny in a resource-based policy"):
        local.handle(describe, principal=RUN.replace("run-7", "run-8"))


@pytest.mark.parametrize(
    "principal",
    [
        f"arn:aws:iam::{ACCOUNT}:role/Nobody",
        f"arn:aws:iam::{OTHER_ACCOUNT}:user/Ada",
        f"arn:aws:sts::{ACCOUNT}:assumed-role/Nobody/run",
        f"arn:aws:iam::{ACCOUNT}:group/Auditors",
        "AROAEXAMPLEEXAMPLE123",
        "AIDAEXAMPLEEXAMPLE123:session",
        "nobody",
        "",
    ],
)
def test_a_key_policy_that_names_nobody_is_refused_and_a_note_says_whom(principal: str) -> None:
    local = LocalKms(iam=IAM)
    key_id = local.handle(CreateKeyRequest()).key_metadata.key_id
    before = local.kms
    with pytest.raises(KmsError) as caught:
        local.handle(PutKeyPolicyRequest(key_id=key_id, policy=key_policy(principal)))
    assert type(caught.value) is MalformedPolicyDocumentException
    assert (
        caught.value.message == "Policy contains a statement with one or more invalid principals."
    )
    assert any(caught.value.__notes__)
    assert local.kms is before


def test_a_group_is_no_principal_and_has_no_sessions() -> None:
    group, user = IAM.groups[ACCOUNT, "Auditors"], IAM.users[ACCOUNT, "Ada"]
    for name in (str(group.unique_id), f"{user.unique_id}:session"):
        with pytest.raises(ValueError, match=r"nobody's id|has no sessions"):
            IAM.remembered(name)


def test_without_a_directory_a_key_policy_names_whom_it_likes() -> None:
    local = LocalKms()
    key_id = local.handle(CreateKeyRequest(policy=key_policy(DEPLOY))).key_metadata.key_id
    assert shown_principals(local, key_id) == DEPLOY
    account, region, key = ACCOUNT, REGION, key_id
    stored = local.kms.key(KeyArn(account, region, key), local.clock.now())
    assert stored is not None
    assert DEPLOY in stored.key_policy


# ---- in another Region


@pytest.mark.parametrize("principal", [ROOT, ADA, RUN])
def test_a_call_in_another_region_is_the_same_but_for_its_region(principal: str) -> None:
    made = call(principal=principal)
    there = made.in_region(OTHER_REGION)
    assert there.region == OTHER_REGION
    assert there.in_region(REGION) == made
    assert (there.iam, there.caller) == (made.iam, made.caller)


def test_the_key_policy_of_a_replica_key_names_who_exists() -> None:
    """It is kept and shown as that of any key."""
    local = LocalKms(iam=IAM, hsm=HSM)
    key_id = local.handle(CreateKeyRequest(multi_region=True)).key_metadata.key_id

    def replicate(*principals: str) -> str:
        policy = json.dumps(allow("kms:*", Principal={"AWS": [ROOT, *principals]}))
        request = ReplicateKeyRequest(key_id=key_id, replica_region=OTHER_REGION, policy=policy)
        return local.handle(request).replica_policy

    with pytest.raises(MalformedPolicyDocumentException, match="invalid principals"):
        replicate(f"arn:aws:iam::{ACCOUNT}:user/Nobody")
    told = replicate(ADA)
    assert ADA in told
    assert local.handle(GetKeyPolicyRequest(key_id=key_id), region=OTHER_REGION).policy == told


@pytest.mark.parametrize("iam", [None, IAM])
@pytest.mark.parametrize(
    "region, partition, other",
    [
        ("us-west-2", "aws", "aws-cn"),
        ("cn-north-1", "aws-cn", "aws"),
        ("us-gov-west-1", "aws-us-gov", "aws"),
    ],
)
def test_a_key_policy_names_principals_of_its_partition(
    iam: Iam | None, region: str, partition: str, other: str
) -> None:
    """The account of the same number in another partition is another account, as grants have it."""
    local = LocalKms(iam=iam, region=region)
    root = f"arn:{partition}:iam::{ACCOUNT}:root"
    for named in (f"arn:{other}:iam::{OTHER_ACCOUNT}:root", f"arn:{other}:iam::{ACCOUNT}:role/Any"):
        policy = allow("kms:*", Principal={"AWS": [root, named]})
        refused(
            local,
            CreateKeyRequest(policy=json.dumps(policy)),
            MalformedPolicyDocumentException,
            "Policy contains a statement with one or more invalid principals.",
        )
    accounts = allow("kms:*", Principal={"AWS": [root, OTHER_ACCOUNT]})
    made = local.handle(CreateKeyRequest(policy=json.dumps(accounts)))
    assert made.key_metadata.arn
