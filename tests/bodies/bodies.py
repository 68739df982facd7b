"""
Bodies of requests, made from botocore's own service model: valid ones, nearly valid ones, and hostile ones.

They are about keys, tokens, ciphertexts and markers that are there, so that a good share succeeds. All chance comes
from one `random.Random`: a seeded one gives the same bodies again, and Hypothesis's own can be shrunk.
"""

from __future__ import annotations

import base64
import json
from collections import defaultdict
from random import Random
from typing import Any, cast, final

from attrs import evolve, frozen

from kmsmodel.wire import TARGET_PREFIX
from tests.basics import NOW
from tests.bodies.hostile import HOSTILE, TARGETS
from tests.bodies.service_model import (
    LETTERS,
    OPERATIONS,
    UNKNOWN_OPERATION,
    VALIDATION,
    Json,
    beyond_constraints,
    bounds_of,
    fits,
    of_other_types,
    operation_model,
)
from tests.examples import examples, plain_json


@final
@frozen
class Body:
    """
    A target and a body, and how they were made.

    ``expected`` is the error that must come of it, or None where anything may that the operation answers.
    """

    operation: str
    target: str
    content: bytes
    made: str
    expected: str | None = None

    @property
    def kind(self) -> str:
        return self.made.partition(":")[0]


_ALSO_KNOWN_AS = {
    "TargetKeyId": "KeyId",
    "SourceKeyId": "KeyId",
    "DestinationKeyId": "KeyId",
    "Arn": "KeyId",
    "KeyArn": "KeyId",
    "NextMarker": "Marker",
    "one of GrantTokens": "GrantToken",
    "PrivateKeyCiphertextBlob": "CiphertextBlob",
    "SourceEncryptionContext": "EncryptionContext",
    "DestinationEncryptionContext": "EncryptionContext",
}


class Things:
    """What a caller has seen so far, by the names of members."""

    def __init__(self) -> None:
        self._seen: dict[str, list[Any]] = defaultdict(list)

    def see(self, seen: Any) -> None:
        """Remember what is in a request or an answer."""
        if isinstance(seen, list):
            for item in cast("list[object]", seen):
                self.see(item)
        elif isinstance(seen, dict):
            for name, content in cast("Json", seen).items():
                self._seen[_ALSO_KNOWN_AS.get(name, name)].append(content)
                self.see(content)

    def like(self, name: str) -> list[Any]:
        return self._seen.get(_ALSO_KNOWN_AS.get(name, name), [])


_WORDS = [
    "alias/one",
    "alias/five",
    "alias/aws/s3",
    "default",
    "0" * 64,
    "us-east-1",
    "us-gov-west-1",
    "cluster-abcdefghijk",
    "https://example.com",
    "/kms/xks/v1",
    "com.amazonaws.vpce.us-east-1.vpce-svc-0123456789abcdefg",
    "arn:aws:iam::111122223333:role/Ada",
    "example.amazonaws.com",
    "{}",
]

_ARN = "arn:aws:kms:us-west-2:111122223333"

_ODD: Json = {
    "odd identifiers": [
        {"KeyId": each}
        for each in (
            "fake-key-id",
            "alias/no-such-alias",
            "alias/aws/s3",
            f"{_ARN}:alias/one",
            f"{_ARN}:key/00000000-0000-4000-8000-000000000000",
            f"{_ARN}:key/mrk-00000000000040008000000000000000",
            f"{_ARN}:key/fake\n",
            f"{_ARN.replace('west', 'east')}:key/00000000-0000-4000-8000-000000000000",
            f"{_ARN.replace('1111', '4444')}:key/00000000-0000-4000-8000-000000000000",
            "arn:",
            "alias/",
        )
    ],
    "odd names": [{"AliasName": each} for each in ("alias/aws/mine", "alias/", "a", "alias//:")],
    "odd markers": [
        {"Marker": base64.b64encode(each).decode()}
        for each in (b"ListKeys:", b"ListKeys:-1", b"ListAliases:" + b"9" * 50, b"Other:1", b"\xff")
    ],
    "odd policies": [
        {"Policy": each}
        for each in ("{}", "[]", "{", "null", "[" * 30_000, '{"a":' * 900 + "1" + "}" * 900)
    ],
    "odd tags": [{"TagKey": each} for each in ("aws:a", "a", "A", "\u20ac" * 128)],
}
"""What is a valid value of a member, and asks for trouble."""


@final
class Bodies:
    """A source of bodies: each `draw` gives another."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.things = Things()
        self.things.see(_ODD)
        for requests in examples().requests.values():
            for members in requests:
                self.things.see(plain_json(members))

    def draw(self, operation: str | None = None) -> Body:
        """Half of the bodies are valid. Operations that are not in this model are rare."""
        modelled = sorted(examples().requests) if self.random.randrange(20) else OPERATIONS
        of = operation or self.random.choice(modelled)
        how = self.random.choice([self.valid, self.valid, self.nearly_valid, self.hostile])
        body = how(of)
        return body if of in examples().requests else evolve(body, expected=UNKNOWN_OPERATION)

    # -- valid

    def valid(self, operation: str) -> Body:
        members, made = self._members(operation)
        return self._body(operation, members, f"valid: {made}")

    def _members(self, operation: str) -> tuple[Json, str]:
        """An example, an example with one member changed, or whatever the service model allows."""
        shape = cast("Any", operation_model(operation).input_shape)
        known = examples().requests.get(operation)
        if known is None or self._rarely():
            return self._structure(shape), "drawn from the service model"
        members: Json = plain_json(self.random.choice(known))
        if not shape.members or self.random.choice([True, False]):
            return members, "an example"
        name = self.random.choice(sorted(shape.members))
        if name in members and name not in shape.required_members:
            return {n: each for n, each in members.items() if n != name}, f"without {name}"
        return members | {name: self._value(shape.members[name], name)}, f"another {name}"

    def _structure(self, shape: Any) -> Json:
        return {
            name: self._value(member, name)
            for name, member in shape.members.items()
            if name in shape.required_members or self._rarely()
        }

    def _value(self, shape: Any, name: str) -> Any:
        """What the shape of a member allows; where something is there that goes by its name, mostly that."""
        values = getattr(shape, "enum", None)
        there = [each for each in self.things.like(name) if not values or each in values]
        kind, bounds = shape.type_name, bounds_of(shape)
        if there and not self._rarely():
            found = self.random.choice(there)
            return self._damaged(found) if kind == "blob" and self._rarely() else found
        if kind == "structure":
            return self._structure(shape)
        if kind == "list":
            count = self.random.choice([bounds[0], 1, 2, min(bounds[1], 3)])
            return [self._value(shape.member, f"one of {name}") for _ in range(count)]
        if kind == "map":
            return self.random.choice([{}, {"a": "b"}, {"": "\u20ac", "b": ""}])
        if kind == "integer":
            return self.random.choice([bounds[0], bounds[1], (bounds[0] + bounds[1]) // 2])
        if kind == "boolean":
            return self.random.choice([True, False])
        if kind == "timestamp":
            return NOW.timestamp() + self.random.choice([-1, 0, 0.5, 1, 86_400, 1e8])
        if kind == "blob":
            return plain_json(b"\x07" * self._length(*bounds))
        return self._string(shape, *bounds)

    def _damaged(self, blob: str) -> str:
        """The blob with one bit changed, or one byte less or more."""
        content = bytearray(base64.b64decode(blob))
        at = self.random.randrange(len(content))
        how = self.random.choice(["changed", "shorter", "longer"])
        if how == "changed":
            content[at] ^= 1 << self.random.randrange(8)
        elif how == "longer" or len(content) == 1:
            content.insert(at, 0)
        else:
            del content[at]
        return cast("str", plain_json(bytes(content)))

    def _string(self, shape: Any, least: int, most: int) -> str:
        if shape.enum:
            return cast("str", self.random.choice(shape.enum))
        pattern = shape.metadata.get("pattern")
        if pattern is None:
            return self.random.choice(["a", "\u20ac", "0", " "]) * self._length(least, most)
        fitting = [each for each in _WORDS if fits(each, pattern) and least <= len(each) <= most]
        letters = [each for each in LETTERS if fits(each * max(least, 1), pattern)]
        if fitting and not (letters and self._rarely()):
            return self.random.choice(fitting)
        return self.random.choice(letters) * max(self._length(least, most), 1)

    def _length(self, least: int, most: int) -> int:
        """Mostly short ones; the longest are slow."""
        longest = most if self._rarely() else min(most, least + 20)
        return self.random.choice([least, min(least + 1, most), longest])

    def _rarely(self) -> bool:
        return self.random.randrange(5) == 4

    # -- nearly valid

    def nearly_valid(self, operation: str) -> Body:
        """A body with one fault: a member is missing, just outside of its constraints, or of another type."""
        members, made = self._members(operation)
        shape = operation_model(operation).input_shape
        spoiled, fault, error = self._spoiled(shape, members, "")
        made = f"{'valid' if error is None else 'nearly valid'}: {made}, but {fault}"
        return evolve(self._body(operation, spoiled, made), expected=error)

    def _spoiled(self, shape: Any, value: Any, path: str) -> tuple[Any, str, str | None]:
        """The value with one fault, what the fault is, and the error that it must end in."""
        if shape.type_name == "structure" and shape.members and not (path and self._rarely()):
            return self._structure_with_spoiled_member(shape, value, path)
        if shape.type_name == "list" and value and self.random.choice([True, False]):
            index = self.random.randrange(len(value))
            item, fault, error = self._spoiled(shape.member, value[index], f"{path}[{index}]")
            return [*value[:index], item, *value[index + 1 :]], fault, error
        beyond = beyond_constraints(shape, value)
        faults = beyond if beyond and not self._rarely() else of_other_types(shape)
        fault, spoiled, error = self.random.choice(faults)
        return spoiled, f"{path or 'the whole'} is {fault}", error

    def _structure_with_spoiled_member(
        self, shape: Any, value: Json, path: str
    ) -> tuple[Any, str, str | None]:
        name = self.random.choice(sorted(shape.members))
        at = f"{path}.{name}".lstrip(".")
        if name in shape.required_members and self._rarely():
            if self.random.choice([True, False]):
                return value | {name: None}, f"{at} is null", VALIDATION
            without = {n: each for n, each in value.items() if n != name}
            return without, f"{at} is missing", VALIDATION
        member = shape.members[name]
        content = value.get(name)
        if content is None:
            content = self._value(member, name)
        spoiled, fault, error = self._spoiled(member, content, at)
        return value | {name: spoiled}, fault, error

    # -- hostile

    def hostile(self, operation: str) -> Body:
        """What no client sends."""
        text = json.dumps(self._members(operation)[0])
        make = self.random.choice(HOSTILE)
        if make is None:
            target = self.random.choice(TARGETS).format(operation=operation)
            made = f"hostile: a target {target[:40]!r}"
            return Body(operation, target, text.encode(), made, UNKNOWN_OPERATION)
        content, error = make(self.random, text)
        name = cast("Any", make).__name__.strip("_").replace("_", " ")
        return Body(operation, TARGET_PREFIX + operation, content, f"hostile: {name}", error)

    @staticmethod
    def _body(operation: str, members: Any, made: str) -> Body:
        return Body(operation, TARGET_PREFIX + operation, json.dumps(members).encode(), made)
