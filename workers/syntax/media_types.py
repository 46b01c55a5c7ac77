"""Media types as browsers read them: WHATWG MIME Sniffing section 4.4, and Fetch's "extract a MIME type".

Owns the parsing of one type, of a list of Content-Type values, and the writing of a type. What a type is good
for is judged in `workers.checks`; which encoding a charset names is told by `workers.syntax.encodings`.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from msgspec import Struct, field

# How much of a value is read: longer ones are no configuration that anybody wrote, and cost a check its time.
LIMIT: Final = 2_048
_LISTS_KEPT: Final = 512  # values: a fleet's are few, and each is asked for by several checks

_WHITE = "\t\n\r "  # HTTP white space
_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_ESSENCE = re.compile(r"([!#$%&'*+\-.^_`|~0-9A-Za-z]++)/([!#$%&'*+\-.^_`|~0-9A-Za-z]++)[\t\n\r ]*+(?:;|\Z)")
# One parameter up to the ";" that ends it. A quoted value may be left open; what follows it is passed over.
_PARAMETER = re.compile(
    r"""[\t\n\r ]*+(?P<name>[^;=]*+)
        (?:=(?:"(?P<quoted>(?:[^"\\]|\\.)*+)(?P<open>\\)?(?:"|\Z)[^;]*+|(?P<plain>[^;]*+)))?+(?:;|\Z)""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*+")  # "HTTP quoted-string token code points"
_TO_QUOTE = re.compile(r'(["\\])')
_BACKSLASHED = r"\\\1"
# One member of a list: a comma in a quoted string belongs to it. An open string reaches to the end.
_MEMBER = re.compile(r"""(?:\A|,)((?:[^,"] | "(?:[^"\\]|\\.)*+(?:"|\\?\Z))*+)""", re.VERBOSE | re.DOTALL)


class MediaType(Struct, frozen=True):
    """`essence` is type and subtype in lower case; `parameters` by lower-case name, the first of each.

    `repeated` and `dropped` are the parameters, as they were written, that browsers leave out: because the
    name was there already with another value, or because they are none.
    """

    essence: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    repeated: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()

    @property
    def charset(self) -> str | None:
        return self.parameters.get("charset")

    def __str__(self) -> str:
        """As section 4.5 serialises it."""
        return self.essence + "".join(
            f";{name}={quoted_if_needed(value)}" for name, value in self.parameters.items()
        )


def parse_media_type(text: str) -> MediaType | None:
    """One media type; None where it is none."""
    text = text[:LIMIT].strip(_WHITE)
    essence = _ESSENCE.match(text)
    if essence is None:
        return None
    if essence.end() == len(text):  # most types, or half of them
        return MediaType(f"{essence[1]}/{essence[2]}".lower())
    parameters: dict[str, str] = {}
    repeated, dropped = [], []
    for match in _PARAMETER.finditer(text, essence.end()):  # it fits everywhere, so nothing is skipped
        name, value = match["name"].lower(), _value(match)
        written = match[0].removesuffix(";").strip(_WHITE)
        if value is None or _TOKEN.fullmatch(name) is None or _VALUE.fullmatch(value) is None:
            dropped.extend([written] if written else [])
        elif name not in parameters:
            parameters[name] = value
        elif parameters[name].lower() != value.lower():
            repeated.append(written)
    return MediaType(f"{essence[1]}/{essence[2]}".lower(), parameters, tuple(repeated), tuple(dropped))


def extract_media_type(combined: str) -> MediaType | None:
    """The type of a response with these Content-Type values, joined by commas (Fetch section 2.2.2).

    The last that is a type counts, and takes over the charset of one before that is of the same essence.
    """
    return _extract(combined[:LIMIT])


@lru_cache(maxsize=_LISTS_KEPT)
def _extract(combined: str) -> MediaType | None:
    charset: str | None = None
    found: MediaType | None = None
    for member in filter(None, split_values(combined)):
        media_type = parse_media_type(member)
        if media_type is None or media_type.essence == "*/*":
            continue
        if found is None or media_type.essence != found.essence:
            charset = media_type.charset
        elif media_type.charset is None and charset is not None:
            media_type = _with_charset(media_type, charset)
        found = media_type
    return found


def split_values(combined: str) -> list[str]:
    """The members of the list (Fetch's "get, decode, and split"), empty ones included."""
    combined = combined[:LIMIT]
    if '"' not in combined:  # most lists, and far cheaper
        return [member.strip(" \t") for member in combined.split(",")]
    return [match[1].strip(" \t") for match in _MEMBER.finditer(combined)]


def quoted_if_needed(value: str) -> str:
    """A parameter's value as it is written: quoted where it is no token."""
    return value if _TOKEN.fullmatch(value) else f'"{_TO_QUOTE.sub(_BACKSLASHED, value)}"'


def _with_charset(media_type: MediaType, charset: str) -> MediaType:
    parameters = {**media_type.parameters, "charset": charset}
    return MediaType(media_type.essence, parameters, media_type.repeated, media_type.dropped)


def _value(match: re.Match[str]) -> str | None:
    """A parameter's value; None where there is none, which an empty one is too unless it is quoted."""
    if match["quoted"] is not None:  # a backslash that nothing follows stands for itself
        return _ESCAPED.sub(r"\1", match["quoted"]) + (match["open"] or "")
    return (match["plain"] or "").rstrip(_WHITE) or None
