"""
Callers of two accounts, whose policies, roles and grants change while they call, beside a second opinion on each call.

What holds of one call stands in `tests/laws/test_callers.py`; here it holds after any history.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, final

from attrs import evolve
from hypothesis import settings, strategies as st
from hypothesis.stateful import (
    Bundle,
    MultipleResults,
    RuleBasedStateMachine,
    initialize,
    multiple,
    rule,
)

from kmsmodel.calls.call import Call
from kmsmodel.calls.delays import Delays
from kmsmodel.calls.iam import Iam
from kmsmodel.calls.identities import User
from kmsmodel.calls.request import Request
from kmsmodel.errors import KmsError
from kmsmodel.key.tag import Tag
from kmsmodel.memory.kms import Kms
from kmsmodel.operations.data_keys import GenerateDataKeyRequest
from kmsmodel.operations.encryption import DecryptRequest, EncryptRequest
from kmsmodel.operations.grant_deletion import RetireGrantRequest, RevokeGrantRequest
from kmsmodel.operations.grant_lists import ListGrantsRequest
from kmsmodel.operations.grants import CreateGrantRequest
from kmsmodel.operations.key_policies import GetKeyPolicyRequest, PutKeyPolicyRequest
from kmsmodel.operations.keys import (
    CreateKeyRequest,
    DescribeKeyRequest,
    DisableKeyRequest,
    EnableKeyRequest,
)
from kmsmodel.operations.tags import TagResourceRequest
from kmsmodel.policy.evaluation import Decision
from kmsmodel.policy.grant import GrantConstraints
from kmsmodel.policy.principal import PrincipalKind
from kmsmodel.service import explain
from kmsmodel.testing.policies import EVERYTHING, PolicyDocument
from kmsmodel.words.enumerations import DataKeySpec, GrantOperation
from tests.basics import HSM, NOBODY, NOW, REGION
from tests.strategies import changed
from tests.worlds.outcome import Refused, outcome
from tests.worlds.rights import (
    ACCOUNTS,
    CALLERS,
    IDENTITIES,
    STAGE,
    TEAM,
    THROUGH,
    Asked,
    Given,
    KeyOf,
    Rights,
    account_of,
    identity_of,
    is_let_in,
    may,
)

NOTHING: MultipleResults[Any] = multiple()
UNTIL_SEEN = timedelta(minutes=5)
"""How long a grant is seen by its token only."""

# ---- policies

PAIRS = st.sampled_from([{}, {"tenant": "acme"}, {"tenant": "beta", "team": "a"}])
ACTIONS = (
    "kms:*",
    "kms:De*",
    "kms:Encrypt",
    "kms:Decrypt",
    "kms:DescribeKey",
    "kms:CreateGrant",
    "kms:PutKeyPolicy",
    "kms:RetireGrant",
    "kms:TagResource",
)
CONDITIONS: tuple[PolicyDocument, ...] = (
    {"StringEquals": {"kms:EncryptionContext:tenant": "acme"}},
    {"StringNotEquals": {"kms:EncryptionContext:tenant": "acme"}},
    {"StringEquals": {"kms:CallerAccount": ACCOUNTS[1]}},
    {"StringEquals": {f"aws:PrincipalTag/{TEAM}": "a"}},
    {"StringEquals": {"kms:ViaService": THROUGH}},
)
OF_IAM_ALONE: tuple[PolicyDocument, ...] = (
    {"StringEquals": {f"aws:ResourceTag/{STAGE}": "test"}},
    {"Null": {f"aws:ResourceTag/{STAGE}": "true"}},
)
"""AWS KMS does not take these in a key policy."""

NAMED = (*ACCOUNTS, *CALLERS, *IDENTITIES)


@st.composite
def statements(draw: st.DrawFn, *, has_principal: bool) -> PolicyDocument:
    statement: PolicyDocument = {
        "Effect": draw(st.sampled_from(["Allow", "Allow", "Allow", "Deny"]))
    }
    if has_principal:
        names = draw(st.lists(st.sampled_from(NAMED), min_size=1, max_size=2, unique=True))
        statement["Principal"] = draw(st.sampled_from([{"AWS": names}, {"AWS": names}, "*"]))
    actions = st.lists(st.sampled_from(ACTIONS), min_size=1, max_size=2, unique=True)
    statement |= {"Action": draw(actions), "Resource": "*"}
    others = () if has_principal else OF_IAM_ALONE
    condition = draw(st.sampled_from([None, None, None, *CONDITIONS, *others]))
    return statement if condition is None else {**statement, "Condition": condition}


@st.composite
def documents(draw: st.DrawFn, *, has_principal: bool) -> PolicyDocument:
    of_one = statements(has_principal=has_principal)
    return {
        "Version": "2012-10-17",
        "Statement": draw(st.lists(of_one, min_size=1, max_size=3)),
    }


def iam_policies() -> st.SearchStrategy[PolicyDocument]:
    return st.just(EVERYTHING) | documents(has_principal=False)


def key_policy(account: str, others: PolicyDocument, *, by_account: bool) -> PolicyDocument:
    """A key policy, mostly one that delegates to the account of the key."""
    delegating = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{account}:root"},
        "Action": "kms:*",
        "Resource": "*",
    }
    own = [delegating] if by_account else []
    return {**others, "Statement": [*own, *others["Statement"]]}


KEY_POLICIES = documents(has_principal=True)
MOSTLY = st.sampled_from([True, True, True, False])
SELDOM = st.sampled_from([False, False, False, True])
USES = ("DescribeKey", "Encrypt", "GenerateDataKey", "Decrypt")
LACKING: PolicyDocument = {
    "Statement": {"Effect": "Allow", "Action": "kms:TagResource", "Resource": "*"}
}
"""A session policy that lacks nearly all."""

SESSIONS = st.none() | st.just(LACKING) | iam_policies()
GRANTEES = st.sampled_from([each for each in NAMED if each not in ACCOUNTS])
OPERATIONS = st.lists(
    st.sampled_from(
        [
            GrantOperation.Decrypt,
            GrantOperation.Encrypt,
            GrantOperation.DescribeKey,
            GrantOperation.CreateGrant,
            GrantOperation.RetireGrant,
        ]
    ),
    min_size=1,
    max_size=3,
    unique=True,
).map(tuple)
CONSTRAINTS = st.one_of(
    st.none(),
    st.builds(GrantConstraints, encryption_context_subset=st.just({"tenant": "acme"})),
    st.builds(GrantConstraints, encryption_context_equals=st.just({"tenant": "acme"})),
)


def _pairs_of(constraints: GrantConstraints | None) -> Mapping[str, str] | None:
    if constraints is None:
        return None
    return constraints.encryption_context_equals or constraints.encryption_context_subset


def _written(constraints: GrantConstraints | None) -> PolicyDocument:
    given = constraints or GrantConstraints()
    members = {
        "EncryptionContextSubset": given.encryption_context_subset,
        "EncryptionContextEquals": given.encryption_context_equals,
    }
    return {name: dict(each) for name, each in members.items() if each}


# ---- the machine


@final
class CallersOfTwoAccounts(RuleBasedStateMachine):
    """Each call is allowed exactly if the second opinion says so, by what has been put and given until then."""

    keys: Bundle[KeyOf] = Bundle("keys")
    grants: Bundle[tuple[KeyOf, Given]] = Bundle("grants")

    def __init__(self) -> None:
        super().__init__()
        self.kms = Kms()
        self.now = NOW
        self.rights = Rights()
        self.iam = Iam()
        self.calls = 0
        for arn in IDENTITIES:
            self.attach(arn, [EVERYTHING] if ":user/" in arn else [])

    def put_identity(self, arn: str) -> None:
        identity = self.rights.identities[arn].as_given(arn)
        if isinstance(identity, User):
            self.iam = self.iam.with_user(identity)
        else:
            self.iam = self.iam.with_role(identity)

    def call(self, asked: Asked) -> Call:
        self.calls += 1
        session = None if asked.session is None else [asked.session]
        caller = self.iam.caller(asked.caller, session_policies=session)
        return Call(
            now=self.now,
            hsm=HSM,
            request_id=f"callers {self.calls}",
            region=REGION,
            caller=caller.through(THROUGH) if asked.through else caller,
            delays=Delays(grant=UNTIL_SEEN),
            iam=self.iam,
        )

    def asks(self, key: KeyOf, request: Request[Any], asked: Asked) -> Any:
        """The response to a request, or None if it is refused; what holds of each call is asserted."""
        case, call = self.rights.case(key, asked, self.now), self.call(asked)
        before = self.kms
        self.kms, answer = outcome(before, request, call)
        is_denied = isinstance(answer, Refused) and answer.code == "AccessDeniedException"
        assert is_denied is not may(case), (answer, case)
        self.is_explained(before, request, call, is_denied=is_denied)
        if isinstance(answer, Refused):
            assert self.kms is before
        if account_of(asked.caller) != key.account and not is_let_in(case):
            self.tells_nothing(before, key, request, call, answer)
        return None if isinstance(answer, Refused) else answer

    def is_explained(
        self, before: Kms, request: Request[Any], call: Call, *, is_denied: bool
    ) -> None:
        """What is allowed is allowed by `explain` too, and by something, unless no policy is needed."""
        decisions: tuple[Decision, ...] = ()
        try:
            decisions = explain(before, request, call)
        except KmsError:
            assert is_denied  # nobody was asked: no policy can allow it
        if is_denied:
            assert not decisions or not decisions[-1].is_allowed
            return
        assert decisions
        for each in decisions:
            assert each.is_allowed
            kind = each.access.principal.kind
            assert each.by or kind in {PrincipalKind.ROOT_USER, PrincipalKind.SERVICE}

    def tells_nothing(
        self, before: Kms, key: KeyOf, request: Request[Any], call: Call, answer: object
    ) -> None:
        """Who is not let in gets the answer that they would get if there were no such key, or nothing at all."""
        assert answer == outcome(Kms(), request, call)[1]
        if getattr(request, "key_id", None) == key.arn:
            of_nobody = f"{key.arn.rpartition('/')[0]}/{NOBODY}"
            assert answer == outcome(before, changed(request, {"key_id": of_nobody}), call)[1]

    # ---- who is there

    @initialize(target=keys, policy=KEY_POLICIES)
    def first_key(self, policy: PolicyDocument) -> KeyOf:
        return self.new_key(ACCOUNTS[0], key_policy(ACCOUNTS[0], policy, by_account=True))

    @rule(target=keys, account=st.sampled_from(ACCOUNTS), others=KEY_POLICIES, by_account=MOSTLY)
    def create_key(self, account: str, others: PolicyDocument, *, by_account: bool) -> KeyOf:
        return self.new_key(account, key_policy(account, others, by_account=by_account))

    def new_key(self, account: str, policy: PolicyDocument) -> KeyOf:
        request = CreateKeyRequest(
            policy=json.dumps(policy), bypass_policy_lockout_safety_check=True
        )
        root = Asked(caller=f"arn:aws:iam::{account}:root", action="CreateKey")
        self.kms, made = outcome(self.kms, request, self.call(root))
        key = KeyOf(made.key_metadata.arn, policy)
        self.rights.keys.append(key)
        return key

    @rule(arn=st.sampled_from(IDENTITIES), policies=st.lists(iam_policies(), max_size=2))
    def attach_policies(self, arn: str, policies: list[PolicyDocument]) -> None:
        self.attach(arn, policies)

    def attach(self, arn: str, policies: list[PolicyDocument]) -> None:
        self.rights.identities[arn].policies = tuple(policies)
        self.put_identity(arn)

    @rule(arn=st.sampled_from(IDENTITIES), boundary=st.none() | iam_policies())
    def limit(self, arn: str, boundary: PolicyDocument | None) -> None:
        self.rights.identities[arn].boundary = boundary
        self.put_identity(arn)

    @rule(arn=st.sampled_from(IDENTITIES), team=st.sampled_from(["a", "b"]))
    def tag_identity(self, arn: str, team: str) -> None:
        self.rights.identities[arn].tags[TEAM] = team
        self.put_identity(arn)

    @rule(arn=st.sampled_from(IDENTITIES))
    def make_again(self, arn: str) -> None:
        without = self.iam.without_user if ":user/" in arn else self.iam.without_role
        self.iam = without(arn.rpartition("/")[2], account_of(arn))
        self.rights.remade(arn)
        self.put_identity(arn)

    @rule(minutes=st.sampled_from([1, 5, 60]))
    def advance(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    # ---- what they ask

    @rule(
        key=keys,
        caller=st.sampled_from(CALLERS),
        session=SESSIONS,
        through=SELDOM,
        operation=st.sampled_from(USES),
        pairs=PAIRS,
        has_tokens=st.booleans(),
        is_named=st.booleans(),
    )
    def use(
        self,
        key: KeyOf,
        caller: str,
        session: PolicyDocument | None,
        *,
        through: bool,
        operation: str,
        pairs: dict[str, str],
        has_tokens: bool,
        is_named: bool,
    ) -> None:
        self.uses(
            key,
            caller,
            session,
            operation,
            pairs,
            through=through,
            has_tokens=has_tokens,
            is_named=is_named,
        )

    @rule(
        grant=grants,
        session=SESSIONS,
        pairs=PAIRS,
        has_tokens=st.booleans(),
        data=st.data(),
    )
    def use_what_is_granted(
        self,
        grant: tuple[KeyOf, Given],
        session: PolicyDocument | None,
        pairs: dict[str, str],
        *,
        has_tokens: bool,
        data: st.DataObject,
    ) -> None:
        """By somebody whom the grant means, or meant before they were made again."""
        self.uses_what_is_granted(*grant, session, pairs, data, has_tokens=has_tokens)

    @rule(
        key=keys,
        issuer=st.sampled_from(ACCOUNTS),
        grantee=GRANTEES,
        constraints=CONSTRAINTS,
        session=SESSIONS,
        pairs=PAIRS,
        is_made_again=SELDOM,
        has_tokens=st.booleans(),
        data=st.data(),
    )
    def create_grant_and_use(
        self,
        key: KeyOf,
        issuer: str,
        grantee: str,
        *,
        constraints: GrantConstraints | None,
        session: PolicyDocument | None,
        pairs: dict[str, str],
        is_made_again: bool,
        has_tokens: bool,
        data: st.DataObject,
    ) -> None:
        """The steps in a row, so that they come together often."""
        given = self.grant(
            key,
            f"arn:aws:iam::{issuer}:root",
            grantee,
            operations=(GrantOperation.Decrypt, GrantOperation.DescribeKey),
            constraints=constraints,
        )
        if given is None:
            return
        if is_made_again and identity_of(grantee) in IDENTITIES:
            self.make_again(identity_of(grantee))
        self.uses_what_is_granted(key, given, session, pairs, data, has_tokens=has_tokens)

    def uses_what_is_granted(
        self,
        key: KeyOf,
        given: Given,
        session: PolicyDocument | None,
        pairs: dict[str, str],
        data: st.DataObject,
        *,
        has_tokens: bool,
    ) -> None:
        is_named = data.draw(st.booleans())
        who = given.written["GranteePrincipal"]
        meant = [each for each in CALLERS if who.startswith((each, identity_of(each)))]
        caller = data.draw(st.sampled_from(meant or CALLERS))
        granted = [each for each in given.written["Operations"] if each in USES]
        operation = data.draw(st.sampled_from(granted or USES))
        self.uses(key, caller, session, operation, pairs, has_tokens=has_tokens, is_named=is_named)

    def uses(
        self,
        key: KeyOf,
        caller: str,
        session: PolicyDocument | None,
        operation: str,
        pairs: dict[str, str],
        *,
        through: bool = False,
        has_tokens: bool,
        is_named: bool,
    ) -> None:
        tokens = tuple(each.token for each in key.grants.values())[:10] if has_tokens else ()
        made: dict[str, Any] = {"grant_tokens": tokens or None}
        if operation != "DescribeKey":
            made["encryption_context"] = pairs
        request: Request[Any]
        match operation:
            case "DescribeKey":
                request = DescribeKeyRequest(key_id=key.arn, **made)
            case "Encrypt":
                request = EncryptRequest(key_id=key.arn, plaintext=b"a", **made)
            case "GenerateDataKey":
                request = GenerateDataKeyRequest(
                    key_id=key.arn, key_spec=DataKeySpec.AES_256, **made
                )
            case _:
                blob = self.ciphertext(key, pairs)
                named = key.arn if is_named else None
                request = DecryptRequest(ciphertext_blob=blob, key_id=named, **made)
        asked = Asked(
            caller=caller,
            session=self.session(caller, session),
            through=through,
            action=operation,
            encryption_context=None if operation == "DescribeKey" else pairs,
            tokens=tokens,
        )
        self.asks(key, request, asked)

    @staticmethod
    def session(caller: str, policy: PolicyDocument | None) -> PolicyDocument | None:
        """Who has no session has no session policy."""
        return policy if ":sts:" in caller else None

    def ciphertext(self, key: KeyOf, pairs: Mapping[str, str]) -> bytes:
        """One that its owner made, by whatever policy."""
        unasked = evolve(self.iam.caller(f"arn:aws:iam::{key.account}:root"), is_asked=False)
        call = evolve(self.call(Asked(caller=CALLERS[0], action="Encrypt")), caller=unasked)
        enabled, _ = outcome(self.kms, EnableKeyRequest(key_id=key.arn), call)
        request = EncryptRequest(key_id=key.arn, plaintext=b"a", encryption_context=pairs)
        _, made = outcome(enabled, request, call)
        blob: bytes = made.ciphertext_blob
        return blob

    @rule(
        key=keys,
        caller=st.sampled_from(CALLERS),
        session=SESSIONS,
        request=st.sampled_from(
            [EnableKeyRequest, DisableKeyRequest, GetKeyPolicyRequest, ListGrantsRequest]
        ),
    )
    def manage(
        self,
        key: KeyOf,
        caller: str,
        session: PolicyDocument | None,
        request: type[Any],
    ) -> None:
        asked = Asked(
            caller=caller, session=self.session(caller, session), action=request.operation
        )
        self.asks(key, request(key_id=key.arn), asked)

    @rule(key=keys, caller=st.sampled_from(CALLERS), stage=st.sampled_from(["test", "live"]))
    def tag(self, key: KeyOf, caller: str, stage: str) -> None:
        tags = (Tag(tag_key=STAGE, tag_value=stage),)
        asked = Asked(caller=caller, action="TagResource")
        if self.asks(key, TagResourceRequest(key_id=key.arn, tags=tags), asked) is not None:
            key.tags[STAGE] = stage

    @rule(
        key=keys,
        caller=st.sampled_from(CALLERS),
        others=KEY_POLICIES,
        by_account=MOSTLY,
        bypass=st.booleans(),
    )
    def put_key_policy(
        self, key: KeyOf, caller: str, others: PolicyDocument, *, by_account: bool, bypass: bool
    ) -> None:
        policy = key_policy(key.account, others, by_account=by_account)
        request = PutKeyPolicyRequest(
            key_id=key.arn,
            policy=json.dumps(policy),
            bypass_policy_lockout_safety_check=bypass,
        )
        asked = Asked(caller=caller, action="PutKeyPolicy")
        is_allowed = may(self.rights.case(key, asked, self.now))
        then = may(self.rights.case(evolve(key, policy=policy), asked, self.now))
        is_put = self.asks(key, request, asked) is not None
        assert is_put is (is_allowed and (bypass or then))
        if is_put:
            key.policy = policy

    @rule(
        target=grants,
        key=keys,
        caller=st.sampled_from(CALLERS),
        session=SESSIONS,
        grantee=GRANTEES,
        retiring=st.none() | GRANTEES,
        operations=OPERATIONS,
        constraints=CONSTRAINTS,
        has_tokens=st.booleans(),
    )
    def create_grant(
        self,
        key: KeyOf,
        caller: str,
        session: PolicyDocument | None,
        grantee: str,
        *,
        retiring: str | None,
        operations: tuple[GrantOperation, ...],
        constraints: GrantConstraints | None,
        has_tokens: bool,
    ) -> Any:
        given = self.grant(
            key,
            caller,
            grantee,
            session=session,
            retiring=retiring,
            operations=operations,
            constraints=constraints,
            has_tokens=has_tokens,
        )
        return NOTHING if given is None else (key, given)

    def grant(
        self,
        key: KeyOf,
        caller: str,
        grantee: str,
        *,
        session: PolicyDocument | None = None,
        retiring: str | None = None,
        operations: tuple[GrantOperation, ...],
        constraints: GrantConstraints | None,
        has_tokens: bool = False,
    ) -> Given | None:
        """The grant that somebody creates, or None if they may not."""
        tokens = tuple(each.token for each in key.grants.values())[:10] if has_tokens else ()
        request = CreateGrantRequest(
            key_id=key.arn,
            grantee_principal=grantee,
            retiring_principal=retiring,
            operations=operations,
            constraints=constraints,
            grant_tokens=tokens or None,
        )
        written = {"Operations": list(map(str, operations)), "Constraints": _written(constraints)}
        asked = Asked(
            caller=caller,
            session=self.session(caller, session),
            action="CreateGrant",
            encryption_context=_pairs_of(constraints),
            tokens=tokens,
            child=written,
        )
        made = self.asks(key, request, asked)
        if made is None:
            return None
        told = {
            **written,
            "GranteePrincipal": grantee,
            "RetiringPrincipal": retiring,
            "IssuingAccount": f"arn:aws:iam::{account_of(caller)}:root",
        }
        given = Given(made.grant_id, made.grant_token, told, self.now + UNTIL_SEEN)
        key.grants[made.grant_id] = given
        return given

    @rule(
        grant=grants,
        caller=st.sampled_from(CALLERS),
        session=SESSIONS,
        how=st.sampled_from(["by its token", "by its id", "revoke"]),
    )
    def end_grant(
        self,
        grant: tuple[KeyOf, Given],
        caller: str,
        session: PolicyDocument | None,
        how: str,
    ) -> None:
        key, given = grant
        request: Request[Any]
        if how == "revoke":
            request = RevokeGrantRequest(key_id=key.arn, grant_id=given.grant_id)
        elif how == "by its id":
            request = RetireGrantRequest(key_id=key.arn, grant_id=given.grant_id)
        else:
            request = RetireGrantRequest(grant_token=given.token)
        is_there = given.grant_id in key.grants
        asked = Asked(
            caller=caller,
            session=self.session(caller, session),
            action=request.operation,
            encryption_context=_retired_pairs(given) if how != "revoke" else None,
            grant=given if how != "revoke" else None,
        )
        if how != "revoke" and not is_there:
            call, before = self.call(asked), self.kms
            self.kms, answer = outcome(before, request, call)
            assert self.kms is before
            if account_of(caller) == key.account:
                assert answer.code == "NotFoundException"
            else:
                self.tells_nothing(before, key, request, call, answer)
        elif self.asks(key, request, asked) is not None:
            del key.grants[given.grant_id]


def _retired_pairs(given: Given) -> dict[str, str]:
    """The encryption context of a grant's constraints, which RetireGrant is asked about."""
    constraints: dict[str, dict[str, str]] = given.written["Constraints"]
    return next(iter(constraints.values()), dict[str, str]())


TestCallersOfTwoAccounts = CallersOfTwoAccounts.TestCase
TestCallersOfTwoAccounts.settings = settings(max_examples=2 * settings().max_examples)
