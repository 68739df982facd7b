"""
What every test stands on: one time, one account, one Region, one HSM, and a call by the account's root user.

A test that needs another time or place has it under a name that says so.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from kmsmodel.calls.call import Call
from kmsmodel.calls.caller import Caller
from kmsmodel.crypto.seeded_hsm import SeededHsm
from kmsmodel.hsm.port import Hsm
from kmsmodel.policy.policies import Policies
from kmsmodel.testing import values
from tests.key_stores import KEY_STORES

NOW = values.NOW

DAY = timedelta(days=1)
MICROSECOND = timedelta(microseconds=1)

ACCOUNT, REGION = "111122223333", "us-west-2"
OTHER_ACCOUNT, OTHER_REGION = "444455556666", "eu-central-1"

KEY_ID = "1234abcd-12ab-34cd-56ef-1234567890ab"
"""The id of the KMS key in the examples of AWS's pages."""

ARN = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{KEY_ID}"

NOBODY = "00000000-0000-4000-8000-000000000000"
"""The id of a KMS key that does not exist."""

AWS_MANAGED = "alias/aws/s3"
"""The alias of an AWS managed key."""

THROUGH_S3 = Caller(f"arn:aws:iam::{ACCOUNT}:root").through(f"s3.{REGION}.amazonaws.com")
"""The root user, for whom Amazon S3 makes the request: only so may a customer use the key of `AWS_MANAGED`."""

HSM = SeededHsm("tests")

PATIENCE = 20
"""Seconds until a thread that does not come is given up."""


def call(
    name: str = "the call",
    now: datetime = NOW,
    *,
    account: str = ACCOUNT,
    region: str = REGION,
    hsm: Hsm = HSM,
    caller: Caller | None = None,
) -> Call:
    """
    A call by ``caller``, or by the root user of ``account``; ``name`` is different for each call in a model's life.
    """
    return Call(
        now=now,
        hsm=hsm,
        request_id=name,
        caller=caller,
        account=account if caller is None else None,
        region=region,
        key_stores=KEY_STORES,
    )


def allowing(*actions: str, resource: str = "*") -> Policies:
    """Policies of a caller of which one, identity-based, allows these actions."""
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": resource}
    return Policies(identity=[{"Statement": statement}])


def facts(name: str) -> Any:
    """One of the files in tests/data."""
    path = Path(__file__).parent / "data" / name
    return json.loads(path.read_text(encoding="utf-8"))
