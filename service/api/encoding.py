"""How a body is encoded, and that undone: by its Content-Encoding (RFC 9110 section 8.4), or as gzip where it
begins so, as the command recognises lists.

By zlib and not by aiohttp, which takes a gzip stream that was cut off for a whole one: a list would lose its
end, and nobody would know.
"""

import zlib
from collections.abc import Iterator
from typing import Final

from aiohttp import web

from service.api.operation import Refusal
from service.api.problems import Fault, Kind, Problem
from service.inspection.lines import GZIP_MAGIC

ENCODINGS: Final = ("gzip", "deflate", "identity")
_ALIASES: Final = {"x-gzip": "gzip"}  # RFC 9110 section 8.4.1.3
IDENTITY: Final = "identity"
PIECE_BYTES: Final = 16 * 1024  # some 500 URLs
CUT_OFF: Final = "expected a whole gzip body, got one that ends before its stream does, after 30000 bytes"
REFUSALS: Final = (
    Refusal(400, CUT_OFF, Kind.MALFORMED_BODY),
    Refusal(
        415,
        "expected the Content-Encoding gzip, deflate, identity or none, got br",
        headers=["Accept-Encoding"],
    ),
)
_BEGIN_BYTES: Final = len(GZIP_MAGIC)
_GZIP_BITS: Final = 16 + zlib.MAX_WBITS
_ZLIB_METHOD: Final = 8  # the low four bits of its first byte: RFC 1950 section 2.2


def read_encoding(request: web.Request) -> str:
    """One of `ENCODINGS`. Raises a 415 Problem for any other, and for several."""
    encoding = ", ".join(request.headers.getall("Content-Encoding", [IDENTITY])).strip().lower()
    encoding = _ALIASES.get(encoding, encoding)
    if encoding not in ENCODINGS:
        detail = f"expected the Content-Encoding {', '.join(ENCODINGS)} or none, got {encoding[:100]}"
        raise Problem(415, detail, headers={"Accept-Encoding": ", ".join(ENCODINGS)})
    return encoding


class Unpacker:
    """Undoes the encoding of one body as it comes. gzip's members may follow each other, padded with zeros.

    It holds no more than it is fed, and its pieces have at most `PIECE_BYTES`.
    """

    def __init__(self, encoding: str) -> None:
        self._encoding = encoding
        self._begin: bytes | None = b""  # None once there is enough to tell what it is
        self._bits = 0
        self._stream: zlib._Decompress | None = None
        self._received = 0

    def feed(self, data: bytes) -> Iterator[bytes]:
        """What these bytes unpack to, each piece as it is asked for. Raises a 400 Problem where they are not
        what they should be."""
        self._received += len(data)
        if self._begin is not None:
            data = self._begin + data
            if len(data) < _BEGIN_BYTES:
                self._begin = data
                return
            self._open(data)
        if self._stream is not None:
            yield from self._unpack(data)
            return
        for start in range(0, len(data), PIECE_BYTES):
            yield data[start : start + PIECE_BYTES]

    def end(self) -> bytes:
        """What is left at the end of the body. Raises a 400 Problem where that is not the stream's end."""
        if self._encoding == IDENTITY:
            return self._begin or b""
        if self._received and (self._stream is None or not self._stream.eof):
            raise self._malformed(
                f"expected a whole {self._encoding} body, got one that ends before its stream does, after"
                f" {self._received} bytes"
            )
        return b""

    def _open(self, begin: bytes) -> None:
        self._begin = None
        if self._encoding == IDENTITY and begin.startswith(GZIP_MAGIC):
            self._encoding = "gzip"
        if self._encoding == IDENTITY:
            return
        if self._encoding == "gzip":
            self._bits = _GZIP_BITS
        else:  # some leave out zlib's frame, and browsers take that, too
            self._bits = zlib.MAX_WBITS if begin[0] & 0x0F == _ZLIB_METHOD else -zlib.MAX_WBITS
        self._stream = zlib.decompressobj(self._bits)

    def _unpack(self, data: bytes) -> Iterator[bytes]:
        assert self._stream is not None  # noqa: S101 - for the type checker: `_open` made it
        piece = b""
        # Where the output was full, zlib may have read all of its input and still hold some of what is next.
        while data or len(piece) == PIECE_BYTES:
            if self._stream.eof:
                data = data.lstrip(b"\0")
                if not data:
                    return
                self._stream = zlib.decompressobj(self._bits)
            try:
                piece = self._stream.decompress(data, PIECE_BYTES)
            except zlib.error as error:
                raise self._malformed(
                    f"expected a {self._encoding} body, got one that cannot be unpacked, within its first"
                    f" {self._received} bytes: {error}"
                ) from error
            data = self._stream.unused_data or self._stream.unconsumed_tail
            if piece:
                yield piece

    def _malformed(self, detail: str) -> Problem:
        return Problem(400, detail, Kind.MALFORMED_BODY, [Fault(detail, location=f"byte {self._received}")])
