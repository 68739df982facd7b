"""
A second opinion on who may do what: AWS's rules of authorization for KMS, written down as plainly as possible.

It is slow, it is short, and it shares nothing with the model. Sources, as the comments name them: *IAM* is the
IAM User Guide, *KMS* the KMS Developer Guide, *API* the KMS API Reference, and *rec* a recording of the real
service (September 2026, ``_meta`` of the files in ``tests/data/authorization`` says whose). Where a page and a
recording differ, the recording wins. *Guess* marks what neither says.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple, TypeGuard, cast

from tests.policy.naive_operators import (
    NEGATED,
    OPERATORS,
    Document,
    Truth,
    expanded,
    glob,
    is_readable,
    text,
    wild,
)


class Caller(NamedTuple):
    """Who makes the request."""

    arn: str
    """The ARN; of a service principal, its name."""
    account: str
    """Empty for a service principal."""
    kind: str
    """root, user, role, assumed-role, federated-user or service."""
    name: str
    """The user's name; of a session, the name of its role."""


class Request(NamedTuple):
    """One action on one resource."""

    caller: Caller
    action: str
    resource: str
    context: Document


def verdict(case: Mapping[str, Any]) -> str:
    """Give "allow" or "deny" for a case; each of several actions and resources must be authorized."""
    caller = caller_of(case["principal"])
    actions, resources = listed(case["action"]), listed(case["resource"])
    # Guess: as many actions as resources are pairs, as the two halves of ReEncrypt are.
    several = len(actions) == len(resources) > 1
    pairs = zip(actions, resources, strict=True) if several else product(actions, resources)
    requests = [Request(caller, *pair, case["context"]) for pair in pairs]
    return "allow" if all(may(case, request) for request in requests) else "deny"


# Who decides


CROSS_ACCOUNT = re.compile(
    # KMS, Allowing users in other accounts to use a KMS key; API, "Cross-account use" of each operation
    r"kms:(Encrypt|Decrypt|ReEncrypt(From|To)?|GenerateDataKey(Pair)?(WithoutPlaintext)?|Sign|Verify|GenerateMac|"
    r"VerifyMac|DeriveSharedSecret|Encapsulate|Decapsulate|CreateGrant|DescribeKey|GetKeyRotationStatus|"
    r"GetPublicKey|ListGrants|RetireGrant|RevokeGrant)",
    re.IGNORECASE,
)


class Policies(NamedTuple):
    """The policies that count for one request."""

    key: list[Document] | None
    """None if the case is not about a key."""
    resource: list[Document]
    identity: list[Document]
    boundary: list[Document]
    session: list[Document]
    scp_levels: list[list[Document]]
    rcps: list[Document]
    endpoint: list[Document]


def may(case: Mapping[str, Any], request: Request) -> bool:
    """Whether one action on one resource is authorized."""
    policies, caller = policies_for(case, request), request.caller
    if is_denied(policies, request) or not is_within_limits(policies, request):
        return False
    owner = case.get("resource_owner") or account_in(request.resource) or caller.account
    is_domestic = caller.kind == "service" or owner == caller.account
    if policies.key is not None:
        # KMS, Key policies: nothing is implied, the key policy or a grant must name the caller.
        named = [(way, owner) for it in policies.key for way in ways(it, request, "Allow")]
        named += grants_to(case, request, owner)
        reaches = is_domestic or CROSS_ACCOUNT.fullmatch(request.action) is not None
        return reaches and any(
            suffices(way, is_domestic or issuer == caller.account, policies, request)
            for way, issuer in named
        )
    found = {way for it in policies.resource for way in ways(it, request, "Allow")}
    by_name = any(suffices(way, is_domestic, policies, request) for way in found)
    if request.action.lower().startswith("sts:assumerole") and policies.resource:
        return by_name  # IAM, Roles: the trust policy must name the caller, as a key policy must
    # IAM, Cross-account policy evaluation: both sides, if the case says anything of the other side.
    is_kms = request.action.lower().startswith("kms:")
    needs_both = bool(policies.resource) or "resource_owner" in case or is_kms
    return by_name or ((is_domestic or not needs_both) and is_allowed_at_home(policies, request))


def policies_for(case: Mapping[str, Any], request: Request) -> Policies:
    """Take the policies out of a case, without those that do not hold for the request."""
    given, caller = case["policies"], request.caller
    is_key = re.fullmatch(r"arn:[^:]+:kms:[^:]*:\d{12}:key/.+", request.resource) is not None
    key_policy = given.get("key_policy") if is_key else None
    if key_policy is not None and "Statement" not in key_policy:
        key_policy = key_policy.get(request.resource, {})  # a map from key ARN to policy
    # IAM, SCPs and RCPs: service-linked roles are not limited, and SCPs limit only an account's own principals.
    is_linked = caller.kind == "assumed-role" and caller.name.startswith("AWSServiceRoleFor")
    is_exempt = is_linked or caller.kind == "service"
    # Guess: scps without levels are the policies of one level.
    levels = [*documents(given.get("scp_levels")), *([given["scps"]] if given.get("scps") else [])]
    # KMS, kms:RetireGrant: not effective in key policies and RCPs (Guess: neither is its Deny in a key policy).
    # KMS, Resource control policies: for KMS they hold for actions that have a key as resource.
    is_retiring = request.action.lower() == "kms:retiregrant"
    is_keyless = request.action.lower().startswith("kms:") and not is_key
    key = documents(None if is_retiring else key_policy)
    return Policies(
        key=key if key_policy is not None else None,
        resource=[trusting(it) for it in documents(given.get("resource_policy"))],
        identity=documents(given.get("identity_policies")),
        boundary=documents(given.get("permissions_boundary")),
        session=documents(given.get("session_policy")),
        scp_levels=[] if is_exempt else [documents(it) for it in levels],
        rcps=[] if is_linked or is_retiring or is_keyless else documents(given.get("rcps")),
        endpoint=documents(given.get("vpc_endpoint_policy")),
    )


def is_denied(policies: Policies, request: Request) -> bool:
    """IAM, Policy evaluation logic: an explicit deny in any policy wins."""
    levels = (it for level in policies.scp_levels for it in level)
    nameless = (*policies.identity, *policies.boundary, *policies.session, *levels)
    naming = (*(policies.key or []), *policies.resource, *policies.rcps, *policies.endpoint)
    bounded = bool(policies.boundary)
    return any("Deny" in effects(it, request) for it in nameless) or any(
        ways(it, request, "Deny", bounded=bounded) for it in naming
    )


def is_within_limits(policies: Policies, request: Request) -> bool:
    """Whether the limits that bind every caller allow the request."""
    # IAM, SCPs; rec: the policies of a level are a union, and every level must allow.
    # Guess: RCPs only deny, since RCPFullAWSAccess cannot be detached and AWS refuses other Allows.
    # KMS, VPC endpoints: one more policy that must allow, and that grants nothing.
    endpoint = [policies.endpoint] if policies.endpoint else []
    return all(
        any("Allow" in effects(it, request) for it in level) for level in policies.scp_levels
    ) and all(any(ways(it, request, "Allow") for it in level) for level in endpoint)


def suffices(way: str, is_alone: bool, policies: Policies, request: Request) -> bool:
    """Whether being named is enough; it is not alone if the key's owner names somebody of another account."""
    if not is_alone or way == "account":
        # KMS, Allowing users in other accounts: both sides; rec: grants.json. KMS, Default key policy: delegation.
        return is_allowed_at_home(policies, request)
    # IAM, evaluation logic: implicit denies limit a role that is named; rec: grants.json, simulation.json. They do
    # not limit a user, a session or everyone.
    return way != "role" or is_within_session(policies, request)


def is_within_session(policies: Policies, request: Request) -> bool:
    """Whether permissions boundary and session policy allow the request."""
    limits = [it for it in (policies.boundary, policies.session) if it]
    return all(any("Allow" in effects(it, request) for it in limit) for limit in limits)


def is_allowed_at_home(policies: Policies, request: Request) -> bool:
    """Whether the IAM policies of the caller's own account allow the request."""
    if request.caller.kind == "root":
        return True  # KMS, Default key policy: the root user needs no IAM policy (Guess: nor for calls without a key)
    if request.caller.kind == "federated-user" and not policies.session:
        return False  # IAM, GetFederationToken: without a session policy it has nothing of the user's policies
    by_identity = any("Allow" in effects(it, request) for it in policies.identity)
    return by_identity and is_within_session(policies, request)


def trusting(policy: Document) -> Document:
    """A resource policy in which a statement without a resource is about this one, as in a role's trust policy."""
    statements = [
        it if "Resource" in it or "NotResource" in it else {**it, "Resource": "*"}
        for it in listed(policy.get("Statement", []))
    ]
    return {**policy, "Statement": statements}


# Grants


def grants_to(case: Mapping[str, Any], request: Request, owner: str) -> list[tuple[str, str]]:
    """How each grant that allows the request names the caller, and the account that issued the grant."""
    prefix, _, operation = request.action.partition(":")
    found: list[tuple[str, str]] = []
    for grant in documents(case.get("grants")) if prefix.lower() == "kms" else []:
        issuer = account_in(grant.get("IssuingAccount", "")) or owner
        grantees = [grant.get("GranteePrincipal"), grant.get("GranteeServicePrincipal")]
        is_granted = operation in grant.get("Operations", [])
        if operation == "RetireGrant":
            # KMS, Retiring and revoking grants: the retiring principal, a grantee with RetireGrant, the account
            # that issued it; kms:RetireGrant by IAM delegates inside an account. Guess: the key's owner as well.
            names = [grant.get("RetiringPrincipal"), grant.get("RetiringServicePrincipal")]
            names += [*(grantees if is_granted else []), issuer, owner]
        else:
            names = grantees if is_granted and is_usable(case, grant, request, operation) else []
        found += [(way, issuer) for name in names if name and (way := way_of(name, request.caller))]
    return found


ENCRYPTION_CONTEXT = re.compile(
    r"Encrypt|Decrypt|ReEncrypt(From|To)|GenerateDataKey(Pair)?(WithoutPlaintext)?"
)


def is_usable(case: Mapping[str, Any], grant: Document, request: Request, operation: str) -> bool:
    """Whether a grant that lists the operation can be used for this request."""
    constraints: Document = grant.get("Constraints") or {}
    # KMS, Grant tokens: they bridge the time until a grant is known everywhere. Guess: no other state is usable.
    state = grant.get("state", "consistent")
    has_token = grant.get("GrantToken") in (case.get("grant_tokens") or [])
    is_known = state == "consistent" or (state == "not yet consistent" and has_token)
    # KMS, Creating grants: SourceArn is only evaluated when an AWS service makes the request (Guess: its principal).
    source, called_for = constraints.get("SourceArn"), lowered(request.context).get("aws:sourcearn")
    is_sourced = source is None or request.caller.kind != "service" or source == called_for
    return is_known and is_sourced and is_unconstrained(case, grant, operation)


def is_unconstrained(case: Mapping[str, Any], grant: Document, operation: str) -> bool:
    """Whether the encryption context fits; CreateGrant is bound in what it may pass on."""
    # KMS, Creating grants: the context is compared as a set, exactly (the guide; the API says keys in any case).
    pairs: Document = case.get("encryption_context") or {}
    constraints: Document = grant.get("Constraints") or {}
    equals, subset = (constraints.get(f"EncryptionContext{it}") for it in ("Equals", "Subset"))
    if ENCRYPTION_CONTEXT.fullmatch(operation):
        return (equals is None or pairs == equals) and includes(pairs, subset or {})
    if operation == "CreateGrant" and "request_parameters" in case:
        # KMS, Granting CreateGrant permission; rec: grants.json. Operations of this grant alone, and a constraint
        # that is the same or stricter.
        child = case["request_parameters"]
        given: Document = child.get("Constraints") or {}
        child_equals, child_subset = (
            given.get(f"EncryptionContext{it}") for it in ("Equals", "Subset")
        )
        return (
            set(child.get("Operations", [])) <= set(grant["Operations"])
            and (equals is None or child_equals == equals)
            and (subset is None or includes(child_equals or child_subset or {}, subset))
            and constraints.get("SourceArn") in {None, given.get("SourceArn")}
        )
    return True


def includes(pairs: Document, subset: Document) -> bool:
    return all(pairs.get(key) == value for key, value in subset.items())


# Principals


def caller_of(principal: str) -> Caller:
    """Read the principal of a case."""
    parts = re.fullmatch(r"arn:[^:]+:(?:iam|sts)::(\d{12}):([^/]+)(/.+)?", principal)
    if parts is None:
        return Caller(principal, "", "service", principal)
    account, kind, rest = parts[1], parts[2], (parts[3] or "").split("/")
    return Caller(principal, account, kind, rest[1] if kind == "assumed-role" else rest[-1])


def way_of(name: str, caller: Caller) -> str:
    """How an entry of a Principal element, or of a grant, names the caller; empty if it does not."""
    # IAM, Principal: the account by id or root ARN; no wildcard in an ARN; names are case-sensitive.
    # Guess: everyone is services as well. An account as grantee is delegation, as in a policy.
    if name == "*":
        return "everyone"
    if caller.account and (
        name == caller.account or re.fullmatch(rf"arn:[^:]+:iam::{caller.account}:root", name)
    ):
        return "account"
    if name == caller.arn:
        return "itself"
    # A role ARN covers its sessions, whose ARN has no path; a user ARN covers the user's federated sessions.
    # Guess: a federated user has the name of the user (a case names nobody else), and is as limited as a role.
    named_by = {"assumed-role": "role", "federated-user": "user"}.get(caller.kind)
    pattern = rf"arn:[^:]+:iam::{caller.account}:{named_by}/(.*/)?{re.escape(caller.name)}"
    return "role" if named_by and re.fullmatch(pattern, name) else ""


def ways(policy: Document, request: Request, effect: str, *, bounded: bool = False) -> set[str]:
    """How the statements with this effect that are about the request name its caller."""
    return {
        way
        for statement in listed(policy.get("Statement", []))
        if statement.get("Effect") == effect and is_about(statement, policy, request)
        for way in ways_in(statement, request.caller, bounded)
    }


def ways_in(statement: Document, caller: Caller, bounded: bool) -> set[str]:
    """How one statement names the caller."""
    if "NotPrincipal" not in statement:
        return names(statement.get("Principal"), caller)
    # IAM, NotPrincipal: only with Deny. The account must be listed as well, and the role of a session; a principal
    # with a permissions boundary is denied whatever is listed. Guess: with Allow it gives nothing.
    needed = (
        {"itself", "role", "account"} if caller.kind == "assumed-role" else {"itself", "account"}
    )
    needed = {"root": {"account"}, "service": {"itself"}}.get(caller.kind, needed)
    spared = names(statement["NotPrincipal"], caller)
    is_spared = not bounded and ("everyone" in spared or needed <= spared)
    return set() if is_spared or statement.get("Effect") != "Deny" else {"everyone"}


def names(element: object, caller: Caller) -> set[str]:
    """How a Principal element names the caller."""
    if isinstance(element, str):
        return {"everyone"} if element == "*" else set()
    by_kind = cast("Mapping[str, Any]", element or {})
    entries = [name for kind in ("AWS", "Service") for name in listed(by_kind.get(kind, []))]
    return {way_of(name, caller) for name in entries} - {""}


def account_in(arn: str) -> str:
    """The account in an ARN, if it has one of twelve digits."""
    account = arn.split(":")[4] if arn.count(":") > 4 else ""
    return account if re.fullmatch(r"\d{12}", account) else ""


# Statements


def effects(policy: Document, request: Request) -> set[str]:
    """The effects of the statements of a policy without principals that are about the request."""
    statements = listed(policy.get("Statement", []))
    return {it.get("Effect", "") for it in statements if is_about(it, policy, request)}


def is_about(statement: Document, policy: Document, request: Request) -> bool:
    """Whether action, resource and condition of a statement fit the request."""
    # IAM, Version: absent counts as the old one. An empty or absent element leaves a statement without effect.
    version = policy.get("Version", "2008-10-17")
    return (
        element_fits(statement, "Action", lambda it: action_fits(it, request))
        and element_fits(statement, "Resource", lambda it: resource_fits(it, request, version))
        and condition_matches(
            statement.get("Condition", {}), request.context, version, statement.get("Effect", "")
        )
    )


def element_fits(statement: Document, element: str, fits: Callable[[str], bool]) -> bool:
    """Whether the element, or its negation, covers the request."""
    if statement.get(f"Not{element}"):
        return not any(fits(it) for it in listed(statement[f"Not{element}"]))
    return any(fits(it) for it in listed(statement.get(element, [])))


def action_fits(pattern: str, request: Request) -> bool:
    # IAM, Action: case-insensitive; rec: simulate_custom_policy.json.
    prefix, _, name = pattern.lower().partition(":")
    asked, _, operation = request.action.lower().partition(":")
    return pattern == "*" or (prefix == asked and glob(wild(name), operation))


def resource_fits(pattern: str, request: Request, version: str) -> bool:
    # IAM, Resource; rec: conditions.json, variables.json. The text is matched as a whole, wildcards run past colons;
    # an ARN that ends early is completed; variables stand after the fifth colon.
    fields = pattern.split(":", 5)
    if fields[0] == "arn":
        fields += ["*"] * (6 - len(fields))
    if len(fields) < 6:
        return glob(wild(pattern), request.resource)
    last = expanded(fields[5], lowered(request.context), version)
    return last is not None and glob(":".join([*map(wild, fields[:5]), last]), request.resource)


# Conditions


def condition_matches(
    condition: Mapping[str, Mapping[str, Any]],
    context: Mapping[str, Any],
    version: str = "2012-10-17",
    effect: str = "Allow",
) -> bool:
    """Whether a Condition block is met; the effect counts if an ARN in it is malformed."""
    # IAM, Conditions with multiple context keys: all operators and all keys must be met.
    outcome = every(
        key_matches(name, key, [text(it) for it in listed(values)], lowered(context), version)
        for name, keys in condition.items()
        for key, values in keys.items()
    )
    # rec: condition_values.json, malformed ARN operands. Guess: what else is false in the block goes first.
    return effect == "Deny" if outcome is None else outcome


def key_matches(name: str, key: str, values: list[str], context: Document, version: str) -> Truth:
    """Whether the values of one key under one operator are met."""
    parts = re.fullmatch(r"(?:(ForAllValues|ForAnyValue):)?(\w+?)(IfExists)?", name)
    quantifier, base, if_exists = parts.groups() if parts else (None, "", None)
    given = context.get(key.lower())
    if base == "Null":
        # IAM, Condition operators, Null: with a set operator always true, or never; rec: all but "true" is false.
        is_asked = any((it.lower() == "true") == (given is None) for it in values)
        return quantifier == "ForAllValues" if quantifier else is_asked and not if_exists
    if base not in {*OPERATORS, *NEGATED}:
        return None  # Guess, as for malformed ARNs: what nobody knows denies, and never allows.
    if not values:
        # IAM, Access Analyzer policy checks, empty arrays. Guess: "does not affect the policy" is true.
        return (given is None and quantifier != "ForAnyValue") if quantifier or if_exists else True
    if given is None:
        return if_exists is not None or (
            quantifier == "ForAllValues" if quantifier else base in NEGATED
        )
    if key.lower() == "kms:resourcealiases" and len(listed(given)) > 50:
        return False  # KMS, ABAC: a key with more than 50 aliases
    if not quantifier:
        # rec: condition_sets.json, a plain operator never matches a multi-valued key that is present.
        return not isinstance(given, list) and value_matches(
            base, text(given), values, context, version
        )
    outcomes = [value_matches(base, text(it), values, context, version) for it in listed(given)]
    return every(outcomes) if quantifier == "ForAllValues" else some(outcomes)


def value_matches(
    base: str, given: str, values: list[str], context: Document, version: str
) -> Truth:
    """Whether one value of the request meets the list of values of the policy."""
    positive, is_negated = NEGATED.get(base, base), base in NEGATED
    if not is_readable(positive, given):
        return False
    for value in values:
        # IAM, Variables: in String and Arn operators (Guess: not in Bool, where AWS's pages differ). Without a value
        # a positive operator does not match, and a negated one does.
        has_variables = positive.startswith(("String", "Arn"))
        policy_value = expanded(value, context, version) if has_variables else value
        hit = policy_value is not None and OPERATORS[positive](given, policy_value)
        if hit is None:
            return None  # rec: the values in order, until one matches or is not an ARN
        if hit:
            return not is_negated
    return is_negated


def every(outcomes: Iterable[Truth]) -> Truth:
    found = set(outcomes)
    return False if False in found else None if None in found else True


def some(outcomes: Iterable[Truth]) -> Truth:
    found = set(outcomes)
    return True if True in found else None if None in found else False


# Values


def listed(value: object) -> list[Any]:
    """A list, or one value as a list of one: IAM, grammar of the policy language."""
    return value if is_list(value) else [value]


def is_list(value: object) -> TypeGuard[list[Any]]:
    return isinstance(value, list)


def documents(value: object) -> list[Any]:
    return [] if value is None else listed(value)


def product(actions: list[Any], resources: list[Any]) -> Iterable[tuple[Any, Any]]:
    return ((action, resource) for action in actions for resource in resources)


def lowered(context: Document) -> Document:
    """The context by key names in lower case, without keys that have no value."""
    return {
        key.lower(): value for key, value in context.items() if value is not None and value != []
    }
