"""Semicolon-separated directives (RFC 6797 section 6.1), as Strict-Transport-Security writes them.

Owns the grammar, quoted strings included; what a directive means, and whether it may stand there, is the
caller's to judge. Content-Security-Policy looks alike and is not: it knows neither "=" nor quotes.
"""

import re

from msgspec import Struct

# One directive up to its ";" or the end. White space may stand around each part (the implied LWS of RFC 2616
# section 2.1, which RFC 6797 takes over). Every repeat is possessive, so the time is linear.
_DIRECTIVE = re.compile(
    r"""[ \t]*+
        (?:(?P<name>[!#$%&'*+\-.^_`|~0-9A-Za-z]++)[ \t]*+
           (?:=[ \t]*+(?:(?P<token>[!#$%&'*+\-.^_`|~0-9A-Za-z]++)|"(?P<quoted>(?:[^"\\]|\\.)*+)")[ \t]*+)?+
        )?+
        (?:;|\Z)""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)  # RFC 9110 section 5.6.4: quoted-pair


class Directive(Struct, frozen=True):
    """`name` in lower case (names are case-insensitive), `value` unquoted, None where there is no "="."""

    name: str
    value: str | None


def parse_directives(text: str) -> tuple[tuple[Directive, ...], str]:
    """The directives in order, repeats kept, and the rest from where the text leaves the grammar, or ""."""
    found: list[Directive] = []
    position, end = 0, len(text)
    while position < end:
        match = _DIRECTIVE.match(text, position)
        if match is None:
            return tuple(found), text[position:].strip(" \t")
        position = match.end()
        name, token, quoted = match.groups()
        if name is not None:
            value = token if quoted is None else _ESCAPED.sub(r"\1", quoted)
            found.append(Directive(name.lower(), value))
    return tuple(found), ""


def spelt_directive(name: str, text: str) -> str:
    """The first directive of that lower-case name, as it was sent; the name where there is none.

    A semicolon within quotes ends it: what is shown is a part of the text all the same.
    """
    parts = (part.strip(" \t") for part in text.split(";"))
    return next((part for part in parts if part.partition("=")[0].rstrip(" \t").lower() == name), name)
