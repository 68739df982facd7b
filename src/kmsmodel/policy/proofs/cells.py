"""
Numbers, dates and addresses that stand for all: what policies compare with, and what lies between and beyond.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal, localcontext
from itertools import pairwise

from kmsmodel.policy.values import Network


def whole_numbers(points: Iterable[Decimal], least: int, most: int) -> list[str]:
    """The bounds, the points and the numbers beside them."""
    found = {least, most}
    for point in points:
        if least - 1 <= point <= most + 1:
            found |= {int(point) + step for step in (-1, 0, 1)}
    return [str(each) for each in sorted(found) if least <= each <= most]


def numbers(points: Iterable[Decimal]) -> list[str]:
    """The points, and numbers between and beyond them."""
    found = sorted(set(points))
    if not found:
        return ["0"]
    digits = max(len(each.as_tuple().digits) for each in found)
    with localcontext(Context(prec=2 * digits + 30, Emax=MAX_EMAX, Emin=MIN_EMIN)):
        between = [low + (high - low) / 2 for low, high in pairwise(found)]
        one = Decimal(1)
        below, above = found[0] - max(abs(found[0]), one), found[-1] + max(abs(found[-1]), one)
    return [str(each) for each in (*found, below, *between, above)]


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_YEARS = 9998


def dates(points: Iterable[int]) -> list[str]:
    """The points, and dates between and beyond them, each in milliseconds since 1970."""
    found = sorted(set(points))
    if not found:
        return ["2026-01-01T00:00:00Z"]
    steps = {each + step for each in found for step in (-1, 0, 1)}
    far = {each + step for each in found if _date(each - 1) is None for step in (-1000, 1000)}
    return [date for each in (*sorted(steps), *sorted(far)) if (date := _date(each)) is not None]


def _date(at: int) -> str | None:
    """As AWS writes it; what is too far away is in seconds."""
    try:
        date = _EPOCH + timedelta(milliseconds=at)
    except OverflowError:
        return None if at % 1000 else str(at // 1000)
    if not 1 < date.year < _YEARS:
        return None if at % 1000 else str(at // 1000)
    fraction = f".{at % 1000:03}" if at % 1000 else ""
    return f"{date:%Y-%m-%dT%H:%M:%S}{fraction}Z".rjust(20 + len(fraction), "0")


def addresses(networks: Iterable[Network]) -> list[str]:
    """The first address of each network and of what follows it, of IPv4 and of IPv6."""
    cuts: dict[int, set[int]] = {4: {0}, 6: {0}}
    for network in networks:
        first, last = int(network.network_address), int(network.broadcast_address)
        cuts[network.version] |= {first, last + 1}
    v4 = [str(ipaddress.IPv4Address(each)) for each in sorted(cuts[4]) if each < 1 << 32]
    mapped = ipaddress.IPv6Network("::ffff:0:0/96")
    starts = {int(mapped.network_address), int(mapped.broadcast_address) + 1} | cuts[6]
    v6 = (ipaddress.IPv6Address(each) for each in sorted(starts) if each < 1 << 128)
    return [*v4, *(str(each) for each in v6 if each not in mapped)]
