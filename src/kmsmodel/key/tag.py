"""
The tags of a KMS key.
"""

from __future__ import annotations

import unicodedata
from typing import final

from attrs import frozen

from kmsmodel.errors import TagException
from kmsmodel.words.shapes import TagKeyType, TagValueType

MAXIMUM_TAGS = 50

_MARKS = frozenset("_.:/=+-@")


@final
@frozen(kw_only=True)
class Tag:
    """A tag key and a tag value, both case-sensitive."""

    tag_key: TagKeyType
    tag_value: TagValueType


TagList = tuple[Tag, ...]


def check(tags: TagList) -> None:
    """Refuse tags that one KMS key cannot have together. Raises TagException."""
    if not all(map(_has_only_fit_characters, tags)):
        raise TagException("Invalid tag")
    keys = [tag.tag_key for tag in tags]
    if any(key.lower().startswith("aws:") for key in keys):
        raise TagException("Tags beginning with aws: are reserved")
    if len(set(keys)) < len(keys):
        raise TagException("Duplicate tag keys")
    if len(keys) > MAXIMUM_TAGS:
        raise TagException("Too many tags")


def _has_only_fit_characters(tag: Tag) -> bool:
    """Letters, numbers and spaces of any script, and a few marks; line breaks and other controls are none of them."""
    return all(
        character in _MARKS or unicodedata.category(character)[0] in "LNZ"
        for character in tag.tag_key + tag.tag_value
    )
