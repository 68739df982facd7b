"""
Elements in DER (X.690), the one form of ASN.1 that a value has.
"""

from __future__ import annotations

SEQUENCE, INTEGER, OCTET_STRING, BIT_STRING = b"\x30", b"\x02", b"\x04", b"\x03"

_LONG, _HEADER = 0x80, 2
"""From so many bytes on, the length is written with a byte before it that says how long it is itself."""


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


def first(data: bytes, tag: bytes) -> tuple[bytes, bytes]:
    """The content of the first value, if it has this tag, and what follows; otherwise nothing."""
    if len(data) < _HEADER or data[:1] != tag:
        return b"", b""
    start, length = _HEADER, data[1]
    if length >= _LONG:
        start += length - _LONG
        length = int.from_bytes(data[_HEADER:start])
    return data[start : start + length], data[start + length :]
