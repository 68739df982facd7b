"""
Accesses of a role in the account of the key, and what they meet.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from kmsmodel.policy.access import Access
from kmsmodel.policy.document import parse
from kmsmodel.policy.grant import Grant
from kmsmodel.policy.principal import principal
from kmsmodel.policy.question import Value
from kmsmodel.testing.policies import KEY, OWNER
from kmsmodel.words.enumerations import GrantOperation
from tests.policy.policies import PARTNER

ROOT = f"arn:aws:iam::{OWNER}:root"
ROLE = f"arn:aws:iam::{OWNER}:role/Partner"
SESSION = f"arn:aws:sts::{OWNER}:assumed-role/Partner/one"


def access(
    context: Mapping[str, Value] | None = None,
    *,
    policy: str = PARTNER,
    who: str = ROLE,
    action: str = "kms:Decrypt",
) -> Access:
    """An access of the role in the account of the key."""
    return Access(
        principal=principal(who),
        action=action,
        resource=KEY,
        owner=OWNER,
        context={name.lower(): value for name, value in (context or {}).items()},
        resource_policy=parse(policy),
    )


def statement(**elements: Any) -> str:
    """A key policy of one statement."""
    plain = {"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": plain | elements})


def grant(**members: Any) -> Grant:
    plain: dict[str, Any] = {
        "grant_id": "0",
        "issuing_account": OWNER,
        "creation_date": datetime(2026, 1, 1, tzinfo=UTC),
        "seen_at": datetime(2026, 1, 1, tzinfo=UTC),
        "operations": (GrantOperation.Decrypt,),
        "grantee_principal": ROLE,
    }
    return Grant(**plain | members)
