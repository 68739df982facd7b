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


PARTNER = """{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "Account",
      "Effect": "Allow",
      "Principal": {"AWS": "111122223333"},
      "Action": "kms:*",
      "Resource": "*"
    },
    {
      "Sid": "Partner",
      "Effect": "Allow",
      "Principal": {"AWS": "arn:aws:iam::111122223333:role/Partner"},
      "Action": ["kms:Encrypt", "kms:Decrypt"],
      "Resource": "*",
      "Condition": {"StringEquals": {"kms:EncryptionContext:tenant": "acme"}}
    }
  ]
}"""
"""A key policy that lets in its account, and a role for one tenant."""
