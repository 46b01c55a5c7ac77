"""The one corrected Content-Type line that all findings about the field give, those about the charset too."""

import re
from typing import Final

from workers.response import HTML_TYPES, Response
from workers.syntax.encodings import find_encoding
from workers.syntax.media_types import MediaType, extract_media_type, split_values

FIELD: Final = "Content-Type"
JAVASCRIPT: Final = "text/javascript"
# WHATWG MIME Sniffing section 4.6, "JavaScript MIME type", but for the one that RFC 9239 keeps.
OLD_JAVASCRIPT = frozenset(
    {
        "application/ecmascript",
        "application/javascript",
        "application/x-ecmascript",
        "application/x-javascript",
        "text/ecmascript",
        "text/javascript1.0",
        "text/javascript1.1",
        "text/javascript1.2",
        "text/javascript1.3",
        "text/javascript1.4",
        "text/javascript1.5",
        "text/jscript",
        "text/livescript",
        "text/x-ecmascript",
        "text/x-javascript",
    }
)
# WHATWG MIME Sniffing section 7: with these a browser is told that the server does not know.
UNKNOWN_TYPES = frozenset({"*/*", "application/unknown", "unknown/unknown"})
UTF_8: Final = "utf-8"

_BEGINNING = re.compile(r"[ \t]*+([A-Za-z]++/[A-Za-z][A-Za-z0-9.+\-]*+)(?![!#$%&'*^_`|~/])")
_CHARSET = re.compile(r"charset[ \t]*+[=:][ \t]*+[\"']?([A-Za-z0-9_:.\-]++)", re.IGNORECASE)
_OTHER = re.compile(r"[^a-z0-9]+")
_XML = ("application/xml", "text/xml")


def read_type(response: Response) -> MediaType | None:
    """The type that browsers take; None where it is missing, or none."""
    value = response.combined(FIELD)
    return None if value is None else extract_media_type(value)


def is_text(essence: str) -> bool:
    """Whether the type's content is characters whose encoding a charset tells."""
    return (
        essence.startswith("text/")
        or essence in HTML_TYPES
        or essence in _XML
        or essence in OLD_JAVASCRIPT
        or essence.endswith("+xml")
    )


def mended_line(response: Response) -> str | None:
    """The type that was meant, with utf-8 where a page lacks a charset or tries to say utf-8; or None.

    A charset that is to be given up stays: the content would have to change with it.
    """
    value = response.combined(FIELD) or ""
    media_type = read_type(response) or _salvaged(value)
    if media_type is None or media_type.essence in UNKNOWN_TYPES:
        return None
    parameters = {name: given for name, given in media_type.parameters.items() if name != "charset"}
    charset = _charset(media_type, value)
    if charset is not None:
        parameters["charset"] = charset
    essence = JAVASCRIPT if media_type.essence in OLD_JAVASCRIPT else media_type.essence
    return f"{FIELD}: {str(MediaType(essence, parameters)).replace(';', '; ')}"


def _charset(media_type: MediaType, value: str) -> str | None:
    charset = media_type.charset
    if charset is None:
        found = _CHARSET.search(value) if media_type.dropped else None
        charset = found[1] if found else None
    if not is_text(media_type.essence):
        return charset
    if charset is None:
        return UTF_8 if media_type.essence == "text/html" else None
    return UTF_8 if find_encoding(charset) is None and is_nearly_utf_8(charset) else charset.strip(" \t")


def is_nearly_utf_8(charset: str) -> bool:
    """Whether a label that browsers do not know was meant to say UTF-8, or is UTF-7: ASCII mostly."""
    letters = _OTHER.sub("", charset.lower())
    return letters.startswith("utf8") or letters.endswith("utf7")


def _salvaged(value: str) -> MediaType | None:
    """The type that a malformed value begins with, and its charset: all of `text/html charset=utf-8`."""
    for member in split_values(value):
        match = _BEGINNING.match(member)
        if match is not None:
            found = _CHARSET.search(member, match.end())
            return MediaType(match[1].lower(), {"charset": found[1]} if found else {})
    return None
