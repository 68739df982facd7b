"""
Cases: requests with the verdict that is expected of them, kept in a JSON file beside the policies that they are about.

`docs/policy-cases.md` describes the format.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, cast

from kmsmodel.policy.access import Access
from kmsmodel.policy.actions import ACTIONS, PREFIX, TAKING_AN_ENCRYPTION_CONTEXT
from kmsmodel.policy.document import Policy, from_json
from kmsmodel.policy.evaluation import Decision, decide
from kmsmodel.policy.grant import Grant, GrantConstraints
from kmsmodel.policy.policies import Policies
from kmsmodel.policy.principal import principal
from kmsmodel.policy.question import Value
from kmsmodel.words.enumerations import GrantOperation
from kmsmodel.words.meant import ALMOST, perhaps


def accesses(case: Mapping[str, Any]) -> Iterator[Access]:
    """
    The accesses of a case, all of which must be allowed: one for each of its actions and resources.

    Raises MalformedPolicyDocumentException, or ValueError for a case that is not written in the format.
    """
    _check(case)
    for action in _listed(case["action"]):
        for resource in _listed(case["resource"]):
            yield _access(case, action, resource)


def decisions(case: Mapping[str, Any]) -> tuple[Decision, ...]:
    """The decisions on the accesses of a case."""
    return tuple(map(decide, accesses(case)))


def verdict(case: Mapping[str, Any]) -> str:
    """``allow`` or ``deny``, for a case of any kind but ``api``."""
    return "allow" if all(each.is_allowed for each in decisions(case)) else "deny"


# ---- the format


def _check(case: object) -> None:
    """Raises ValueError for data without the form of a case."""
    members = _object(case, "the case")
    _string(members.get("principal"), "principal")
    _no_slips(members, _MEMBERS, "the case")
    _check_what_is_asked(members)
    _check_context(members)
    _check_policies(_object(members.get("policies"), "policies"))
    for number, grant in enumerate(_array(members.get("grants") or [], "grants"), start=1):
        _check_grant(grant, f"grant {number}")
    if "kms:CreateGrant" in members["action"] and "request_parameters" in members:
        _check_grant(members["request_parameters"], "request_parameters")


def _check_what_is_asked(members: Mapping[str, Any]) -> None:
    for name in ("action", "resource"):
        _strings(members.get(name), name)
        if not members[name]:
            raise ValueError(f"{name}: at least one is expected")
    for each in _listed(members["action"]):
        _check_action(each)
    _optional_string(members.get("resource_owner"), "resource_owner")
    if members.get("expected", "allow") not in {"allow", "deny"}:
        raise ValueError(f"expected: {members['expected']!r} is neither 'allow' nor 'deny'")


def _check_policies(policies: Mapping[str, Any]) -> None:
    for policy in policies:
        if policy not in _POLICIES:
            raise ValueError(
                f"policies: {policy!r} is not a policy of a case{perhaps(policy, _POLICIES)}"
            )
    _object(policies.get("key_policy") or {}, "key_policy")
    for name in ("identity_policies", "scps", "scp_levels", "rcps"):
        for each in _array(policies.get(name) or [], name):
            if name == "scp_levels":
                _array(each, name)


_MEMBERS = (
    "id",
    "kind",
    "principal",
    "action",
    "resource",
    "resource_owner",
    "policies",
    "context",
    "encryption_context",
    "grants",
    "request_parameters",
    "expected",
)
_POLICIES = (
    "key_policy",
    "resource_policy",
    "identity_policies",
    "permissions_boundary",
    "session_policy",
    "vpc_endpoint_policy",
    "scps",
    "scp_levels",
    "rcps",
)


def _no_slips(found: Mapping[str, Any], known: Sequence[str], where: str) -> None:
    """Refuse what is almost the name of a member, and would not be read."""
    for name in found:
        slip = "" if name in known else perhaps(name, known, alike=ALMOST)
        if slip:
            raise ValueError(f"{where}: {name!r} is not read{slip}")


def _check_action(action: str) -> None:
    """Refuse anything that is not an action of AWS KMS; those of other services are not known here."""
    service, colon, _ = action.partition(":")
    if not colon:
        raise ValueError(f"action: {action!r} names no service{perhaps(f'kms:{action}', _ACTIONS)}")
    if service.lower() == "kms" and action not in _ACTIONS:
        raise ValueError(f"action: AWS KMS has no {action!r}{perhaps(action, _ACTIONS)}")


_ACTIONS = tuple(f"{PREFIX}{each}" for each in ACTIONS)


def _check_context(members: Mapping[str, Any]) -> None:
    for name, value in _object(members.get("context") or {}, "context").items():
        for each in _each(value):
            _scalar(each, f"context, {name}")
    pairs = _object(members.get("encryption_context") or {}, "encryption_context")
    for name, value in pairs.items():
        _string(value, f"encryption_context, {name}")


def _check_grant(found: object, where: str) -> None:
    grant = _object(found, where)
    _no_slips(grant, ("Operations", "Constraints", *_TEXTS_OF_A_GRANT), where)
    _strings(grant.get("Operations"), f"{where}, Operations")
    for name in _TEXTS_OF_A_GRANT:
        _optional_string(grant.get(name), f"{where}, {name}")
    constraints = _object(grant.get("Constraints") or {}, f"{where}, Constraints")
    _optional_string(constraints.get("SourceArn"), f"{where}, SourceArn")
    for name in ("EncryptionContextEquals", "EncryptionContextSubset"):
        if constraints.get(name) is None:
            continue
        pairs = _object(constraints[name], f"{where}, {name}")
        _strings(list(pairs.values()), f"{where}, {name}")


_TEXTS_OF_A_GRANT = (
    "GrantId",
    "GranteePrincipal",
    "GranteeServicePrincipal",
    "RetiringPrincipal",
    "RetiringServicePrincipal",
    "IssuingAccount",
)


def _object(found: object, where: str) -> Mapping[str, Any]:
    if not isinstance(found, dict):
        raise ValueError(f"{where}: an object is expected")  # noqa: TRY004 - the file is wrong, not the code
    return cast("dict[str, Any]", found)  # pragma: no mutate


def _array(found: object, where: str) -> list[object]:
    if not isinstance(found, list):
        raise ValueError(f"{where}: a list is expected")  # noqa: TRY004
    return cast("list[object]", found)  # pragma: no mutate


def _each(found: object) -> list[object]:
    """What is listed, or the one value that stands alone."""
    if not isinstance(found, list):
        return [found]
    return cast("list[object]", found)  # pragma: no mutate


def _strings(found: object, where: str) -> None:
    for each in _each(found):
        _string(each, where)


def _optional_string(found: object, where: str) -> None:
    if found is not None:
        _string(found, where)


def _string(found: object, where: str) -> None:
    if not isinstance(found, str):
        raise ValueError(f"{where}: a string is expected")  # noqa: TRY004


def _scalar(found: object, where: str) -> None:
    if not isinstance(found, str | int | float):
        raise ValueError(f"{where}: a string is expected")  # noqa: TRY004


# ---- what is read


def _access(case: Mapping[str, Any], action: str, resource: str) -> Access:
    policies: Mapping[str, Any] = case["policies"]
    asks = principal(case["principal"])
    context = {name.lower(): _value(value) for name, value in _members(case, "context").items()}
    if asks.policy_arn is not None:
        context.setdefault("aws:principalarn", asks.policy_arn)
    owner = case.get("resource_owner") or _account(resource) or asks.account
    is_trust = action.startswith("sts:")
    resource_policy = policies.get("resource_policy") or _key_policy(policies, resource)
    takes_context = action in TAKING_AN_ENCRYPTION_CONTEXT
    return Access(
        principal=asks,
        action=action,
        resource=resource,
        owner=owner,
        context=context,
        policies=_policies(policies),
        resource_policy=(
            None if resource_policy is None else from_json(resource_policy, resource=not is_trust)
        ),
        grants=tuple(_grant(each, owner) for each in case.get("grants") or ()),
        encryption_context=_members(case, "encryption_context") if takes_context else None,
        child=_child(case, owner) if action == "kms:CreateGrant" else None,
    )


def _members(case: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    return _object(case.get(name) or {}, name)


def _key_policy(policies: Mapping[str, Any], resource: str) -> Any:
    """The key policy of a KMS key; an alias has none, and neither has a request without a key."""
    document: Mapping[str, Any] = policies.get("key_policy") or {}
    if ":key/" not in resource:
        return None
    return document if "Statement" in document else document.get(resource)


def _child(case: Mapping[str, Any], owner: str) -> Grant | None:
    parameters = case.get("request_parameters")
    return None if parameters is None else _grant(parameters, owner)


def _policies(written: Mapping[str, Any]) -> Policies:
    def one(name: str) -> Policy | None:
        document = written.get(name)
        return None if document is None else from_json(document)

    def several(documents: Sequence[Any]) -> tuple[Policy, ...]:
        return tuple(map(from_json, documents))

    session = one("session_policy")
    levels = written.get("scp_levels") or ([written["scps"]] if written.get("scps") else [])
    return Policies(
        identity=several(written.get("identity_policies") or ()),
        boundary=one("permissions_boundary"),
        session=None if session is None else (session,),
        scps=tuple(map(several, levels)),
        rcps=several(written.get("rcps") or ()),
        endpoint=one("vpc_endpoint_policy"),
    )


def _grant(written: Mapping[str, Any], owner: str) -> Grant:
    constraints = written.get("Constraints") or None
    grantee = written.get("GranteePrincipal")
    issuer = written.get("IssuingAccount") or owner
    return Grant(
        grant_id=written.get("GrantId", ""),
        issuing_account=_account(issuer) or issuer,
        creation_date=datetime(2026, 1, 1, tzinfo=UTC),
        seen_at=datetime(2026, 1, 1, tzinfo=UTC),
        operations=tuple(map(GrantOperation, _listed(written["Operations"]))),
        grantee_principal=grantee,
        grantee_service_principal=written.get("GranteeServicePrincipal"),
        retiring_principal=written.get("RetiringPrincipal"),
        retiring_service_principal=written.get("RetiringServicePrincipal"),
        constraints=None
        if constraints is None
        else GrantConstraints(
            encryption_context_equals=constraints.get("EncryptionContextEquals"),
            encryption_context_subset=constraints.get("EncryptionContextSubset"),
            source_arn=constraints.get("SourceArn"),
        ),
    )


def _account(arn: str) -> str | None:
    found = re.match("arn:[^:]*:[^:]*:[^:]*:([0-9]{12})(:|$)", arn)
    return None if found is None else found[1]


def _value(value: Any) -> Value:
    if isinstance(value, list):
        several = cast("list[object]", value)  # pragma: no mutate
        return tuple(map(str, several))
    return str(value).lower() if isinstance(value, bool) else str(value)


def _listed(value: object) -> list[str]:
    return list(map(str, _each(value)))
