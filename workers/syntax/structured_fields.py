"""Structured fields (RFC 9651): a thin front of `http_sf` that takes Latin-1 text and answers with values.

Owns the one error of a field that does not parse, and a short way for fields that are a single token.
"""

import re
from typing import Literal

import http_sf

Kind = Literal["item", "list", "dictionary"]

_TOKEN = re.compile(r" *([A-Za-z*][!#$%&'*+\-.^_`|~:/0-9A-Za-z]*+) *")  # RFC 9651 section 3.3.4


class InvalidStructuredField(ValueError):  # noqa: N818 - named as RFC 9651 speaks of it
    """The text is no structured field of the kind asked for; the message says where it stops being one."""


def parse(text: str, kind: Kind) -> http_sf.StructuredType:
    """Parse the field's combined value (RFC 9651 section 4.2), one character a byte.

    Raises InvalidStructuredField.
    """
    try:
        return http_sf.parse(text.encode("latin-1"), tltype=kind)
    except (http_sf.StructuredFieldError, UnicodeEncodeError) as error:
        raise InvalidStructuredField(f"expected a structured {kind}, got {text[:80]!r}: {error}") from error


def parse_token(text: str) -> str | None:
    """The token of an item that is one, its parameters left out; None for anything else."""
    plain = _TOKEN.fullmatch(text)
    if plain is not None:  # nearly always, and a tenth of the cost
        return plain[1]
    try:
        item = parse(text, "item")
    except InvalidStructuredField:
        return None
    bare = item[0] if isinstance(item, tuple) else item
    return str(bare) if isinstance(bare, http_sf.Token) else None
