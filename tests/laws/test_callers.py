"""
Who asks makes a difference to whether AWS KMS answers, and to nothing else.
"""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve
from hypothesis import assume, given, strategies as st

from kmsmodel.calls.caller import Caller
from kmsmodel.calls.request import Request
from kmsmodel.clock import Clock
from kmsmodel.errors import KmsError
from kmsmodel.local import LocalKms
from kmsmodel.memory.kms import Kms
from kmsmodel.policy.policies import Policies
from tests import strategies
from tests.basics import ACCOUNT, HSM, OTHER_ACCOUNT, THROUGH_S3, allowing, call
from tests.worlds.outcome import Refused, outcome
from tests.worlds.world import World

ROOT = Caller(f"arn:aws:iam::{ACCOUNT}:root")
ADMINISTRATOR = Caller(f"arn:aws:iam::{ACCOUNT}:user/Ada", policies=allowing("kms:*"))
WITHOUT = Caller(f"arn:aws:iam::{ACCOUNT}:user/Without")
DENYING = {"Statement": {"Effect": "Deny", "Action": "kms:*", "Resource": "*"}}

ABROAD = (
    Caller(f"arn:aws:iam::{OTHER_ACCOUNT}:root"),
    Caller(f"arn:aws:iam::{OTHER_ACCOUNT}:user/Mallory"),
    Caller(f"arn:aws:iam::{OTHER_ACCOUNT}:user/Mallory", policies=allowing("kms:*")),
    Caller(f"arn:aws:iam::{OTHER_ACCOUNT}:user/Mallory", policies=Policies(identity=[DENYING])),
    Caller(f"arn:aws:iam::{OTHER_ACCOUNT}:root").through("s3.us-west-2.amazonaws.com"),
)
AT_HOME = (ROOT, ADMINISTRATOR, WITHOUT, THROUGH_S3, Caller.unasked())


def _lets_nobody_in(world: World) -> bool:
    """Has nobody in this world put the key policy that lets everybody in?"""
    return not any('"Principal" : "*"' in (each.policy or "") for each in world.remembered)


def _named_as(caller: Caller, answer: Any) -> Any:
    """A refusal of this caller, as the root user would be told it."""
    if not isinstance(answer, Refused):
        return answer
    return evolve(answer, message=answer.message.replace(caller.principal.arn, ROOT.principal.arn))


@pytest.mark.parametrize("operation", sorted(strategies.REQUESTS))
@strategies.per_operation
@given(strategies.worlds(), st.data())
def test_whom_the_policies_allow_is_answered_as_the_root_user_is(
    operation: str, world: World, data: st.DataObject
) -> None:
    """And who has no policies is allowed nothing that the root user is, unless a key policy lets everybody in."""
    assume(_lets_nobody_in(world))
    key = data.draw(strategies.keys(world))
    request = data.draw(strategies.fitting(world, key, operation))
    after, answer = outcome(world.kms, request, call(now=world.now, caller=ROOT))
    then, same = outcome(world.kms, request, call(now=world.now, caller=ADMINISTRATOR))
    assert (_named_as(ADMINISTRATOR, same), then) == (answer, after)
    unchanged, refused = outcome(world.kms, request, call(now=world.now, caller=WITHOUT))
    assert isinstance(refused, Refused)
    assert unchanged is world.kms
    if not isinstance(answer, Refused):
        assert refused.code == "AccessDeniedException"


@pytest.mark.parametrize("operation", sorted(strategies.REQUESTS))
@strategies.per_operation
@given(strategies.worlds(), st.sampled_from(ABROAD), st.data())
def test_a_caller_abroad_is_told_the_same_as_if_there_were_no_such_key(
    operation: str, world: World, caller: Caller, data: st.DataObject
) -> None:
    """The default key policy lets nobody of another account in, so no answer depends on what is in this account."""
    assume(_lets_nobody_in(world))
    key = data.draw(strategies.keys(world))
    request = data.draw(strategies.fitting(world, key, operation))
    by = call(now=world.now, caller=caller)
    if _names_a_key_of_its_ciphertext(request):
        return
    assert outcome(world.kms, request, by)[1] == outcome(Kms(), request, by)[1]


def _names_a_key_of_its_ciphertext(request: Request[Any]) -> bool:
    """A key id alone, beside a ciphertext, means the key of whatever account that the ciphertext names."""
    name = {"Decrypt": "key_id", "ReEncrypt": "source_key_id"}.get(request.operation)
    key_id = None if name is None else getattr(request, name)
    return isinstance(key_id, str) and ":" not in key_id and not key_id.startswith("alias/")


@pytest.mark.parametrize("operation", sorted(strategies.REQUESTS))
@strategies.per_operation
@given(strategies.worlds(), st.sampled_from((*AT_HOME, *ABROAD)), st.data())
def test_a_refused_call_changes_nothing_whoever_makes_it(
    operation: str, world: World, caller: Caller, data: st.DataObject
) -> None:
    key = data.draw(strategies.keys(world))
    local = LocalKms(world.kms, clock=Clock(world.now), hsm=HSM)
    for request in data.draw(strategies.neighbours(world, key, operation)):
        before = local.kms
        try:
            local.handle(request, caller=caller)
        except KmsError:
            assert local.kms is before
