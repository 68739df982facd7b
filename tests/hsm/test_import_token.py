"""
Import tokens: authentic, bound to their key, and valid for a time.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, strategies as st

from kmsmodel.errors import ExpiredImportTokenException, InvalidImportTokenException
from kmsmodel.hsm.import_token import VALIDITY, ImportToken, seal, unseal
from kmsmodel.hsm.secret import Secret
from kmsmodel.words.enumerations import AlgorithmSpec
from tests.basics import ARN, HSM, MICROSECOND

SECRET = Secret(bytes(32))

TOKENS = st.builds(
    ImportToken,
    valid_to=st.datetimes(min_value=datetime(1900, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    wrapping_algorithm=st.sampled_from(AlgorithmSpec),
    private_key=st.binary(max_size=99).map(Secret),
)


@given(TOKENS)
def test_a_token_says_what_was_sealed_in_it_until_it_expires(token: ImportToken) -> None:
    sealed = seal(token, SECRET, ARN, HSM, "token")
    assert unseal(sealed, SECRET, ARN, HSM, token.valid_to - MICROSECOND) == token
    with pytest.raises(ExpiredImportTokenException) as caught:
        unseal(sealed, SECRET, ARN, HSM, token.valid_to)
    assert caught.value.arn == ARN


@given(token=TOKENS, secret=st.binary(min_size=32, max_size=32), arn=st.text(max_size=9))
def test_a_token_opens_with_the_secret_and_the_arn_of_its_key_only(
    token: ImportToken, secret: bytes, arn: str
) -> None:
    sealed = seal(token, SECRET, ARN, HSM, "token")
    for other_secret, other_arn in ((Secret(secret), ARN), (SECRET, arn)):
        if (other_secret, other_arn) != (SECRET, ARN):
            with pytest.raises(InvalidImportTokenException):
                unseal(sealed, other_secret, other_arn, HSM, token.valid_to - MICROSECOND)


def test_an_invalid_token_is_not_told_to_be_expired() -> None:
    with pytest.raises(InvalidImportTokenException):
        unseal(b"no token", SECRET, ARN, HSM, datetime(9999, 1, 1, tzinfo=UTC))


def test_a_token_is_valid_for_24_hours() -> None:
    assert timedelta(hours=24) == VALIDITY


@given(TOKENS)
def test_a_token_does_not_show_the_private_key(token: ImportToken) -> None:
    assert "Secret(...)" in repr(token)
