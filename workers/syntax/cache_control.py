"""Cache-Control (RFC 9111 section 5.2): the directives of a list, exactly as caches find them.

Owns the grammar, and the reading of delta-seconds (section 1.2.2). What a directive means, and which there
are, is the checks' to know.
"""

import re
from functools import lru_cache
from typing import Final

from msgspec import Struct

LIMIT: Final = 2_048  # characters: longer values are no configuration that anybody wrote
MEMBERS_LIMIT: Final = 32  # commas: there are fifteen directives, so more is no policy that anybody wrote
SECONDS_LIMIT: Final = 2**31  # section 1.2.2: what greater numbers count as, where a cache cannot hold them
_DIGITS_LIMIT: Final = 18
_PARSED_KEPT: Final = 512  # values: a fleet's are few, and each is asked for by several checks

# A directive up to its comma or the end; empty members of a list do not count (RFC 9110 section 5.6.1).
_DIRECTIVE = re.compile(
    r"""[ \t]*+
        (?:(?P<text>(?P<name>[!#$%&'*+\-.^_`|~0-9A-Za-z]++)
           (?:=(?:(?P<token>[!#$%&'*+\-.^_`|~0-9A-Za-z]++)|"(?P<quoted>(?:[^"\\]|\\.)*+)"))?+
        )[ \t]*+)?+
        (?:,|\Z)""",
    re.VERBOSE | re.DOTALL,
)
# What stands there instead, up to a comma outside of quotes. An open quote reaches to the end.
_OTHER = re.compile(r"""(?:[^,"] | "(?:[^"\\]|\\.)*+(?:"|\\?\Z))*+""", re.VERBOSE | re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


class Directive(Struct, frozen=True):
    """`name` in lower case, `value` unquoted (None without "="), `text` as it was sent."""

    name: str
    value: str | None
    quoted: bool
    text: str


class CacheControl(Struct, frozen=True):
    """The directives in order, repeats kept, and the parts of the list that are none."""

    directives: tuple[Directive, ...] = ()
    malformed: tuple[str, ...] = ()


def parse_cache_control(text: str) -> CacheControl:
    """The directives of the field's values, joined by commas; none of a text that is not `is_readable`."""
    return _parse(text) if is_readable(text) else CacheControl()


def is_readable(text: str) -> bool:
    """Whether the text is short enough to be worth reading: `LIMIT` characters, `MEMBERS_LIMIT` commas."""
    return len(text) <= LIMIT and text.count(",") <= MEMBERS_LIMIT


def parse_seconds(text: str) -> int | None:
    """The number that delta-seconds tell, cut to 18 digits; None where they are no digits."""
    if not (text.isascii() and text.isdigit()):
        return None
    digits = text.lstrip("0")
    return int(digits[:_DIGITS_LIMIT] or "0")


@lru_cache(maxsize=_PARSED_KEPT)
def _parse(text: str) -> CacheControl:
    directives: list[Directive] = []
    malformed: list[str] = []
    position, end = 0, len(text)
    while position < end:
        match = _DIRECTIVE.match(text, position)
        if match is None:
            other = _OTHER.match(text, position)
            stop = other.end() if other is not None else end
            malformed.append(text[position:stop].strip(" \t"))
            position = stop + 1
            continue
        position = match.end()
        whole, name, token, quoted = match.group("text", "name", "token", "quoted")
        if name is not None:
            value = token if quoted is None else _ESCAPED.sub(r"\1", quoted)
            directives.append(Directive(name.lower(), value, quoted is not None, whole))
    return CacheControl(tuple(directives), tuple(malformed))
