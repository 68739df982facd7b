"""
The import token: which wrapping key, wrapping algorithm and hours an import is bound to.

A token carries all of that itself, sealed under a secret of its KMS key. So downloading one changes nothing in AWS KMS,
any number may be open at once, and one of another key, or one that was touched, does not open.
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
    """What an import token holds."""

    valid_to: datetime
    wrapping_algorithm: AlgorithmSpec
    private_key: Secret


def seal(token: ImportToken, import_secret: Secret, arn: str, hsm: Hsm, purpose: str) -> bytes:
    """The token as a client gets it."""
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

    Raises InvalidImportTokenException for what is no token of this key, ExpiredImportTokenException after 24 hours.
    """
    content = hsm.decrypt(import_secret, sealed, _additional_data(arn))
    if content is None:
        raise InvalidImportTokenException(arn=arn)
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
