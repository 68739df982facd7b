"""
Texts: JSON and YAML, with the line and the column of each value.

PyYAML reads both for the places. In YAML, the short forms of CloudFormation's functions (``!Sub`` and the like) become
the long ones.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, final

from attrs import field, frozen

from kmsmodel.pipeline.stored import NotUnderstoodError
from kmsmodel.policy.places import Path, Place, places
from kmsmodel.words import strict_json

if TYPE_CHECKING:
    from yaml import Node


@final
@frozen
class Text:
    """A text, its content, and where each value of it stands; ``names`` are the places of the names of members."""

    text: str
    content: object
    places: Mapping[Path, Place] = field(factory=dict[Path, Place])
    names: Mapping[Path, Place] = field(factory=dict[Path, Place])


def is_json(text: str) -> bool:
    """Does the text begin as an object or a list of JSON does?"""
    return text.lstrip("\ufeff \t\r\n")[:1] in {"{", "["}


def read(text: str) -> Text:
    """The content of a text in JSON or YAML. Raises NotUnderstoodError for one that is neither."""
    text = text.removeprefix("\ufeff")
    return _json(text) if is_json(text) else _yaml(text)


def _json(text: str) -> Text:
    try:
        content = strict_json.loads(text)
    except json.JSONDecodeError as error:
        raise NotUnderstoodError(
            f"this is not JSON: {error.msg}", Place(error.lineno, error.colno)
        ) from None
    except ValueError as error:
        known = places(text)
        place = known.of_name(*known.twice[0]) if known.twice else None
        raise NotUnderstoodError(str(error), place) from None
    if len(text) > _LONGEST:
        return Text(text, content)
    try:  # only for the places: JSON without tabs, which are white space in it, is YAML
        found = _yaml(text.replace("\t", " "))
    except NotUnderstoodError:
        return Text(text, content)
    return Text(text, content, found.places, found.names)


_LONGEST = 4_000_000
"""A longer JSON is read without places: those of a plan of Terraform tell nothing, since it is one line."""


def _yaml(text: str) -> Text:
    try:
        import yaml  # noqa: PLC0415 # what needs an extra is imported where it is used

        from kmsmodel.iam_file import scalar  # noqa: PLC0415
    except ModuleNotFoundError as error:
        note = "YAML needs an extra: pip install '.[iam]' in a clone of kmsmodel"
        raise NotUnderstoodError(note) from error
    try:
        node = yaml.compose(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = None if mark is None else Place(mark.line + 1, mark.column + 1)
        raise NotUnderstoodError(error.problem or "this is not YAML", place) from None
    except (yaml.YAMLError, RecursionError) as error:
        raise NotUnderstoodError(f"this is not YAML: {error}") from None
    reader = _Yaml(scalar, _starts(text))
    return Text(text, reader.value(node) if node else None, reader.places, reader.names)


def _starts(text: str) -> list[int]:
    """Where each line starts. For YAML, lines end at U+0085, U+2028 and U+2029 too, but for no editor."""
    return [0, *(found.end() for found in re.finditer("\n", text))]


def _place(starts: list[int], mark: Any) -> Place:
    line = bisect_right(starts, mark.index)
    return Place(line, mark.index - starts[line - 1] + 1)


@final
class _Yaml:
    """Reads the nodes of a YAML, and remembers where they stand."""

    def __init__(self, scalar: Callable[[str], object], starts: list[int]) -> None:
        self.places: dict[Path, Place] = {}
        self.names: dict[Path, Place] = {}
        self._scalar = scalar
        self._starts = starts

    def value(self, node: Node, path: Path = (), around: tuple[Node, ...] = ()) -> object:
        place = _place(self._starts, node.start_mark)
        self.places.setdefault(path, place)
        if len(self.places) > _MOST_PLACES:
            raise NotUnderstoodError("this is too large", place)
        if node in around:
            raise NotUnderstoodError("this refers to itself", place)
        around = (*around, node)
        if not node.tag.startswith("!"):
            return self._plain(node, path, around)
        name = node.tag[1:]
        name = name if name in _WITHOUT_PREFIX else f"Fn::{name}"
        found = self._plain(node, (*path, name), around)
        self.places[*path, name] = place
        if name == "Fn::GetAtt" and isinstance(found, str):
            found = found.split(".", 1)
        return {name: found}

    def _plain(self, node: Node, path: Path, around: tuple[Node, ...]) -> object:
        """The value of a node without its tag. Its class tells what it is, in PyYAML and in libyaml."""
        content: Any = getattr(node, "value", "")
        if node.id == "mapping":
            return dict(self._pairs(content, path, around))
        if node.id == "sequence":
            return [
                self.value(each, (*path, number), around) for number, each in enumerate(content)
            ]
        is_quoted = bool(getattr(node, "style", None)) or node.tag.startswith("!")
        return content if is_quoted else self._scalar(content)

    def _pairs(
        self, pairs: list[tuple[Node, Node]], path: Path, around: tuple[Node, ...]
    ) -> Iterator[tuple[str, object]]:
        for key, value in pairs:
            place = _place(self._starts, key.start_mark)
            name = getattr(key, "value", None)
            if not isinstance(name, str):
                raise NotUnderstoodError("a name is expected", place)
            if (*path, name) in self.names:
                raise NotUnderstoodError(f"{name} stands here twice", place)
            self.names[*path, name] = place
            yield name, self.value(value, (*path, name), around)


_MOST_PLACES = 1_000_000
_WITHOUT_PREFIX = {"Ref", "Condition"}
"""The short forms whose long form has no ``Fn::``."""
