"""
Secret bytes, which are kept from view.
"""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest
from hypothesis import given, strategies as st

from kmsmodel.hsm.secret import Secret

SECRETS = st.binary(max_size=40)


@given(SECRETS)
def test_a_secret_shows_nowhere_but_where_it_is_revealed(value: bytes) -> None:
    secret = Secret(value)
    assert secret.reveal() == value
    assert repr(secret) == str(secret) == f"{secret}" == "Secret(...)"


@given(one=SECRETS, other=SECRETS)
def test_secrets_are_equal_when_their_bytes_are(one: bytes, other: bytes) -> None:
    assert (Secret(one) == Secret(other)) is (one == other)
    assert Secret(one) == Secret(bytes(one))
    assert hash(Secret(one)) == hash(Secret(bytes(one)))
    assert Secret(one) != one


@given(SECRETS)
def test_a_copy_of_a_secret_is_equal(value: bytes) -> None:
    secret = Secret(value)
    assert copy.deepcopy(secret) == copy.copy(secret) == secret
    assert pickle.loads(pickle.dumps(secret)) == secret


def test_a_secret_does_not_change_when_what_it_was_made_of_does() -> None:
    buffer: Any = bytearray(b"abc")
    secret = Secret(buffer)
    buffer[0] = 0
    assert secret.reveal() == b"abc"
    with pytest.raises(AttributeError, match=r"^a secret does not change$"):
        setattr(secret, "_value", b"")  # noqa: B010 - it is private
    with pytest.raises(AttributeError):
        setattr(secret, "other", 1)  # noqa: B010 - type checkers know that it is not there
