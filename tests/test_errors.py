"""
AWS's errors.
"""

from __future__ import annotations

import copy
import pickle
import traceback

import pytest
from hypothesis import given, strategies as st

from kmsmodel import errors
from kmsmodel.errors import KmsError, NotFoundException

ALL = sorted(KmsError.__subclasses__(), key=lambda cls: cls.__name__)


@pytest.mark.parametrize("error", ALL)
@given(message=st.text(), arn=st.none() | st.text(), key_state=st.none() | st.text())
def test_a_copy_of_an_error_says_the_same(
    error: type[KmsError], message: str, arn: str | None, key_state: str | None
) -> None:
    one = error(message, arn=arn, key_state=key_state)
    for other in (copy.copy(one), copy.deepcopy(one), pickle.loads(pickle.dumps(one))):
        assert type(other) is error
        assert (other.message, other.arn, other.key_state) == (message, arn, key_state)
        assert (str(other), other.args, other.code) == (message, (message,), error.__name__)


@pytest.mark.parametrize("error", ALL)
def test_the_name_of_a_class_is_the_code_on_the_wire(error: type[KmsError]) -> None:
    one = error()
    assert (one.code, one.message, one.arn, one.key_state) == (error.__name__, "", None, None)
    assert error.__name__.endswith("Exception")
    assert error.__doc__


def test_an_error_has_a_status_of_400_unless_http_has_another_for_it() -> None:
    statuses = {error.__name__: error.http_status for error in ALL}
    others = {
        "DependencyTimeoutException": 500,
        "KMSInternalException": 500,
        "KeyUnavailableException": 500,
        "RequestEntityTooLargeException": 413,
    }
    assert statuses == dict.fromkeys(statuses, 400) | others


def test_every_error_is_a_direct_kind_of_kms_error() -> None:
    """So `except NotFoundException` never catches another error of AWS's."""
    classes = {
        value
        for value in vars(errors).values()
        if isinstance(value, type) and issubclass(value, KmsError) and value is not KmsError
    }
    assert classes == set(ALL)


def test_an_error_can_be_raised_from_another_and_annotated() -> None:
    error = NotFoundException("gone")
    error.add_note("a note")
    with pytest.raises(NotFoundException) as caught:
        raise error from ValueError("cause")
    assert isinstance(caught.value.__cause__, ValueError)
    assert "NotFoundException: gone\na note" in "".join(traceback.format_exception(error))


def test_the_notes_of_an_error_survive_a_pickle_and_a_copy() -> None:
    error = errors.ValidationException("text", arn="arn")
    error.add_note("where")
    for again in (pickle.loads(pickle.dumps(error)), copy.copy(error)):
        assert (again.message, again.arn, again.__notes__) == ("text", "arn", ["where"])
