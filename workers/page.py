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
    content = read_content(body, codings)
    return None if content is None else content.decode("utf-8-sig", errors="replace")


def read_content(body: bytes, codings: str, limit_bytes: int = TEXT_LIMIT_BYTES) -> bytes | None:
    """The same as the bytes that were coded, of which only the first `limit_bytes` need be inflated."""
    applied = [part.strip(" \t").lower() for part in codings.split(",")]
    while applied:
        bits = _CODINGS.get(applied.pop())
        if bits is None:
            return None
        if bits:
            inflated = _inflate(body, bits, TEXT_LIMIT_BYTES if applied else limit_bytes)
            if inflated is None:
                return None
            body = inflated
    return body


def _inflate(data: bytes, bits: int, limit_bytes: int) -> bytes | None:
    try:
        return zlib.decompressobj(bits).decompress(data, limit_bytes)
    except zlib.error:
        if bits != zlib.MAX_WBITS:
            return None
    try:  # RFC 9110 section 8.4.1.2: some send "deflate" without the zlib frame
        return zlib.decompressobj(-bits).decompress(data, limit_bytes)
    except zlib.error:
        return None
