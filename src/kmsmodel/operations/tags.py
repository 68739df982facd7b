"""
Tags: keys and values by which customers organize their KMS keys, and policies distinguish them.
"""

from __future__ import annotations

from operator import attrgetter
from typing import final

from attrs import evolve, frozen

from kmsmodel.calls import access
from kmsmodel.calls.call import Call
from kmsmodel.calls.request import Request
from kmsmodel.key import tag
from kmsmodel.key.tag import TagList
from kmsmodel.memory.kms import Kms
from kmsmodel.memory.pages import name_in_marker, page_of, page_size
from kmsmodel.words.shapes import KeyIdType, LimitType, MarkerType, TagKeyList

# ---- TagResource


@final
@frozen(kw_only=True)
class TagResourceResponse:
    pass


@final
@frozen(kw_only=True)
class TagResourceRequest(Request[TagResourceResponse]):
    key_id: KeyIdType
    tags: TagList


def tag_resource(
    kms: Kms, request: TagResourceRequest, call: Call
) -> tuple[Kms, TagResourceResponse]:
    """
    Add tags to a KMS key; a tag key that it already has gets the new value.
    """
    key = access.key(kms, request.key_id, request, call)
    tag.check(request.tags)
    given = {each.tag_key: each for each in request.tags}
    kept = [given.pop(each.tag_key, each) for each in key.tags]
    tags = (*kept, *given.values())
    tag.check(tags)
    return kms.with_key(evolve(key, tags=tags)), TagResourceResponse()


# ---- UntagResource


@final
@frozen(kw_only=True)
class UntagResourceResponse:
    pass


@final
@frozen(kw_only=True)
class UntagResourceRequest(Request[UntagResourceResponse]):
    key_id: KeyIdType
    tag_keys: TagKeyList


def untag_resource(
    kms: Kms, request: UntagResourceRequest, call: Call
) -> tuple[Kms, UntagResourceResponse]:
    """
    Remove tags from a KMS key; a tag key that it does not have is ignored.
    """
    key = access.key(kms, request.key_id, request, call)
    tags = tuple(each for each in key.tags if each.tag_key not in request.tag_keys)
    return kms.with_key(evolve(key, tags=tags)), UntagResourceResponse()


# ---- ListResourceTags


@final
@frozen(kw_only=True)
class ListResourceTagsResponse:
    tags: TagList
    truncated: bool
    next_marker: MarkerType | None = None


@final
@frozen(kw_only=True)
class ListResourceTagsRequest(Request[ListResourceTagsResponse]):
    """A request for the tags of a KMS key, up to 50 a page."""

    key_id: KeyIdType
    limit: LimitType | None = None
    marker: MarkerType | None = None


def list_resource_tags(
    kms: Kms, request: ListResourceTagsRequest, call: Call
) -> tuple[Kms, ListResourceTagsResponse]:
    """
    List the tags of a KMS key, in the order of their tag keys.
    """
    size = page_size(request.limit, 50, most=50)
    key = access.key(kms, request.key_id, request, call)
    after = name_in_marker(request.operation, request.marker)
    tags = sorted(key.tags, key=attrgetter("tag_key"))
    found = [(each.tag_key, each) for each in tags if each.tag_key > after]
    listed = page_of(request.operation, found, size)
    return kms, ListResourceTagsResponse(
        tags=listed.entries, truncated=listed.truncated, next_marker=listed.next_marker
    )
