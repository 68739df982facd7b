"""
Lists in pages: whole in every page size, and markers that are opaque and good only for the operation that gave them.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given, strategies as st

from kmsmodel import boto
from kmsmodel.calls.aws_managed_key import LISTED_WITHOUT_A_KEY, PREDEFINED
from kmsmodel.calls.request import Request
from kmsmodel.errors import InvalidMarkerException, ValidationException
from kmsmodel.key.tag import Tag
from kmsmodel.local import LocalKms
from kmsmodel.memory.pages import (
    Page,
    marker,
    name_in_marker,
    page_of,
    page_of_whole,
    page_size,
)
from kmsmodel.operations.aliases import CreateAliasRequest, DeleteAliasRequest, ListAliasesRequest
from kmsmodel.operations.deletion import ScheduleKeyDeletionRequest
from kmsmodel.operations.keys import CreateKeyRequest, DescribeKeyRequest, ListKeysRequest
from kmsmodel.operations.rotation import RotateKeyOnDemandRequest
from kmsmodel.operations.tags import (
    ListResourceTagsRequest,
    TagResourceRequest,
    UntagResourceRequest,
)
from tests.operations.steps import create, local_kms

# ---- markers


@given(st.text(max_size=128))
@example("a:b")
def test_a_marker_holds_the_name_after_which_its_list_goes_on(name: str) -> None:
    assert name_in_marker("ListResourceTags", marker("ListResourceTags", name)) == name


def test_without_a_marker_a_list_starts_at_the_start() -> None:
    assert name_in_marker("ListKeys", None) == ""


@given(st.text(max_size=30))
@example(":")
def test_a_marker_of_another_operation_is_invalid(name: str) -> None:
    text = marker("ListKeyRotations", name)
    for operation in ("ListKeys", "ListKeyRotation", "ListKeyRotations:", ""):
        with pytest.raises(InvalidMarkerException):
            name_in_marker(operation, text)


@given(st.text(max_size=30) | st.binary(max_size=30).map(lambda b: base64.b64encode(b).decode()))
@example(base64.b64encode(b"ListKeys").decode())
def test_what_is_no_marker_is_invalid(text: str) -> None:
    with pytest.raises(InvalidMarkerException):
        name_in_marker("ListKeys", text)


@given(st.text(max_size=128))
@example("\U0010ffff" * 128)
def test_a_marker_is_made_of_characters_that_the_api_allows(name: str) -> None:
    assert re.fullmatch(r"[\u0020-\u00FF]{1,1024}", marker("ListKeyRotations", name))


# ---- pages


@given(entries=st.lists(st.integers(), max_size=9), size=st.integers(1, 10))
def test_pages_after_each_other_are_the_list(entries: list[int], size: int) -> None:
    pages: list[Page[int]] = [page_of_whole("ListKeys", entries, None, size)]
    while pages[-1].truncated:
        pages.append(page_of_whole("ListKeys", entries, pages[-1].next_marker, size))
    assert [entry for each in pages for entry in each.entries] == entries
    assert all(len(each.entries) == size for each in pages[:-1])
    assert all(each.entries for each in pages[1:])


def test_one_entry_more_than_a_page_has_shows_that_the_list_goes_on() -> None:
    found = [("a", "first"), ("b", "second"), ("c", "third")]
    assert page_of("ListKeys", found, 3) == Page(("first", "second", "third"), None)
    assert page_of("ListKeys", found, 2) == Page(("first", "second"), marker("ListKeys", "b"))


def test_a_page_has_as_many_entries_as_asked_for_up_to_a_most() -> None:
    assert (
        page_size(None, 50, most=100),
        page_size(1, 50, most=100),
        page_size(100, 50, most=100),
    ) == (
        50,
        1,
        100,
    )
    message = (
        "1 validation error detected: Value '101' at 'limit' failed to satisfy constraint: "
        "Member must have value less than or equal to 100"
    )
    with pytest.raises(ValidationException) as caught:
        page_size(101, 50, most=100)
    assert caught.value.message == message


# ---- all lists of AWS KMS


def furnished() -> tuple[LocalKms, str]:
    """A KMS of a few keys, one of which has several aliases, tags and key materials."""
    local = local_kms()
    key_id, *_ = [create(local).key_id for _ in range(4)]
    local.handle(DescribeKeyRequest(key_id="alias/aws/s3"))
    for name in ("one", "two", "three"):
        local.handle(CreateAliasRequest(alias_name=f"alias/{name}", target_key_id=key_id))
        tags = (Tag(tag_key=name, tag_value=""),)
        local.handle(TagResourceRequest(key_id=key_id, tags=tags))
        local.handle(RotateKeyOnDemandRequest(key_id=key_id))
    return local, key_id


@pytest.mark.parametrize(
    "operation, members, entries, number",
    [
        ("list_keys", {}, "Keys", 5),
        ("list_aliases", {}, "Aliases", len(LISTED_WITHOUT_A_KEY) + 3),
        ("list_aliases", {"KeyId"}, "Aliases", 3),
        ("list_resource_tags", {"KeyId"}, "Tags", 3),
        ("list_key_policies", {"KeyId"}, "PolicyNames", 1),
        ("list_key_rotations", {"KeyId"}, "Rotations", 3),
    ],
)
def test_botocores_paginators_walk_each_list_to_its_end_in_every_page_size(
    operation: str, members: set[str], entries: str, number: int
) -> None:
    local, key_id = furnished()
    client: Any = boto.client(local)
    asked = dict.fromkeys(members, key_id)
    for size in range(1, number + 2):
        walk = client.get_paginator(operation).paginate(
            **asked, PaginationConfig={"PageSize": size}
        )
        pages: list[list[object]] = [each[entries] for each in walk]
        assert [len(each) for each in pages[:-1]] == [size] * (len(pages) - 1)
        listed = [repr(entry) for each in pages for entry in each]
        assert len(set(listed)) == len(listed) == number


MANAGED = tuple(PREDEFINED)[:10]
"""Some of them are listed before they have a key, and some are not."""


class Keys:
    """Lists of keys. One is removed when its waiting period is over."""

    def __init__(self, local: LocalKms) -> None:
        self.local = local
        self.key_ids: dict[int, str] = {}

    def add(self, number: int) -> None:
        self.key_ids[number] = self.local.handle(CreateKeyRequest()).key_metadata.key_id

    def remove(self, number: int) -> None:
        request = ScheduleKeyDeletionRequest(key_id=self.key_ids[number], pending_window_in_days=7)
        self.local.handle(request)
        self.local.clock.advance(days=7)

    def page(self, **asked: Any) -> tuple[list[int], str | None]:
        answer = self.local.handle(ListKeysRequest(**asked))
        numbers = {key_id: number for number, key_id in self.key_ids.items()}
        return [numbers[each.key_id] for each in answer.keys], answer.next_marker


class Tags:
    """Lists of the tags of a key."""

    def __init__(self, local: LocalKms) -> None:
        self.local = local
        self.key_id = create(local).key_id

    def add(self, number: int) -> None:
        tags = (Tag(tag_key=str(number), tag_value=""),)
        self.local.handle(TagResourceRequest(key_id=self.key_id, tags=tags))

    def remove(self, number: int) -> None:
        self.local.handle(UntagResourceRequest(key_id=self.key_id, tag_keys=(str(number),)))

    def page(self, **asked: Any) -> tuple[list[int], str | None]:
        answer = self.local.handle(ListResourceTagsRequest(key_id=self.key_id, **asked))
        return [int(each.tag_key) for each in answer.tags], answer.next_marker


class AliasesOfAKey:
    """Lists of the aliases of a key."""

    def __init__(self, local: LocalKms) -> None:
        self.local = local
        self.key_id = create(local).key_id

    def add(self, number: int) -> None:
        name = f"alias/{number}"
        self.local.handle(CreateAliasRequest(alias_name=name, target_key_id=self.key_id))

    def remove(self, number: int) -> None:
        self.local.handle(DeleteAliasRequest(alias_name=f"alias/{number}"))

    def request(self, **asked: Any) -> ListAliasesRequest:
        return ListAliasesRequest(key_id=self.key_id, **asked)

    def page(self, **asked: Any) -> tuple[list[int], str | None]:
        answer = self.local.handle(self.request(**asked))
        names = [each.alias_name.removeprefix("alias/") for each in answer.aliases]
        return [int(name) for name in names if name.isdigit()], answer.next_marker


class Aliases(AliasesOfAKey):
    """Lists of all aliases, among which AWS managed keys are made meanwhile."""

    def add(self, number: int) -> None:
        super().add(number)
        self.local.handle(DescribeKeyRequest(key_id=MANAGED[number]))

    def request(self, **asked: Any) -> ListAliasesRequest:
        return ListAliasesRequest(**asked)


@pytest.mark.parametrize("kind", [Keys, Tags, AliasesOfAKey, Aliases])
@given(
    before=st.sets(st.integers(0, 9), max_size=6),
    changes=st.lists(st.integers(0, 9) | st.none(), max_size=12),
    size=st.integers(1, 3),
)
def test_an_entry_that_is_there_all_the_time_is_listed_once_whatever_else_changes(
    kind: Callable[[LocalKms], Any], before: set[int], changes: list[int | None], size: int
) -> None:
    """Between two pages entries come and go; a change of none is the next page."""
    entries = kind(local_kms())
    for number in before:
        entries.add(number)
    there, all_the_time, at_some_time = set(before), set(before), set(before)
    listed, next_marker = entries.page(limit=size)
    for change in changes:
        if change is None:
            if next_marker is not None:
                more, next_marker = entries.page(limit=size, marker=next_marker)
                listed += more
        elif change in there:
            entries.remove(change)
            there.remove(change)
            all_the_time.discard(change)
        else:
            entries.add(change)
            there.add(change)
            at_some_time.add(change)
    while next_marker is not None:
        more, next_marker = entries.page(limit=size, marker=next_marker)
        listed += more
    assert [listed.count(number) for number in all_the_time] == [1] * len(all_the_time)
    assert set(listed) <= at_some_time


@pytest.mark.parametrize(
    "request_",
    [
        ListKeysRequest(marker="nonsense"),
        ListKeysRequest(marker=marker("ListAliases", "1")),
        ListAliasesRequest(marker=marker("ListKeys", "1")),
    ],
)
def test_a_marker_is_one_that_the_list_gave(request_: Request[Any]) -> None:
    with pytest.raises(InvalidMarkerException) as caught:
        local_kms().handle(request_)
    assert caught.value.message == ""
