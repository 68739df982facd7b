"""What a decision costs, and what it adds to a request."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from typing import Any

import pytest
from attrs import evolve

from benchmarks.models import CALL, model
from kmsmodel import Caller, EncryptRequest, handle
from kmsmodel.policy.access import Access
from kmsmodel.policy.document import parse
from kmsmodel.policy.evaluation import decide
from kmsmodel.policy.policies import Policies
from kmsmodel.policy.principal import principal

Benchmark = Callable[..., Any]
ACCOUNT = CALL.caller.account
KEY = f"arn:aws:kms:us-west-2:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
USER = f"arn:aws:iam::{ACCOUNT}:user/app"
PLAINTEXT = os.urandom(32)
CONTEXT = {
    "kms:calleraccount": ACCOUNT,
    "kms:viaservice": "s3.us-west-2.amazonaws.com",
    "kms:encryptioncontext:tenant": "acme",
    "aws:sourceip": "192.0.2.7",
}


def _statement(number: int) -> dict[str, Any]:
    """A statement as people write them; none but the last lets the user in."""
    user = {
        "AWS": [f"arn:aws:iam::{ACCOUNT}:user/{number}", f"arn:aws:iam::{ACCOUNT}:role/{number}"]
    }
    conditions: tuple[dict[str, Any], ...] = (
        {},
        {
            "StringEquals": {
                "kms:CallerAccount": ACCOUNT,
                "kms:ViaService": f"{number}.amazonaws.com",
            }
        },
        {"StringLike": {"kms:EncryptionContext:tenant": [f"{number}-*", f"*-{number}"]}},
        {"IpAddress": {"aws:SourceIp": f"10.{number}.0.0/16"}},
    )
    return {
        "Sid": f"Statement {number}",
        "Effect": "Allow",
        "Principal": user if number % 2 else {"AWS": "*"},
        "Action": ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*"],
        "Resource": "*",
        "Condition": conditions[number % 4] or conditions[1],
    }


def _key_policy(statements: int) -> str:
    administrators = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:role/Admin"},
        "Action": ["kms:Create*", "kms:Describe*", "kms:Put*", "kms:ScheduleKeyDeletion"],
        "Resource": "*",
    }
    ours = {"Effect": "Allow", "Principal": {"AWS": USER}, "Action": "kms:*", "Resource": "*"}
    others = [_statement(number) for number in range(1, statements - 1)]
    return json.dumps({"Version": "2012-10-17", "Statement": [administrators, *others, ours]})


@pytest.mark.benchmark(group="Decide")
@pytest.mark.parametrize("statements", [10, 100])
def bench_decide(benchmark: Benchmark, statements: int) -> None:
    access = Access(
        principal=principal(USER),
        action="kms:Decrypt",
        resource=KEY,
        owner=ACCOUNT,
        context=CONTEXT,
        resource_policy=parse(_key_policy(statements)),
    )
    assert decide(access).is_allowed
    benchmark(decide, access)


def _in_cedar(statement: dict[str, Any]) -> str:
    """The same statement in Cedar, whose values are compared in the same way."""
    principals = statement["Principal"]["AWS"]
    named = [principals] if isinstance(principals, str) else principals
    who = " || ".join(f"principal == P::{json.dumps(each)}" for each in named)
    written: list[str] | str = statement["Action"]
    actions = ["*"] if isinstance(written, str) else written
    tests = [" || ".join(f'context.action like "{each}"' for each in actions)]
    if named != ["*"]:
        tests.append(who)
    for operator, tested in statement.get("Condition", {}).items():
        for key, values in tested.items():
            name = f'context["{key.lower()}"]'
            listed = [values] if isinstance(values, str) else values
            of_each = {
                "StringEquals": f"{name} == ",
                "StringLike": f"{name} like ",
                "IpAddress": f"ip({name}).isInRange(ip",
            }[operator]
            end = ")" if operator == "IpAddress" else ""
            begin = "(" if operator == "IpAddress" else ""
            tests.append(
                " || ".join(f"{of_each}{begin}{json.dumps(each)}{end}{end}" for each in listed)
            )
    when = " && ".join(f"({each})" for each in tests)
    return f"permit (principal, action, resource) when {{ {when} }};"


@pytest.mark.benchmark(group="Decide")
@pytest.mark.parametrize("statements", [10, 100])
def bench_decide_cedar(benchmark: Benchmark, statements: int) -> None:
    """The equal policy in Cedar, parsed before, with the same request."""
    cedarpy: Any = pytest.importorskip("cedarpy", reason="Cedar, to compare with, is not here")
    written = json.loads(_key_policy(statements))["Statement"]
    policies = cedarpy.PolicySet.from_str("\n".join(map(_in_cedar, written)))
    entities = cedarpy.Entities.from_json_str("[]")
    request = {
        "principal": {"type": "P", "id": USER},
        "action": 'Action::"kms:Decrypt"',
        "resource": {"type": "Key", "id": KEY},
        "context": {**CONTEXT, "action": "kms:Decrypt"},
    }
    assert cedarpy.is_authorized(request, policies, entities).allowed
    benchmark(cedarpy.is_authorized, request, policies, entities)


@pytest.mark.benchmark(group="Decide")
@pytest.mark.parametrize("statements", [10, 100])
def bench_decide_moto(benchmark: Benchmark, statements: int) -> None:
    """Moto's IAM, with the same statements as those of a user: it asks no key policy."""
    control: Any = pytest.importorskip(
        "moto.iam.access_control", reason="moto, to compare with, is not here"
    )
    document = json.loads(_key_policy(statements))
    written = document["Statement"]
    # moto denies where a statement names another principal, or has a condition that is not met.
    plain = [{name: s[name] for name in ("Effect", "Action", "Resource")} for s in written]
    policy = control.IAMPolicy(json.dumps(document | {"Statement": plain}))
    assert policy.is_action_permitted("kms:Decrypt", KEY).name == "PERMITTED"
    benchmark(policy.is_action_permitted, "kms:Decrypt", KEY)


ALLOW = {
    "Version": "2012-10-17",
    "Statement": {"Effect": "Allow", "Action": "kms:Encrypt", "Resource": "*"},
}
ALLOW_IF: dict[str, Any] = {
    "Version": "2012-10-17",
    "Statement": {
        "Effect": "Allow",
        "Action": "kms:Encrypt",
        "Resource": "*",
        "Condition": {"StringEquals": {"kms:CallerAccount": ACCOUNT}},
    },
}
CALLERS = {
    "nobody is asked": Caller.unasked(ACCOUNT),
    "root user": CALL.caller,
    "user": Caller(USER, policies=Policies(identity=[ALLOW])),
    "user, with a condition": Caller(USER, policies=Policies(identity=[ALLOW_IF])),
}


@pytest.mark.benchmark(group="Encrypt, by who calls")
@pytest.mark.parametrize("caller", CALLERS.values(), ids=CALLERS.keys())
def bench_encrypt_by(benchmark: Benchmark, caller: Caller) -> None:
    kms, ids = model(100)
    call = evolve(CALL, caller=caller)
    benchmark(lambda: handle(kms, EncryptRequest(key_id=ids[0], plaintext=PLAINTEXT), call))
