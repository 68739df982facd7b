"""
Sharing a KMS key with another account, as AWS RAM does it for the owner of the key.

AWS RAM is a service of its own: these are verbs of a host, and no operations of AWS KMS.
"""

from __future__ import annotations

from collections.abc import Iterable

from kmsmodel.calls.call import Call, expect_state
from kmsmodel.calls.caller import plain_text
from kmsmodel.errors import NotFoundException
from kmsmodel.key.key import Key
from kmsmodel.key.share import Share
from kmsmodel.memory.kms import Kms
from kmsmodel.policy.actions import ACTIONS
from kmsmodel.words import arn
from kmsmodel.words.arn import ACCOUNT, KeyArn
from kmsmodel.words.enumerations import KeyLastUsageTrackingOperation, KeyManagerType

_OF_REENCRYPT = ("ReEncryptFrom", "ReEncryptTo")

USING_A_KEY = (
    "DescribeKey",
    "GetPublicKey",
    *sorted({*KeyLastUsageTrackingOperation} - {"ReEncrypt"} | {*_OF_REENCRYPT}),
)
"""What an account may do with a KMS key that is shared with it, unless the share says otherwise."""


def share_key(
    kms: Kms, key_id: str, with_account: str, call: Call, *, actions: Iterable[str] = USING_A_KEY
) -> Kms:
    """
    The state in which a customer managed key of the caller's account is shared with another account.

    ``actions`` have their names in policies, without ``kms:``. Raises ValueError for an account or an action that a key
    cannot be shared with or for, NotFoundException for a key that is not there.
    """
    with_account = plain_text("with_account", with_account)
    key, shared = _own(kms, key_id, call), tuple(dict.fromkeys(map(str, actions)))
    if ACCOUNT.fullmatch(with_account) is None or with_account == key.key_arn.account:
        raise ValueError(f"a key is shared with another account, not with {with_account!r}")
    wrong = [each for each in shared if each not in ACTIONS or not ACTIONS[each].across_accounts]
    if wrong or not shared:
        raise ValueError(f"a key is not shared for {', '.join(wrong) or 'nothing'}")
    return kms.with_shares(key, (*_others(key, with_account), Share(with_account, shared)))


def unshare_key(kms: Kms, key_id: str, with_account: str, call: Call) -> Kms:
    """The state in which a KMS key of the caller's account is no longer shared with another account."""
    key = _own(kms, key_id, call)
    return kms.with_shares(key, _others(key, with_account))


def _others(key: Key, than: str) -> tuple[Share, ...]:
    return tuple(each for each in key.shares if each.account != than)


def _own(kms: Kms, key_id: str, call: Call) -> Key:
    expect_state(kms, call)
    named = arn.parse(plain_text("key_id", key_id), call.caller.account, call.region)
    key = kms.key(named, call.now) if isinstance(named, KeyArn) else None
    if key is None or key.key_arn.account != call.caller.account:
        raise NotFoundException(f"Key '{named}' does not exist")
    if key.key_manager is KeyManagerType.AWS:
        raise ValueError(f"{key.arn} is an AWS managed key, which cannot be shared")
    return key
