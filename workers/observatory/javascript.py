"""Where JavaScript's text rules differ from Python's, and an answer of the Observatory hangs on it.

White space is the one that matters: Python takes U+001C to U+001F and U+0085 for it and JavaScript does
not; JavaScript takes U+FEFF for it and Python does not.
"""

import re
from typing import Final

WHITE_SPACE: Final = (
    "\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000\ufeff"
)

_RUN_OF_WHITE_SPACE: Final = re.compile(f"[{WHITE_SPACE}]+")
_LEADING_INTEGER: Final = re.compile(r"[+-]?[0-9]+")


def trim(text: str) -> str:
    """`String.prototype.trim`."""
    return text.strip(WHITE_SPACE)


def words(text: str) -> list[str]:
    r"""`trim().split(/\s+/)`: an empty text has one empty word."""
    return _RUN_OF_WHITE_SPACE.split(trim(text))


def leading_integer(text: str) -> int | None:
    """`parseInt(text, 10)`, with None for NaN; `text` is to be bounded by the caller."""
    match = _LEADING_INTEGER.match(trim(text))
    return None if match is None else int(match[0])
