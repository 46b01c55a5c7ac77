"""Whether a text that begins with an object is a HAR, told by the object's own members as far as they came.

HAR 1.2 has all in `log`, but gives members no order: a comment, or what a tool adds, may stand in front. This
reads tokens, not JSON: what two of them cannot be beside each other, is no document, but lines.
"""

import re
from enum import Enum
from typing import Final


class Top(Enum):
    """What the text's first object is, by what has come of it."""

    HAR = "a HAR"
    OTHER = "no HAR, or over"
    OPEN = "an object that goes on"


# Of header sets and records. Whatever else is in a line is ignored, a `log` too.
_OF_LINES: Final = frozenset({b'"url"', b'"headers"', b'"schema"', b'"hops"'})

_STRING: Final = rb'"(?:[^"\\\x00-\x1f]++|\\.)*+'
_TOKEN: Final = re.compile(rb'[ \t\r\n]*+(%b"|[{}\[\]:,]|[^ \t\r\n"{}\[\]:,]++)' % _STRING)
_CUT: Final = re.compile(rb"[ \t\r\n]*+(?:%b\\?)?\Z" % _STRING)  # white space, or a string without its end
_ENDS: Final = b'}]"0'  # by its first byte, a token that ends a value; "0" is for numbers and words
_BEGINS: Final = b'{["0'


def read_top(text: bytes) -> Top:
    """Takes the beginning of a text; time is linear in it."""
    depth, place = 0, 0
    before, key = b"", b""
    while (token := _TOKEN.match(text, place)) is not None:
        place = token.end()
        kind = token[1][:1]
        kind = kind if kind in b'{}[]:,"' else b"0"
        if not (before or kind == b"{") or (kind in _BEGINS and before and before in _ENDS):
            return Top.OTHER
        if depth == 1:
            if before in b"{,":
                key = token[1]
                if kind != b'"' or key in _OF_LINES:
                    return Top.OTHER
            elif before == b":" and key == b'"log"':
                return Top.HAR if kind == b"{" else Top.OTHER
        depth += (kind in b"{[") - (kind in b"}]")
        if depth == 0:
            return Top.OTHER
        before = kind
    return Top.OPEN if _CUT.match(text, place) else Top.OTHER
