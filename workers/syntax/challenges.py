"""Challenges of WWW-Authenticate (RFC 9110 section 11.6.1): schemes with a token or parameters, in one list.

Commas separate both challenges and parameters: what begins with a scheme and a space, or is a word alone, is
a new challenge.
"""

import re
from typing import Final

from msgspec import Struct, field

from workers.syntax.parameters import split_list

LIMIT: Final = 2_048  # characters that are worth reading: only tokens of Kerberos are longer

_WORD = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]++"
_PARAMETER = re.compile(
    rf"({_WORD})[ \t]*+=[ \t]*+(?:({_WORD})|\"((?:[^\"\\]|\\.)*+)\")", re.DOTALL
)  # RFC 9110 section 11.2
_TOKEN68 = re.compile(r"[A-Za-z0-9\-._~+/]++=*+")
_SCHEME = re.compile(rf"({_WORD})(?:[ \t]++(.*))?", re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


class Challenge(Struct, frozen=True):
    """`scheme` and the parameters' names in lower case, values unquoted; `spelt` is the scheme as it was
    sent, and `texts` are the parameters, by their names."""

    scheme: str
    parameters: dict[str, str] = field(default_factory=dict)
    spelt: str = ""
    texts: dict[str, str] = field(default_factory=dict)


def parse_challenges(text: str) -> tuple[tuple[Challenge, ...], str]:
    """The challenges in order, and the first part that is none of the grammar, or "".

    Such a part belongs to the last of the challenges, whose parameters are not all read then.
    """
    found: list[Challenge] = []
    for member in split_list(text):
        parameter = _PARAMETER.fullmatch(member)
        if parameter is not None:
            if not found:
                return (), member
            _add(found[-1], parameter)
            continue
        begins = _SCHEME.fullmatch(member)
        if begins is None:
            return tuple(found), member
        challenge, rest = Challenge(begins[1].lower(), spelt=begins[1]), (begins[2] or "").strip(" \t")
        found.append(challenge)
        parameter = _PARAMETER.fullmatch(rest)
        if parameter is not None:
            _add(challenge, parameter)
        elif rest and _TOKEN68.fullmatch(rest) is None:
            return tuple(found), member
    return tuple(found), ""


def _add(challenge: Challenge, parameter: re.Match[str]) -> None:
    name, token, quoted = parameter.groups()
    challenge.parameters.setdefault(name.lower(), token if quoted is None else _ESCAPED.sub(r"\1", quoted))
    challenge.texts.setdefault(name.lower(), parameter[0])
