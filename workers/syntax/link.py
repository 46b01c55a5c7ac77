"""Link (RFC 8288 section 3): the links of a response, each a target and its parameters.

Parameters are read as appendix B.3 has it: a value without quotes reaches to the next semicolon.
"""

import re

from msgspec import Struct

from workers.syntax.parameters import split_list

_TARGET = re.compile(r"<([^<>]*+)>[ \t]*+")
_PARAMETER = re.compile(
    r"""[ \t]*+;[ \t]*+
        (?:(?P<name>[^=;\s]++)
           (?:[ \t]*+=[ \t]*+(?:"(?P<quoted>(?:[^"\\]|\\.)*+)"|(?P<bare>[^;"]*+)))?+
        )?+[ \t]*+""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]++")


class Link(Struct, frozen=True):
    """`parameters` by their names in lower case, the first of a name; `relations` in lower case."""

    target: str
    parameters: dict[str, str | None]

    @property
    def relations(self) -> list[str]:
        return (self.parameters.get("rel") or "").lower().split()

    def __str__(self) -> str:
        """As it is written in a header."""
        return "; ".join((f"<{self.target}>", *(_written(*given) for given in self.parameters.items())))


def parse_link(member: str) -> Link | None:
    """One member of the header's list; None where it is no link."""
    match = _TARGET.match(member)
    if match is None:
        return None
    given: dict[str, str | None] = {}
    position, end = match.end(), len(member)
    while position < end:
        parameter = _PARAMETER.match(member, position)
        if parameter is None:
            return None
        position = parameter.end()
        name, quoted, bare = parameter.groups()
        if name is not None:
            value = _ESCAPED.sub(r"\1", quoted) if quoted is not None else bare and bare.strip(" \t")
            given.setdefault(name.lower(), value)
    return Link(match[1], given)


def parse_links(text: str) -> list[tuple[str, Link | None]]:
    """Every member as it was sent, with the link that it is, or None."""
    return [(member, parse_link(member)) for member in split_list(text)]


def _written(name: str, value: str | None) -> str:
    if value is None:
        return name
    if _TOKEN.fullmatch(value):
        return f"{name}={value}"
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'{name}="{escaped}"'
