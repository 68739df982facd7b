"""
Bodies that no client sends: each is made of the text of a good one, and ends in the error that is told beside it.
"""

from __future__ import annotations

import json
import re
import string
from collections.abc import Callable
from random import Random
from typing import cast

from tests.bodies.service_model import SERIALIZATION, Json

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
    """One that Python writes or reads, and that is not JSON."""
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


HOSTILE: list[Callable[[Random, str], Made] | None] = [
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

TARGETS = [
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
