"""A finding's reference, such as "RFC 6797 section 6.1.1", as the address where it can be read."""

import re
from typing import Final

_RFC: Final = re.compile(r"RFC (\d+)(bis)?(?: (section|appendix) ([A-Z0-9]+(?:\.\d+)*))?")
_ADDRESS: Final = re.compile(r"https://[\w./#?=&%~:@!$'*+,;-]+", re.ASCII)
_DRAFT: Final = "https://datatracker.ietf.org/doc/html/draft-ietf-httpbis-rfc{}bis"
_PUBLISHED: Final = "https://www.rfc-editor.org/rfc/rfc{}"


def address_of(reference: str) -> str | None:
    """None where it names no document that has an address."""
    if _ADDRESS.fullmatch(reference):
        return reference
    match = _RFC.match(reference)
    if match is None:
        return None
    number, is_draft, kind, part = match.groups()
    document = (_DRAFT if is_draft else _PUBLISHED).format(number)
    return f"{document}#{kind}-{part}" if part else document
