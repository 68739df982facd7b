"""
The state machine that compares a client with the model.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from kmsmodel import boto
from kmsmodel.local import LocalKms
from kmsmodel.testing.clients import QUICK, ClientMachine

_settings = settings(QUICK, derandomize=True, database=None)


class OfTheModel(ClientMachine):
    def make_client(self) -> Any:
        return boto.client(LocalKms())


class _AlwaysEnabled:
    """A client to whom a key that waits for key material is enabled, as some emulators have it."""

    def __init__(self) -> None:
        self._client: Any = boto.client(LocalKms())

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def create_key(self, **members: Any) -> Any:
        return self._client.create_key(**{**members, "Origin": "AWS_KMS"})


class OfAnEmulator(ClientMachine):
    def make_client(self) -> Any:
        return _AlwaysEnabled()


def test_the_model_answers_as_the_model() -> None:
    run_state_machine_as_test(OfTheModel, settings=_settings)


def test_a_difference_is_told_with_the_shortest_program_that_shows_it() -> None:
    with pytest.raises(AssertionError, match="create_key: the model answers") as caught:
        run_state_machine_as_test(OfAnEmulator, settings=_settings)
    notes = "\n".join(caught.value.__notes__)
    assert "This program shows it:\nkey_0 = kms.create_key(Origin='EXTERNAL')" in notes


def test_a_subclass_says_which_client_is_tested() -> None:
    with pytest.raises(NotImplementedError, match="a subclass of ClientMachine says"):
        ClientMachine()
