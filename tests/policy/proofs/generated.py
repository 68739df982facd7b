"""
Policies and requests at random: policies that use the whole language, and requests around what they say.

The same draws serve Hypothesis, which shrinks them, and campaigns of millions.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from attrs import evolve, frozen

from kmsmodel.policy.access import Access
from kmsmodel.policy.actions import TAKING_AN_ENCRYPTION_CONTEXT
from kmsmodel.policy.condition_keys import ConditionKeyType, condition_key
from kmsmodel.policy.conditions import Condition
from kmsmodel.policy.document import Policy, from_json
from kmsmodel.policy.grant import GrantConstraints
from kmsmodel.policy.operators import operator
from kmsmodel.policy.principal import Principal, principal
from kmsmodel.policy.proofs import keys
from kmsmodel.policy.proofs.askers import KEYS_OF_AN_ASKER, context_of
from kmsmodel.policy.proofs.callers import WILLING
from kmsmodel.policy.proofs.said import World
from kmsmodel.policy.question import Value
from kmsmodel.words.enumerations import GrantOperation

OWNER = "111122223333"
ACCOUNTS = (OWNER, "444455556666", "999988887777", "111122224444")
LINKED = "aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"
NAMES = ("app", "admin", "team/app", "Bob", "a")
ACTIONS = (
    "kms:*",
    "*",
    "kms:Decrypt",
    "kms:Encrypt",
    "kms:GenerateDataKey*",
    "kms:ReEncrypt*",
    "kms:CreateGrant",
    "kms:DescribeKey",
    "kms:Put*",
    "kms:TagResource",
    "kms:Sign",
    "kms:?ign",
    "kms:RetireGrant",
    "KMS:DECRYPT",
)
TEXTS = (
    "acme",
    "ACME",
    "ac*",
    "*me",
    "a?me",
    "*c*",
    "",
    "*",
    "blue",
    "b*e",
    "blü",
    "a𝄞",
    "??",
    "*-*",
)
KEY_ARN = f"arn:aws:kms:us-east-1:{OWNER}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
RESOURCES = (
    "*",
    KEY_ARN,
    f"arn:aws:kms:*:{OWNER}:key/*",
    "arn:aws:kms:eu-*:*:key/*",
    "arn:aws:kms",
    f"arn:aws:kms:us-east-1:{OWNER}:key/1234*",
)
ARNS = (
    "arn:aws:s3:::bucket",
    "arn:aws:s3:::*",
    "arn:aws:sns:*:111122223333:topic*",
    "arn:*:*:*:*:*",
    "arn:aws:sns:us-east-1:444455556666:topic",
    "not-an-arn",
)
NUMBERS = ("7", "10", "14.5", "30", "1e1", "x", "400")
DATES = ("2026-01-01T00:00:00Z", "2027-06-01", "1767225600", "someday")
NETWORKS = (
    "10.0.0.0/8",
    "10.1.0.0/16",
    "203.0.113.7",
    "2001:db8::/32",
    "::/0",
    "0.0.0.0/0",
    "10.1.2.3/16",
)

TEXT_OPERATORS = (
    "StringEquals",
    "StringNotEquals",
    "StringLike",
    "StringNotLike",
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
)
ARN_OPERATORS = ("ArnLike", "ArnNotLike", "ArnEquals", "ArnNotEquals")
NUMERIC = tuple(
    f"Numeric{each}"
    for each in (
        "Equals",
        "NotEquals",
        "LessThan",
        "LessThanEquals",
        "GreaterThan",
        "GreaterThanEquals",
    )
)
DATE = tuple(each.replace("Numeric", "Date") for each in NUMERIC)

CONDITION_KEYS = (
    "kms:EncryptionContext:tenant",
    "kms:EncryptionContext:Stage",
    "kms:EncryptionContextKeys",
    "kms:ViaService",
    "kms:CallerAccount",
    "kms:KeyOrigin",
    "kms:GrantOperations",
    "kms:GrantIsForAWSResource",
    "kms:GrantConstraintType",
    "kms:RequestAlias",
    "kms:ValidTo",
    "kms:ScheduleKeyDeletionPendingWindowInDays",
    "kms:RecipientAttestation:ImageSha384",
    "aws:PrincipalArn",
    "aws:PrincipalAccount",
    "aws:PrincipalOrgID",
    "aws:PrincipalTag/team",
    "aws:PrincipalIsAWSService",
    "aws:RequestTag/team",
    "aws:TagKeys",
    "aws:SourceArn",
    "aws:SourceAccount",
    "aws:SourceIp",
    "aws:SourceVpce",
    "aws:CurrentTime",
    "aws:MultiFactorAuthPresent",
    "aws:username",
    "aws:userid",
    "aws:ViaAWSService",
    "custom:key",
)
OF_ACCOUNTS = ("kms:CallerAccount", "aws:PrincipalAccount")
DENSE_KEYS = ("kms:EncryptionContext:tenant", "kms:EncryptionContextKeys")
VARIABLES = (
    "${aws:username}",
    "${aws:PrincipalTag/team}",
    "x-${aws:username}",
    "${aws:PrincipalAccount}",
    "${aws:PrincipalTag/team, 'acme'}",
    "${kms:ViaService}",
)
SERVICES = (
    "sns.amazonaws.com",
    "s3.amazonaws.com",
    "logs.us-east-1.amazonaws.com",
    "ec2.amazonaws.com.cn",
    "prod.pie.internal",
)


SUFFIXES = (
    ".amazonaws.com",
    ".amazonaws.com.cn",
    ".amazonaws.eu",
    ".c2s.ic.gov",
    ".sc2s.sgov.gov",
    ".cloud.adc-e.uk",
    ".csp.hci.ic.gov",
)


def principals(draw: random.Random) -> Any:
    """The value of a Principal element."""
    if draw.random() < 0.25:
        return draw.choice(("*", {"AWS": "*"}))
    if draw.random() < 0.15:
        return {"Service": draw.choice(SERVICES)}
    return {"AWS": [name_of_principal(draw) for _ in range(draw.choice((1, 1, 2, 3)))]}


def name_of_principal(draw: random.Random) -> str:
    account, name = draw.choice(ACCOUNTS), draw.choice(NAMES)
    return draw.choice(
        (
            account,
            f"arn:aws:iam::{account}:root",
            f"arn:aws:iam::{account}:user/{name}",
            f"arn:aws:iam::{account}:role/{name}",
            f"arn:aws:sts::{account}:assumed-role/{name.rpartition('/')[2]}/me",
            f"arn:aws:sts::{account}:federated-user/{name.rpartition('/')[2]}",
            "AROAEXAMPLE" if draw.random() < 0.1 else account,
        )
    )


def condition(
    draw: random.Random, condition_keys: Sequence[str] = CONDITION_KEYS, variables: float = 0
) -> tuple[str, str, list[str]]:
    """An operator, a condition key and its values."""
    key = draw.choice(condition_keys)
    if draw.random() < 0.08:
        return "Null", key, [draw.choice(("true", "false"))]
    known = condition_key(key)
    kind = ConditionKeyType.STRING if known is None else known.type
    if kind is ConditionKeyType.BOOL:
        return (
            draw.choice(("Bool", "BoolIfExists")),
            key,
            [draw.choice(("true", "false", "TRUE", "no"))],
        )
    base, values = _compared(draw, key, kind)
    chosen = [draw.choice(values) for _ in range(draw.choice((1, 1, 2)))]
    if base.startswith(("String", "Arn")) and draw.random() < variables:
        chosen[0] = draw.choice(VARIABLES)
    multivalued = known is not None and known.is_multivalued
    if draw.random() < (0.85 if multivalued else 0.05):
        base = f"{draw.choice(('ForAllValues', 'ForAnyValue'))}:{base}"
    if draw.random() < 0.15:
        base += "IfExists"
    return base, key, chosen


def _compared(draw: random.Random, key: str, kind: ConditionKeyType) -> tuple[str, Sequence[str]]:
    """An operator for a condition key of this type, and values for it."""
    if kind is ConditionKeyType.NUMERIC:
        return draw.choice(NUMERIC), NUMBERS
    if kind is ConditionKeyType.DATE:
        return draw.choice(DATE), DATES
    if kind is ConditionKeyType.IP_ADDRESS:
        return draw.choice(("IpAddress", "NotIpAddress")), NETWORKS
    if kind is ConditionKeyType.ARN:
        return draw.choice((*ARN_OPERATORS, "StringLike", "StringNotEquals")), arns(draw, key)
    if key in OF_ACCOUNTS and draw.random() < 0.04:
        return draw.choice((*NUMERIC, *DATE)), (*ACCOUNTS, "500000000000")
    if key.startswith("kms:EncryptionContext:") and draw.random() < 0.1:
        return draw.choice(ARN_OPERATORS), ARNS
    return draw.choice(TEXT_OPERATORS), texts(key)


def arns(draw: random.Random, key: str) -> Sequence[str]:
    if key != "aws:PrincipalArn":
        return ARNS
    account, name = (
        draw.choice((*ACCOUNTS, "*", "1111*")),
        draw.choice((*NAMES, "*", "a*", "*/app")),
    )
    return (
        f"arn:aws:iam::{account}:{draw.choice(('user', 'role', '*'))}/{name}",
        f"arn:aws:iam::{account}:root",
        f"arn:aws:sts::{account}:federated-user/{name}",
        f"*{name}",
    )


def texts(key: str) -> Sequence[str]:
    name = key.lower()
    if name in {"kms:calleraccount", "aws:principalaccount", "aws:sourceaccount"}:
        return (*ACCOUNTS, "1111*", "*4444", "????22223333")
    if name == "kms:keyorigin":
        return ("AWS_KMS", "EXTERNAL", "AWS_*", "external")
    if name == "kms:grantoperations":
        return ("Decrypt", "Encrypt", "*Key*", "encrypt")
    if name in {"kms:encryptioncontextkeys", "aws:tagkeys"}:
        return ("tenant", "stage", "Stage", "t*", "team", "Team", "x")
    if name == "kms:requestalias":
        return ("alias/app", "alias/*", "app", "alias/a?p")
    if name == "aws:username":
        return ("Bob", "b*", "app", "bob")
    if name == "kms:viaservice":
        return (
            "s3.us-east-1.amazonaws.com",
            "s3.*",
            "*.amazonaws.com",
            "s3.cn-north-1.amazonaws.com.cn",
            "s3.eusc-de-east-1.amazonaws.eu",
            "*.gov",
        )
    return TEXTS


def statement(
    draw: random.Random,
    *,
    is_key_policy: bool = True,
    condition_keys: Sequence[str] = CONDITION_KEYS,
    variables: float = 0,
    most_conditions: int = 3,
) -> dict[str, Any]:
    deny = draw.random() < 0.3
    written: dict[str, Any] = {"Effect": "Deny" if deny else "Allow"}
    if is_key_policy:
        negated = draw.random() < (0.15 if deny else 0.05)
        written["NotPrincipal" if negated else "Principal"] = principals(draw)
    actions = [draw.choice(ACTIONS) for _ in range(draw.choice((1, 1, 2)))]
    written["NotAction" if draw.random() < 0.07 else "Action"] = actions
    some = draw.random() < (0.1 if is_key_policy else 0.5)
    resource = draw.choice(RESOURCES) if some else "*"
    written["NotResource" if draw.random() < 0.03 else "Resource"] = resource
    block: dict[str, dict[str, Any]] = {}
    for _ in range(draw.randrange(most_conditions + 1)):
        base, key, values = condition(draw, condition_keys, variables)
        block.setdefault(base, {})[key] = values if len(values) > 1 else values[0]
    if block:
        written["Condition"] = block
    return written


def policy(draw: random.Random, statements: int, **options: Any) -> Policy:
    version = "2012-10-17" if draw.random() < 0.95 else "2008-10-17"
    listed = [statement(draw, **options) for _ in range(statements)]
    return from_json({"Version": version, "Statement": listed})


# ---- requests around what policies say


def request(draw: random.Random, world: World, extra: Iterable[Condition] = ()) -> Access:
    """A request that keeps the laws of AWS KMS's requests."""
    statements = [each for policy in world.all_policies() for each in policy.statements]
    conditions = [*extra, *(each for one in statements for each in one.conditions)]
    asks = asker(draw, conditions, statements)
    action = (
        draw.choice(keys.ON_KEYS)
        if draw.random() < 0.5
        else draw.choice(
            (
                "kms:Decrypt",
                "kms:Encrypt",
                "kms:CreateGrant",
                "kms:TagResource",
                "kms:ImportKeyMaterial",
            )
        )
    )
    context: dict[str, Value] = context_of(asks)
    asked_by_grants = {
        "kms:grantoperations",
        "kms:grantconstrainttype",
        "kms:grantconstraintsourcearn",
    }
    names = sorted(
        {each.name for each in conditions} - KEYS_OF_AN_ASKER
        | (asked_by_grants if world.grants else set[str]())
    )
    for name in names:
        if not may_have(name, asks, action) or name in {
            keys.ENCRYPTION_CONTEXT_KEYS,
            keys.TAG_KEYS,
        }:
            continue
        if name not in keys.ALWAYS_PRESENT and draw.random() < 0.3:
            continue
        known = condition_key(name)
        about = [each for each in conditions if each.name == name]
        if known is not None and known.is_multivalued:
            listed = {value(draw, name, about) for _ in range(draw.choice((1, 2, 3)))}
            context[name] = tuple(sorted(listed))
        else:
            one = value(draw, name, about)
            context[name] = ("x", one) if known is None and draw.random() < 0.2 else one
    pairs: dict[str, str] = {}
    if may_have(keys.ENCRYPTION_CONTEXT_KEYS, asks, action):
        wanted = _wanted_by_grants(draw, world, action)
        pairs = _with_encryption_context(draw, context, conditions, wanted)
    _with_tags(draw, context, conditions, asks, action)
    _law_abiding(context)
    for name, other in keys.SAME_AS.items():
        if name in context or other in context:
            context[name] = context[other] = context.get(other, context.get(name, ""))
    takes = action in TAKING_AN_ENCRYPTION_CONTEXT
    _with_constraint_type(draw, context, names, action)
    is_bounded = world.may_be_bounded and world.policies.boundary is None and draw.random() < 0.3
    child = grant_asked_for(draw, world, context, pairs) if action == "kms:CreateGrant" else None
    return Access(
        principal=asks,
        action=action,
        resource=world.key or resource(draw),
        owner=world.owner,
        context=context,
        policies=evolve(world.policies, boundary=WILLING) if is_bounded else world.policies,
        resource_policy=world.policy,
        grants=world.grants,
        encryption_context=pairs if takes else None,
        child=child,
    )


def _with_constraint_type(
    draw: random.Random, context: dict[str, Value], names: Iterable[str], action: str
) -> None:
    """A request about a grant has the type of its constraint if, and only if, that has an encryption context."""
    if action in {"kms:CreateGrant", "kms:RetireGrant"} and "kms:grantconstrainttype" in names:
        context.pop("kms:grantconstrainttype", None)
        if keys.ENCRYPTION_CONTEXT_KEYS in context:
            kinds = ("EncryptionContextEquals", "EncryptionContextSubset")
            context["kms:grantconstrainttype"] = draw.choice(kinds)


@frozen
class Child:
    """What a request for CreateGrant asks for."""

    operations: tuple[GrantOperation, ...]
    constraints: GrantConstraints | None


def grant_asked_for(
    draw: random.Random, world: World, context: dict[str, Value], pairs: dict[str, str]
) -> Child | None:
    """What CreateGrant asks for: its condition keys are changed, so that it often fits a grant."""
    if not world.grants:
        return None
    near = draw.choice(world.grants)
    if draw.random() < 0.6:
        operations = draw.sample(near.operations, draw.choice((1, 2)))
        context["kms:grantoperations"] = tuple(sorted(set(map(str, operations))))
    if near.constraints is not None and near.constraints.source_arn and draw.random() < 0.6:
        context["kms:grantconstraintsourcearn"] = near.constraints.source_arn
    kind = str(context.get("kms:grantconstrainttype", ""))
    source = context.get("kms:grantconstraintsourcearn")
    constraints = GrantConstraints(
        encryption_context_equals=pairs if pairs and kind.endswith("Equals") else None,
        encryption_context_subset=pairs if pairs and kind.endswith("Subset") else None,
        source_arn=source if isinstance(source, str) else None,
    )
    return Child(
        tuple(map(GrantOperation, context["kms:grantoperations"])),
        None if constraints == GrantConstraints() else constraints,
    )


def _with_encryption_context(
    draw: random.Random,
    context: dict[str, Value],
    conditions: Sequence[Condition],
    wanted: Iterable[tuple[str, str]],
) -> dict[str, str]:
    """The encryption context behind the condition keys, with what grants ask for and other pairs added to both."""
    pairs: dict[str, str] = {}
    for name in [each for each in context if each.startswith(keys.ENCRYPTION_CONTEXT)]:
        prefix = len(keys.ENCRYPTION_CONTEXT)
        spelled = [each.key[prefix:] for each in conditions if each.name == name]
        pairs[draw.choice([*spelled, spelled[0].upper()])] = str(context[name])
    about = [each for each in conditions if each.name == keys.ENCRYPTION_CONTEXT_KEYS]
    added = list(wanted)
    for _ in range(draw.choice((0, 0, 1, 2))):
        name = value(draw, keys.ENCRYPTION_CONTEXT_KEYS, about)
        if keys.ENCRYPTION_CONTEXT + name.lower() not in {each.name for each in conditions}:
            added.append((name, "whatever"))
    for name, found in added:
        if not any(name.lower() == each.lower() for each in pairs):
            pairs[name] = context[keys.ENCRYPTION_CONTEXT + name.lower()] = found
    if pairs:
        context[keys.ENCRYPTION_CONTEXT_KEYS] = tuple(pairs)
    return pairs


def _wanted_by_grants(draw: random.Random, world: World, action: str) -> Iterator[tuple[str, str]]:
    takes = action in TAKING_AN_ENCRYPTION_CONTEXT or action == "kms:CreateGrant"
    for grant in world.grants if takes else ():
        if grant.constraints is not None and draw.random() < 0.7:
            equals = grant.constraints.encryption_context_equals
            for name, found in (
                equals or grant.constraints.encryption_context_subset or {}
            ).items():
                yield name, draw.choice((found, found, "x"))


def _with_tags(
    draw: random.Random,
    context: dict[str, Value],
    conditions: Sequence[Condition],
    asks: Principal,
    action: str,
) -> None:
    if not may_have(keys.TAG_KEYS, asks, action):
        return
    tags = [each[len(keys.REQUEST_TAG) :] for each in context if each.startswith(keys.REQUEST_TAG)]
    about = [each for each in conditions if each.name == keys.TAG_KEYS]
    tags += [value(draw, keys.TAG_KEYS, about) for _ in range(draw.choice((0, 0, 1)))]
    if tags:
        context[keys.TAG_KEYS] = tuple(dict.fromkeys(tags))


def _law_abiding(context: dict[str, Value]) -> None:
    for name, other, allowed in keys.IMPLIED:
        if name in context and (other in context or other in keys.ALWAYS_PRESENT):
            if allowed == (None,):
                context.pop(other, None)
            else:
                context[other] = "true"


def may_have(name: str, asks: Principal, action: str) -> bool:
    able = keys.carriers(name)
    if able is not None and action not in able:
        return False
    is_service = not asks.account
    if name in keys.OF_SERVICES:
        return is_service
    return not (is_service and name.startswith(keys.NOT_OF_SERVICES))


def resource(draw: random.Random) -> str:
    region = draw.choice(("us-east-1", "eu-west-1", "x"))
    key_id = draw.choice(("1234abcd-12ab-34cd-56ef-1234567890ab", "1234", "mrk-0", "f"))
    return f"arn:aws:kms:{region}:{OWNER}:key/{key_id}"


def asker(
    draw: random.Random, conditions: Sequence[Condition], statements: Sequence[Any]
) -> Principal:
    kind = draw.random()
    if kind < 0.12:
        return principal(
            draw.choice(
                (*SERVICES, "odd.amazonaws.com", "odd.x.amazonaws.com.cn", "Odd.amazonaws.com")
            )
        )
    account = draw.choice(
        (*ACCOUNTS, "000000000000", "123456789012", "111199994444", "777722223333")
    )
    if kind < 0.2:
        return principal(account)
    names = [*NAMES, LINKED, "app", "Bob", "bob", "x", "appx", "xapp", "deep/er/app", "a-b"]
    for each in conditions:
        if each.name in {"aws:principalarn", "aws:username"}:
            last = filled(draw, draw.choice(each.texts)).rpartition(":")[2]
            tail = last.partition("/")[2] or last
            names.append(
                "".join(letter for letter in tail if letter.isascii() and letter not in " \\")
                or "z"
            )
    name = draw.choice(names).strip("/") or "z"
    last = name.rpartition("/")[2]
    unique_id = "AROAEXAMPLE" if draw.random() < 0.1 else None
    try:
        if kind < 0.5:
            return principal(f"arn:aws:iam::{account}:user/{name}")
        if kind < 0.6:
            by = (None, f"arn:aws:iam::{account}:user/{draw.choice(NAMES)}")
            return principal(
                f"arn:aws:sts::{account}:federated-user/{last}", issuer=draw.choice(by)
            )
        return principal(
            f"arn:aws:sts::{account}:assumed-role/{last}/{draw.choice(('me', 'session', 'other'))}",
            issuer=f"arn:aws:iam::{account}:role/{name}",
            unique_id=unique_id,
        )
    except ValueError:
        return principal(f"arn:aws:iam::{account}:user/{draw.choice(NAMES)}")


def value(draw: random.Random, name: str, about: Sequence[Condition]) -> str:
    """A value that a condition key may have, near to what it is compared with."""
    known = condition_key(name)
    kind = ConditionKeyType.STRING if known is None else known.type
    written = [text for each in about for text in each.texts] or ["x"]
    near = draw.choice(written)
    if kind is ConditionKeyType.BOOL:
        return draw.choice(("true", "false"))
    if known is not None and known.values:
        return draw.choice(known.values)
    if kind is ConditionKeyType.NUMERIC:
        least, most = keys.WHOLE_NUMBERS[name]
        return str(
            draw.choice(
                (least, most, draw.randint(least, most), *range(max(5, least), min(40, most)))
            )
        )
    if kind is ConditionKeyType.DATE:
        return draw.choice(
            (
                *DATES[:3],
                "2025-12-31T23:59:59.999Z",
                "2026-01-01T00:00:00.001Z",
                "2030-01-01",
                "2027-05-31T12:00:00Z",
            )
        )
    if kind is ConditionKeyType.IP_ADDRESS:
        return draw.choice(
            (
                "10.0.0.1",
                "10.1.0.0",
                "10.1.255.255",
                "10.2.0.0",
                "203.0.113.7",
                "203.0.113.8",
                "11.0.0.0",
                "2001:db8::1",
                "::2",
                "9.255.255.255",
                "2001:db9::",
            )
        )
    if kind is ConditionKeyType.ARN:
        found = filled(draw, near)
        return (
            found if found.startswith("arn:") and found.count(":") >= 5 else f"arn:aws:x:::{found}"
        )
    if name == "aws:sourceaccount":
        return draw.choice((*ACCOUNTS, "111100000000", "000000004444"))
    if name == "kms:viaservice":
        service, region = (
            draw.choice(("s3", "ec2", "x")),
            draw.choice(("us-east-1", "eu-west-1", "a")),
        )
        return f"{service}.{region}{draw.choice((*SUFFIXES, *SUFFIXES[:1] * 6))}"
    if name in {"kms:requestalias", "kms:resourcealiases"}:
        tail = "".join(
            letter for letter in filled(draw, near).removeprefix("alias/") if "!" <= letter <= "~"
        )
        return f"alias/{tail or 'x'}"
    return filled(draw, near)


def filled(draw: random.Random, pattern: str) -> str:
    """A text that a pattern may fit, or nearly."""
    out: list[str] = []
    for letter in pattern:
        if letter == "*":
            out.extend(draw.choice("acme-xAé:/𝄞") for _ in range(draw.choice((0, 1, 1, 2, 4))))
        elif letter == "?":
            out.append(draw.choice("acmx𝄞"))
        else:
            out.append(letter)
    text = "".join(out)
    chance = draw.random()
    if chance < 0.15:
        return text.swapcase()
    if chance < 0.25:
        return text[1:]
    if chance < 0.35:
        return text + draw.choice("xa-")
    if chance < 0.4:
        return draw.choice(("", "b", "other", "something"))
    return text


def compared(conditions: Iterable[Condition]) -> list[Condition]:
    """The conditions whose operators AWS knows."""
    return [each for each in conditions if operator(each.operator) is not None]
