"""
The distinguished encoding rules (DER, X.690), as far as AWS KMS writes by them.
"""

from __future__ import annotations

_LONG = 0x80


def head(tag: bytes, length: int) -> bytes:
    """The tag and the length of a DER value; a long length has its own length before it."""
    if length < _LONG:
        return tag + length.to_bytes(1, "big")
    octets = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return tag + (_LONG | len(octets)).to_bytes(1, "big") + octets


def value(tag: bytes, *contents: bytes) -> bytes:
    """A DER value with these contents, one after the other."""
    content = b"".join(contents)
    return head(tag, len(content)) + content
