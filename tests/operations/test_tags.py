"""
Tags: keys and values by which customers sort their KMS keys.
"""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from kmsmodel.errors import (
    InvalidMarkerException,
    KMSInvalidStateException,
    TagException,
    ValidationException,
)
from kmsmodel.key.tag import Tag
from kmsmodel.local import LocalKms
from kmsmodel.memory.pages import marker
from kmsmodel.operations.deletion import ScheduleKeyDeletionRequest
from kmsmodel.operations.keys import CreateKeyRequest
from kmsmodel.operations.tags import (
    ListResourceTagsRequest,
    ListResourceTagsResponse,
    TagResourceRequest,
    TagResourceResponse,
    UntagResourceRequest,
    UntagResourceResponse,
)
from tests.operations.steps import arn_of, create, describe, local_kms, refused


def tags_of(**values: str) -> tuple[Tag, ...]:
    return tuple(Tag(tag_key=key, tag_value=value) for key, value in values.items())


def tag(local: LocalKms, key_id: str, **values: str) -> None:
    local.handle(TagResourceRequest(key_id=key_id, tags=tags_of(**values)))


def tags(local: LocalKms, key_id: str) -> tuple[Tag, ...]:
    answer = local.handle(ListResourceTagsRequest(key_id=key_id))
    assert not answer.truncated
    return answer.tags


# ---- TagResource and UntagResource


def test_tags_are_added_edited_and_removed_one_by_one(local: LocalKms) -> None:
    key_id = create(local, tags=tags_of(team="hr", stage="test")).key_id
    assert tags(local, key_id) == tags_of(stage="test", team="hr")
    request = TagResourceRequest(key_id=key_id, tags=tags_of(owner="", stage="live"))
    assert local.handle(request) == TagResourceResponse()
    assert tags(local, key_id) == tags_of(owner="", stage="live", team="hr")
    untag = UntagResourceRequest(key_id=key_id, tag_keys=("team", "owner"))
    assert local.handle(untag) == UntagResourceResponse()
    assert tags(local, key_id) == tags_of(stage="live")


CHANGES = st.lists(
    st.dictionaries(st.sampled_from("abcAB"), st.text("abc _-", max_size=3), max_size=4)
    | st.lists(st.sampled_from("abcAB"), max_size=3),
    max_size=8,
)
"""Tags to add, or tag keys to remove."""


@given(changes=CHANGES)
def test_the_tags_of_a_key_are_a_dictionary(changes: list[dict[str, str] | list[str]]) -> None:
    local = local_kms()
    key_id = create(local).key_id
    expected: dict[str, str] = {}
    for change in changes:
        if isinstance(change, dict):
            tag(local, key_id, **change)
            expected |= change
        else:
            local.handle(UntagResourceRequest(key_id=key_id, tag_keys=tuple(change)))
            expected = {key: value for key, value in expected.items() if key not in change}
        assert tags(local, key_id) == tags_of(**dict(sorted(expected.items())))


def test_tags_are_told_apart_by_case(local: LocalKms) -> None:
    key_id = create(local).key_id
    tag(local, key_id, Team="a", team="b")
    local.handle(UntagResourceRequest(key_id=key_id, tag_keys=("TEAM", "Team")))
    assert tags(local, key_id) == tags_of(team="b")


def test_untagging_what_is_not_there_changes_nothing(local: LocalKms) -> None:
    key_id = create(local, tags=tags_of(a="1")).key_id
    local.handle(UntagResourceRequest(key_id=key_id, tag_keys=("b", "aws:c")))
    assert tags(local, key_id) == tags_of(a="1")


def test_tags_do_not_show_in_the_metadata(local: LocalKms) -> None:
    metadata = create(local)
    tag(local, metadata.key_id, a="1")
    assert describe(local, metadata.key_id) == metadata


def test_a_key_has_up_to_fifty_tags(local: LocalKms) -> None:
    key_id = create(local, tags=tags_of(**{str(number): "" for number in range(49)})).key_id
    tag(local, key_id, **{"48": "new value", "49": ""})
    request = TagResourceRequest(key_id=key_id, tags=tags_of(one_more=""))
    refused(local, request, TagException, "Too many tags")
    tag(local, key_id, **{"0": "new value"})
    local.handle(UntagResourceRequest(key_id=key_id, tag_keys=("0",)))
    local.handle(request)
    assert len(tags(local, key_id)) == 50


@pytest.mark.parametrize(
    "given_, message",
    [
        (tags_of(a="1") * 2, "Duplicate tag keys"),
        (tags_of(a="1") + tags_of(a="2"), "Duplicate tag keys"),
        (tags_of(**{"aws:a": ""}), "Tags beginning with aws: are reserved"),
        (tags_of(b="", **{"AwS:": ""}), "Tags beginning with aws: are reserved"),
        (tags_of(**{str(number): "" for number in range(51)}), "Too many tags"),
    ],
    ids=["the same", "another value", "reserved", "reserved in any case", "fifty-one"],
)
def test_tags_that_cannot_be_a_keys_own_are_refused(
    local: LocalKms, given_: tuple[Tag, ...], message: str
) -> None:
    key_id = create(local).key_id
    refused(local, TagResourceRequest(key_id=key_id, tags=given_), TagException, message)


@pytest.mark.parametrize(
    "text", ["&", ",", "a\nb", "\t", "\0", "#", "\N{GRINNING FACE}", "a\N{COMBINING ACUTE ACCENT}"]
)
def test_a_tag_has_letters_digits_spaces_and_a_few_marks_only(local: LocalKms, text: str) -> None:
    """In its value as in its key, and when a key is created as well."""
    key_id = create(local).key_id
    for given_ in (tags_of(**{text: ""}), tags_of(**{"aws:": "", "a": text})):
        for request in (
            TagResourceRequest(key_id=key_id, tags=given_),
            CreateKeyRequest(tags=given_),
        ):
            refused(local, request, TagException, "Invalid tag")


def test_a_tag_may_be_in_any_script(local: LocalKms) -> None:
    given_ = tags_of(
        **{"_.:/=+-@ \N{NO-BREAK SPACE}9": "\N{ROMAN NUMERAL ONE}", "キー": "é", "a": "٣"}
    )
    key_id = create(local, tags=given_).key_id
    assert set(tags(local, key_id)) == set(given_)


def test_a_tag_key_that_only_looks_like_a_reserved_one_is_allowed(local: LocalKms) -> None:
    key_id = create(local).key_id
    tag(local, key_id, aws="", **{" aws:": "", "laws:": ""})
    assert len(tags(local, key_id)) == 3


def test_a_tag_key_has_1_to_128_characters_and_a_value_up_to_256(local: LocalKms) -> None:
    too_long = tags_of(**{"k" * 129: "v" * 257})
    message = (
        f"2 validation errors detected: Value '{'k' * 129}' at 'tags.1.member.tagKey' failed to "
        "satisfy constraint: Member must have length less than or equal to 128; "
        f"Value '{'v' * 257}' at 'tags.1.member.tagValue' failed to satisfy constraint: "
        "Member must have length less than or equal to 256"
    )
    refused(local, TagResourceRequest(key_id="1", tags=too_long), ValidationException, message)
    without_key = tags_of(a="") + tags_of(**{"": ""})
    message = (
        "1 validation error detected: Value '' at 'tags.2.member.tagKey' failed to satisfy "
        "constraint: Member must have length greater than or equal to 1"
    )
    refused(local, TagResourceRequest(key_id="1", tags=without_key), ValidationException, message)
    for tag_key in ("", "k" * 129):
        with pytest.raises(ValidationException):
            local.handle(UntagResourceRequest(key_id="1", tag_keys=(tag_key,)))


def test_a_key_that_is_pending_deletion_keeps_its_tags(local: LocalKms) -> None:
    arn = arn_of(create(local, tags=tags_of(a="1")))
    local.handle(ScheduleKeyDeletionRequest(key_id=arn))
    for request in (
        TagResourceRequest(key_id=arn, tags=tags_of(b="2")),
        UntagResourceRequest(key_id=arn, tag_keys=("a",)),
    ):
        refused(local, request, KMSInvalidStateException, f"{arn} is pending deletion.")
    assert tags(local, arn) == tags_of(a="1")


# ---- ListResourceTags


def test_the_tags_of_a_key_are_listed_by_their_keys_in_pages(local: LocalKms) -> None:
    key_id = create(local, tags=tags_of(c="3", a="1", b="2")).key_id
    first = local.handle(ListResourceTagsRequest(key_id=key_id, limit=2))
    assert first == ListResourceTagsResponse(
        tags=tags_of(a="1", b="2"), truncated=True, next_marker=first.next_marker
    )
    request = ListResourceTagsRequest(key_id=key_id, limit=2, marker=first.next_marker)
    assert local.handle(request) == ListResourceTagsResponse(tags=tags_of(c="3"), truncated=False)


def test_a_page_has_all_fifty_tags_unless_the_request_says_otherwise(local: LocalKms) -> None:
    key_id = create(local, tags=tags_of(**{str(number): "" for number in range(50)})).key_id
    assert len(tags(local, key_id)) == 50
    assert len(local.handle(ListResourceTagsRequest(key_id=key_id, limit=50)).tags) == 50


def test_a_key_without_tags_has_an_empty_list(local: LocalKms) -> None:
    for key_id in (create(local).key_id, describe(local, "alias/aws/s3").key_id):
        assert tags(local, key_id) == ()


@given(
    keys=st.sets(
        st.text(st.characters(categories=["L", "N", "Z"]), min_size=1, max_size=128), max_size=4
    )
)
def test_a_tag_key_of_any_script_can_be_the_last_of_a_page(keys: set[str]) -> None:
    given_ = dict.fromkeys(keys, "")
    local = local_kms()
    key_id = create(local, tags=tags_of(**given_)).key_id
    listed: list[str] = []
    page = local.handle(ListResourceTagsRequest(key_id=key_id, limit=1))
    listed += [each.tag_key for each in page.tags]
    while page.truncated:
        request = ListResourceTagsRequest(key_id=key_id, limit=1, marker=page.next_marker)
        page = local.handle(request)
        listed += [each.tag_key for each in page.tags]
    assert listed == sorted(given_)


@pytest.mark.parametrize(
    "limit, bound",
    [
        (0, "greater than or equal to 1"),
        (51, "less than or equal to 50"),
        (1001, "less than or equal to 1000"),
    ],
)
def test_a_limit_of_list_resource_tags_is_1_to_50(local: LocalKms, limit: int, bound: str) -> None:
    message = (
        f"1 validation error detected: Value '{limit}' at 'limit' failed to satisfy constraint: "
        f"Member must have value {bound}"
    )
    request = ListResourceTagsRequest(key_id=create(local).key_id, limit=limit)
    refused(local, request, ValidationException, message)


@pytest.mark.parametrize("text", ["nonsense", marker("ListAliases", "1")])
def test_a_marker_is_one_that_list_resource_tags_gave(local: LocalKms, text: str) -> None:
    request = ListResourceTagsRequest(key_id=create(local).key_id, marker=text)
    refused(local, request, InvalidMarkerException, "")
