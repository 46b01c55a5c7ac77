"""Making what servers and lists say safe to show: nothing of it may act on a terminal."""

import re
from typing import Final

ERASE_LINE: Final = "\r\x1b[K"  # ours: the one thing that may act

_ASCII_PRINTABLE: Final = re.compile(rb"[^\x20-\x7e]")


def printable(text: str) -> str:
    """The text with each character that is not printable written out, as `\\x1b` or `\\u202e`.

    Control characters are not the only ones: format characters turn text about, and lone surrogates cannot
    be encoded. `str.isprintable` refuses all of these by the Unicode categories.
    """
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in text
    )


def printable_bytes(line: bytes) -> bytes:
    """The bytes with each that is not printable ASCII written out, as `\\x1b` or `\\xe9`: Latin-1 or UTF-8,
    a header does not say which it is."""
    return _ASCII_PRINTABLE.sub(lambda match: b"\\x%02x" % match[0][0], line)
