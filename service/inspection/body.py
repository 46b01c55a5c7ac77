"""The content of a response as it comes over the wire, up to a bound: where it ends, and no more.

Its coding and its charset are left to whoever reads it (`workers.page`). What a server ends early, or frames
badly, is counted as far as it came, and what was amiss is told: it is for others what that is worth.
"""

import re
from typing import Final, Literal

from workers.syntax.head import Field

PAGE_LIMIT_BYTES: Final = 1_048_576  # the contract's: a page's metas and scripts stand in far less
FRAMING_FACTOR: Final = 4  # what is received for chunks, their frames counted, to what is kept of them
WITHOUT_CONTENT: Final = frozenset({204, 304})  # RFC 9112 section 6.3; 1xx are no final responses
_SIZE: Final = re.compile(rb"([0-9A-Fa-f]{1,16})[ \t]*(?:;[^\n]*)?")  # an extension means nothing to us
_SIZE_LINE_LIMIT: Final = 4_096  # bytes: the line of a chunk's size, extensions included, as Go has it
_SHOWN: Final = 40  # bytes of a line that is malformed


class BodyReader:
    """Collects what follows one response head (RFC 9112 section 6.3)."""

    def __init__(self, status: int, fields: tuple[Field, ...], limit_bytes: int = PAGE_LIMIT_BYTES) -> None:
        self._limit_bytes = limit_bytes
        self._content = bytearray()
        self._received_bytes = 0
        self._chunks: _Chunks | None = None
        self._left = limit_bytes  # until the end of the content or the bound, whichever comes first
        self._has_length = False
        self.is_cut = False  # the connection ended before the content did
        self.nonsense = ""  # where the frame is malformed: what was expected, and what came
        codings = _tokens(fields, "transfer-encoding")
        lengths = list(dict.fromkeys(_tokens(fields, "content-length")))
        if status in WITHOUT_CONTENT:
            self._left = 0
        elif codings:
            self._chunks = _Chunks() if codings[-1] == "chunked" else None
        elif len(lengths) == 1 and lengths[0].isdecimal():
            self._left, self._has_length = min(limit_bytes, int(lengths[0][:20])), True
        elif lengths:  # RFC 9112 section 6.3: where the content ends nobody can know
            self._left = 0
            told = ", ".join(lengths)
            self.nonsense = f"expected one Content-Length in decimal digits, got {told[:_SHOWN]!r}"

    @property
    def content(self) -> bytes:
        return bytes(self._content)

    def feed(self, data: bytes) -> bool:
        """Take what was received, b"" for the connection's end. Returns whether there is no more to come."""
        if self._chunks is None:
            self._content += data[: self._left - len(self._content)]
            self.is_cut = self._has_length and not data and len(self._content) < self._left
            return not data or len(self._content) >= self._left
        over = self._chunks.feed(data, self._content)
        if len(self._content) >= self._limit_bytes:  # what is amiss beyond it is not looked at
            del self._content[self._limit_bytes :]
            return True
        self.is_cut = not data and not over
        self.nonsense = self._chunks.nonsense
        self._received_bytes += len(data)
        return over or not data or self._received_bytes > FRAMING_FACTOR * self._limit_bytes

    @property
    def is_whole(self) -> bool:
        """Whether there is nothing to wait for even before anything came."""
        return self._chunks is None and not self._left


class _Chunks:
    """RFC 9112 section 7.1, as far as the last chunk: its trailer says nothing of the content."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._size = 0  # what is left of the present chunk
        self._is_behind_chunk = False
        self.nonsense = ""

    def feed(self, data: bytes, content: bytearray) -> bool:
        """Append the chunks' data to `content`. Returns whether the last has been seen, or nonsense."""
        buffer = self._buffer
        buffer += data
        begin = 0
        over = False
        while not over:
            if self._size:
                part = buffer[begin : begin + self._size]
                content += part
                begin += len(part)
                self._size -= len(part)
                if self._size:
                    break
                continue
            end = buffer.find(b"\n", begin, begin + _SIZE_LINE_LIMIT)
            if end != -1:
                over = self._read_line(bytes(buffer[begin:end]).removesuffix(b"\r"))
                begin = end + 1
            elif len(buffer) - begin >= _SIZE_LINE_LIMIT:
                over = self._refuse(
                    f"a line of at most {_SIZE_LINE_LIMIT} bytes", bytes(buffer[begin : begin + _SHOWN])
                )
            else:
                break
        del buffer[:begin]
        return over

    def _read_line(self, line: bytes) -> bool:
        """Take what stands between two chunks' data: the end of the one, and the size of the next."""
        if self._is_behind_chunk:
            self._is_behind_chunk = False
            return bool(line) and self._refuse("a line's end behind a chunk of the content", line)
        size = _SIZE.fullmatch(line)
        if size is None:
            return self._refuse("a chunk's size in hexadecimal digits", line)
        self._size = int(size[1], 16)
        self._is_behind_chunk = True
        return self._size == 0

    def _refuse(self, wanted: str, got: bytes) -> Literal[True]:
        self.nonsense = f"expected {wanted}, got {got[:_SHOWN]!r}"
        return True


def _tokens(fields: tuple[Field, ...], name: str) -> list[str]:
    values = ",".join(value for field, value in fields if field.lower() == name)
    return [token for part in values.split(",") if (token := part.strip(" \t").lower())]
