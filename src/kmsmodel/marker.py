"""
The marker that says where a list goes on.
"""

from __future__ import annotations

import base64
import binascii

from kmsmodel.errors import InvalidMarkerException

DEFAULT_LIMIT = 100
"""How many entries a page of ListKeys, ListKeyPolicies and ListKeyRotations has, unless a request says so."""

_DIGITS = 18


def marker(operation: str, position: int) -> str:
    """The marker of a page of ``operation`` that ended at ``position``; opaque to who gets it."""
    return base64.urlsafe_b64encode(f"{operation}:{position}".encode()).decode()


def position(operation: str, text: str | None) -> int:
    """The position that a marker of ``operation`` holds; 0, the start, without one. Raises InvalidMarkerException."""
    if text is None:
        return 0
    try:
        of, _, number = (
            base64.b64decode(text, altchars=b"-_", validate=True).decode().partition(":")
        )
    except (binascii.Error, ValueError):
        raise InvalidMarkerException from None
    if of != operation or not number.isascii() or not number.isdigit() or len(number) > _DIGITS:
        raise InvalidMarkerException
    return int(number)
