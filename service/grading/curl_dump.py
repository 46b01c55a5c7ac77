"""What `curl -sD -` prints: heads, each up to its blank line, and bodies where they were not sent elsewhere.

curl names no URL, and a body has no end but the next head. So:

- A head that follows a redirect with a `Location` directly belongs to the same request, as with `curl -L`.
  One behind a 1xx response, or behind a proxy's answers to CONNECT, takes its place.
- A line `# URL` in front of a head is the URL that was asked for. A URL alone on the line behind a head, or
  behind a body, is where curl ended up, as `-w '%{url_effective}\\n'` prints it.
- What stands behind a head is its body where it ends as Content-Length says: in front of a head, of such a
  URL, or of nothing more.
- In another body a head begins where a status line stands in front of a field line, or `# URL` in front of a
  head. Either may follow on the body's last line, where that has no end; and a URL on its last tag.
"""

from collections.abc import Iterator
from typing import Final

from service.grading import dump_lines
from service.grading.dump_lines import FIELD_LINE, STATUS_LINE, read_asked, read_effective
from service.grading.text import Text, read_lines
from workers.grading.given import Piece

LINE_LIMIT_BYTES: Final = 1024 * 1024  # more than a head's or a page's bound: what is cut off is not judged
HEAD_LIMIT_BYTES: Final = 512 * 1024  # twice what a worker takes: it shall see that there is too much
BODY_LIMIT_BYTES: Final = 1024 * 1024
TAIL_BYTES: Final = 8 * 1024  # of a body, where a URL may stand behind it
HOPS_LIMIT: Final = 51  # curl follows 50 redirects unless told otherwise


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
        self._repeats = False  # lines that were measured in vain: again and again, it might take their square
        self._reset()

    def take(self) -> list[Piece]:
        pieces, self._pieces = self._pieces, []
        return pieces

    def feed(self, number: int, line: bytes) -> None:
        self._state(number, line)

    def end(self) -> None:
        """The text is over."""
        if self._state == self._try_head:
            self._end_trial(is_head=True)
        elif self._state == self._measure and self._left:
            self._give_up()
        elif self._state == self._measure:
            self._end_body()
        if self._maybe is not None:
            self._body += self._maybe[1]
        self._finish()

    def _reset(self) -> None:
        self._url: str | None = None
        self._final_url: str | None = None
        self._line = 0
        self._heads: list[bytearray] = []
        self._has_crlf = False  # whether heads end their lines as on the wire: a page's examples do not then
        self._body = bytearray()
        self._is_measured = False  # the body: then nothing else is in it
        self._held: list[tuple[int, bytes]] = []  # the lines that are measured
        self._left = 0  # bytes that the body has yet to have

    def _between(self, number: int, line: bytes) -> None:
        """In front of a head: only comments can be there."""
        if STATUS_LINE.match(line):
            self._begin_head(number, line)
        elif asked := read_asked(line):
            self._named = asked

    def _in_head(self, number: int, line: bytes) -> None:
        if not line.strip(b"\r\n"):
            self._state = self._behind_head
        elif STATUS_LINE.match(line):  # somebody has taken the blank lines out
            self._begin_head(number, line)
        elif len(self._heads[-1]) <= HEAD_LIMIT_BYTES:
            self._heads[-1] += line

    def _behind_head(self, number: int, line: bytes) -> None:
        """The first line behind a head's blank one."""
        if STATUS_LINE.match(line):
            if line.endswith(b"\r\n") == self._has_crlf:
                self._begin_head(number, line)
            else:  # of a server that ends its lines otherwise, or in a page
                self._state, self._left = self._try_head, HEAD_LIMIT_BYTES
                self._try_head(number, line)
            return
        self._left = 0 if self._repeats else dump_lines.read_length(self._heads[-1])
        self._state = self._measure if 0 < self._left <= BODY_LIMIT_BYTES else self._guess
        self._state(number, line)

    def _try_head(self, number: int, line: bytes) -> None:
        """What is a head if it is one to its end."""
        is_first = not self._held
        if not is_first and (not line.strip(b"\r\n") or STATUS_LINE.match(line)):
            self._end_trial(is_head=True)
            self.feed(number, line)
        elif len(line) <= self._left and (is_first or FIELD_LINE.match(line) or line[:1] in (b" ", b"\t")):
            self._held.append((number, line))
            self._left -= len(line)
        else:
            self._end_trial(is_head=False)
            self.feed(number, line)

    def _end_trial(self, *, is_head: bool) -> None:
        held, self._held = self._held, []
        if is_head:
            self._begin_head(*held.pop(0))
        else:
            self._state = self._in_body
        for number, line in held:
            self.feed(number, line)

    def _measure(self, number: int, line: bytes) -> None:
        """What may be the body by its length."""
        body, behind = line[: self._left], line[self._left :]
        is_next = body and STATUS_LINE.match(line) and all(dump_lines.is_name(held) for _, held in self._held)
        if is_next or (behind and not dump_lines.is_behind_body(behind)):
            self._give_up()
            self.feed(number, line)
            return
        self._held.append((number, body))
        self._left -= len(body)
        if behind:
            self._end_body()
            self._behind_body(number, behind)

    def _end_body(self) -> None:
        self._body += b"".join([line for _, line in self._held])
        self._held.clear()
        self._is_measured = True
        self._state = self._behind_body

    def _give_up(self) -> None:
        """It was no body, or not as long as was said."""
        held, self._held = self._held, []
        self._state, self._repeats = self._guess, True
        for number, line in held:
            self.feed(number, line)
        self._repeats = False

    def _behind_body(self, number: int, line: bytes) -> None:
        if STATUS_LINE.match(line):
            self._finish()  # curl shows no body of a redirect that it follows
            self._begin_head(number, line)
        else:
            self._take_url(line)

    def _guess(self, number: int, line: bytes) -> None:
        """Behind a head whose body has no length that is known."""
        if STATUS_LINE.match(line):
            self._begin_head(number, line)
        elif not line.strip():
            self._add_to_body(line)
        elif not self._take_url(line):
            self._state = self._in_body
            self._in_body(number, line)

    def _take_url(self, line: bytes) -> bool:
        """Whether the line ends the response with a URL, its own or the next one's."""
        asked, effective = read_asked(line), read_effective(line)
        if not asked and not effective:
            return False
        self._final_url = effective
        self._finish()
        self._named = asked
        return True

    def _in_body(self, number: int, line: bytes) -> None:
        if self._maybe is not None:
            begun, candidate = self._maybe
            self._maybe = None
            asked = read_asked(candidate)
            if (STATUS_LINE if asked else FIELD_LINE).match(line):
                self._finish()
                if asked:
                    self._named = asked
                    self._begin_head(number, line)
                else:
                    self._begin_head(begun, candidate)
                    self._in_head(number, line)
                return
            self._add_to_body(candidate)
        at_end = dump_lines.AT_END.search(line, max(0, len(line) - TAIL_BYTES))
        begin = 0 if at_end is None else at_end.start()
        if at_end is not None or (STATUS_LINE.match(line) and not self._has_crlf):
            self._maybe = (number, line[begin:])
            self._add_to_body(line[:begin])
        else:
            self._add_to_body(line)

    def _begin_head(self, number: int, line: bytes) -> None:
        """A head that follows another directly may go on with it."""
        if self._heads and dump_lines.comes_before(self._heads[-1], line):
            self._heads.pop()
        elif self._heads and (len(self._heads) >= HOPS_LIMIT or not dump_lines.is_redirect(self._heads[-1])):
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
            if self._final_url is None and not self._is_measured:
                behind = dump_lines.URL_BEHIND_TAG.search(self._body[-TAIL_BYTES:])
                self._final_url = behind[1].decode("utf-8", "replace") if behind else None
            if len(self._heads) == 1 and self._url:
                self._final_url = None  # nothing led away from what was asked for
            parts = (*map(bytes, self._heads), bytes(self._body))
            url = self._url or (None if self._final_url else self._default)
            where = f"line {self._line}"
            self._pieces.append(Piece("dump", where, parts, url, self._final_url, line=self._line))
        self._reset()
        self._state = self._between
