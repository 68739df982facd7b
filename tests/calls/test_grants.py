"""
Which grants count in a call.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import given, strategies as st

from kmsmodel.calls.call import Call
from kmsmodel.calls.delays import Delays
from kmsmodel.calls.grants import counting
from kmsmodel.memory.kms import Kms
from kmsmodel.operations.grants import (
    CreateGrantRequest,
    create_grant,
)
from kmsmodel.operations.keys import CreateKeyRequest, create_key
from kmsmodel.policy.elements import how_named
from kmsmodel.policy.principal import principal
from kmsmodel.words.arn import parse_key_arn
from kmsmodel.words.enumerations import GrantOperation as Op
from tests.basics import ACCOUNT, HSM, MICROSECOND, NOW, OTHER_ACCOUNT, REGION, call

ROOT = f"arn:aws:iam::{ACCOUNT}:root"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/app"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/app/session"
SIBLING = f"arn:aws:sts::{ACCOUNT}:assumed-role/app/sibling"
USER = f"arn:aws:iam::{ACCOUNT}:user/Ada"
FOREIGN = f"arn:aws:iam::{OTHER_ACCOUNT}:user/Ada"
FOREIGN_ROOT = f"arn:aws:iam::{OTHER_ACCOUNT}:root"
S3 = "s3.amazonaws.com"
BUCKET = f"arn:aws:s3:{REGION}:{ACCOUNT}:bucket"
PRINCIPALS = [ROOT, ROLE, SESSION, SIBLING, USER, FOREIGN, FOREIGN_ROOT, S3]


def by(who: str, later: timedelta = timedelta(), **members: Any) -> Call:
    account = OTHER_ACCOUNT if OTHER_ACCOUNT in who else ACCOUNT
    return Call(
        now=NOW + later,
        hsm=HSM,
        request_id=f"{who} {later} {members}",
        region=REGION,
        account=account,
        principal=who,
        **members,
    )


# ---- which grants count


@given(st.lists(st.sampled_from(PRINCIPALS), max_size=6), st.sampled_from(PRINCIPALS))
def test_the_grants_count_that_name_the_caller_or_their_account(
    grantees: list[str], who: str
) -> None:
    """As `how_named` says it of each grant: the index leaves out none, and adds none."""
    kms, created = create_key(Kms(), CreateKeyRequest(), call("key"))
    key = kms.key(parse_key_arn(created.key_metadata.arn or ""), NOW)
    assert key is not None
    for number, grantee in enumerate(grantees):
        request = CreateGrantRequest(
            key_id=key.arn, grantee_principal=grantee, operations=(Op.Decrypt,)
        )
        kms, _ = create_grant(kms, request, call(f"grant {number}"))
    asked = principal(who)
    expected = {each.grant_id for each in kms.grants_of(key) if how_named(each.grantee, asked)}
    assert {each.grant_id for each in counting(kms, key, by(who), ())} == expected


@given(st.integers(0, 60))
def test_a_grant_counts_after_its_delay_and_before_that_with_its_token(seconds: int) -> None:
    kms, created = create_key(Kms(), CreateKeyRequest(), call("key"))
    key = kms.key(parse_key_arn(created.key_metadata.arn or ""), NOW)
    assert key is not None
    delays = Delays(grant=timedelta(seconds=seconds))
    request = CreateGrantRequest(key_id=key.arn, grantee_principal=ROLE, operations=(Op.Decrypt,))
    kms, made = create_grant(kms, request, by(ROOT, delays=delays))
    kms, other = create_grant(kms, request, by(ROOT, MICROSECOND, delays=delays))
    seen_at = timedelta(seconds=seconds)

    def counted(later: timedelta, *tokens: str) -> set[str]:
        return {each.grant_id for each in counting(kms, key, by(SESSION, later), tokens)}

    assert counted(seen_at) == {made.grant_id}
    assert counted(seen_at + MICROSECOND) == {made.grant_id, other.grant_id}
    assert counted(seen_at - MICROSECOND) == set()
    assert counted(seen_at - MICROSECOND, made.grant_token, "no token") == {made.grant_id}
    assert counting(kms, key, by(FOREIGN), [made.grant_token]) == ()
