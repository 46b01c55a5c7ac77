"""What `curl -sD -` prints: heads, each up to its blank line, and bodies where they were not sent elsewhere.

curl names no URL, and a body has no end but the next head. So:

- A head that follows a redirect with a `Location` directly belongs to the same request, as with `curl -L`.
  One behind a 1xx response, or behind a proxy's answer to CONNECT, takes its place.
- A line `# URL` in front of a head is the URL that was asked for. A URL alone on the line behind a head, or
  behind a body's last tag, is where curl ended up, as `-w '%{url_effective}\\n'` prints it.
- In a body a head begins where a status line stands in front of a field line, or `# URL` in front of a head.
  Either may follow on the body's last line, where that has no end.
"""

import re
from collections.abc import Iterator
from typing import Final

from service.grading.text import Text, read_lines
from workers.grading.given import Piece

LINE_LIMIT_BYTES: Final = 1024 * 1024  # more than a head's or a page's bound: what is cut off is not judged
HEAD_LIMIT_BYTES: Final = 512 * 1024  # twice what a worker takes: it shall see that there is too much
BODY_LIMIT_BYTES: Final = 1024 * 1024
TAIL_BYTES: Final = 8 * 1024  # of a body, where a URL may stand behind it
HOPS_LIMIT: Final = 51  # curl follows 50 redirects unless told otherwise

STATUS_LINE: Final = re.compile(rb"HTTP/\d(?:\.\d)?[ \t]+\d{3}(?:[ \t][^\r\n]*)?\r?\n?\Z")
_AT_END: Final = re.compile(rb"(?:HTTP/\d(?:\.\d)? \d{3}(?: [^\r\n]*)?\r\n|#[ \t]*https?://[^\s]+\r?\n)\Z")
_URL_BEHIND_TAG: Final = re.compile(rb">\s*(https?://[^\s<>\"']+)[ \t]*\r?\n?\Z")
_FIELD_LINE: Final = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+[ \t]*:")
_URL_LINE: Final = re.compile(rb"(https?://[^\s]+)[ \t]*\r?\n?\Z")
_URL_COMMENT: Final = re.compile(rb"#[ \t]*(https?://[^\s]+)[ \t]*\r?\n?\Z")
_REDIRECT: Final = re.compile(rb"(?i)\AHTTP/\S+[ \t]+30[12378]\b(?s:.*)\nlocation[ \t]*:")
_INTERIM: Final = re.compile(rb"(?i)\AHTTP/\S+[ \t]+(?:1(?!01)\d\d\b|200[ \t]+connection established)")


def cut_dumps(text: Text, url: str | None) -> Iterator[list[Piece]]:
    """A piece for each response with the redirects in front of it; `url` where nothing names another."""
    cutter = _Cutter(url)
    for lines in read_lines(text, LINE_LIMIT_BYTES):
        for number, line, _ in lines:
            cutter.feed(number, line)
        yield cutter.take()
    cutter.end()
    yield cutter.take()


class _Cutter:
    """Goes over the lines. What it is in, is what `_state` names: the method that reads the next line."""

    def __init__(self, url: str | None) -> None:
        self._default = url
        self._pieces: list[Piece] = []
        self._state = self._between
        self._named: str | None = None  # by a comment, for the head that comes
        self._maybe: tuple[int, bytes] | None = None  # the line in a body that may begin the next head
        self._reset()

    def take(self) -> list[Piece]:
        pieces, self._pieces = self._pieces, []
        return pieces

    def feed(self, number: int, line: bytes) -> None:
        self._state(number, line)

    def end(self) -> None:
        """The text is over."""
        if self._maybe is not None:
            self._body += self._maybe[1]
        self._finish()

    def _reset(self) -> None:
        self._url: str | None = None
        self._final_url: str | None = None
        self._line = 0
        self._heads: list[bytearray] = []
        self._has_crlf = (
            False  # whether heads end their lines as on the wire: then a page's examples are none
        )
        self._body = bytearray()

    def _between(self, number: int, line: bytes) -> None:
        """In front of a head: only comments can be there."""
        if STATUS_LINE.match(line):
            self._begin_head(number, line)
        elif comment := _URL_COMMENT.match(line):
            self._named = comment[1].decode("utf-8", "replace")

    def _in_head(self, number: int, line: bytes) -> None:
        if not line.strip(b"\r\n"):
            self._state = self._behind_head
        elif STATUS_LINE.match(line):  # somebody has taken the blank lines out
            self._begin_head(number, line)
        elif len(self._heads[-1]) <= HEAD_LIMIT_BYTES:
            self._heads[-1] += line

    def _behind_head(self, number: int, line: bytes) -> None:
        if STATUS_LINE.match(line) and line.endswith(b"\r\n") == self._has_crlf:
            self._begin_head(number, line)
        elif comment := _URL_COMMENT.match(line):
            self._finish()
            self._named = comment[1].decode("utf-8", "replace")
        elif not self._body.strip() and (effective := _URL_LINE.match(line)):
            self._final_url = effective[1].decode("utf-8", "replace")
            self._finish()
        elif line.strip():
            self._state = self._in_body
            self._in_body(number, line)
        else:
            self._add_to_body(line)

    def _in_body(self, number: int, line: bytes) -> None:
        if self._maybe is not None:
            begun, candidate = self._maybe
            self._maybe = None
            if comment := _URL_COMMENT.match(candidate):
                is_head = STATUS_LINE.match(line) is not None
            else:
                is_head = _FIELD_LINE.match(line) is not None
            if is_head:
                self._finish()
                if comment:
                    self._named = comment[1].decode("utf-8", "replace")
                    self._begin_head(number, line)
                else:
                    self._begin_head(begun, candidate)
                    self._in_head(number, line)
                return
            self._add_to_body(candidate)
        at_end = _AT_END.search(line, max(0, len(line) - TAIL_BYTES))
        begin = 0 if at_end is None else at_end.start()
        if at_end is not None or (STATUS_LINE.match(line) and not self._has_crlf):
            self._maybe = (number, line[begin:])
            self._add_to_body(line[:begin])
        else:
            self._add_to_body(line)

    def _begin_head(self, number: int, line: bytes) -> None:
        """A head that follows another directly may go on with it."""
        if self._heads and _INTERIM.match(self._heads[-1]):
            self._heads.pop()
        elif self._heads and (len(self._heads) >= HOPS_LIMIT or not _REDIRECT.match(self._heads[-1])):
            self._finish()
        if not self._line:
            self._line = number
            self._url, self._named = self._named, None
        self._body.clear()
        self._heads.append(bytearray(line))
        self._has_crlf = line.endswith(b"\r\n")
        self._state = self._in_head

    def _add_to_body(self, line: bytes) -> None:
        if len(self._body) < BODY_LIMIT_BYTES:
            self._body += line

    def _finish(self) -> None:
        if self._heads:
            if self._final_url is None and (behind := _URL_BEHIND_TAG.search(self._body[-TAIL_BYTES:])):
                self._final_url = behind[1].decode("utf-8", "replace")
            parts = (*map(bytes, self._heads), bytes(self._body))
            url = self._url or (None if self._final_url else self._default)
            where = f"line {self._line}"
            self._pieces.append(Piece("dump", where, parts, url, self._final_url, line=self._line))
        self._reset()
        self._state = self._between
