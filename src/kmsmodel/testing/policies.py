"""
Hypothesis strategies for key policies, IAM policies and grants.

The words are few: the same principals, actions, condition keys and values come again and again, so that statements that
apply to a request and statements that do not are both frequent. Policies are drawn as JSON documents, because many laws
of policies are about how they are written; ``json.dumps`` makes what ``PutKeyPolicy`` takes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeAlias, cast

from hypothesis import strategies as st

from kmsmodel.policy.grant import Grant, GrantConstraints
from kmsmodel.policy.principal import Principal, principal
from kmsmodel.policy.question import Value
from kmsmodel.words.enumerations import GrantOperation

PolicyDocument: TypeAlias = dict[str, Any]
"""A policy, a statement or an element of one, as JSON."""

OWNER, OTHER = "111122223333", "444455556666"
"""The account of the KMS key, and another one."""

KEY = f"arn:aws:kms:us-west-2:{OWNER}:key/1234abcd-12ab-34cd-56ef-1234567890ab"

# ---- who


def arns_of(account: str) -> tuple[str, ...]:
    """The ARNs of an account's principals: its root user, a user, a role, a session of it and a federated user."""
    return (
        f"arn:aws:iam::{account}:root",
        f"arn:aws:iam::{account}:user/Ada",
        f"arn:aws:iam::{account}:role/Admin",
        f"arn:aws:sts::{account}:assumed-role/Admin/Ada",
        f"arn:aws:sts::{account}:federated-user/Ada",
    )


SERVICE = "s3.amazonaws.com"


def principals(*accounts: str, service: bool = True) -> st.SearchStrategy[Principal]:
    """A principal of one of these accounts, by default of both, or a service."""
    arns = [arn for account in accounts or (OWNER, OTHER) for arn in arns_of(account)]
    return st.sampled_from([*arns, *([SERVICE] if service and not accounts else [])]).map(principal)


def one_or_more(values: st.SearchStrategy[Any], least: int = 1) -> st.SearchStrategy[Any]:
    """A value, or a list of some."""
    return values | st.lists(values, min_size=least, max_size=3)


def principal_elements(*, of_accounts: bool = True) -> st.SearchStrategy[Any]:
    """The value of a Principal element; without ``of_accounts`` it names no account as a whole."""
    names = [arn for account in (OWNER, OTHER) for arn in arns_of(account)[1:]]
    accounts = [OWNER, OTHER, arns_of(OWNER)[0], arns_of(OTHER)[0]] if of_accounts else []
    aws = one_or_more(st.sampled_from([*accounts, *names]))
    return st.one_of(
        st.just("*"),
        st.fixed_dictionaries({"AWS": aws}),
        st.fixed_dictionaries({"AWS": aws, "Service": st.just(SERVICE)}),
    )


# ---- what

ASKED = ("kms:Encrypt", "kms:Decrypt", "kms:DescribeKey", "kms:PutKeyPolicy", "kms:GetKeyPolicy")
"""The actions that requests ask for."""

_PATTERNS = (*ASKED, "kms:*", "KMS:decrypt", "kms:De*", "kms:?ncrypt", "*", "s3:GetObject")


def action_elements() -> st.SearchStrategy[Any]:
    """The value of an Action element."""
    return one_or_more(st.sampled_from(_PATTERNS))


def resource_elements() -> st.SearchStrategy[Any]:
    """The value of a Resource element."""
    others = ("arn:aws:kms:us-west-2:*:key/*", KEY, f"{KEY}x", "arn:aws:kms", "arn:aws:s3:::a")
    return st.just("*") | one_or_more(st.sampled_from(("*", *others)))


# ---- on which conditions

WORDS = ("acme", "Acme", "beta", "", "a", "é")
"""The text that requests have for condition keys; policies ask for it, and for patterns of it."""

STRING_KEYS = ("kms:EncryptionContext:tenant", "kms:ViaService", "aws:PrincipalTag/team")
MULTIVALUED_KEYS = ("kms:EncryptionContextKeys", "aws:TagKeys")
STRING_OPERATORS = (
    "StringEquals",
    "StringNotEquals",
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
    "StringLike",
    "StringNotLike",
)
_OPERATORS_AND_KEYS: tuple[tuple[Sequence[str], Sequence[str], Sequence[Any]], ...] = (
    (STRING_OPERATORS, STRING_KEYS, (*WORDS, "a*", "?", "*", "${aws:PrincipalTag/team}")),
    (("Bool",), ("aws:SecureTransport",), ("true", "false", True, "yes")),
    (
        ("NumericEquals", "NumericNotEquals", "NumericLessThan", "NumericGreaterThanEquals"),
        ("aws:MultiFactorAuthAge",),
        (1, "1.0", "10", "x"),
    ),
    (
        ("DateEquals", "DateNotEquals", "DateLessThan", "DateGreaterThanEquals"),
        ("aws:CurrentTime",),
        ("2026-01-01", "2026-01-01T00:00:00Z", "1767225600", "2027-01-01"),
    ),
    (
        ("IpAddress", "NotIpAddress"),
        ("aws:SourceIp",),
        ("192.0.2.0/24", "192.0.2.1", "2001:db8::/32", "::/0"),
    ),
    (
        ("ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike"),
        ("aws:SourceArn",),
        ("arn:aws:s3:::a", "arn:aws:s3:::*", "arn:aws:sns:*:*:a"),
    ),
)
"""Operators with the condition keys that they compare and the values that a policy has for them."""

REQUESTED: Mapping[str, Sequence[str]] = {
    **dict.fromkeys((*STRING_KEYS, *MULTIVALUED_KEYS), WORDS),
    "aws:SecureTransport": ("true", "false"),
    "aws:MultiFactorAuthAge": ("1", "2", "10", "x"),
    "aws:CurrentTime": ("2026-01-01T00:00:00Z", "2026-06-01", "x"),
    "aws:SourceIp": ("192.0.2.1", "198.51.100.1", "2001:db8::1", "x"),
    "aws:SourceArn": ("arn:aws:s3:::a", "arn:aws:sns:us-west-2:111122223333:a", "x"),
}
"""The values that requests have for condition keys."""


@st.composite
def condition_blocks(draw: st.DrawFn) -> PolicyDocument:
    """The value of a Condition element: some operators, each with condition keys and values."""
    block: PolicyDocument = {}
    for _ in range(draw(st.integers(0, 2))):
        if draw(st.integers(0, 3)) == 0:
            operator = draw(st.sampled_from(("ForAllValues:", "ForAnyValue:", "")))
            operator += draw(st.sampled_from(STRING_OPERATORS))
            keys: Sequence[str] = MULTIVALUED_KEYS
            values: Sequence[Any] = (*WORDS, "a*")
        elif draw(st.integers(0, 9)) == 0:
            operator = draw(st.sampled_from(("Null", "StringEqualz")))
            keys, values = STRING_KEYS, ("true", "false")
        else:
            operators, keys, values = draw(st.sampled_from(_OPERATORS_AND_KEYS))
            operator = draw(st.sampled_from(operators)) + draw(st.sampled_from(("", "IfExists")))
        tested: PolicyDocument = block.setdefault(operator, {})
        tested[draw(st.sampled_from(keys))] = draw(one_or_more(st.sampled_from(values)))
    return block


@st.composite
def contexts(draw: st.DrawFn, documents: Sequence[PolicyDocument] = ()) -> dict[str, Value]:
    """
    The condition keys of a request, by their names in lower case.

    Most are those that the policies ask for, and most values are those that they want.
    """
    context: dict[str, Value] = {}
    for key, wanted in _asked_for(documents).items():
        values = [each for each in wanted if each in REQUESTED.get(key, ())]
        one = st.sampled_from([*values, *REQUESTED.get(key, WORDS)])
        if key in MULTIVALUED_KEYS:
            several = st.lists(one, min_size=1, max_size=3, unique=True).map(tuple)
            context[key.lower()] = draw(several)
        else:
            context[key.lower()] = draw(one)
        if draw(st.integers(0, 3)) == 0:
            del context[key.lower()]
    if draw(st.booleans()):
        context["aws:principaltag/team"] = draw(st.sampled_from(WORDS))
    return context


def statements_of(document: PolicyDocument) -> list[PolicyDocument]:
    """The statements of a policy, which may stand in a list or not."""
    return as_list(document["Statement"])


def as_list(found: object) -> list[Any]:
    """A list; a single value is as good as the list of it."""
    return cast("list[object]", found) if isinstance(found, list) else [found]


def _asked_for(documents: Sequence[PolicyDocument]) -> dict[str, list[str]]:
    """The condition keys of the policies, with the values that they want."""
    asked: dict[str, list[str]] = {}
    for document in documents:
        for statement in statements_of(document):
            for tested in statement.get("Condition", {}).values():
                for key, values in tested.items():
                    asked.setdefault(key, []).extend(map(str, as_list(values)))
    return asked


# ---- policies


@st.composite
def statements(
    draw: st.DrawFn,
    *,
    effects: Sequence[str] = ("Allow", "Allow", "Deny"),
    has_principal: bool = True,
    of_accounts: bool = True,
) -> PolicyDocument:
    """A statement, as a key policy has it if it has a principal, or else as an IAM policy does."""
    statement: PolicyDocument = {"Effect": draw(st.sampled_from(effects))}
    if draw(st.booleans()):
        statement["Sid"] = draw(st.sampled_from(["A", "Two words"]))
    if has_principal:
        is_deny = statement["Effect"] == "Deny"
        name = "NotPrincipal" if is_deny and draw(st.integers(0, 3)) == 0 else "Principal"
        statement[name] = draw(principal_elements(of_accounts=of_accounts))
    name = draw(st.sampled_from(("Action", "Action", "Action", "NotAction")))
    statement[name] = draw(action_elements())
    statement["Resource"] = "*" if has_principal else draw(resource_elements())
    if draw(st.booleans()):
        statement["Condition"] = draw(condition_blocks())
    return statement


@st.composite
def documents(
    draw: st.DrawFn,
    *,
    effects: Sequence[str] = ("Allow", "Allow", "Deny"),
    has_principal: bool = True,
    of_accounts: bool = True,
) -> PolicyDocument:
    """A key policy, or without a principal an IAM policy."""
    of_one = statements(effects=effects, has_principal=has_principal, of_accounts=of_accounts)
    document: PolicyDocument = {
        "Statement": draw(of_one | st.lists(of_one, min_size=1, max_size=4))
    }
    if draw(st.integers(0, 3)):
        document["Version"] = draw(st.sampled_from(["2012-10-17", "2012-10-17", "2008-10-17"]))
    return document


EVERYTHING: PolicyDocument = {"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}
NOTHING: PolicyDocument = {"Statement": []}


def key_policies() -> st.SearchStrategy[PolicyDocument]:
    """The document of a key policy of up to four statements, about the principals of two accounts."""
    return documents()


def iam_policies() -> st.SearchStrategy[PolicyDocument]:
    """The document of an identity-based policy, a boundary or an SCP: any, or one that allows everything."""
    return documents(has_principal=False) | st.just(EVERYTHING)


# ---- grants

PAIRS = st.dictionaries(st.sampled_from(["tenant", "team"]), st.sampled_from(["acme", "beta"]))
"""Encryption contexts."""


def grant_constraints() -> st.SearchStrategy[GrantConstraints]:
    """The constraints of a grant: at most one of the two about the encryption context."""
    arns = st.none() | st.sampled_from(["arn:aws:s3:::a", "arn:aws:s3:::b"])
    return st.one_of(
        st.builds(GrantConstraints, encryption_context_subset=PAIRS, source_arn=arns),
        st.builds(GrantConstraints, encryption_context_equals=PAIRS, source_arn=arns),
        st.builds(GrantConstraints, source_arn=arns),
    )


def grants(*, of_accounts: bool = True) -> st.SearchStrategy[Grant]:
    """A grant on the KMS key, made by its owner or by the other account."""
    first = 0 if of_accounts else 1
    arns = [arn for account in (OWNER, OTHER) for arn in arns_of(account)[first:]]
    operations = st.lists(
        st.sampled_from(
            [GrantOperation.Decrypt, GrantOperation.Encrypt, GrantOperation.DescribeKey]
        ),
        min_size=1,
        unique=True,
    )
    return st.builds(
        Grant,
        grant_id=st.just("0" * 64),
        issuing_account=st.sampled_from([OWNER, OWNER, OTHER]),
        creation_date=st.just(datetime(2026, 1, 1, tzinfo=UTC)),
        seen_at=st.just(datetime(2026, 1, 1, tzinfo=UTC)),
        operations=operations.map(tuple),
        grantee_principal=st.sampled_from(arns),
        constraints=st.none() | grant_constraints(),
    )
