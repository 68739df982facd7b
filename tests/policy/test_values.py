"""
How the values of conditions are read: text in lower case, numbers, dates, addresses and ARNs.

Sources: what was recorded of AWS in September 2026, see `docs/fidelity.md`, *Conditions*.
"""

from __future__ import annotations

from decimal import Decimal
from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given, strategies as st

from kmsmodel.policy import values
from kmsmodel.policy.patterns import Wildcard, pieces
from tests.policy import naive_operators as naive

DESERET = "\U00010400"
"""A capital letter beyond U+FFFF."""

CLEF = "\U0001d11e"
"""A character beyond U+FFFF that is no letter."""

# ---- a second opinion


def _spelled(*parts: str, most: int = 9) -> st.SearchStrategy[str]:
    return st.lists(st.sampled_from(parts), max_size=most).map("".join)


_SEVEN_GROUPS_AND_A_GAP = 8
"""So many colons there are beside seven groups and ``:::``, of which no recording tells how AWS reads them."""

_ADDRESSES = (
    _spelled(":", "::", "0", "1", "ffff", "FFFF", "12345", ".", "10.0.0.1", "X", "%", "g")
    | st.lists(st.sampled_from(["0", "1", "09", "255", "256", "a", "1" * 10]), max_size=5).map(
        ".".join
    )
    | st.lists(st.sampled_from(["", "0", "1", "abcd", "00001"]), min_size=6, max_size=9).map(
        ":".join
    )
).filter(lambda text: ":::" not in text or text.count(":") < _SEVEN_GROUPS_AND_A_GAP)


@given(_ADDRESSES)
def test_addresses_are_read_as_in_the_second_opinion(text: str) -> None:
    assert values.address(text) == naive.address(text)


@given(_ADDRESSES, _ADDRESSES, st.sampled_from(["", "/0", "/8", "/+8", "/31", "/32", "/33", "/x"]))
def test_networks_are_read_as_in_the_second_opinion(found: str, text: str, prefix: str) -> None:
    address, network = values.address(found), values.network(text + prefix)
    is_in = address is not None and network is not None and address in network
    assert is_in is naive.in_network(found, text + prefix)


@given(_spelled("+", "-", ".", "0", "1", "2", "e", "E", " ", "\u0661", "x", most=7))
def test_numbers_are_read_as_in_the_second_opinion(text: str) -> None:
    assert values.number(text) == naive.number(text)


_DATES = st.builds(
    "{}{}{}".format,
    st.sampled_from(["2024-02-29", "2023-02-29", "1969-12-31", "2024-1-1"]),
    st.sampled_from(
        ["", "T23:59", "T24:00", "T01:02:03.1239", "T01:02:03.9", "T01:02:60", "t01:02"]
    ),
    st.sampled_from(["", "Z", "+05:30", "-0130", "z"]),
)


@given(_DATES | _spelled("+", "-", "0", "17", "."))
def test_dates_are_read_as_in_the_second_opinion(text: str) -> None:
    assert values.milliseconds(text) == naive.milliseconds(text)


@given(st.text(st.sampled_from(["a", "A", "\u00c9", "\u03a3", "\u0130", DESERET, CLEF])))
def test_lower_case_is_that_of_the_second_opinion(text: str) -> None:
    assert values.lower(text) == naive.lower(text)


# ---- examples


@pytest.mark.parametrize(
    "text, lower",
    [
        ("Kms", "kms"),
        ("\u00c9", "\u00e9"),
        (f"\u00c9{DESERET}", f"\u00e9{DESERET}"),
        (f"{CLEF}\u00c9{DESERET}{CLEF}", f"{CLEF}\u00e9{DESERET}{CLEF}"),
        ("A\u03a3", "a\u03c2"),
        (f"A\u03a3{DESERET}", f"a\u03c3{DESERET}"),
        (f"A\u03a3{CLEF}", f"a\u03c2{CLEF}"),
        ("\u00c9\U000118a0", "\u00e9\U000118a0"),
    ],
)
def test_letters_beyond_the_basic_plane_keep_their_case_and_count_as_letters(
    text: str, lower: str
) -> None:
    assert values.lower(text) == lower


@pytest.mark.parametrize("text, is_true", [("true", True), ("TRUE", True), ("1", False)])
def test_only_true_is_true(text: str, is_true: bool) -> None:
    assert values.is_true(text) is is_true


@pytest.mark.parametrize(
    "text, canonical",
    [("YQ==", "YQ=="), ("", ""), ("YR==", "YQ=="), ("YQ=", None), ("Y Q==", None), ("\xe9", None)],
)
def test_base64_is_written_in_its_canonical_form(text: str, canonical: str | None) -> None:
    assert values.canonical_base64(text) == canonical


@pytest.mark.parametrize(
    "text, number",
    [
        ("1.", Decimal(1)),
        ("+.5", Decimal("0.5")),
        ("1e2", Decimal(100)),
        ("1e9999999999999999999", None),
        (".", None),
        ("NaN", None),
    ],
)
def test_a_number_is_decimal(text: str, number: Decimal | None) -> None:
    assert values.number(text) == number


@pytest.mark.parametrize(
    "text, milliseconds",
    [
        ("1", 1000),
        ("-1", -1000),
        ("9" * 20, int("9" * 20) * 1000),
        ("9" * 21, None),
        ("1970", 1970_000),
        ("1970-02", 31 * 86_400_000),
        ("1970-01-01", 0),
        ("1970-01-02T03:04:05.6789Z", 86_400_000 + 3 * 3_600_000 + 4 * 60_000 + 5_678),
        ("1970-01-01T00:00+01:30", -5_400_000),
        ("1970-01-01T00:00-0130", 5_400_000),
        ("1970-01-01T00:00:00.5", 500),
        ("1970-13-01", None),
        ("yesterday", None),
    ],
)
def test_a_date_is_whole_milliseconds_since_1970(text: str, milliseconds: int | None) -> None:
    assert values.milliseconds(text) == milliseconds


@pytest.mark.parametrize(
    "text, address",
    [
        ("10.0.0.1", "10.0.0.1"),
        ("010.0.0.09", "10.0.0.9"),
        ("255.255.255.255", "255.255.255.255"),
        ("256.0.0.0", None),
        ("1.2.3", None),
        ("::ffff:10.0.0.1", "10.0.0.1"),
        ("::FFFF:10.0.0.1", "10.0.0.1"),
        ("::fffe:10.0.0.1", None),
        ("::ffff:a00:1", "10.0.0.1"),
        ("::", "::"),
        ("", None),
        ("2001:db8::1", "2001:db8::1"),
        ("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"),
        ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"),
        ("1:2:3:4:5:6:7:::", "1:2:3:4:5:6:7:0"),
        ("1:2:3:4:5:6:7:8:", "1:2:3:4:5:6:7:8"),
        (":2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"),
        ("1:2:3:4:5:6:7:8::", None),
        ("1:2:3:4:5:6:7", None),
        ("1:2:3:4:5:6:7:8X", None),
        ("1::2::3", None),
        ("1:12345::", None),
    ],
)
def test_an_address_is_read_as_java_reads_it(text: str, address: str | None) -> None:
    assert values.address(text) == (None if address is None else ip_address(address))


@pytest.mark.parametrize(
    "text, network",
    [
        ("10.0.0.1", "10.0.0.1/32"),
        ("10.0.0.1/8", "10.0.0.0/8"),
        ("10.0.0.1/+8", "10.0.0.0/8"),
        ("10.0.0.1/", None),
        ("10.0.0.1/33", None),
        ("10.0.0.1/8x", None),
        ("256.0.0.0/8", None),
        ("::ffff:10.0.0.1", None),
        ("2001:db8::/32", "2001:db8::/32"),
        ("2001:db8::1", "2001:db8::1/128"),
        ("2001:db8::1/32", None),
        ("2001:db8::/129", None),
        ("2001:db8", None),
    ],
)
def test_a_network_ignores_host_bits_in_ipv4_and_refuses_them_in_ipv6(
    text: str, network: str | None
) -> None:
    assert values.network(text) == (None if network is None else ip_network(network))


@pytest.mark.parametrize(
    "text, parts",
    [
        ("arn:aws:iam::1:a", ("arn", "aws", "iam", "", "1", "a")),
        ("arn:aws:iam::1:a:b:c", ("arn", "aws", "iam", "", "1", "a:b:c")),
        ("arn:aws:iam::1", None),
        ("urn:aws:iam::1:a", None),
    ],
)
def test_an_arn_has_six_parts_of_which_the_last_may_have_colons(
    text: str, parts: tuple[str, ...] | None
) -> None:
    assert values.arn(text) == parts


_ANY_RUN, _ANY_ONE = Wildcard.ANY_RUN, Wildcard.ANY_ONE


@pytest.mark.parametrize(
    "text, parts",
    [
        ("arn:aws:iam::1:a", [("arn",), ("aws",), ("iam",), (), ("1",), ("a",)]),
        ("arn:aws:*::1:a", [("arn",), ("aws",), (_ANY_RUN,), (), ("1",), ("a",)]),
        ("arn:a*b?:::1:", [("arn",), ("a", _ANY_RUN, "b", _ANY_ONE), (), (), ("1",), ()]),
        (
            "arn:aws:iam::1:a*b:c:d",
            [("arn",), ("aws",), ("iam",), (), ("1",), ("a", _ANY_RUN, "b", ":c:d")],
        ),
        (
            "arn:aws:iam::1:a:b:*:c",
            [("arn",), ("aws",), ("iam",), (), ("1",), ("a", ":b:", _ANY_RUN, ":c")],
        ),
        ("arn:aws:iam::*", None),
        ("a*n:aws:iam::1:a", None),
        ("*:aws:iam::1:a", None),
    ],
)
def test_each_part_of_the_pattern_of_an_arn_has_wildcards_of_its_own(
    text: str, parts: list[tuple[str | Wildcard, ...]] | None
) -> None:
    assert values.arn_pattern(pieces(text)) == (None if parts is None else tuple(parts))
