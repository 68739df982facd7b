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
from kmsmodel.policy.document import Policy, from_json
from kmsmodel.policy.evaluation import decide
from kmsmodel.policy.grant import Grant, GrantConstraints
from kmsmodel.policy.policies import Policies
from kmsmodel.policy.principal import principal
from kmsmodel.policy.question import Value
from kmsmodel.words.enumerations import GrantOperation


def accesses(case: Mapping[str, Any]) -> Iterator[Access]:
    """
    The accesses of a case, all of which must be allowed: one for each of its actions and resources.

    Raises MalformedPolicyDocumentException, or ValueError for a case that is not written in the format.
    """
    for action in _listed(case["action"]):
        for resource in _listed(case["resource"]):
            yield _access(case, action, resource)


def verdict(case: Mapping[str, Any]) -> str:
    """``allow`` or ``deny``, for a case of any kind but ``api``."""
    return "allow" if all(decide(access).is_allowed for access in accesses(case)) else "deny"


def _access(case: Mapping[str, Any], action: str, resource: str) -> Access:
    policies: Mapping[str, Any] = case["policies"]
    asks = principal(case["principal"])
    context = {name.lower(): _value(value) for name, value in case.get("context", {}).items()}
    if asks.policy_arn is not None:
        context.setdefault("aws:principalarn", asks.policy_arn)
    owner = case.get("resource_owner") or _account(resource) or asks.account
    is_trust = action.startswith("sts:")
    resource_policy = policies.get("resource_policy") or _key_policy(policies, resource)
    takes_context = action in _TAKE_AN_ENCRYPTION_CONTEXT
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
        grants=tuple(_grant(each, owner) for each in case.get("grants", ())),
        encryption_context=case.get("encryption_context", {}) if takes_context else None,
        child=_child(case, owner) if action == "kms:CreateGrant" else None,
    )


def _key_policy(policies: Mapping[str, Any], resource: str) -> Any:
    """The key policy of a KMS key; an alias has none, and neither has a request without a key."""
    document: Mapping[str, Any] = policies.get("key_policy") or {}
    if ":key/" not in resource:
        return None
    return document if "Statement" in document else document.get(resource)


def _child(case: Mapping[str, Any], owner: str) -> Grant | None:
    parameters = case.get("request_parameters")
    return None if parameters is None else _grant(parameters, owner)


_TAKE_AN_ENCRYPTION_CONTEXT = frozenset(
    f"kms:{operation}"
    for operation in (
        "Encrypt",
        "Decrypt",
        "ReEncryptFrom",
        "ReEncryptTo",
        "GenerateDataKey",
        "GenerateDataKeyWithoutPlaintext",
        "GenerateDataKeyPair",
        "GenerateDataKeyPairWithoutPlaintext",
    )
)


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
    constraints = written.get("Constraints")
    grantee = written.get("GranteePrincipal")
    issuer = written.get("IssuingAccount", owner)
    return Grant(
        grant_id=written.get("GrantId", ""),
        issuing_account=_account(issuer) or issuer,
        creation_date=datetime(2026, 1, 1, tzinfo=UTC),
        seen_at=datetime(2026, 1, 1, tzinfo=UTC),
        operations=tuple(map(GrantOperation, written["Operations"])),
        grantee_principal=grantee,
        grantee_service_principal=written.get("GranteeServicePrincipal"),
        retiring_principal=written.get("RetiringPrincipal"),
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
        return tuple(map(str, cast("list[object]", value)))
    return str(value).lower() if isinstance(value, bool) else str(value)


def _listed(value: Any) -> list[str]:
    return cast("list[str]", value) if isinstance(value, list) else [value]
