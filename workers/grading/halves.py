"""Escapes in JSON that are half of a surrogate pair and stand for no character (RFC 8259 section 8.2).

Python's programs write a byte that is no UTF-8 as one (PEP 383), mitmproxy 0xE9 as `\\udce9`. msgspec refuses
the whole document for one. So each is marked in the JSON's text, and marks are read once it has been decoded.

A mark is two characters and, in UTF-8, as many bytes as the escape: U+FFFE, which no text that is exchanged
has (Unicode, section 23.7), and the byte's character in `x-user-defined` (WHATWG Encoding, section 14.5).
Halves that stand for no byte have U+F700 there: they cost whoever reads them what they are in.
"""

import re
from typing import Final

NO_BYTE: Final = "\ufffe\uf700".encode()  # the mark of a half that stands for no byte
HALVES_REFUSED: Final = "expected escapes of whole characters, got half of a surrogate pair alone"

_FIRST: Final = rb"u[dD][89abAB][0-9a-fA-F]{2}"
_SECOND: Final = rb"u[dD][c-fC-F][0-9a-fA-F]{2}"
# It begins at the first of the backslashes that stand together, the even ones of which are escaped by those
# before: the time is linear in them. Pairs are gone over, or their second halves would be found.
_ESCAPES: Final = re.compile(
    rb"\\(?<!\\\\)(?:\\\\)*+"
    rb"(?:%(first)b\\%(second)b(?:\\%(first)b\\%(second)b)*+|(?P<half>%(first)b|%(second)b))"
    % {b"first": _FIRST, b"second": _SECOND}
)
_MARK: Final = re.compile("\ufffe([\uf780-\uf7ff])")
_MARK_IN_UTF8: Final = re.compile(rb"\xef\xbf\xbe\xef(?:[\x9e\x9f][\x80-\xbf]|\x9c\x80)")
_BEFORE_BYTES: Final = 0xF700
_MARKS: Final = {
    f"udc{byte:02x}".encode(): f"\ufffe{chr(_BEFORE_BYTES + byte)}".encode() for byte in range(0x80, 0x100)
}
_LENGTH: Final = len(NO_BYTE)


def mark_halves(document: bytearray) -> None:
    """Mark them in place: the text stays as long as it is, and takes no more memory."""
    for found in _ESCAPES.finditer(document):
        half = found["half"]
        if half is not None:
            end = found.end()
            document[end - _LENGTH : end] = _MARKS.get(half.lower(), NO_BYTE)


def with_marks(text: bytes) -> bytes:
    """The text with its halves marked."""
    if b"\\ud" not in text and b"\\uD" not in text:
        return text
    document = bytearray(text)
    mark_halves(document)
    return bytes(document)


def without_marks(text: bytes | bytearray) -> bytes:
    """The text with an escape for each mark, though not the one that it had: its columns are as they were."""
    return _MARK_IN_UTF8.sub(rb"\\udc80", text)


def has_marks(text: bytes) -> bool:
    return _MARK_IN_UTF8.search(text) is not None


def to_bytes(text: str) -> bytes:
    """Decoded text in UTF-8, with the byte in the place of each mark."""
    return _MARK.sub(_to_escape, text).encode("utf-8", "surrogateescape")


def to_text(text: str) -> str:
    """A page's text with U+FFFD for the bytes, as a decoder of UTF-8 has it where it gets them itself."""
    return to_bytes(text).decode("utf-8", "replace") if "\ufffe" in text else text


def to_url(text: str) -> str:
    """A URL with the bytes percent-encoded (RFC 3986 section 2.1), as they were asked for."""
    return _MARK.sub(lambda mark: f"%{ord(mark[1]) - _BEFORE_BYTES:02X}", text)


def _to_escape(mark: re.Match[str]) -> str:
    return chr(ord(mark[1]) - _BEFORE_BYTES + 0xDC00)
