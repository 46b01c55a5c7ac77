"""Permissions-Policy (W3C Permissions Policy section 5): features and who may use them.

Owns the dictionary of allowlists, and the salvage of what was meant where the value is none: Feature-Policy's
syntax above all. Which features there are is the checks' to know.
"""

import re
from typing import Any, Final

import http_sf
from msgspec import Struct, field

from workers.syntax.parameters import LIMIT
from workers.syntax.structured_fields import parse

PLAIN_LIMIT: Final = 8_192  # characters of a plain policy: more than all features with two origins each

# What nearly all policies are made of, at a fifth of the structured field parser's cost.
_PLAIN = re.compile(
    r"""[ \t]*+(?P<name>[a-z*][a-z0-9_\-.*]*+)=
        (?:(?P<bare>\*|self)|\((?P<list>(?:[ ]*+(?:\*|self|"[ !#-\[\]-~]*+")(?=[ )]))*+)[ ]*+\))
        [ \t]*+(?:,(?=[ \t]*+[a-z*])|\Z)""",
    re.VERBOSE,
)
_TOKEN = re.compile(r"[A-Za-z*][!#$%&'*+\-.^_`|~:/0-9A-Za-z]*+")
_MEMBER = re.compile(r'"[^"]*+"|[^ "]++')
_SALVAGED = re.compile(
    r"""[ \t(]*+([a-z][a-z0-9-]*+)(?:[ \t]*+=|[ \t]++(?=['"*(]|self\b|none\b|src\b|https?:)|\Z)"""
)
_CONTINUED = re.compile(r"""[ \t]*+(?:["'*)]|self\b|https?:)""")


class Allowlist(Struct, frozen=True):
    """Who may use a feature: `*`, `self` and quoted origins, as they are written.

    `valid` is False where the value has another form, for which browsers ignore the feature. `parameters` are
    the names of what follows after semicolons, with their values as text.
    """

    members: tuple[str, ...]
    valid: bool = True
    parameters: dict[str, str] = field(default_factory=dict)

    @property
    def allows_all(self) -> bool:
        return "*" in self.members

    def __str__(self) -> str:
        """As it is written in a header, with the endpoint that its reports go to."""
        text = "*" if self.allows_all else f"({' '.join(self.members)})"
        endpoint = self.parameters.get("report-to", "")
        return f"{text};report-to={endpoint}" if _TOKEN.fullmatch(endpoint) else text


_USUAL = {"": Allowlist(()), "self": Allowlist(("self",)), "*": Allowlist(("*",))}  # shared: none is changed


def parse_policy(text: str) -> dict[str, Allowlist]:
    """Each feature's allowlist, the last one where a feature is repeated; nothing of too long a value.

    Raises InvalidStructuredField, where browsers ignore the whole header.
    """
    if len(text) > PLAIN_LIMIT:
        return {}
    plain = _parse_plain(text)
    if plain is not None:
        return plain
    if len(text) > LIMIT:
        return {}
    dictionary: Any = parse(text, "dictionary")
    return {name: _allowlist(value, parameters) for name, (value, parameters) in dictionary.items()}


def salvage_policy(text: str) -> dict[str, Allowlist]:
    """What was probably meant by a value that is no dictionary: of `camera 'none'; usb=self`, `camera=()` and
    `usb=(self)`."""
    found: dict[str, list[str]] = {}
    name = ""
    for part in re.split(r"[;,]", text[:LIMIT]):
        match = _SALVAGED.match(part)
        if match is not None:
            name, rest = match[1], part[match.end() :]
            found[name] = []
        elif name and _CONTINUED.match(part):
            rest = part
        else:
            continue
        found[name] += filter(None, map(_salvaged_member, rest.replace("(", " ").replace(")", " ").split()))
    return {name: Allowlist(tuple(dict.fromkeys(members))) for name, members in found.items()}


def format_policy(policy: dict[str, Allowlist]) -> str:
    """The policy as a header value."""
    return ", ".join(f"{name}={allowlist}" for name, allowlist in policy.items())


def _parse_plain(text: str) -> dict[str, Allowlist] | None:
    found: dict[str, Allowlist] = {}
    position, end = 0, len(text)
    while position < end:
        match = _PLAIN.match(text, position)
        if match is None:
            return None
        position = match.end()
        name, bare, members = match.groups()
        written = bare or members
        known = _USUAL.get(written)
        found[name] = known if known is not None else Allowlist(tuple(_MEMBER.findall(written)))
    return found


def _allowlist(value: object, parameters: dict[str, object]) -> Allowlist:
    named = {name: str(value) for name, value in parameters.items()}
    if isinstance(value, list):
        return Allowlist(tuple(_written(item) for item, _ in value), parameters=named)
    is_one = (isinstance(value, http_sf.Token) and str(value) in ("*", "self")) or type(value) is str
    return Allowlist((_written(value),), is_one, named)


def _written(item: object) -> str:
    if isinstance(item, http_sf.Token):
        return str(item)
    return f'"{item}"' if isinstance(item, str) else str(item)


def _salvaged_member(word: str) -> str | None:
    """`self`, `*` or a quoted origin; None for what stands for nothing ('none', 'src') or means nothing."""
    bare = word.strip("'\"")
    if bare.lower() in ("self", "*"):
        return bare.lower()
    return f'"{bare}"' if re.fullmatch(r"https?://[^\s\"\\]+", bare) and bare.isascii() else None
