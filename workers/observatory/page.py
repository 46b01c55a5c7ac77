"""The elements of an HTML page that the Observatory looks at: `meta` and `script`, with their attributes.

This follows the library `htmlparser2` 12, which the Observatory reads pages with. `html.parser` is no
stand-in for it: until late it took `<title><script>` for a script, its answers change with Python's patch
releases, and it takes quadratic time on hostile pages. Every step here consumes what it looked at, so the
whole is linear.
"""

import re
import sys
from collections.abc import Iterator, Mapping
from functools import lru_cache
from html import unescape
from html.entities import html5
from typing import Final

from msgspec import Struct

from workers.observatory.open_elements import OpenElements

Attributes = Mapping[str, str]

_WANTED: Final = frozenset({"meta", "script"})
_TEXT_ONLY: Final = frozenset(
    {"iframe", "noembed", "noframes", "plaintext", "script", "style", "textarea", "title", "xmp"}
)

_SPACE: Final = " \\n\\t\\f\\r"
_TAG_NAME: Final = re.compile(f"[a-zA-Z][^{_SPACE}/>]*")
_BEFORE_ATTRIBUTE: Final = re.compile(f"[{_SPACE}/]*")
_ATTRIBUTE_NAME: Final = re.compile(f"[^{_SPACE}/>][^{_SPACE}/>=]*")
_EQUALS: Final = re.compile(f"[{_SPACE}]*=[{_SPACE}]*")
_UNQUOTED: Final = re.compile(f"[^{_SPACE}>]*")
_COMMENT_END: Final = re.compile("--!?>")
_DIGITS_LIMIT: Final = len(str(sys.maxunicode))  # of a number that is some character's
_REPLACEMENT: Final = "\ufffd"
_REFERENCE: Final = re.compile("&(?:#[xX][0-9a-fA-F]+;?|#[0-9]+;?|[a-zA-Z][a-zA-Z0-9]*;?)")


class Page(Struct, frozen=True):
    """The attributes of each `meta` and each `script` start tag, in the page's order."""

    metas: tuple[Attributes, ...]
    scripts: tuple[Attributes, ...]


@lru_cache(maxsize=1)  # several tests ask for the same page, one after the other
def read_page(html: str) -> Page:
    """Collect the elements of a page; a tag that the page ends in the middle of is none."""
    found: dict[str, list[Attributes]] = {name: [] for name in _WANTED}
    for name, attributes in _start_tags(html):
        found[name].append(attributes)
    return Page(tuple(found["meta"]), tuple(found["script"]))


def _start_tags(html: str) -> Iterator[tuple[str, Attributes]]:
    elements = OpenElements()
    position = html.find("<")
    while position != -1:
        tag = _TAG_NAME.match(html, position + 1)
        if tag is None:
            position = html.find("<", _skip_markup(html, position + 1, elements))
            continue
        is_text_only = tag[0].lower() in _TEXT_ONLY and not elements.in_foreign_content
        name = elements.open(tag[0].lower())
        attributes, position, closes_itself = _read_attributes(html, tag.end())
        if position == -1:
            return
        if name in _WANTED:
            yield name, attributes
        if closes_itself:
            elements.close_itself(name)
        if is_text_only:
            position = _skip_text(html, position, name, elements)
        position = html.find("<", position)


def _skip_markup(html: str, position: int, elements: OpenElements) -> int:
    """Where to go on after a `<` that begins no start tag; `position` is that of what follows it."""
    if html.startswith("/", position):
        end_tag = _TAG_NAME.match(html, position + 1)
        if end_tag is not None:
            elements.close(end_tag[0].lower())
            position = end_tag.end()
        return _after(html.find(">", position), html)
    if html.startswith("!--", position):
        position += len("!--")
        for abrupt in (">", "->"):
            if html.startswith(abrupt, position):
                return position + len(abrupt)
        end = _COMMENT_END.search(html, position)
        return len(html) if end is None else end.end()
    if html.startswith("![CDATA[", position):
        return _after(html.find("]]>", position), html)
    if html.startswith(("!", "?"), position):
        return _after(html.find(">", position), html)
    return position


def _after(found: int, html: str) -> int:
    return len(html) if found == -1 else found + 1


def _skip_text(html: str, position: int, name: str, elements: OpenElements) -> int:
    """Skip what a text-only element holds, and its end tag."""
    end_tag = None if name == "plaintext" else _end_tag(name).search(html, position)
    if end_tag is None:
        return len(html)
    elements.close(name)
    return _after(html.find(">", end_tag.end()), html)


@lru_cache(maxsize=len(_TEXT_ONLY))
def _end_tag(name: str) -> re.Pattern[str]:
    return re.compile(f"</{name}(?=[{_SPACE}/>])", re.IGNORECASE | re.ASCII)


def _read_attributes(html: str, position: int) -> tuple[Attributes, int, bool]:
    """Attributes, where the tag ends (-1 where it does not), and whether its last sign was a `/`.

    The first of several attributes of the same name counts.
    """
    attributes: dict[str, str] = {}
    while True:
        between = _skip(_BEFORE_ATTRIBUTE, html, position)
        name = _ATTRIBUTE_NAME.match(html, between)
        if name is None:
            end = between + 1 if between < len(html) else -1
            return attributes, end, "/" in html[position:between]
        value = ""
        position = name.end()
        equals = _EQUALS.match(html, position)
        if equals is not None:
            value, position = _read_value(html, equals.end())
            if position == -1:
                return attributes, -1, False
        attributes.setdefault(name[0].lower(), value)


def _read_value(html: str, position: int) -> tuple[str, int]:
    quote = html[position : position + 1]
    if quote in ('"', "'"):
        end = html.find(quote, position + 1)
        return (_decode(html[position + 1 : end]), end + 1) if end != -1 else ("", -1)
    end = _skip(_UNQUOTED, html, position)
    return _decode(html[position:end]), end


def _skip(pattern: re.Pattern[str], html: str, position: int) -> int:
    """Where a run that may be empty ends."""
    match = pattern.match(html, position)
    return position if match is None else match.end()


def _decode(value: str) -> str:
    return _REFERENCE.sub(_dereference, value) if "&" in value else value


def _dereference(match: re.Match[str]) -> str:
    """A reference without its semicolon is none where `=` follows (HTML section 13.2.5.73)."""
    name = match[0][1:]
    if name.startswith("#"):
        return _character(name[1:].rstrip(";"))
    if not name.endswith(";") and match.string.startswith("=", match.end()):
        return match[0]
    return html5.get(name, match[0])


def _character(number: str) -> str:
    """What a number stands for, a control or no character at all included, which `html.unescape` leaves out.
    Python reads no number of thousands of digits."""
    base = 16 if number[0] in "xX" else 10
    digits = number.lstrip("xX0") or "0"
    if len(digits) > _DIGITS_LIMIT:
        return _REPLACEMENT
    code = int(digits, base)
    return unescape(f"&#{code};") or chr(code)
