"""HTTP/1.1 on the wire, without a socket: the request's bytes, and where a response head ends.

Nothing is judged here. A head ends at its blank line (lines end at LF, a CR before it is optional); 1xx
responses before it are skipped; every bound says what exceeding it is called. Field lines are not read:
`workers.syntax.head` does that, once, where the record is made.
"""

import re
from functools import lru_cache
from typing import Final

from msgspec import Struct

from service.errors import Code, FetchFailed
from service.inspection.url import Url
from service.model import RequestField
from workers.syntax.head import MalformedHead, parse_status_line

ResponseHead = tuple[int, bytes]
"""The status and the raw bytes, blank line included."""

_BLANK_LINE: Final = re.compile(rb"\n\r?\n")
_PREFIX: Final = b"HTTP/"
# How the usual status line begins, and the status that it tells, of a class that RFC 9110 section 15 knows.
_BEGINS: Final = {
    b"HTTP/1.%d %d " % (minor, status): status for minor in (0, 1) for status in range(200, 600)
}
_BEGIN_BYTES: Final = len(b"HTTP/1.1 200 ")
_LEAST_FIELD_BYTES: Final = 2  # a line that is not blank, with its end
SWITCHING_PROTOCOLS: Final = 101
INFORMATIONAL: Final = range(100, 200)


class HeadLimits(Struct, frozen=True):
    """Bounds of what a server may send before its head is whole. Precedents: curl's 300 KiB, Go's 1xx."""

    head_bytes: int = 256 * 1024  # all that is received until then, 1xx and blank lines counted
    line_bytes: int = 64 * 1024
    fields: int = 1_000
    informational: int = 10


def read_whole_head(data: bytes, limits: HeadLimits) -> ResponseHead | None:
    """The usual head, whole in the first read and with nothing odd about its frame; None for any other."""
    status = _BEGINS.get(data[:_BEGIN_BYTES])
    size = data.find(b"\n\r\n") + 3
    if status is None or not 3 < size <= limits.line_bytes or size > limits.head_bytes:
        return None
    if data.find(b"\n\n", 0, size) >= 0:
        return None
    # Fewer bytes cannot be too many lines: counting them takes longer than all else here.
    if size > _LEAST_FIELD_BYTES * limits.fields and data.count(b"\n", 0, size) - 2 > limits.fields:
        return None
    return status, data[:size]


class HeadReader:
    """Collects received bytes until one final response head is whole."""

    __slots__ = ("_begin", "_buffer", "_informational", "_limits", "_received", "_searched", "rest")

    def __init__(self, limits: HeadLimits) -> None:
        self._limits = limits
        self._buffer = bytearray()
        self._begin = 0  # where the status line begins, behind blank lines
        self._searched = 0
        self._received = 0
        self._informational = 0
        self.rest = b""  # what came behind the head

    def feed(self, data: bytes) -> ResponseHead | None:
        """Take what was received, b"" for the connection's end. Returns the head once it is whole, else None.

        Raises FetchFailed with `connection_closed`, with `response_malformed` as soon as the bytes can be no
        HTTP/1.x response, or `response_too_large` at a bound.
        """
        if not data:
            came = "a part of it" if self._received else "nothing"
            raise FetchFailed(
                Code.CONNECTION_CLOSED, f"expected a response head, got {came} before the connection closed"
            )
        self._received += len(data)
        self._buffer += data
        while True:
            self._find_begin()
            end = self._find_end()
            if end is None:
                self._check_size(len(self._buffer))
                return None
            head = bytes(self._buffer[:end])
            status = self._read_status(head[self._begin :])
            if status not in INFORMATIONAL or status == SWITCHING_PROTOCOLS:
                self._check_size(end)
                self._check_lines(head)
                self.rest = bytes(self._buffer[end:])
                return status, head
            self._count_informational()
            del self._buffer[:end]
            self._begin = self._searched = 0

    def _find_begin(self) -> None:
        """RFC 9112 section 2.2 lets a recipient ignore an empty line before a message; it stays recorded."""
        if self._searched > self._begin:
            return
        buffer, begin = self._buffer, self._begin
        while begin < len(buffer) and buffer[begin] in b"\r\n":
            begin += 1
        self._begin = begin
        first = bytes(buffer[begin : begin + len(_PREFIX)])
        if not _PREFIX.startswith(first):
            shown = bytes(buffer[begin : begin + 40])
            raise FetchFailed(Code.RESPONSE_MALFORMED, f"expected an HTTP/1.x response, got {shown!r}")
        if len(first) == len(_PREFIX):
            self._searched = begin + len(_PREFIX)

    def _find_end(self) -> int | None:
        if self._searched <= self._begin:
            return None
        found = _BLANK_LINE.search(self._buffer, max(self._begin, self._searched - 2))
        self._searched = len(self._buffer)
        return found.end() if found else None

    def _read_status(self, head: bytes) -> int:
        line = head[: head.index(b"\n")].removesuffix(b"\r").decode("latin-1")
        try:
            return parse_status_line(line)[1]
        except MalformedHead as error:
            raise FetchFailed(Code.RESPONSE_MALFORMED, str(error)) from error

    def _count_informational(self) -> None:
        self._informational += 1
        if self._informational > self._limits.informational:
            raise FetchFailed(
                Code.RESPONSE_TOO_LARGE, f"more than {self._limits.informational} informational responses"
            )

    def _check_size(self, unread: int) -> None:
        consumed = self._received - len(self._buffer)
        if consumed + unread > self._limits.head_bytes:
            raise FetchFailed(Code.RESPONSE_TOO_LARGE, f"a head of more than {self._limits.head_bytes} bytes")

    def _check_lines(self, head: bytes) -> None:
        if head.count(b"\n") - 2 > self._limits.fields:
            raise FetchFailed(Code.RESPONSE_TOO_LARGE, f"more than {self._limits.fields} field lines")
        if len(head) > self._limits.line_bytes:
            longest = max(map(len, head.split(b"\n")))
            if longest > self._limits.line_bytes:
                raise FetchFailed(
                    Code.RESPONSE_TOO_LARGE, f"a line of more than {self._limits.line_bytes} bytes"
                )


def format_request(
    method: str,
    url: Url,
    fields: tuple[RequestField, ...],
    user_agent: str,
    is_last: bool = True,
    body: bytes | None = None,
) -> bytes:
    """The bytes of a request. All parts have been checked: no CR, LF or NUL is in them. With a body its head
    says how long that is (RFC 9110 section 8.6)."""
    common = _format_common_fields(fields, user_agent, is_last)
    head = f"{method} {url.target} HTTP/1.1\r\nHost: {url.authority}\r\n{common}".encode("latin-1")
    if body is None:
        return head
    return b"%bContent-Length: %d\r\n\r\n%b" % (head[:-2], len(body), body)


@lru_cache(maxsize=128)  # a run has one or two of them, a daemon one for each client's set of headers
def _format_common_fields(fields: tuple[RequestField, ...], user_agent: str, is_last: bool) -> str:
    given = {name.lower() for name, _ in fields}
    ours = [
        field for field in (("User-Agent", user_agent), ("Accept", "*/*")) if field[0].lower() not in given
    ]
    lines = [f"{name}: {value}\r\n" for name, value in (*ours, *fields)]
    close = "Connection: close\r\n" if is_last else ""
    return f"{''.join(lines)}{close}\r\n"
