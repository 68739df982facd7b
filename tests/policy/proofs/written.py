"""
Key policies of a few statements, and what is found against a property of them.
"""

from __future__ import annotations

import json
from typing import Any

from kmsmodel.policy import Answer, Found, KeyPolicy

OWNER, OTHER = "111122223333", "444455556666"
ROOT = {"Principal": {"AWS": f"arn:aws:iam::{OWNER}:root"}}
APP = f"arn:aws:iam::{OWNER}:role/app"


def policy(*statements: dict[str, Any], **others: Any) -> KeyPolicy:
    """A key policy of such statements; what they do not say is everybody and everything."""
    listed: list[dict[str, Any]] = []
    for each in statements:
        plain = {"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*", **each}
        if "NotPrincipal" in each:
            del plain["Principal"]
        listed.append(plain)
    text = json.dumps({"Version": "2012-10-17", "Statement": listed})
    return KeyPolicy.parse(text, account=OWNER, **others)


def found(answer: Answer) -> Found:
    """The request of an answer, after its program has replayed it."""
    assert isinstance(answer, Found)
    exec(answer.program, {})
    return answer
