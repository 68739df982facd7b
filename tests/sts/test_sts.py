"""
AWS STS: who calls, and sessions of roles, over HTTP and in boto3.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Generator, Mapping
from datetime import UTC, timedelta
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlencode
from xml.etree import ElementTree as ET

import boto3
import botocore.session
import pytest
from attrs import evolve
from botocore.config import Config
from botocore.exceptions import ClientError
from hypothesis import given, strategies as st

from kmsmodel import boto
from kmsmodel.calls.call import Call
from kmsmodel.calls.credentials import Session, seal, unseal
from kmsmodel.calls.iam import Iam
from kmsmodel.calls.identities import Role, User
from kmsmodel.clock import Clock
from kmsmodel.crypto.seeded_hsm import SeededHsm
from kmsmodel.errors import KmsError, notes_of
from kmsmodel.hsm.secret import Secret
from kmsmodel.local import LocalKms
from kmsmodel.policy.document import from_json
from kmsmodel.server import running
from kmsmodel.sts import query
from kmsmodel.sts.refusals import StsError
from kmsmodel.sts.requests import AssumeRoleResponse
from tests.basics import ACCOUNT, HSM, NOW, OTHER_ACCOUNT, REGION

if TYPE_CHECKING:
    from types_boto3_kms.client import KMSClient

ADA_KEY, BOB_KEY = "AKIAIOSFODNN7EXAMPLE", "AKIAIOSFODNN7EXAMPL2"
ADA = f"arn:aws:iam::{ACCOUNT}:user/Ada"
DEPLOY = f"arn:aws:iam::{ACCOUNT}:role/ci/Deploy"
PARTNER = f"arn:aws:iam::{OTHER_ACCOUNT}:role/Partner"
INVALID = "The security token included in the request is invalid."
EXPIRED = "The security token included in the request is expired"


def allow(*actions: str, **elements: Any) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Action": list(actions), **elements}
    return {"Version": "2012-10-17", "Statement": [statement]}


def trust(principal: str = ACCOUNT, *actions: str, **elements: Any) -> dict[str, Any]:
    return allow("sts:AssumeRole", *actions, Principal={"AWS": principal}, **elements)


READ_ONLY = from_json(
    allow("kms:Describe*", Resource="*"), arn="arn:aws:iam::aws:policy/ReadOnlyAccess"
)

IAM = Iam(
    users=[
        User("Ada", policies=[allow("sts:*", Resource="*")], access_keys=[ADA_KEY]),
        User("Bob", access_keys=[BOB_KEY]),
    ],
    roles=[
        Role(
            "Deploy",
            path="/ci/",
            trust=trust(ACCOUNT, "sts:TagSession", "sts:SetSourceIdentity"),
            policies=[allow("kms:*", "sts:*", Resource="*")],
            maximum_session_duration=7200,
        ),
        Role("Direct", trust=trust(f"arn:aws:iam::{ACCOUNT}:user/Bob")),
        Role("Closed"),
        Role(
            "Partner",
            account=OTHER_ACCOUNT,
            trust=trust(Condition={"StringEquals": {"sts:ExternalId": "secret"}}),
        ),
        Role("Careful", trust=trust(Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}})),
        Role("Untagged", trust=trust()),
    ],
    policies=[READ_ONLY],
)


def role(name: str, account: str = ACCOUNT) -> str:
    return f"arn:aws:iam::{account}:role/{name}"


@pytest.fixture
def local() -> LocalKms:
    return LocalKms(clock=Clock(NOW), hsm=SeededHsm("sts"), iam=IAM)


@pytest.fixture
def url(local: LocalKms) -> Generator[str]:
    with running(local) as url:
        yield url


Make = Callable[..., Any]


@pytest.fixture(params=["over HTTP", "in process"])
def client(request: pytest.FixtureRequest, local: LocalKms) -> Generator[Make]:
    """What makes a client of boto3 with the credentials of an answer of AssumeRole, or with an access key."""

    def make(service: str, access_key: str | Mapping[str, Any] = ADA_KEY, **options: Any) -> Any:
        if isinstance(access_key, str):
            access_key = {"AccessKeyId": access_key, "SecretAccessKey": "any"}
        session = boto3.Session(
            aws_access_key_id=access_key["AccessKeyId"],
            aws_secret_access_key=access_key["SecretAccessKey"],
            aws_session_token=access_key.get("SessionToken"),
            region_name=REGION,
        )
        return cast("Any", session).client(service, **options, **endpoint)

    endpoint: dict[str, str] = {}
    if request.param == "in process":
        with boto.patched(local):
            yield make
    else:
        with running(local) as url:
            endpoint["endpoint_url"] = url
            yield make


def refused(call: Callable[..., object], **members: Any) -> tuple[int, str, str]:
    with pytest.raises(ClientError) as caught:
        call(**members)
    response: Any = caught.value.response
    error = response["Error"]
    return response["ResponseMetadata"]["HTTPStatusCode"], error["Code"], error["Message"]


def assume(sts: Any, arn: str = DEPLOY, session: str = "run-7", **members: Any) -> Any:
    return sts.assume_role(RoleArn=arn, RoleSessionName=session, **members)


# ---- who calls


def test_who_calls_is_told(client: Make) -> None:
    user = IAM.users[ACCOUNT, "Ada"]
    answer = client("sts").get_caller_identity()
    assert (answer["UserId"], answer["Account"], answer["Arn"]) == (user.unique_id, ACCOUNT, ADA)
    answer = client("sts", OTHER_ACCOUNT).get_caller_identity()
    assert answer["Arn"] == f"arn:aws:iam::{OTHER_ACCOUNT}:root"
    assert answer["UserId"] == OTHER_ACCOUNT


def test_who_acts_as_a_role_is_a_session_of_it(client: Make, local: LocalKms) -> None:
    answer = assume(client("sts"))
    arn = f"arn:aws:sts::{ACCOUNT}:assumed-role/Deploy/run-7"
    role_id = IAM.roles[ACCOUNT, "Deploy"].unique_id
    assert answer["AssumedRoleUser"] == {"Arn": arn, "AssumedRoleId": f"{role_id}:run-7"}
    assert answer["Credentials"]["AccessKeyId"].startswith("ASIA")
    assert len(answer["Credentials"]["AccessKeyId"]) == 20
    assert answer["Credentials"]["Expiration"] == NOW.replace(microsecond=0) + timedelta(hours=1)
    identity = client("sts", answer["Credentials"]).get_caller_identity()
    assert (identity["Arn"], identity["UserId"]) == (arn, f"{role_id}:run-7")


def test_a_role_uses_keys_that_the_user_may_not_use(client: Make) -> None:
    assert refused(client("kms").create_key)[1] == "AccessDeniedException"
    deploy: KMSClient = client("kms", assume(client("sts"))["Credentials"])
    key_id = deploy.create_key()["KeyMetadata"]["KeyId"]
    ciphertext = deploy.encrypt(KeyId=key_id, Plaintext=b"hello")["CiphertextBlob"]
    assert deploy.decrypt(CiphertextBlob=ciphertext)["Plaintext"] == b"hello"


# ---- credentials that are not valid


@pytest.mark.parametrize("access_key", ["AKIAIOSFODNN7NOBODYS", "any", "unused"])
def test_an_unknown_access_key_is_refused(client: Make, access_key: str) -> None:
    code = "UnrecognizedClientException"
    assert refused(client("kms", access_key).list_keys) == (400, code, INVALID)
    sts = client("sts", access_key)
    assert refused(sts.get_caller_identity) == (403, "InvalidClientTokenId", INVALID)


def test_an_expired_session_is_refused(client: Make, local: LocalKms) -> None:
    credentials = assume(client("sts"), DurationSeconds=900)["Credentials"]
    local.clock.advance(seconds=899)
    assert client("kms", credentials).list_keys()
    local.clock.advance(seconds=1)
    kms, sts = client("kms", credentials), client("sts", credentials)
    assert refused(kms.list_keys) == (400, "ExpiredTokenException", EXPIRED)
    assert refused(sts.get_caller_identity) == (403, "ExpiredToken", EXPIRED)


def test_a_session_token_is_valid_only_as_it_was_given(client: Make) -> None:
    credentials = assume(client("sts"))["Credentials"]
    other = assume(client("sts"), session="other")["Credentials"]
    token = credentials["SessionToken"]
    for wrong in (
        credentials | {"AccessKeyId": other["AccessKeyId"]},
        credentials | {"AccessKeyId": ADA_KEY},
        credentials | {"SessionToken": token[:-8] + "AAAAAAA="},
        credentials | {"SessionToken": "no token"},
        {name: value for name, value in credentials.items() if name != "SessionToken"},
    ):
        kms = client("kms", wrong)
        assert refused(kms.list_keys) == (400, "UnrecognizedClientException", INVALID)


def test_a_session_ends_with_its_role(client: Make, local: LocalKms) -> None:
    kms = client("kms", assume(client("sts"))["Credentials"])
    assert kms.list_keys()
    local.iam = IAM.without_role("Deploy")
    assert refused(kms.list_keys)[1] == "UnrecognizedClientException"
    local.iam = local.iam.with_role(IAM.roles[ACCOUNT, "Deploy"]).without_role("Deploy")
    local.iam = local.iam.with_role(evolve(IAM.roles[ACCOUNT, "Deploy"], unique_id=None))
    assert refused(kms.list_keys)[1] == "UnrecognizedClientException"


def test_without_a_directory_there_are_only_root_users() -> None:
    with running(LocalKms()) as url:
        sts = cast("Any", boto3.Session(ADA_KEY, "any", region_name=REGION)).client(
            "sts", endpoint_url=url
        )
        assert sts.get_caller_identity()["Arn"] == f"arn:aws:iam::{ACCOUNT}:root"
        root = "Roles may not be assumed by root accounts."
        assert refused(lambda: assume(sts)) == (403, "AccessDenied", root)


# ---- who may assume a role


def denied(action: str, arn: str, user: str = "Ada") -> tuple[int, str, str]:
    user = f"arn:aws:iam::{ACCOUNT}:user/{user}"
    message = f"User: {user} is not authorized to perform: sts:{action} on resource: {arn}"
    return 403, "AccessDenied", message


def test_a_role_is_for_those_whom_its_trust_policy_and_their_own_policies_let_in(
    client: Make,
) -> None:
    ada, bob = client("sts", ADA_KEY), client("sts", BOB_KEY)
    assert assume(ada)
    assert refused(lambda: assume(bob)) == denied("AssumeRole", DEPLOY, "Bob")
    assert assume(bob, role("Direct"))
    assert refused(lambda: assume(ada, role("Direct"))) == denied("AssumeRole", role("Direct"))
    assert refused(lambda: assume(ada, role("Closed"))) == denied("AssumeRole", role("Closed"))
    assert refused(lambda: assume(ada, role("Nobody"))) == denied("AssumeRole", role("Nobody"))
    without_path = role("Deploy")
    assert refused(lambda: assume(ada, without_path)) == denied("AssumeRole", without_path)


def test_a_trust_policy_may_ask_for_an_external_id_across_accounts(client: Make) -> None:
    sts = client("sts")
    assert refused(lambda: assume(sts, PARTNER)) == denied("AssumeRole", PARTNER)
    wrong = refused(lambda: assume(sts, PARTNER, ExternalId="guess"))
    assert wrong == denied("AssumeRole", PARTNER)
    credentials = assume(sts, PARTNER, ExternalId="secret")["Credentials"]
    assert client("sts", credentials).get_caller_identity()["Account"] == OTHER_ACCOUNT


def test_a_trust_policy_may_ask_for_an_mfa_device_whose_code_is_not_checked(client: Make) -> None:
    sts, careful = client("sts"), role("Careful")
    assert refused(lambda: assume(sts, careful)) == denied("AssumeRole", careful)
    mfa = {"SerialNumber": f"arn:aws:iam::{ACCOUNT}:mfa/Ada", "TokenCode": "123456"}
    assert assume(sts, careful, **mfa)


def test_an_rcp_holds_for_roles_but_for_those_of_the_management_account(
    client: Make, local: LocalKms
) -> None:
    deny = {"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole", "Resource": "*"}
    rcps = [{"Version": "2012-10-17", "Statement": [deny]}]
    local.iam = evolve(IAM, rcps=rcps)
    assert refused(lambda: assume(client("sts"))) == denied("AssumeRole", DEPLOY)
    local.iam = evolve(IAM, rcps=rcps, management_account=ACCOUNT)
    assert assume(client("sts"))
    partner = refused(lambda: assume(client("sts"), PARTNER, ExternalId="secret"))
    assert partner == denied("AssumeRole", PARTNER)


def test_tags_and_a_source_identity_need_permissions_of_their_own(client: Make) -> None:
    sts, untagged = client("sts"), role("Untagged")
    tags = [{"Key": "Stage", "Value": "test"}]
    assert assume(sts, untagged)
    assert refused(lambda: assume(sts, untagged, Tags=tags)) == denied("TagSession", untagged)
    by_identity = refused(lambda: assume(sts, untagged, SourceIdentity="Ada"))
    assert by_identity == denied("SetSourceIdentity", untagged)
    answer = assume(sts, Tags=tags, SourceIdentity="Ada")
    assert answer["SourceIdentity"] == "Ada"


def test_policies_ask_for_the_tags_of_a_session(client: Make, local: LocalKms) -> None:
    by_tag = allow(
        "kms:*", Resource="*", Condition={"StringEquals": {"aws:PrincipalTag/Stage": "test"}}
    )
    deploy = evolve(IAM.roles[ACCOUNT, "Deploy"], policies=[by_tag])
    local.iam = IAM.with_role(deploy)
    plain = client("kms", assume(client("sts"))["Credentials"])
    assert refused(plain.create_key)[1] == "AccessDeniedException"
    tags = [{"Key": "Stage", "Value": "test"}]
    assert client("kms", assume(client("sts"), Tags=tags)["Credentials"]).create_key()


@pytest.mark.parametrize(
    "limit",
    [
        {"Policy": json.dumps(allow("kms:Describe*", Resource="*"))},
        {"PolicyArns": [{"arn": READ_ONLY.arn}]},
    ],
)
def test_session_policies_limit_a_session(client: Make, limit: dict[str, Any]) -> None:
    sts = client("sts")
    key_id = client("kms", assume(sts)["Credentials"]).create_key()["KeyMetadata"]["KeyId"]
    limited = client("kms", assume(sts, **limit)["Credentials"])
    assert limited.describe_key(KeyId=key_id)
    _, code, message = refused(limited.disable_key, KeyId=key_id)
    assert code == "AccessDeniedException"
    assert message.endswith("because no session policy allows the kms:DisableKey action")


def test_a_session_policy_may_hold_whole_arns_and_what_iam_would_not_store(client: Make) -> None:
    condition = {"NumericNotEquals": {"a": "no-number"}}
    for resource in ("arn:aws:kms:us-west-2:*:key/*", "arn:aws:kms:*:*:*", "key/*"):
        policy = allow("kms:*", Resource=resource, Condition=condition)
        assert assume(client("sts"), Policy=json.dumps(policy))["Credentials"]


# ---- what is not valid


def violated(value: str, member: str, rule: str) -> str:
    where = f"Value '{value}' at '{member}'"
    return f"1 validation error detected: {where} failed to satisfy constraint: Member must {rule}"


@pytest.mark.parametrize(
    "members, code, message",
    [
        (
            {"RoleArn": "arn:aws:iam::1:role/Deploy"},
            "ValidationError",
            "arn:aws:iam::1:role/Deploy is invalid",
        ),
        (
            {"DurationSeconds": 7201},
            "ValidationError",
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
        ),
        (
            {"DurationSeconds": 60},
            "ValidationError",
            violated("60", "durationSeconds", "have value greater than or equal to 900"),
        ),
        (
            {"RoleSessionName": "a name"},
            "ValidationError",
            violated(
                "a name", "roleSessionName", r"satisfy regular expression pattern: [\w+=,.@-]*"
            ),
        ),
        (
            {"Policy": "no policy"},
            "MalformedPolicyDocument",
            "Syntax errors in policy: the policy: Expecting value: line 1 column 1 (char 0)",
        ),
        (
            {
                "Policy": json.dumps(
                    allow("kms:*", Resource="*", Condition={"BinaryEquals": {"a": "no-binary"}})
                )
            },
            "MalformedPolicyDocument",
            (
                "Syntax errors in policy: statement 1, Condition, BinaryEquals, a: 'no-binary' "
                "is not a value for BinaryEquals (line 1, column 135)"
            ),
        ),
        (
            {"Policy": json.dumps(allow("kms:*", Resource=["*", "arn:aws:kms"]))},
            "MalformedPolicyDocument",
            "Syntax errors in policy: statement 1, Resource: 'arn:aws:kms' is not a whole ARN",
        ),
        (
            {"Policy": json.dumps(allow("kms:*", Resource="*", Principal="*"))},
            "MalformedPolicyDocument",
            "Syntax errors in policy: statement 1: only a resource-based policy has a Principal",
        ),
        (
            {"Policy": json.dumps(allow("kms:*"))},
            "MalformedPolicyDocument",
            "Syntax errors in policy: statement 1: Resource or NotResource is expected",
        ),
        (
            {"PolicyArns": [{"arn": "arn:aws:iam::aws:policy/Nothing"}]},
            "ValidationError",
            "Policy arn:aws:iam::aws:policy/Nothing does not exist or is not attachable.",
        ),
    ],
)
def test_what_is_not_valid_is_refused(
    client: Make, members: dict[str, Any], code: str, message: str
) -> None:
    sts = client("sts", config=Config(parameter_validation=False))
    valid = {"RoleArn": DEPLOY, "RoleSessionName": "run-7"}
    assert refused(sts.assume_role, **valid | members) == (400, code, message)


def test_a_session_that_assumes_a_role_has_an_hour_at_most(client: Make) -> None:
    again = client("sts", assume(client("sts"), SourceIdentity="Ada")["Credentials"])
    _, code, message = refused(lambda: assume(again, DurationSeconds=3601))
    assert code == "ValidationError"
    assert message == (
        "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining."
    )
    assert assume(again)["SourceIdentity"] == "Ada"


def test_a_source_identity_goes_on_to_the_next_session_if_it_may_be_set_there(client: Make) -> None:
    """It cannot be changed on the way."""
    named = client("sts", assume(client("sts"), SourceIdentity="Ada")["Credentials"])
    session = f"arn:aws:sts::{ACCOUNT}:assumed-role/Deploy/run-7"
    for who in (None, "Ada"):
        given = {} if who is None else {"SourceIdentity": who}
        assert assume(named, **given)["SourceIdentity"] == "Ada"
        denial = refused(lambda: assume(named, role("Untagged"), **given))  # noqa: B023
        assert denial[2] == (
            f"User: {session} is not authorized to perform: sts:SetSourceIdentity "
            f"on resource: {role('Untagged')}"
        )
    _, code, message = refused(lambda: assume(named, SourceIdentity="Mallory"))
    assert code == "AccessDenied"
    assert message.endswith(
        f"is not authorized to perform: sts:SetSourceIdentity on resource: {DEPLOY}"
    )
    unnamed = client("sts", assume(client("sts"))["Credentials"])
    assert "SourceIdentity" not in assume(unnamed, role("Untagged"))


def test_another_operation_of_aws_sts_is_not_known(client: Make) -> None:
    _, code, message = refused(client("sts").get_session_token)
    assert code == "InvalidAction"
    assert message == "Could not find operation GetSessionToken for version 2011-06-15"


# ---- the protocol


FORMS = st.dictionaries(
    st.sampled_from(
        [
            "Action",
            "RoleArn",
            "RoleSessionName",
            "Policy",
            "DurationSeconds",
            "Tags.member.1.Key",
            "Tags.member.1.Value",
            "Tags.member.1",
            "Tags.member.x",
            "Tags",
            "PolicyArns.member.1.arn",
            "PolicyArns.member.1",
        ]
    )
    | st.text(max_size=8),
    st.sampled_from(["AssumeRole", DEPLOY, "run-7", "900", "{}"]) | st.text(max_size=8),
)


@given(form=FORMS)
def test_whatever_a_form_holds_is_answered_in_xml(form: dict[str, str]) -> None:
    call = Call(now=NOW, hsm=HSM, request_id="a call", iam=IAM, principal=ADA)
    for parameters in (form, {"Action": "AssumeRole"} | form):
        body = urlencode(parameters, errors="surrogatepass").encode()
        answered = query.answer(query.parse_form(body), call, Secret(bytes(32)))
        rendered = query.render(answered, "a request id")
        root = ET.fromstring(rendered.body.decode())
        assert root.tag.endswith("Response")
        assert (rendered.status == 200) is not isinstance(answered, StsError)


SESSIONS = st.builds(
    Session,
    arn=st.text(max_size=9),
    role_id=st.text(max_size=9),
    issued=st.just(NOW),
    expires=st.datetimes(timezones=st.just(UTC)),
    policies=st.tuples() | st.tuples(st.text(max_size=9)),
    policy_arns=st.tuples() | st.tuples(st.text(max_size=9)),
    tags=st.dictionaries(st.text(max_size=3), st.text(max_size=3), max_size=3),
    source_identity=st.none() | st.text(max_size=9),
    has_mfa=st.booleans(),
)


@given(session=SESSIONS, key=st.text(max_size=20), other=st.text(max_size=20), bit=st.integers(0))
def test_a_token_holds_its_session_for_its_access_key_and_secret_alone(
    session: Session, key: str, other: str, bit: int
) -> None:
    secret = Secret(bytes(32))
    token = seal(session, key, secret, HSM, "a token")
    assert unseal(token, key, secret, HSM) == session
    assert unseal(token, key, Secret(b"1" * 32), HSM) is None
    if other != key:
        assert unseal(token, other, secret, HSM) is None
    place = bit % len(token)
    changed = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
    assert unseal(changed, key, secret, HSM) in {None, session}
    assert unseal(other, key, secret, HSM) is None


def test_a_token_tells_nothing_of_its_session() -> None:
    call = Call(now=NOW, hsm=HSM, request_id="a call", iam=IAM, principal=ADA)
    parameters = {"Action": "AssumeRole", "RoleArn": DEPLOY, "RoleSessionName": "run-7"}
    answered = query.answer(parameters, call, Secret(bytes(32)))
    assert isinstance(answered, AssumeRoleResponse)
    assert "Deploy" not in answered.credentials.session_token


@pytest.mark.parametrize(
    "iam, arn, told",
    [
        (IAM, DEPLOY, "not allowed, because no identity-based policy allows it"),
        (IAM, role("Direct"), ""),
        (IAM, PARTNER, "not allowed, because no resource-based policy allows it"),
        (
            IAM,
            role("Deploy"),
            f"the directory has no role {role('Deploy')}; perhaps 'ci/Deploy' is meant",
        ),
        (IAM, role("Nobody"), f"the directory has no role {role('Nobody')}"),
        (
            None,
            DEPLOY,
            "there is no directory of users and roles: LocalKms(iam=...), kmsmodel serve --iam FILE",
        ),
    ],
)
def test_a_refusal_has_a_note_that_tells_why(iam: Iam | None, arn: str, told: str) -> None:
    bob = f"arn:aws:iam::{ACCOUNT}:user/Bob"
    call = Call(now=NOW, hsm=HSM, request_id="a call", iam=iam, principal=bob)
    parameters = {"Action": "AssumeRole", "RoleArn": arn, "RoleSessionName": "run-7"}
    answered = query.answer(parameters, call, Secret(bytes(32)))
    lines = [line for note in notes_of(cast("Exception", answered)) for line in note.split("\n")]
    assert (told in lines) if told else not lines


def test_over_http_the_notes_are_logged_and_in_process_they_are_in_the_answer(
    client: Make, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "kmsmodel")
    with pytest.raises(ClientError) as raised:
        assume(client("sts"), role("Direct"))
    why = "not allowed, because no resource-based policy allows it"
    metadata = cast("dict[str, Any]", raised.value.response)["ResponseMetadata"]
    notes = "\n".join([*metadata.get("Notes", ()), *caplog.messages])
    assert notes.count(why) == 1
    assert "user/Bob" in notes


def test_a_signature_is_for_one_service(url: str) -> None:
    def sign_for_kms(context: dict[str, Any], **_: object) -> None:
        context["signing"] = {"signing_name": "kms"}

    session = cast("Any", boto3.Session(ADA_KEY, "any", region_name=REGION))
    sts = session.client("sts", endpoint_url=url)
    sts.meta.events.register("choose-signer.sts", sign_for_kms)
    message = "Credential should be scoped to correct service: 'sts'. "
    assert refused(sts.get_caller_identity) == (403, "SignatureDoesNotMatch", message)


# ---- profiles


def test_a_profile_with_a_role_is_that_role(
    local: LocalKms, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "config"
    config.write_text(
        f"[profile ada]\naws_access_key_id={ADA_KEY}\naws_secret_access_key=any\n"
        f"[profile deploy]\nsource_profile=ada\nrole_arn={DEPLOY}\nregion={REGION}\n"
    )
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    monkeypatch.setenv("AWS_PROFILE", "deploy")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    with boto.patched(LocalKms(hsm=HSM, iam=IAM)):
        kms: Any = cast("Any", botocore.session.Session()).create_client("kms")
        arn = kms.create_key()["KeyMetadata"]["Arn"]
        assert kms.describe_key(KeyId=arn)["KeyMetadata"]["Arn"] == arn


def test_errors_of_credentials_are_errors_of_aws_kms(local: LocalKms) -> None:
    with pytest.raises(KmsError):
        local.who("nobody")
    assert local.who(OTHER_ACCOUNT) == {"account": OTHER_ACCOUNT}
    assert LocalKms().who("nobody") == {}
