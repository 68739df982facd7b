"""
AWS's structures: names, constraints, and how they read in JSON.
"""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum
from typing import Annotated, Any, final

import pytest
from attrs import evolve, field, frozen
from hypothesis import given, strategies as st

from kmsmodel.errors import SerializationException, ValidationException
from kmsmodel.words.shapes import Length, Pattern, Range, Sensitive
from kmsmodel.words.structures import WIRE_NAME, check, from_json, member_names, to_json


class Color(StrEnum):
    Red = "Red"
    Blue = "Blue"


@final
@frozen(kw_only=True)
class Inner:
    name: Annotated[str, Length(1, 3)]
    secret: Annotated[bytes, Length(1, 4), Sensitive()] | None = None


@final
@frozen(kw_only=True)
class Outer:
    key_id: Annotated[str, Length(2, 4), Pattern("[a-z]+")]
    number: Annotated[int, Range(1, 9)] | None = None
    flag: bool | None = None
    at: datetime | None = None
    blob: Annotated[bytes, Length(1, 4)] | None = None
    color: Color | None = None
    colors: Annotated[tuple[Color, ...], Length(1, 2)] | None = None
    words: Annotated[tuple[Annotated[str, Length(1, 3)], ...], Length(0, 2)] | None = None
    inner: Inner | None = None
    inners: tuple[Inner, ...] | None = None
    context: Mapping[str, str] | None = None
    hidden: Annotated[str, Length(1, 2), Sensitive()] | None = None
    account: str | None = field(default=None, metadata={WIRE_NAME: "AWSAccountId"})


GOOD = Outer(key_id="abc")


def violations(structure: Outer) -> str:
    with pytest.raises(ValidationException) as caught:
        check(structure)
    return caught.value.message


def broken(**members: Any) -> Outer:
    return evolve(GOOD, **members)


# ---- names


def test_a_member_is_named_as_aws_names_it() -> None:
    assert member_names(Outer) == {
        "key_id": "KeyId",
        "number": "Number",
        "flag": "Flag",
        "at": "At",
        "blob": "Blob",
        "color": "Color",
        "colors": "Colors",
        "words": "Words",
        "inner": "Inner",
        "inners": "Inners",
        "context": "Context",
        "hidden": "Hidden",
        "account": "AWSAccountId",
    }


# ---- JSON

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
TIMES = st.datetimes(
    min_value=datetime(1970, 1, 1),  # noqa: DTZ001
    max_value=datetime(2100, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)
INNERS = st.builds(Inner, name=TEXT, secret=st.none() | st.binary(max_size=4))
OUTERS = st.builds(
    Outer,
    key_id=TEXT,
    number=st.none() | st.integers(-(2**31), 2**31 - 1),
    flag=st.none() | st.booleans(),
    at=st.none() | TIMES,
    blob=st.none() | st.binary(max_size=6),
    color=st.none() | st.sampled_from(Color),
    colors=st.none() | st.lists(st.sampled_from(Color), max_size=3).map(tuple),
    words=st.none() | st.lists(TEXT, max_size=3).map(tuple),
    inner=st.none() | INNERS,
    inners=st.none() | st.lists(INNERS, max_size=2).map(tuple),
    context=st.none() | st.dictionaries(TEXT, TEXT, max_size=3),
    hidden=st.none() | TEXT,
    account=st.none() | TEXT,
)


@given(OUTERS)
def test_reading_is_the_inverse_of_writing(structure: Outer) -> None:
    assert from_json(Outer, to_json(structure)) == structure
    assert from_json(Outer, json.loads(json.dumps(to_json(structure)))) == structure


def test_a_structure_is_written_as_aws_writes_it() -> None:
    at = datetime(2026, 11, 24, 12, 30, 15, 250_000, tzinfo=UTC)
    structure = Outer(
        key_id="abc",
        number=7,
        flag=False,
        at=at,
        blob=b"\x00\xff",
        color=Color.Red,
        colors=(Color.Blue,),
        words=(),
        inner=Inner(name="n", secret=b"s"),
        inners=(Inner(name="m"),),
        context={"a": "b"},
        account="111122223333",
    )
    data = {
        "KeyId": "abc",
        "Number": 7,
        "Flag": False,
        "At": 1795523415.25,
        "Blob": "AP8=",
        "Color": "Red",
        "Colors": ["Blue"],
        "Words": [],
        "Inner": {"Name": "n", "Secret": "cw=="},
        "Inners": [{"Name": "m"}],
        "Context": {"a": "b"},
        "AWSAccountId": "111122223333",
    }
    assert to_json(structure) == data
    assert type(to_json(structure)["Color"]) is str
    assert from_json(Outer, data) == structure


def test_what_an_sdk_gives_is_read_too() -> None:
    at = datetime(2026, 11, 24, tzinfo=timezone(timedelta(hours=2)))
    data = {"KeyId": "abc", "At": at, "Blob": b"\x00", "Words": ("a",), "Number": 7.0}
    expected = Outer(key_id="abc", at=at, blob=b"\x00", words=("a",), number=7)
    assert from_json(Outer, data) == expected
    assert from_json(Outer, data | {"At": at.timestamp()}) == expected


def test_members_that_are_not_known_are_ignored_and_missing_ones_are_none() -> None:
    assert from_json(Outer, {"Nonsense": 1, "KeyId": "abc", "Color": None}) == GOOD
    nothing: Any = None
    assert from_json(Outer, {"keyId": "abc"}) == Outer(key_id=nothing)


def test_a_value_that_an_enumeration_does_not_know_is_kept() -> None:
    assert from_json(Outer, {"KeyId": "abc", "Color": "Green"}).color == "Green"
    assert from_json(Outer, {"KeyId": "abc", "Color": "Red"}).color is Color.Red


MOMENT = "can not be converted to milliseconds since epoch"
LIST, OBJECT = (
    "Start of list found where not expected",
    "Start of structure or map found where not expected.",
)


@pytest.mark.parametrize(
    "member, value, message",
    [
        ("KeyId", 1, "NUMBER_VALUE can not be converted to a String"),
        ("KeyId", 1.5, "NUMBER_VALUE can not be converted to a String"),
        ("KeyId", True, "TRUE_VALUE can not be converted to a String"),
        ("KeyId", False, "FALSE_VALUE can not be converted to a String"),
        ("KeyId", [], LIST),
        ("KeyId", {}, OBJECT),
        ("KeyId", "\ud800", ""),
        ("Number", "1", "STRING_VALUE can not be converted to an Integer"),
        ("Number", True, "TRUE_VALUE can not be converted to an Integer"),
        ("Number", float("nan"), "NUMBER_VALUE can not be converted to an Integer"),
        ("Number", float("inf"), "NUMBER_VALUE can not be converted to an Integer"),
        ("Flag", 0, "NUMBER_VALUE can not be converted to a Boolean"),
        ("Flag", "true", "STRING_VALUE can not be converted to a Boolean"),
        ("At", "yesterday", f"STRING_VALUE {MOMENT}"),
        ("At", "1795478400", f"STRING_VALUE {MOMENT}"),
        ("At", "2026-11-24T00:00:00Z", f"STRING_VALUE {MOMENT}"),
        ("At", 1e300, ""),
        ("At", float("nan"), ""),
        ("At", True, f"TRUE_VALUE {MOMENT}"),
        ("At", [], LIST),
        ("Blob", 1, "NUMBER_VALUE can not be converted to a Blob"),
        ("Blob", "AP8", ""),
        ("Blob", "A P8=", ""),
        ("Blob", "\u20ac", ""),
        ("Color", 1, "NUMBER_VALUE can not be converted to a String"),
        ("Colors", "Red", "Expected list or null"),
        ("Colors", b"Red", "Expected list or null"),
        ("Colors", {"Red": 1}, "Expected list or null"),
        ("Words", [1], "NUMBER_VALUE can not be converted to a String"),
        ("Inner", "n", "Expected null"),
        ("Inners", [1], "Expected null"),
        ("Context", "a=b", "Expected null"),
        ("Context", {"a": True}, "TRUE_VALUE can not be converted to a String"),
        ("Context", {"a": math.inf}, "NUMBER_VALUE can not be converted to a String"),
        ("Context", {"a": 10**5000}, "NUMBER_VALUE can not be converted to a String"),
        ("Context", {1: "a"}, "NUMBER_VALUE can not be converted to a String"),
        ("Context", {"a": None}, ""),
        ("Words", [None], ""),
        ("Inners", [None], ""),
        ("Colors", [None], ""),
    ],
)
def test_a_value_of_another_type_is_told_as_aws_tells_it(
    member: str, value: object, message: str
) -> None:
    with pytest.raises(SerializationException) as caught:
        from_json(Outer, {"KeyId": "abc", member: value})
    assert caught.value.message == message


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(JSON | st.dictionaries(st.sampled_from(sorted(member_names(Outer).values())), JSON))
def test_any_json_is_read_or_refused(data: object) -> None:
    try:
        structure = from_json(Outer, data)
    except SerializationException:
        return
    try:
        check(structure)
    except (SerializationException, ValidationException):
        return


# ---- constraints


def test_a_structure_that_satisfies_its_constraints_is_given_back_as_it_is() -> None:
    for structure in (
        GOOD,
        broken(number=1, blob=b"1", color=Color.Red, words=("a", "b"), inner=Inner(name="n")),
        broken(number=9, colors=(Color.Red,), inners=(), hidden="ab", flag=False),
    ):
        assert check(structure) is structure


@pytest.mark.parametrize(
    "member, value, plain",
    [
        ("color", "Red", Color.Red),
        ("colors", ["Red", Color.Blue], (Color.Red, Color.Blue)),
        ("words", ["a"], ("a",)),
        ("inners", [Inner(name="n")], (Inner(name="n"),)),
        ("blob", bytearray(b"ab"), b"ab"),
        ("blob", memoryview(b"ab"), b"ab"),
    ],
)
def test_what_is_equal_to_a_plain_value_becomes_one(
    member: str, value: object, plain: object
) -> None:
    checked = getattr(check(broken(**{member: value})), member)
    assert checked == plain
    assert type(checked) is type(plain)


def test_a_mapping_is_copied_so_that_it_cannot_change_later() -> None:
    context = {"a": "b"}
    checked = check(broken(context=context))
    context["c"] = "d"
    assert checked.context == {"a": "b"}


MUST = "failed to satisfy constraint: Member must"
NULL: Any = None


@pytest.mark.parametrize(
    "members, violation",
    [
        ({"key_id": NULL}, f"Value null at 'keyId' {MUST} not be null"),
        ({"key_id": "a"}, f"Value 'a' at 'keyId' {MUST} have length greater than or equal to 2"),
        ({"key_id": "abcde"}, f"Value 'abcde' at 'keyId' {MUST} have length less than or equal to 4"),
        ({"key_id": "ab1"}, f"Value 'ab1' at 'keyId' {MUST} satisfy regular expression pattern: [a-z]+"),
        ({"key_id": "ab\n"}, f"Value 'ab\n' at 'keyId' {MUST} satisfy regular expression pattern: [a-z]+"),
        ({"number": 0}, f"Value '0' at 'number' {MUST} have value greater than or equal to 1"),
        ({"number": 10}, f"Value '10' at 'number' {MUST} have value less than or equal to 9"),
        ({"blob": b""}, f"Value at 'blob' {MUST} have length greater than or equal to 1"),
        ({"blob": b"secret"}, f"Value at 'blob' {MUST} have length less than or equal to 4"),
        ({"color": "Green"}, f"Value 'Green' at 'color' {MUST} satisfy enum value set: [Red, Blue]"),
        ({"colors": ()}, f"Value '[]' at 'colors' {MUST} have length greater than or equal to 1"),
        (
            {"colors": ("Green", Color.Red)},
            (f"Value '[Green, Red]' at 'colors' {MUST} satisfy constraint: "
            "[Member must satisfy enum value set: [Red, Blue]]"),
        ),
        ({"words": ("a", "b", "c")}, f"Value '[a, b, c]' at 'words' {MUST} have length less than or equal to 2"),
        ({"words": ("a", "")}, f"Value '' at 'words.2.member' {MUST} have length greater than or equal to 1"),
        (
            {"inner": Inner(name="")},
            f"Value '' at 'inner.name' {MUST} have length greater than or equal to 1",
        ),
        (
            {"inner": Inner(name="n", secret=b"secret")},
            f"Value at 'inner.secret' {MUST} have length less than or equal to 4",
        ),
        (
            {"inners": (Inner(name="n"), Inner(name=NULL))},
            f"Value null at 'inners.2.member.name' {MUST} not be null",
        ),
        ({"hidden": "secret"}, f"Value at 'hidden' {MUST} have length less than or equal to 2"),
    ],
)  # fmt: skip
def test_a_violation_is_told_as_aws_tells_it(members: dict[str, Any], violation: str) -> None:
    assert violations(broken(**members)) == f"1 validation error detected: {violation}"


def test_all_violations_are_told_at_once_in_the_order_of_the_members() -> None:
    assert violations(
        broken(key_id="1", number=0, inner=Inner(name=""), words=("", "", ""))
    ) == "; ".join(
        [
            (
                f"7 validation errors detected: Value '1' at 'keyId' {MUST} "
                "have length greater than or equal to 2"
            ),
            f"Value '1' at 'keyId' {MUST} satisfy regular expression pattern: [a-z]+",
            f"Value '0' at 'number' {MUST} have value greater than or equal to 1",
            f"Value '[, , ]' at 'words' {MUST} have length less than or equal to 2",
            f"Value '' at 'words.1.member' {MUST} have length greater than or equal to 1",
            f"Value '' at 'words.2.member' {MUST} have length greater than or equal to 1",
            f"Value '' at 'words.3.member' {MUST} have length greater than or equal to 1",
            f"Value '' at 'inner.name' {MUST} have length greater than or equal to 1",
        ]
    ).replace("7 validation", "8 validation")


@given(OUTERS)
def test_what_is_checked_satisfies_its_constraints_or_is_told_each_it_does_not(
    structure: Outer,
) -> None:
    try:
        assert check(structure) == structure
    except ValidationException as error:
        number, _, rest = error.message.partition(" detected: ")
        count = rest.count(" failed to satisfy constraint: ")
        assert number == ("1 validation error" if count == 1 else f"{count} validation errors")


@pytest.mark.parametrize(
    "member, value, message",
    [
        ("key_id", 1, "NUMBER_VALUE can not be converted to a String"),
        ("key_id", b"ab", "bytes can not be converted to a String"),
        ("number", 1.0, "NUMBER_VALUE can not be converted to an Integer"),
        ("number", True, "TRUE_VALUE can not be converted to an Integer"),
        ("flag", 1, "NUMBER_VALUE can not be converted to a Boolean"),
        ("at", 1.0, f"NUMBER_VALUE {MOMENT}"),
        ("at", datetime(2026, 1, 1), f"datetime {MOMENT}"),  # noqa: DTZ001
        ("blob", "text", "STRING_VALUE can not be converted to a Blob"),
        ("color", 1, "NUMBER_VALUE can not be converted to a String"),
        ("words", "ab", "Expected list or null"),
        ("words", {"ab"}, "Expected list or null"),
        ("inner", {"name": "n"}, "Expected null"),
        ("inners", (GOOD,), "Expected null"),
        ("context", [("a", "b")], LIST),
    ],
)
def test_a_member_of_another_type_is_refused_by_the_typed_door_too(
    member: str, value: object, message: str
) -> None:
    with pytest.raises(SerializationException) as caught:
        check(broken(**{member: value}))
    assert caught.value.message == message


def test_base64_is_aws_own() -> None:
    assert from_json(Outer, {"KeyId": "abc", "Blob": base64.b64encode(b"\xfb\xff").decode()}).blob
    with pytest.raises(SerializationException):
        from_json(Outer, {"KeyId": "abc", "Blob": "-_8="})


def test_a_note_tells_of_which_member_a_refusal_speaks() -> None:
    """AWS's message does not."""
    with pytest.raises(SerializationException) as caught:
        check(broken(at=datetime(2026, 1, 1)))  # noqa: DTZ001
    assert caught.value.__notes__ == ["a datetime needs a time zone", "in at"]
    with pytest.raises(SerializationException) as caught:
        from_json(Outer, {"KeyId": 1})
    assert caught.value.__notes__ == ["in keyId"]
    with pytest.raises(SerializationException) as caught:
        from_json(Outer, {"KeyId": "abc", "Blob": "attack at dawn"})
    assert caught.value.message == ""
    assert caught.value.__notes__ == ["a string in the place of bytes must be base64", "in blob"]
