"""
What several operations check of the members that speak of grants.
"""

from __future__ import annotations

from kmsmodel.calls.call import Call
from kmsmodel.calls.request import Request
from kmsmodel.errors import (
    InvalidGrantIdException,
    ValidationException,
)
from kmsmodel.policy.principal import PrincipalKind

GRANT_ID_BYTES = 32
"""The bytes that a grant id writes in hexadecimal digits."""

_GRANT_ID_DIGITS = frozenset("0123456789abcdef")


def check_grant_id(grant_id: str) -> None:
    """Refuse a text that does not look like a grant id. Raises InvalidGrantIdException."""
    if len(grant_id) != 2 * GRANT_ID_BYTES or not set(grant_id) <= _GRANT_ID_DIGITS:
        raise InvalidGrantIdException


def _wire_name(member: str) -> str:
    return "".join(word.capitalize() for word in member.split("_"))


def at_most_one(request: Request[object], member: str, other: str) -> None:
    """Refuse two members of which only one can be there. Raises ValidationException."""
    if getattr(request, member) is not None and getattr(request, other) is not None:
        names = f"{_wire_name(member)} or {_wire_name(other)}"
        raise ValidationException(f"You can specify either {names}, but not both.")


def exactly_one(request: Request[object], member: str, other: str) -> None:
    """Refuse neither or both of two members. Raises ValidationException."""
    if (getattr(request, member) is None) is (getattr(request, other) is None):
        names = f"{_wire_name(member)} or {_wire_name(other)}"
        raise ValidationException(f"You must specify either {names}, but not both.")


def refuse_service_principal(request: Request[object], member: str, call: Call) -> None:
    """Refuse a filter that only AWS services may use. Raises ValidationException."""
    if getattr(request, member) is not None:
        only_for_services(member, call)


def only_for_services(member: str, call: Call) -> None:
    """Refuse a member to callers that are not AWS services. Raises ValidationException."""
    if call.caller.principal.kind is not PrincipalKind.SERVICE:
        raise ValidationException(
            f"{_wire_name(member)} is only usable by callers in a service principal."
        )
