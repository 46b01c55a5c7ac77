"""Content-Disposition (RFC 6266 section 4): a type, and parameters that name the file to be saved.

Owns the grammar and the decoding of `filename*` (RFC 8187); which name is safe is the check's to judge.
"""

import re
from typing import Final
from urllib.parse import unquote_to_bytes

from msgspec import Struct

LIMIT: Final = 4_096  # characters: names of files have 255 at the most, each up to 12 when it is encoded

_TYPE = re.compile(r"[ \t]*+([!#$%&'*+\-.^_`|~0-9A-Za-z]++)[ \t]*+(?:;|\Z)")
_PARAMETER = re.compile(
    r"""[ \t]*+(?:(?P<name>[!#$%&'*+\-.^_`|~0-9A-Za-z]++)[ \t]*+=[ \t]*+
        (?:(?P<token>[!#$%&'*+\-.^_`|~0-9A-Za-z]++)|"(?P<quoted>(?:[^"\\]|\\.)*+)")[ \t]*+)?+(?:;|\Z)""",
    re.VERBOSE | re.DOTALL,
)
_OTHER = re.compile(r"""(?:[^;"] | "(?:[^"\\]|\\.)*+(?:"|\\?\Z))*+""", re.VERBOSE | re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_EXTENDED = re.compile(
    r"(utf-8|iso-8859-1)'[A-Za-z0-9\-]*+'((?:%[0-9A-Fa-f]{2}|[!#$&+\-.^_`|~0-9A-Za-z])*+)", re.I
)


class Disposition(Struct, frozen=True):
    """`type` in lower case ("" where there is none), parameters by lower-case name, the first of each; the
    names that came again; the parts that are no parameter."""

    type: str
    parameters: dict[str, str]
    repeated: tuple[str, ...] = ()
    malformed: tuple[str, ...] = ()


def parse_disposition(text: str) -> Disposition:
    match = _TYPE.match(text)
    position, end = (0 if match is None else match.end()), len(text)
    parameters: dict[str, str] = {}
    repeated, malformed = [], []
    while position < end:
        parameter = _PARAMETER.match(text, position)
        if parameter is None:
            other = _OTHER.match(text, position)
            stop = other.end() if other is not None else end
            malformed.append(text[position:stop].strip(" \t"))
            position = stop + 1
            continue
        position = parameter.end()
        name, token, quoted = parameter.group("name", "token", "quoted")
        if name is None:
            continue
        value = token if quoted is None else _ESCAPED.sub(r"\1", quoted)
        if quoted is not None and name.endswith("*"):
            value = f'"{quoted}"'  # which an extended value must not be: it does not decode
        if name.lower() in parameters:
            repeated.append(name.lower())
        parameters.setdefault(name.lower(), value)
    return Disposition(
        "" if match is None else match[1].lower(), parameters, tuple(repeated), tuple(malformed)
    )


def decode_extended(value: str) -> str | None:
    """The text of an extended value (`UTF-8''na%C3%AFve.txt`); None where it is none."""
    match = _EXTENDED.fullmatch(value)
    if match is None:
        return None
    try:
        return unquote_to_bytes(match[2]).decode(match[1].lower())
    except UnicodeDecodeError:
        return None
