"""
The import token, which binds an import to a wrapping key, a wrapping algorithm and 24 hours.

A token carries all of this itself, sealed under a secret of its KMS key. So downloading a token changes nothing in AWS
KMS, any number of tokens can be valid at once, and a token that belongs to another key, or was changed, does not open.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import final

from attrs import frozen

from kmsmodel.errors import ExpiredImportTokenException, InvalidImportTokenException
from kmsmodel.hsm.port import Hsm
from kmsmodel.hsm.secret import Secret
from kmsmodel.words.enumerations import AlgorithmSpec

VALIDITY = timedelta(hours=24)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_TIME_BYTES = 8


@final
@frozen(kw_only=True)
class ImportToken:
    """The contents of an import token."""

    valid_to: datetime
    wrapping_algorithm: AlgorithmSpec
    private_key: Secret


def seal(token: ImportToken, import_secret: Secret, arn: str, hsm: Hsm, purpose: str) -> bytes:
    """The sealed token that a client gets."""
    time = (token.valid_to - _EPOCH) // _MICROSECOND
    content = b"".join(
        (
            time.to_bytes(_TIME_BYTES, "big", signed=True),
            token.wrapping_algorithm.encode() + b"\0",
            token.private_key.reveal(),
        )
    )
    return hsm.encrypt(import_secret, content, _additional_data(arn), purpose)


def unseal(sealed: bytes, import_secret: Secret, arn: str, hsm: Hsm, now: datetime) -> ImportToken:
    """
    The token that was made for the key ``arn``.

    Raises InvalidImportTokenException for any other bytes, ExpiredImportTokenException 24 hours after it was made.
    """
    content = hsm.decrypt(import_secret, sealed, _additional_data(arn))
    if content is None:
        raise InvalidImportTokenException(arn=arn).with_note(
            "it is not a token for this KMS key, as it was given"
        )
    time = int.from_bytes(content[:_TIME_BYTES], "big", signed=True)
    algorithm, _, private_key = content[_TIME_BYTES:].partition(b"\0")
    valid_to = _EPOCH + time * _MICROSECOND
    if valid_to <= now:
        raise ExpiredImportTokenException(arn=arn)
    return ImportToken(
        valid_to=valid_to,
        wrapping_algorithm=AlgorithmSpec(algorithm.decode()),
        private_key=Secret(private_key),
    )


def _additional_data(arn: str) -> bytes:
    return b"kmsmodel import token\0" + arn.encode()
