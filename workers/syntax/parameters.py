"""Lists whose members carry parameters (RFC 9110 sections 5.6.1 and 5.6.6): Alt-Svc, Link, Server-Timing.

Owns where a member ends and what its parameters are; what they mean is the caller's to judge.
"""

import re
from typing import Final

# How much of a value is judged: what is longer is no configuration that anybody wrote, and to take it apart
# would cost a check its five milliseconds.
LIMIT: Final = 2_048

# Each alternative is told by its first character and takes all that it can, so the time is linear. A quoted
# string or a <reference> that is never closed reaches to the end.
_ELEMENT = re.compile(
    r"""(?:[^,"<] | "(?:[^"\\]|\\.)*+(?:"|\\?\Z) | <[^>]*+(?:>|\Z))*+""", re.VERBOSE | re.DOTALL
)
_PARAMETER = re.compile(
    r"""[ \t]*+;[ \t]*+
        (?:(?P<name>[!#$%&'*+\-.^_`|~0-9A-Za-z]++)
           (?:[ \t]*+=[ \t]*+(?:(?P<token>[!#$%&'*+\-.^_`|~0-9A-Za-z]++)|"(?P<quoted>(?:[^"\\]|\\.)*+)"))?+
        )?+[ \t]*+""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)

Parameter = tuple[str, str | None]


def split_list(text: str) -> list[str]:
    """The members of a list without the white space around them; empty ones are left out (section 5.6.1.2).

    A comma in a quoted string or between angle brackets belongs to its member.
    """
    if '"' not in text and "<" not in text:  # most lists, and far cheaper
        return [member for part in text.split(",") if (member := part.strip(" \t"))]
    members: list[str] = []
    position, end = 0, len(text)
    while position < end:
        match = _ELEMENT.match(text, position)
        stop = match.end() if match is not None else end  # it matches always, were it the empty string
        if member := text[position:stop].strip(" \t"):
            members.append(member)
        position = stop + 1
    return members


def parse_parameters(text: str) -> tuple[tuple[Parameter, ...], str]:
    """The parameters of `;name=value;…` in order, names in lower case, and the rest that is none, or "".

    A value is None where there is no "=".
    """
    found: list[Parameter] = []
    position, end = 0, len(text)
    while position < end:
        match = _PARAMETER.match(text, position)
        if match is None:
            return tuple(found), text[position:].strip(" \t")
        position = match.end()
        name, token, quoted = match.groups()
        if name is not None:
            value = token if quoted is None else _ESCAPED.sub(r"\1", quoted)
            found.append((name.lower(), value))
    return tuple(found), ""
