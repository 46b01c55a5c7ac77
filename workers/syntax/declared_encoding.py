"""Whether the beginning of an HTML page tells its encoding, as browsers look for it before they parse.

A byte order mark tells it (HTML section 13.2.3.1), a `<meta>` within the first 1,024 bytes (section 4.2.5.4,
found as section 13.2.3.2 prescans for it), or an XML declaration. Which encoding it is nobody asks here; a
label that no browser knows tells none. Each step begins behind what the last one looked at.
"""

import re
from collections.abc import Iterator
from typing import Final

from workers.syntax.encodings import find_encoding

LIMIT_BYTES: Final = 1_024
# Of UTF-8 and UTF-16; the last two are how an XML declaration begins in UTF-16.
_MARKS: Final = (b"\xef\xbb\xbf", b"\xfe\xff", b"\xff\xfe", b"<\0?\0x\0", b"\0<\0?\0x")
_SPACE: Final = r"\t\n\f\r "
# A comment may end where it begins ("<!-->"), and a tag's name ends at white space, "/" or ">".
_MARKUP = re.compile(rf"<(?:!--|([a-zA-Z][^{_SPACE}/>]*+)|/[a-zA-Z][^{_SPACE}>]*+|[!/?])")
_ATTRIBUTE = re.compile(
    rf"[{_SPACE}/]*+([^{_SPACE}/>][^{_SPACE}/>=]*+)"
    rf"(?:[{_SPACE}]*+=[{_SPACE}]*+(?:\"([^\"]*+)\"|'([^']*+)'|([^{_SPACE}>\"'][^{_SPACE}>]*+)))?+"
)
_TAG_END = re.compile(rf"[{_SPACE}/]*+>")
_CHARSET = re.compile(
    rf"charset[{_SPACE}]*+=[{_SPACE}]*+(?:\"([^\"]*+)\"|'([^']*+)'|([^{_SPACE};\"'][^{_SPACE};]*+))",
    re.IGNORECASE,
)
_XML = re.compile(rf"<\?xml[{_SPACE}][^>]*?\bencoding[{_SPACE}]*+=[{_SPACE}]*+(?:\"([^\">]*+)\"|'([^'>]*+)')")


def tells_encoding(content: bytes) -> bool:
    """Whether a page that begins with `content` tells its encoding; only `LIMIT_BYTES` of it count."""
    if content.startswith(_MARKS):
        return True
    text = content[:LIMIT_BYTES].decode("latin-1")
    if any(map(_tells, _metas(text))):
        return True
    xml = _XML.match(text)
    return xml is not None and _is_known(xml[1] or xml[2])


def _metas(text: str) -> Iterator[dict[str, str]]:
    """The attributes of each `<meta>`, the first of several of a name. One that is cut off is none."""
    position = 0
    while (match := _MARKUP.search(text, position)) is not None:
        position = match.end()
        if match[0] == "<!--":
            position = _after(text.find("-->", position - len("--")), text, len("-->"))
        elif match[0] in ("<!", "</", "<?"):
            position = _after(text.find(">", position), text, len(">"))
        else:
            attributes, position = _read_attributes(text, position)
            end = _TAG_END.match(text, position)
            if end is not None:
                position = end.end()
                if (match[1] or "").lower() == "meta":
                    yield attributes


def _read_attributes(text: str, position: int) -> tuple[dict[str, str], int]:
    attributes: dict[str, str] = {}
    while (match := _ATTRIBUTE.match(text, position)) is not None:
        position = match.end()
        attributes.setdefault(match[1].lower(), (match[2] or match[3] or match[4] or "").strip())
    return attributes, position


def _after(found: int, text: str, length: int) -> int:
    return len(text) if found == -1 else found + length


def _tells(attributes: dict[str, str]) -> bool:
    label = attributes.get("charset")
    if label is None and attributes.get("http-equiv", "").lower() == "content-type":
        match = _CHARSET.search(attributes.get("content", ""))
        label = None if match is None else match[1] or match[2] or match[3]
    return label is not None and _is_known(label)


def _is_known(label: str | None) -> bool:
    return find_encoding(label or "") is not None
