"""
Key policies, as texts.
"""

from __future__ import annotations

import json
from typing import Any

ROOT = {"AWS": "arn:aws:iam::111122223333:root"}
STATEMENT: dict[str, Any] = {
    "Effect": "Allow",
    "Principal": ROOT,
    "Action": "kms:*",
    "Resource": "*",
}


def policy(*statements: object, **elements: object) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements} | elements)
