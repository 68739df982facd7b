"""
How a condition reads the values it compares: numbers, dates, addresses, ARNs and text.

Each reader gives None for a text that it cannot read. Source: what was recorded of AWS in September 2026, see
`docs/fidelity.md`, *Conditions*.
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import TypeAlias

from kmsmodel.policy.patterns import Text

Address: TypeAlias = "ipaddress.IPv4Address | ipaddress.IPv6Address"
Network: TypeAlias = "ipaddress.IPv4Network | ipaddress.IPv6Network"

# ---- text


def lower(text: str) -> str:
    """The text in lower case; letters beyond U+FFFF stay as they are, though they count as letters."""
    if text.isascii():
        return text.lower()
    letters = iter([letter for letter in _BEYOND.findall(text) if letter.isalpha()])
    marked = _BEYOND.sub(lambda found: _MARK if found[0].isalpha() else found[0], text)
    return re.sub(_MARK, lambda _: next(letters), marked.lower())


_BEYOND = re.compile("[\U00010000-\U0010ffff]")
_MARK = "\U00010428"
"""A letter beyond U+FFFF that is in lower case already."""


def is_true(text: str) -> bool:
    """Whether this is ``true`` in any case; everything else is false."""
    return text.lower() == "true"


def canonical_base64(text: str) -> str | None:
    """The canonical base64 of what this base64 stands for."""
    try:
        return base64.b64encode(base64.b64decode(text, validate=True)).decode()
    except (binascii.Error, ValueError):
        return None


# ---- numbers


def number(text: str) -> Decimal | None:
    """A decimal number, exactly."""
    if _NUMBER.fullmatch(text) is None:
        return None
    try:
        return Decimal(text)
    except InvalidOperation:  # an exponent beyond all bounds
        return None


_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")

# ---- dates


def milliseconds(text: str) -> int | None:
    """A date in W3C's form of ISO 8601, or seconds since 1970, as whole milliseconds since 1970."""
    if _SECONDS.fullmatch(text):
        return int(text[:_MOST_DIGITS]) * 1000 if len(text) <= _MOST_DIGITS else None
    found = _DATE.fullmatch(text)
    if found is None:
        return None
    year, month, day, hour, minute, second, fraction, sign, hours, minutes = found.groups("")
    try:
        at = datetime(
            int(year),
            int(month),
            int(day or 1),
            int(hour or 0),
            int(minute or 0),
            int(second or 0),
            tzinfo=UTC,
        )
    except ValueError:
        return None
    offset = timedelta(hours=int(hours or 0), minutes=int(minutes or 0)) // _MILLISECOND
    since_1970 = (at - _EPOCH) // _MILLISECOND + int(fraction[:3].ljust(3, "0"))
    return since_1970 + offset if sign == "-" else since_1970 - offset


_SECONDS = re.compile("[+-]?[0-9]+")
_MOST_DIGITS = 20
_DATE = re.compile(
    r"([0-9]{4})-([0-9]{2})(?:-([0-9]{2})"
    r"(?:T([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]+))?)?(?:Z|([+-])([0-9]{2}):?([0-9]{2}))?)?)?"
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)

# ---- addresses


def address(text: str) -> Address | None:
    """The address that a request comes from; one of IPv4 that is written as IPv6 is of IPv4."""
    if "." in text:
        return _ipv4(text[len(_MAPPED) :] if text.lower().startswith(_MAPPED) else text)
    found = _ipv6(text)
    return found if found is None else found.ipv4_mapped or found


def network(text: str) -> Network | None:
    """
    The network in a policy; an address alone is a network of one.

    Host bits are ignored in IPv4 and refused in IPv6, where a dotted part is refused too.
    """
    plain, slash, prefix = text.partition("/")
    if slash and _PREFIX.fullmatch(prefix) is None:
        return None
    length = int(prefix) if slash else None
    try:
        if "." in plain:
            v4 = _ipv4(plain)
            if v4 is None:
                return None
            return ipaddress.IPv4Network((v4, 32 if length is None else length), strict=False)
        v6 = _ipv6(plain)
        if v6 is None:
            return None
        return ipaddress.IPv6Network((v6, 128 if length is None else length))
    except ValueError:
        return None


_MAPPED = "::ffff:"
_PREFIX = re.compile(r"\+?[0-9]{1,9}")
_OCTETS = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9}){3}")
_GROUP = re.compile("[0-9a-fA-F]{1,4}")
_GROUPS = 8


def _ipv4(text: str) -> ipaddress.IPv4Address | None:
    """Octets are decimal, whether or not they begin with zeros."""
    if _OCTETS.fullmatch(text) is None:
        return None
    octets = [int(octet) for octet in text.split(".")]
    return ipaddress.IPv4Address(bytes(octets)) if max(octets) <= 255 else None  # noqa: PLR2004


def _ipv6(text: str) -> ipaddress.IPv6Address | None:
    """Groups as Java splits them: empty ones at the end are dropped, and any other is zero."""
    if not text:
        return None
    head, gap, tail = text.partition("::")
    if "::" in tail:
        return None
    first, last = _groups(head), _groups(tail)
    if first is None or last is None:
        return None
    missing = _GROUPS - len(first) - len(last)
    if missing < 1 if gap else missing:
        return None
    groups = [*first, *([0] * missing), *last]
    return ipaddress.IPv6Address(b"".join(group.to_bytes(2) for group in groups))


def _groups(text: str) -> list[int] | None:
    written = text.rstrip(":")
    groups = written.split(":") if written else []
    if any(group and _GROUP.fullmatch(group) is None for group in groups):
        return None
    return [int(group or "0", 16) for group in groups]


# ---- ARNs

_PARTS_OF_AN_ARN = 6


def arn(text: str) -> tuple[str, ...] | None:
    """The six parts of an ARN."""
    parts = tuple(text.split(":", _PARTS_OF_AN_ARN - 1))
    return parts if len(parts) == _PARTS_OF_AN_ARN and parts[0] == "arn" else None


def arn_pattern(text: Text) -> tuple[Text, ...] | None:
    """The six parts of an ARN in a policy, each with wildcards of its own."""
    parts: list[Text] = [()]
    for piece in text:
        if not isinstance(piece, str):
            parts[-1] += (piece,)
            continue
        first, *others = piece.split(":")
        parts[-1] += (first,) if first else ()
        for number_of_part, other in enumerate(others):
            if len(parts) == _PARTS_OF_AN_ARN:
                parts[-1] += (":" + ":".join(others[number_of_part:]),)
                break
            parts.append((other,) if other else ())
    return tuple(parts) if len(parts) == _PARTS_OF_AN_ARN and parts[0] == ("arn",) else None
