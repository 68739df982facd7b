"""
Elements in DER, the one form of ASN.1 that a value has.
"""

from __future__ import annotations

SEQUENCE, INTEGER, OCTET_STRING, BIT_STRING = 0x30, 0x02, 0x04, 0x03

_LONG_FORM, _HEADER = 0x80, 2
"""From so many bytes on, the length is written with a byte before it that says how long it is itself."""


def element(tag: int, content: bytes) -> bytes:
    """An element with this tag and content."""
    length = len(content)
    if length < _LONG_FORM:
        return bytes([tag, length]) + content
    octets = length.to_bytes((length.bit_length() + 7) // 8)
    return bytes([tag, _LONG_FORM | len(octets)]) + octets + content


def first(data: bytes, tag: int) -> tuple[bytes, bytes]:
    """The content of the first element, if it has this tag, and what follows; otherwise nothing."""
    if len(data) < _HEADER or data[0] != tag:
        return b"", b""
    start, length = _HEADER, data[1]
    if length >= _LONG_FORM:
        start += length - _LONG_FORM
        length = int.from_bytes(data[_HEADER:start])
    return data[start : start + length], data[start + length :]
