"""
Bodies of requests, made from botocore's own service model: valid ones, nearly valid ones, and hostile ones.

They are about keys, tokens, ciphertexts and markers that are there, so that a good share succeeds. All chance comes
from one `random.Random`: a seeded one gives the same bodies again, and Hypothesis's own can be shrunk.
"""

from __future__ import annotations

import base64
import json
import re
import string
from collections import defaultdict
from collections.abc import Callable, Mapping
from functools import cache
from random import Random
from typing import Any, cast, final

from attrs import evolve, frozen
from botocore.loaders import Loader
from botocore.model import OperationModel, ServiceModel

from kmsmodel.wire import TARGET_PREFIX
from tests.examples import NOW, examples, plain_json

Json = dict[str, Any]

SERIALIZATION = "SerializationException"
VALIDATION = "ValidationException"
UNKNOWN_OPERATION = "UnknownOperationException"


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


@cache
def service_model() -> ServiceModel:
    return ServiceModel(Loader().load_service_model("kms", "service-2"), "kms")


@cache
def operation_model(operation: str) -> OperationModel:
    return service_model().operation_model(operation)


OPERATIONS = tuple(service_model().operation_names)
"""Every operation of AWS KMS, those too that this model does not have."""

# ---- what is there

_ALSO_KNOWN_AS = {
    "TargetKeyId": "KeyId",
    "SourceKeyId": "KeyId",
    "DestinationKeyId": "KeyId",
    "Arn": "KeyId",
    "KeyArn": "KeyId",
    "NextMarker": "Marker",
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


# ---- bodies


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
        kind, bounds = shape.type_name, _bounds(shape)
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
        fitting = [each for each in _WORDS if _fits(each, pattern) and least <= len(each) <= most]
        letters = [each for each in "a0" if _fits(each * max(least, 1), pattern)]
        if fitting and not (letters and self._rarely()):
            return self.random.choice(fitting)
        return self.random.choice(letters) * max(self._length(least, most), 1) if letters else ""

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
        beyond = _beyond_constraints(shape, value)
        faults = beyond if beyond and not self._rarely() else _of_other_types(shape)
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
        make = self.random.choice(_HOSTILE)
        if make is None:
            target = self.random.choice(_TARGETS).format(operation=operation)
            made = f"hostile: a target {target[:40]!r}"
            return Body(operation, target, text.encode(), made, UNKNOWN_OPERATION)
        content, error = make(self.random, text)
        name = cast("Any", make).__name__.strip("_").replace("_", " ")
        return Body(operation, TARGET_PREFIX + operation, content, f"hostile: {name}", error)

    @staticmethod
    def _body(operation: str, members: Any, made: str) -> Body:
        return Body(operation, TARGET_PREFIX + operation, json.dumps(members).encode(), made)


# ---- what the service model allows, and what not

_UNBOUNDED = {
    "string": (0, 300),
    "blob": (0, 300),
    "list": (0, 3),
    "integer": (-(2**31), 2**31 - 1),
}

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
            "\u20ac",
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

_OTHER_TYPES: Mapping[str, list[Any]] = {
    "string": [1, 0.5, True, [], {}, ["a"]],
    "blob": [1, False, [], {}, "not base64", "YQ=", "\u20ac"],
    "integer": ["1", True, [], {}, "", [1]],
    "boolean": ["true", "", 0, 1, [], {}],
    "timestamp": [True, [], {}, "yesterday", "2026-11-24", 1e300, 10**400],
    "list": ["a", "", 1, True, {}, {"a": 1}],
    "map": ["a", 1, [], {"a": 1}, {"a": None}, {"a": {}}, {"a": ["b"]}],
    "structure": ["a", "", 1, False, [], [{}]],
}


def _bounds(shape: Any) -> tuple[int, int]:
    least, most = _UNBOUNDED.get(shape.type_name, (0, 0))
    return shape.metadata.get("min", least), shape.metadata.get("max", most)


@cache
def _fits(text: str, pattern: str | None) -> bool:
    return pattern is None or re.fullmatch(pattern, text, re.ASCII) is not None


def _of_length(shape: Any, value: Any, length: int) -> Any:
    """Something else of this length."""
    if shape.type_name == "blob":
        return plain_json(bytes(length))
    if shape.type_name == "list":
        return ((value or ["a"]) * (length + 1))[:length]
    filler = next((each for each in "a0" if _fits(each, shape.metadata.get("pattern"))), "a")
    return filler * length


Fault = tuple[str, Any, str | None]
"""What a value is, the value, and the error that it must end in."""


def _of_other_types(shape: Any) -> list[Fault]:
    return [
        (f"of another type, {json.dumps(other)}", other, SERIALIZATION)
        for other in _OTHER_TYPES[shape.type_name]
    ]


def _beyond_constraints(shape: Any, value: Any) -> list[Fault]:
    """Values on both sides of each limit, and such as a pattern or an enumeration does not have."""
    limits, pattern = shape.metadata, shape.metadata.get("pattern")
    if getattr(shape, "enum", None):
        others = (shape.enum[0].lower(), shape.enum[-1] + " ", "", "UNKNOWN")
        return [("no value of the enumeration", other, VALIDATION) for other in others]
    if shape.type_name == "integer":
        most: Fault = ("an integer that no one has", 2**63, SERIALIZATION)
        beyond = {limits.get("min", 0) - 1, limits["max"] + 1} if limits else set[int]()
        return [most, *(("outside of its range", each, VALIDATION) for each in sorted(beyond))]
    faults: list[Fault] = [
        ("outside of its pattern", each, VALIDATION)
        for each in ("\u20ac" * 24, "\0" * 24, "a" * 19 + "\n", "#" * 19, "")
        if not _fits(each, pattern)
    ]
    if "max" in limits:
        faults += [
            ("too long", _of_length(shape, value, limits["max"] + 1), VALIDATION),
            ("as long as may be", _of_length(shape, value, limits["max"]), None),
        ]
    if limits.get("min", 0) > 0:
        faults += [
            ("too short", _of_length(shape, value, limits["min"] - 1), VALIDATION),
            ("as short as may be", _of_length(shape, value, limits["min"]), None),
        ]
    return faults


# ---- what is no body

Made = tuple[bytes, str | None]


def _cut_off(random: Random, text: str) -> Made:
    return text[: random.randrange(len(text))].encode(), SERIALIZATION


def _a_name_twice(random: Random, text: str) -> Made:
    name = random.choice(["KeyId", "More", ""])
    both = json.dumps({name: "a"})[1:-1] + "," + json.dumps({name: "b"})[1:-1]
    return (f"{{{both}}}" if random.choice([True, False]) else f'{{"More":{{{both}}}}}').encode(), (
        SERIALIZATION
    )


def _another_value(random: Random, text: str) -> Made:
    """One that Python writes or reads, and that is no JSON."""
    value = random.choice(
        ["NaN", "Infinity", "-Infinity", "nan", "0x10", "01", "'a'", "None", "1_0"]
    )
    return _with(random, text, value), SERIALIZATION


def _a_huge_number(random: Random, text: str) -> Made:
    value = random.choice(["9" * 5000, "-" + "9" * 5000, "1e999", "-1e999", "1" * 400, "1e-999"])
    error = SERIALIZATION if len(value) > 4300 else None
    return _with(random, text, value), error


def _a_lone_surrogate(random: Random, text: str) -> Made:
    return _with(random, text, random.choice([r'"\ud800"', r'"a\udfff"', r'{"\ud800":"a"}'])), None


def _no_utf_8(random: Random, text: str) -> Made:
    odd = random.choice([b"\xff", b"\xc3\x28", b"\xed\xa0\x80", b"\xf5\x80\x80\x80"])
    return text.encode()[:-1] + b',"More":"' + odd + b'"}', SERIALIZATION


def _another_encoding(random: Random, text: str) -> Made:
    encoding = random.choice(["utf-16", "utf-32", "utf-8-sig", "utf-16-le"])
    return text.encode(encoding), SERIALIZATION


def _deep_nesting(random: Random, text: str) -> Made:
    opened, closed = random.choice([("[", "]"), ('{"a":', "}")])
    depth = random.choice([5, 100, 900, 100_000])
    inner = "1" if closed == "}" else ""
    error = SERIALIZATION if depth > 10_000 else None
    return _with(random, text, opened * depth + inner + closed * depth), error


def _a_huge_string(random: Random, text: str) -> Made:
    value = random.choice(["a", "=", r"\u20ac", r"\u0000", "\U0001f511"]) * 100_000
    return _with(random, text, f'"{value}"'), None


def _many_items(random: Random, text: str) -> Made:
    item = random.choice(["{}", "null", '"a"', "[]", '{"TagKey":"a","TagValue":"b"}'])
    return _with(random, text, f"[{','.join([item] * 5_000)}]"), None


def _another_top_level(random: Random, text: str) -> Made:
    return random.choice(
        ["[]", f"[{text}]", '"a"', "1", "null", "true", "0.5"]
    ).encode(), SERIALIZATION


def _nothing(random: Random, text: str) -> Made:
    return random.choice([b"", b" ", b"\n", b"\0"]), SERIALIZATION


def _more_than_json(random: Random, text: str) -> Made:
    more = random.choice(["{0}{0}", "{0},", "{0}x", "{0}//", "/**/{0}", "({0})", "{0}\0", "<a>{0}"])
    return more.replace("{0}", text).encode(), SERIALIZATION


def _a_control_character(random: Random, text: str) -> Made:
    raw = random.choice(["\n", "\t", "\0", "\x1f"])
    return _with(random, text, f'"a{raw}"'), SERIALIZATION


def _space_around(random: Random, text: str) -> Made:
    return f" \r\n\t{text.replace(': ', ' :  ')}\n ".encode(), None


def _all_escaped(random: Random, text: str) -> Made:
    """The same members, with every letter of their names and texts as its number."""

    def escaped(found: re.Match[str]) -> str:
        return found[0] if found[0][0] == "\\" else f"\\u{ord(found[0]):04x}"

    letters = r"\\u....|\\.|[A-Za-z]"
    return re.sub(
        r'"(?:[^"\\]|\\.)*"', lambda quoted: re.sub(letters, escaped, quoted[0]), text
    ).encode(), None


def _flipped_bytes(random: Random, text: str) -> Made:
    content = bytearray(text.encode())
    for _ in range(random.choice([1, 2, 10])):
        content[random.randrange(len(content))] = random.randrange(256)
    return bytes(content), None


def _with(random: Random, text: str, value: str) -> bytes:
    """The text with this value for one of its members, or for one that no operation has."""
    members = cast("Json", json.loads(text))
    name = random.choice([*sorted(members), "More"])
    rest = json.dumps({each: content for each, content in members.items() if each != name})
    last = f"{json.dumps(name)}:{value}}}"
    return (rest[:-1] + ("," if rest != "{}" else "") + last).encode()


_HOSTILE: list[Callable[[Random, str], Made] | None] = [
    _cut_off,
    _a_name_twice,
    _another_value,
    _a_huge_number,
    _a_lone_surrogate,
    _no_utf_8,
    _another_encoding,
    _deep_nesting,
    _a_huge_string,
    _many_items,
    _another_top_level,
    _nothing,
    _more_than_json,
    _a_control_character,
    _space_around,
    _all_escaped,
    _flipped_bytes,
    None,  # the body is as it should be, and the target is not
]

_TARGETS = [
    "",
    "TrentService.",
    "{operation}",
    "trentservice.{operation}",
    "TrentService.{operation} ",
    "TrentService.{operation}\n",
    "TrentService.{operation}Request",
    "TrentService.TrentService.{operation}",
    "AWSTrentService.{operation}",
    "TrentService.{operation}\u20ac\ud800",
    "TrentService." + string.ascii_letters * 200,
]
