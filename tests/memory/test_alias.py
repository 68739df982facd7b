"""
An alias and its KMS key: each knows of the other, whatever happens to them.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count
from typing import Any, TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from kmsmodel.calls.call import Call
from kmsmodel.calls.request import Request
from kmsmodel.crypto.seeded_hsm import SeededHsm
from kmsmodel.errors import (
    AlreadyExistsException,
    KmsError,
    KMSInvalidStateException,
    NotFoundException,
)
from kmsmodel.memory.account import AccountInRegion
from kmsmodel.memory.kms import Kms
from kmsmodel.operations.aliases import (
    CreateAliasRequest,
    DeleteAliasRequest,
    ListAliasesRequest,
    UpdateAliasRequest,
)
from kmsmodel.operations.deletion import CancelKeyDeletionRequest, ScheduleKeyDeletionRequest
from kmsmodel.operations.keys import CreateKeyRequest, DescribeKeyRequest
from kmsmodel.service import handle
from tests.basics import AWS_MANAGED, NOW

T = TypeVar("T")

NAMES = st.sampled_from(["alias/B", "alias/a", "alias/c"])
KEYS = st.integers(0, 3)


class AliasesOfOneAccount(RuleBasedStateMachine):
    """
    Aliases beside a dictionary of what they name.

    Everything is asked twice: of a state in which time has been written down each time, and of one where it never is.
    """

    def __init__(self) -> None:
        super().__init__()
        self.now: datetime = NOW
        self.calls = count(1)
        self.kms = self.settled = Kms()
        self.keys: list[str] = []
        self.deletion_dates: dict[str, datetime] = {}
        self.targets: dict[str, str] = {}
        self.create_key()

    # ---- what is done

    @precondition(lambda self: len(self.keys) < 4)
    @rule()
    def create_key(self) -> None:
        self.keys.append(self.ask(CreateKeyRequest()).key_metadata.key_id)

    @rule(alias_name=NAMES, number=KEYS)
    def create_alias(self, alias_name: str, number: int) -> None:
        key_id = self.key(number)
        request = CreateAliasRequest(alias_name=alias_name, target_key_id=key_id)
        if self.is_gone(key_id):
            self.refused(request, NotFoundException)
        elif key_id in self.deletion_dates:
            self.refused(request, KMSInvalidStateException)
        elif alias_name in self.targets:
            self.refused(request, AlreadyExistsException)
        else:
            self.ask(request)
            self.targets[alias_name] = key_id

    @rule(alias_name=NAMES, number=KEYS)
    def update_alias(self, alias_name: str, number: int) -> None:
        key_id = self.key(number)
        request = UpdateAliasRequest(alias_name=alias_name, target_key_id=key_id)
        if self.is_gone(key_id):
            self.refused(request, NotFoundException)
        elif key_id in self.deletion_dates:
            self.refused(request, KMSInvalidStateException)
        elif alias_name not in self.targets:
            self.refused(request, NotFoundException)
        else:
            self.ask(request)
            self.targets[alias_name] = key_id

    @rule(alias_name=NAMES)
    def delete_alias(self, alias_name: str) -> None:
        request = DeleteAliasRequest(alias_name=alias_name)
        if alias_name in self.targets:
            self.ask(request)
            del self.targets[alias_name]
        else:
            self.refused(request, NotFoundException)

    @rule()
    def use_an_aws_managed_key(self) -> None:
        key_id = self.ask(DescribeKeyRequest(key_id=AWS_MANAGED)).key_metadata.key_id
        assert self.targets.setdefault(AWS_MANAGED, key_id) == key_id

    @rule(number=KEYS)
    def schedule_key_deletion(self, number: int) -> None:
        key_id = self.key(number)
        if key_id not in self.deletion_dates:
            self.ask(ScheduleKeyDeletionRequest(key_id=key_id, pending_window_in_days=7))
            self.deletion_dates[key_id] = self.now + timedelta(days=7)

    @rule(number=KEYS)
    def cancel_key_deletion(self, number: int) -> None:
        key_id = self.key(number)
        if key_id in self.deletion_dates and not self.is_gone(key_id):
            self.ask(CancelKeyDeletionRequest(key_id=key_id))
            del self.deletion_dates[key_id]

    @rule(days=st.sampled_from([1, 6, 7]))
    def wait(self, days: int) -> None:
        self.now += timedelta(days=days)
        self.settled = self.settled.settle(self.now)
        for alias_name, key_id in list(self.targets.items()):
            if self.is_gone(key_id):
                del self.targets[alias_name]

    # ---- what always holds

    @invariant()
    def what_is_listed_is_what_was_made(self) -> None:
        assert self.listed() == sorted(self.targets.items())
        for key_id in self.keys:
            if not self.is_gone(key_id):
                own = [each for each in self.listed(key_id=key_id) if each[1] is not None]
                assert own == sorted(each for each in self.targets.items() if each[1] == key_id)

    @invariant()
    def an_alias_and_its_key_know_of_each_other(self) -> None:
        for kms in (self.kms, self.settled):
            for of in kms.accounts.values():
                names = _names_at_keys(of)
                assert len(set(names)) == len(names)
                assert sorted(names) == sorted(
                    (alias.alias_name, alias.target_key_id)
                    for _, alias in of.aliases.page_after("", 100)
                )

    # ---- how it is asked

    def key(self, number: int) -> str:
        return self.keys[number % len(self.keys)]

    def is_gone(self, key_id: str) -> bool:
        return key_id in self.deletion_dates and self.deletion_dates[key_id] <= self.now

    def ask(self, request: Request[T]) -> T:
        call = Call(now=self.now, hsm=SeededHsm(), request_id=str(next(self.calls)))
        self.kms, answer = handle(self.kms, request, call)
        self.settled, answer_of_settled = handle(self.settled, request, call)
        assert answer_of_settled == answer
        return answer

    def refused(self, request: Request[Any], error: type[KmsError]) -> None:
        before = self.kms, self.settled
        try:
            self.ask(request)
        except error:
            assert (self.kms, self.settled) == before
        else:
            raise AssertionError(request)

    def listed(self, **of: str) -> list[tuple[str, str | None]]:
        """The aliases that have a target, page by page."""
        found: list[tuple[str, str | None]] = []
        marker = None
        while True:
            page = self.ask(ListAliasesRequest(limit=9, marker=marker, **of))
            found += [(each.alias_name, each.target_key_id) for each in page.aliases]
            marker = page.next_marker
            if marker is None:
                return [each for each in found if each[1] is not None]


def _names_at_keys(of: AccountInRegion) -> list[tuple[str, str]]:
    keys = [key for _, key in of.keys.page_after("", 100)]
    return [(alias_name, key.key_arn.key_id) for key in keys for alias_name in key.alias_names]


TestAliasesOfOneAccount = AliasesOfOneAccount.TestCase
