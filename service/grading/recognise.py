"""Which of the four inputs a text is, told by its content: the first line that is one of them decides.

A line that is none of them does not: it may be the one bad line of a good file. Where all are like
that, as in JSON that is broken or goes on in the next line, the file is unreadable. So it is where its first
object is no HAR as far as is looked at, and goes on over lines: whatever a line of it is, it is a part.
"""

import re
from collections.abc import Iterator
from typing import Final

import msgspec

from service.errors import UsageError
from service.grading.curl_dump import cut_dumps
from service.grading.dump_lines import STATUS_LINE
from service.grading.har import cut_har
from service.grading.json_fault import find_fault
from service.grading.json_lines import cut_lines
from service.grading.text import Text
from service.grading.top_object import Top, read_top
from workers.grading.given import Piece
from workers.grading.halves import with_marks

LOOKED_AT_BYTES: Final = 64 * 1024  # of the beginning: there a good line comes, or none ever will

_HAR: Final = re.compile(rb'\{\s*"log"\s*:')
# A line of JSON begins so; a `{` alone does not, which many files begin with that are not ours.
_OBJECT: Final = re.compile(rb'\{[ \t\r]*["}]')
_UNDECIDED: Final = re.compile(rb'\{\s*("(l(o(g("\s*)?)?)?)?)?')  # so far it could still be a HAR
_SHOWN: Final = 60  # bytes of a line that was not recognised


def cut_pieces(text: Text, url: str | None) -> Iterator[list[Piece]]:
    """The text in pieces, each of which is to have one record, in blocks as they come. `url` is the first
    request's where the text has none.

    Raises UsageError where the text cannot be read any further, or is nothing of what can be graded.
    """
    seen = b""
    while True:
        block = text.read()
        seen += block
        form = _recognise(seen, is_whole=not block)
        if form or not block or len(seen) >= LOOKED_AT_BYTES:
            break
    text.hold(seen)
    if form == "har":
        return cut_har(text)
    if form == "dump":
        return cut_dumps(text, url)
    if form is None and (odd := _first_line(seen)) is not None:
        number, line = odd
        if _OBJECT.match(line.lstrip()) and (fault := find_fault(line)) is not None:
            # A parser's remark on what it misses says little where the object goes on in the next line.
            is_cut = fault.column > len(line.decode("utf-8", "replace").rstrip())
            reason = "the line ends before its object does" if is_cut else fault.reason
            raise UsageError(
                f"{text.name}: line {number}, column {fault.column}: expected JSON lines, each a whole header"
                f" set (`url`, `status`, `headers`) or record, or a HAR file whose `log` begins within"
                f" {LOOKED_AT_BYTES:,} bytes: {reason} in {_show(line)}"
            )
        raise UsageError(
            f"{text.name}: line {number}: expected JSON lines of header sets (`url`, `status`, `headers`), a"
            f" HAR file, what `curl -sD -` prints, or masthead's own records, got {_show(line)}"
        )
    return cut_lines(text, url)


def _recognise(seen: bytes, *, is_whole: bool) -> str | None:
    top = read_top(seen)
    if top is Top.HAR:
        return "har"
    if top is Top.OPEN and not is_whole and (len(seen) < LOOKED_AT_BYTES or b"\n" in seen.strip()):
        return None
    begin = 0
    while begin < len(seen):
        end = seen.find(b"\n", begin) + 1 or len(seen)
        line = seen[begin:end].lstrip()
        if line.startswith(b"{"):
            rest = seen[begin:].lstrip()
            if _HAR.match(rest):
                return "har"
            if not is_whole and _UNDECIDED.fullmatch(rest):
                return None
            if _OBJECT.match(line) and (is_whole or line.endswith(b"\n")) and _is_json(line):
                return "lines"
        if STATUS_LINE.match(seen, begin, end):
            return "dump"
        begin = end
    if len(seen) >= LOOKED_AT_BYTES and _OBJECT.match(seen[seen.rfind(b"\n") + 1 :].lstrip()):
        return "lines"  # of which one is longer than what is looked at
    return None


def _is_json(line: bytes) -> bool:
    try:
        msgspec.json.decode(with_marks(line))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return True


def _first_line(seen: bytes) -> tuple[int, bytes] | None:
    """The first that is neither blank nor a comment, with its number."""
    for number, line in enumerate(seen.split(b"\n"), 1):
        if line.strip() and not line.lstrip().startswith(b"#"):
            return number, line
    return None


def _show(line: bytes) -> str:
    return repr(line.strip()[:_SHOWN].decode("utf-8", "backslashreplace"))
