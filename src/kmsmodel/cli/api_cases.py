"""
Cases of the kind ``api``: a request that the model itself answers, on a KMS key with the key policy of the case.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, cast

from kmsmodel.crypto.seeded_hsm import SeededHsm
from kmsmodel.errors import KmsError
from kmsmodel.local import LocalKms
from kmsmodel.policy.principal import principal

_PARTS_OF_AN_ARN = 6


def answer(case: Mapping[str, Any]) -> str:
    """
    The name of the error that the request of a case ends in, or ``allow``.

    ``key`` has the members with which the KMS key is created, and ``request_parameters`` those of the request. Raises
    ValueError for a case that is not written in the format.
    """
    resource, asks = _text(case, "resource"), principal(_text(case, "principal"))
    parts = resource.split(":", _PARTS_OF_AN_ARN - 1)
    if len(parts) != _PARTS_OF_AN_ARN or not parts[5].startswith("key/"):
        raise ValueError(f"resource: {resource!r} is not the ARN of a KMS key")
    region, owner, key_id = parts[3], parts[4], parts[5].removeprefix("key/")
    local = LocalKms(hsm=SeededHsm("cases"), account=owner, region=region)
    created = local.dispatch("CreateKey", _new_key(case))["KeyMetadata"]

    def renamed(text: str) -> str:
        """The key of the model in place of the key of the case."""
        return text.replace(resource, created["Arn"]).replace(key_id, created["KeyId"])

    members = json.loads(renamed(json.dumps(_members(case, "request_parameters"))))
    members = {"KeyId": created["KeyId"], **members}
    if isinstance(members.get("Policy"), dict):
        members["Policy"] = json.dumps(members["Policy"])
    try:
        local.dispatch(
            _text(case, "action").removeprefix("kms:"),
            members,
            account=asks.account,
            principal=asks.arn,
        )
    except KmsError as error:
        return error.code
    return "allow"


def _new_key(case: Mapping[str, Any]) -> dict[str, Any]:
    policy = _members(_members(case, "policies"), "key_policy")
    new = {**_members(case, "key"), "BypassPolicyLockoutSafetyCheck": True}
    return {**new, "Policy": json.dumps(policy)} if policy else new


def _text(case: Mapping[str, Any], name: str) -> str:
    found = case.get(name)
    if isinstance(found, str):
        return found
    raise ValueError(f"{name}: a string is expected")


def _members(case: Mapping[str, Any], name: str) -> dict[str, Any]:
    found: object = case.get(name) or {}
    if isinstance(found, dict):
        return cast("dict[str, Any]", found)
    raise ValueError(f"{name}: an object is expected")
