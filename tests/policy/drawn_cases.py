"""
Cases drawn at random, in the format of the recorded ones: policies and requests that often meet.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias, TypeVar, final

T = TypeVar("T")
Choose: TypeAlias = Callable[[Sequence[Any]], Any]
"""Takes one of these: `random.choice`, or a draw of Hypothesis."""

HOME, ABROAD = "111111111111", "222222222222"
KEY = f"arn:aws:kms:us-west-2:{HOME}:key/0a0b0c0d-1111-2222-3333-444455556666"

_PRINCIPALS = (
    f"arn:aws:iam::{HOME}:user/dev",
    f"arn:aws:iam::{HOME}:user/dev",
    f"arn:aws:iam::{HOME}:user/ops",
    f"arn:aws:iam::{HOME}:root",
    f"arn:aws:sts::{HOME}:assumed-role/app/one",
    f"arn:aws:sts::{HOME}:assumed-role/app/one",
    f"arn:aws:sts::{HOME}:assumed-role/AWSServiceRoleForAutoScaling/one",
    f"arn:aws:sts::{HOME}:federated-user/guest",
    f"arn:aws:iam::{ABROAD}:user/dev",
    f"arn:aws:iam::{ABROAD}:root",
    f"arn:aws:sts::{ABROAD}:assumed-role/app/one",
    "sns.amazonaws.com",
)
_NAMED = (
    "*",
    HOME,
    f"arn:aws:iam::{HOME}:root",
    ABROAD,
    f"arn:aws:iam::{HOME}:user/dev",
    f"arn:aws:iam::{HOME}:role/app",
    f"arn:aws:sts::{HOME}:assumed-role/app/one",
    f"arn:aws:sts::{HOME}:federated-user/guest",
    f"arn:aws:iam::{ABROAD}:user/dev",
    f"arn:aws:iam::{ABROAD}:role/app",
    f"arn:aws:sts::{ABROAD}:assumed-role/app/one",
)
_ACTIONS = ("kms:Decrypt", "kms:Decrypt", "kms:Encrypt", "kms:DescribeKey", "kms:PutKeyPolicy")
_PATTERNS = (
    "kms:*",
    "kms:*",
    "*",
    "*",
    "kms:De*",
    "KMS:decrypt",
    "kms:Encrypt",
    "kms:?ecrypt",
    "s3:*",
)
_RESOURCES = (
    "*",
    "*",
    "*",
    "*",
    KEY,
    f"arn:aws:kms:*:{HOME}:key/*",
    "arn:aws:kms:us-west-2:*",
    f"arn:aws:kms:us-west-2:{HOME}:key/${{aws:PrincipalTag/key}}",
    f"arn:aws:kms:eu-west-1:{HOME}:key/*",
)
_TEXTS = (
    "alpha",
    "Alpha",
    "alpha*",
    "al?ha",
    "",
    "beta",
    "\N{GREEK SMALL LETTER SIGMA}",
    "ΟΣ",
    "ος",
    "${aws:username}",
    "${aws:x, 'beta'}",
)
_NUMBERS = (
    "1",
    "01",
    "+1",
    "1.0",
    "2",
    "1e0",
    "no-number",
    "",
    "9007199254740993",
    "9007199254740992",
)
_DATES = (
    "2030-01-01",
    "2030-01-01T00:00:00Z",
    "1893456000",
    "2031-01-01T00:00:00.1239Z",
    "not-a-date",
)
_ADDRESSES = (
    "192.0.2.1",
    "192.0.2.5/24",
    "2001:db8::1",
    "2001:db8::/32",
    "::ffff:192.0.2.1",
    "0.0.0.0/0",
    "no",
    "",
)
_ARNS = (
    "arn:aws:sns:us-west-2:111111111111:topic",
    "arn:aws:sns:*:111111111111:t*",
    "arn:aws:sns:us-west-2:*:topic",
    "no-arn",
    "arn:aws:sns:${aws:x}:111111111111:topic",
)
_BOOLEANS = ("true", "false", "TRUE", "yes", "")
_KINDS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "String": (
        (
            "StringEquals",
            "StringNotEquals",
            "StringEqualsIgnoreCase",
            "StringNotEqualsIgnoreCase",
            "StringLike",
            "StringNotLike",
        ),
        _TEXTS,
    ),
    "Numeric": (
        (
            "NumericEquals",
            "NumericNotEquals",
            "NumericLessThan",
            "NumericLessThanEquals",
            "NumericGreaterThan",
            "NumericGreaterThanEquals",
        ),
        _NUMBERS,
    ),
    "Date": (
        (
            "DateEquals",
            "DateNotEquals",
            "DateLessThan",
            "DateLessThanEquals",
            "DateGreaterThan",
            "DateGreaterThanEquals",
        ),
        _DATES,
    ),
    "Bool": (("Bool",), _BOOLEANS),
    "Ip": (("IpAddress", "NotIpAddress"), _ADDRESSES),
    "Arn": (("ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike"), _ARNS),
    "Null": (("Null",), ("true", "false", "TRUE", "yes")),
}
_KEYS = ("aws:one", "AWS:One", "kms:EncryptionContext:tenant", "aws:many", "aws:absent")


@final
class CaseDrawer:
    """Draws cases: ``choose`` takes one of several."""

    def __init__(self, choose: Choose) -> None:
        self._choose = choose

    def case(self) -> dict[str, Any]:
        """A request with its policies and grants; nobody has said what comes of it."""
        principal = self._choose(_PRINCIPALS)
        policies: dict[str, Any] = {
            "key_policy": self._policy(principals=True),
            "identity_policies": [],
        }
        is_user = not principal.endswith((":root", ".com"))  # others have none of these policies
        if is_user:
            policies["identity_policies"] = self._several(lambda: self._policy(principals=False), 2)
        for name in ("permissions_boundary", "session_policy"):
            if is_user and self._rarely():
                policies[name] = self._policy(principals=False)
        if self._rarely():
            policies["vpc_endpoint_policy"] = self._policy(principals=True)
        if not principal.endswith(".com") and self._rarely():
            policies["scps"] = self._several(lambda: self._policy(principals=False), 2)
        if self._rarely():
            deny = self._policy(principals=True)
            for statement in deny["Statement"]:
                statement["Effect"] = "Deny"
            policies["rcps"] = [deny]
        return {
            "id": "drawn",
            "kind": "request",
            "principal": principal,
            "action": self._choose(_ACTIONS),
            "resource": KEY,
            "policies": policies,
            "context": self._context(principal),
            "grants": self._several(self._grant, 2) if self._rarely() else [],
            "encryption_context": self._encryption_context(),
        }

    def _rarely(self) -> bool:
        return bool(self._choose((False, False, False, True)))

    def _several(self, one: Callable[[], T], most: int) -> list[T]:
        return [one() for _ in range(self._choose(range(most + 1)))]

    def _policy(self, *, principals: bool) -> dict[str, Any]:
        version = self._choose(("2012-10-17", "2012-10-17", "2008-10-17", None))
        statements = [
            self._statement(principals=principals) for _ in range(self._choose((1, 1, 2, 3)))
        ]
        return {"Statement": statements} | ({} if version is None else {"Version": version})

    def _statement(self, *, principals: bool) -> dict[str, Any]:
        statement: dict[str, Any] = {"Effect": self._choose(("Allow",) * 5 + ("Deny",))}
        if principals:
            statement |= self._principals(may_be_negated=statement["Effect"] == "Deny")
        action = self._choose(("Action",) * 5 + ("NotAction",))
        statement[action] = self._choose(
            (self._choose(_PATTERNS), [self._choose(_PATTERNS), self._choose(_PATTERNS)])
        )
        resource = self._choose(("Resource",) * 5 + ("NotResource",))
        statement[resource] = self._choose(
            (self._choose(_RESOURCES), [self._choose(_RESOURCES), self._choose(_RESOURCES)])
        )
        if self._choose((False, False, True)):
            statement["Condition"] = dict(self._condition() for _ in range(self._choose((1, 1, 2))))
        return statement

    def _principals(self, *, may_be_negated: bool) -> dict[str, Any]:
        """NotPrincipal stands only beside Deny: what it does beside Allow, AWS's pages do not agree on."""
        name = (
            self._choose(("Principal", "Principal", "NotPrincipal"))
            if may_be_negated
            else "Principal"
        )
        drawn: dict[str, Any] = self._choose(
            (
                {name: "*"},
                {name: {"AWS": self._choose(_NAMED)}},
                {name: {"AWS": [self._choose(_NAMED), self._choose(_NAMED), self._choose(_NAMED)]}},
                {name: {"Service": self._choose(("sns.amazonaws.com", "sqs.amazonaws.com"))}},
            )
        )
        return drawn

    def _condition(self) -> tuple[str, dict[str, Any]]:
        operators, values = _KINDS[self._choose(tuple(_KINDS))]
        operator = self._choose(operators)
        if operator != "Null":
            operator = self._choose(("", "", "ForAllValues:", "ForAnyValue:")) + operator
            operator += self._choose(("", "", "IfExists"))
        value = self._choose(
            (
                self._choose(values),
                [self._choose(values), self._choose(values)],
                [self._choose(values)],
            )
        )
        return operator, {self._choose(_KEYS): value}

    def _context(self, principal: str) -> dict[str, Any]:
        context: dict[str, Any] = {}
        values = self._choose((_TEXTS, _NUMBERS, _DATES, _BOOLEANS, _ADDRESSES, _ARNS))
        if self._choose((True, True, False)):
            context["aws:one"] = self._choose(values)
        if self._choose((True, False)):
            context["kms:EncryptionContext:tenant"] = self._choose(_TEXTS)
        if self._choose((True, False)):
            context["aws:many"] = [self._choose(values) for _ in range(self._choose((0, 1, 1, 2)))]
        if self._choose((True, False)):
            context["aws:PrincipalTag/key"] = self._choose((KEY.rpartition("/")[2], "other", "*"))
        if ":user/" in principal:
            context["aws:username"] = principal.rpartition("/")[2]
        return context

    def _encryption_context(self) -> dict[str, str]:
        return dict(self._several(lambda: (self._choose("ab"), self._choose("12")), 2))

    def _grant(self) -> dict[str, Any]:
        grant: dict[str, Any] = {
            "GranteePrincipal": self._choose((_NAMED[2], *_NAMED[4:])),
            "Operations": [self._choose(("Decrypt", "Encrypt", "DescribeKey"))],
            "IssuingAccount": f"arn:aws:iam::{self._choose((HOME, HOME, ABROAD))}:root",
        }
        if self._rarely():
            name = self._choose(("EncryptionContextEquals", "EncryptionContextSubset"))
            grant["Constraints"] = {name: self._encryption_context()}
        return grant
