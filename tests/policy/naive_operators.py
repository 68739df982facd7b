"""
What each condition operator does with one value of a request and one of a policy, for the second opinion in ``naive``.

*IAM* is the IAM User Guide, *rec* a recording of the real service, *Guess* what neither says.
"""

from __future__ import annotations

import base64
import ipaddress
import operator
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

Document = Mapping[str, Any]
Truth = bool | None
"""None is the outcome of a condition whose ARN is malformed: a Deny applies then, an Allow does not."""


# Texts


# The wildcards, told from the characters * and ?; Unicode has no such characters.
ANY = "\ufdd0"
ONE = "\ufdd1"


def wild(pattern: str) -> str:
    return pattern.replace("*", ANY).replace("?", ONE)


def plain(pattern: str) -> str:
    return pattern.replace(ANY, "*").replace(ONE, "?")


def glob(pattern: str, given: str) -> bool:
    """Match with wildcards; rec: ``?`` is one UTF-16 unit, and there is no escape and no class."""
    parts = {ANY: ".*", ONE: "."}
    regex = "".join(
        parts.get(it) or re.escape(it) for it in utf_16(re.sub(f"{ANY}+", ANY, pattern))
    )
    return re.fullmatch(regex, utf_16(given), re.DOTALL) is not None


def utf_16(given: str) -> str:
    """The text with surrogates for each character above U+FFFF."""
    data = given.encode("utf-16-le", "surrogatepass")
    return "".join(chr(low | high << 8) for low, high in zip(data[::2], data[1::2], strict=True))


def expanded(pattern: str, context: Document, version: str) -> str | None:
    """The pattern with the values of its variables, which are literal; None if a variable has no value."""
    if version != "2012-10-17":
        return wild(pattern)
    result = ""
    for index, part in enumerate(re.split(r"\$\{([^}]*)\}", pattern)):
        value = variable(part, context) if index % 2 else wild(part)
        if value is None:
            return None
        result += value
    return result


def variable(inside: str, context: Document) -> str | None:
    """The value of what stands between the braces."""
    if inside in {"*", "?", "$"}:
        return inside
    parts = re.fullmatch(r"([^,]+)(?:,\s*'(.*)')?", inside, re.DOTALL)
    given = context.get(parts[1].lower()) if parts else None
    if parts is None or isinstance(given, list):
        return None  # rec: a multi-valued key does not expand, and its default is not used
    return parts[2] if given is None else text(given)  # rec: an empty value is a value


def lower(given: str) -> str:
    """Lower case as AWS compares; rec: characters above U+FFFF stay, though a final sigma counts them as letters."""
    whole, result = given.lower(), ""
    at = 0
    for character in given:
        size = len(character.lower())
        result += character if character > "\uffff" else whole[at : at + size]
        at += size
    return result


def text(value: object) -> str:
    """A value as text: IAM, grammar of the policy language, numbers and booleans may be unquoted."""
    return str(value).lower() if isinstance(value, bool) else str(value)


# Numbers, dates and addresses


def number(given: str) -> Decimal | None:
    is_number = re.fullmatch(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,6})?", given)
    return Decimal(given) if is_number else None


def milliseconds(given: str) -> int | None:
    """A date in whole milliseconds since 1970; rec: without a zone it is UTC, and what is finer is cut."""
    if re.fullmatch(r"[+-]?[0-9]{1,18}", given):
        return int(given) * 1000
    parts = re.fullmatch(
        r"([0-9-]{10})(?:T([0-9]{2}:[0-9]{2})(:[0-9]{2})?(?:\.([0-9]+))?(Z|[+-][0-9]{2}:?[0-9]{2})?)?",
        given,
    )
    if parts is None:
        return None
    day, minute, second, fraction, zone = parts.groups()
    try:
        start = datetime.fromisoformat(f"{day}T{minute or '00:00'}{second or ':00'}{zone or 'Z'}")
    except ValueError:
        return None
    whole = (start - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(seconds=1)
    return whole * 1000 + int((fraction or "0")[:3].ljust(3, "0"))


Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def address(given: str) -> Address | None:
    """The address of a request; rec: one that is mapped is an IPv4 address, other dotted IPv6 is not an address."""
    if re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9}){3}", given):
        octets = [int(it) for it in given.split(".")]
        return ipaddress.IPv4Address(bytes(octets)) if max(octets) < 256 else None
    # rec: condition_ip.json, odd spellings that AWS reads
    spelled = given.replace(":::", "::") if "::::" not in given else ""
    spelled = re.sub(r"(?<!:):$", "", re.sub(r"^:(?!:)", "0:", spelled))
    try:
        read = ipaddress.IPv6Address(spelled if "%" not in spelled else "")
    except ValueError:
        return None
    return read.ipv4_mapped or (None if "." in given else read)


def in_network(given: str, network: str) -> bool:
    """Whether the address is in the network; rec: IPv4 ignores host bits, IPv6 with host bits matches nothing."""
    base, slash, prefix = network.partition("/")
    start, found = address(base), address(given)
    if start is None or found is None or start.version != found.version:
        return False
    if start.version == 4 and ":" in base:
        return False  # a network in mapped form
    size = start.max_prefixlen
    if not re.fullmatch(r"\+?[0-9]{1,9}", prefix if slash else str(size)):
        return False
    rest = size - int(prefix or size)
    if rest < 0 or (start.version == 6 and int(start) % 2**rest):
        return False
    return int(start) >> rest == int(found) >> rest


def same_bytes(given: str, value: str) -> bool:
    """Rec: the request's text must be the canonical base64 of the policy's bytes."""
    try:
        return base64.b64encode(base64.b64decode(value, validate=True)).decode() == given
    except ValueError:
        return False


def is_arn(given: str) -> bool:
    return given.startswith("arn:") and given.count(":") >= 5


def arn_like(given: str, pattern: str) -> Truth:
    """Match each of the six components on its own; None if the pattern is not an ARN."""
    if not is_arn(pattern):
        return None
    return all(map(glob, pattern.split(":", 5), given.split(":", 5)))


def same_truth(given: str, value: str) -> bool:
    """Rec: a text is true if it spells "true" in any case, else false, on both sides."""
    return (given.lower() == "true") == (value.lower() == "true")


def compared(
    read: Callable[[str], Any], test: Callable[[Any, Any], bool]
) -> Callable[[str, str], bool]:
    """A comparison of what is read from both texts; what cannot be read does not compare."""

    def compare(given: str, value: str) -> bool:
        left, right = read(given), read(value)
        return left is not None and right is not None and test(left, right)

    return compare


OPERATORS: Mapping[str, Callable[[str, str], Truth]] = {
    # IAM, Condition operators: ArnEquals and ArnLike are the same.
    "StringEquals": lambda given, value: given == plain(value),
    "StringEqualsIgnoreCase": lambda given, value: lower(given) == lower(plain(value)),
    "StringLike": lambda given, value: glob(value, given),
    "Bool": same_truth,
    "BinaryEquals": same_bytes,
    "IpAddress": in_network,
    "ArnEquals": arn_like,
    "ArnLike": arn_like,
    "NumericEquals": compared(number, operator.eq),
    "NumericLessThan": compared(number, operator.lt),
    "NumericLessThanEquals": compared(number, operator.le),
    "NumericGreaterThan": compared(number, operator.gt),
    "NumericGreaterThanEquals": compared(number, operator.ge),
    "DateEquals": compared(milliseconds, operator.eq),
    "DateLessThan": compared(milliseconds, operator.lt),
    "DateLessThanEquals": compared(milliseconds, operator.le),
    "DateGreaterThan": compared(milliseconds, operator.gt),
    "DateGreaterThanEquals": compared(milliseconds, operator.ge),
}

NEGATED: Mapping[str, str] = {
    "StringNotEquals": "StringEquals",
    "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
    "StringNotLike": "StringLike",
    "NumericNotEquals": "NumericEquals",
    "DateNotEquals": "DateEquals",
    "NotIpAddress": "IpAddress",
    "ArnNotEquals": "ArnEquals",
    "ArnNotLike": "ArnLike",
}


def is_readable(name: str, given: str) -> bool:
    """Rec: a text that is not an address meets neither IpAddress nor NotIpAddress; the same holds for ARNs."""
    if name == "IpAddress":
        return address(given) is not None
    return is_arn(given) or not name.startswith("Arn")
