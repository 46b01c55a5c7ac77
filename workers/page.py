"""A page's bytes as text: its content coding undone, its characters read, both within a bound.

Read as the Observatory's client reads it: UTF-8 whatever the page says of itself. A coding that Python has no
decoder for leaves nothing to read.
"""

import zlib
from typing import Final

TEXT_LIMIT_BYTES: Final = 1_048_576  # a kilobyte of gzip can hold a megabyte; more is not read than of others
_GZIP: Final = 16 + zlib.MAX_WBITS  # zlib's way of saying gzip
_CODINGS: Final = {"": 0, "identity": 0, "gzip": _GZIP, "x-gzip": _GZIP, "deflate": zlib.MAX_WBITS}


def read_text(body: bytes, codings: str) -> str | None:
    """The text of a body whose Content-Encoding is `codings`; None where it cannot be decoded."""
    for coding in reversed([part.strip(" \t").lower() for part in codings.split(",")]):
        bits = _CODINGS.get(coding)
        if bits is None:
            return None
        if bits:
            inflated = _inflate(body, bits)
            if inflated is None:
                return None
            body = inflated
    return body.decode("utf-8-sig", errors="replace")


def _inflate(data: bytes, bits: int) -> bytes | None:
    try:
        return zlib.decompressobj(bits).decompress(data, TEXT_LIMIT_BYTES)
    except zlib.error:
        if bits != zlib.MAX_WBITS:
            return None
    try:  # RFC 9110 section 8.4.1.2: some send "deflate" without the zlib frame
        return zlib.decompressobj(-bits).decompress(data, TEXT_LIMIT_BYTES)
    except zlib.error:
        return None
