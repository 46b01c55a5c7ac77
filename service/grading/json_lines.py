"""JSON lines: header sets and Masthead's own records, one a line; blank lines and `#` comments are none."""

from collections.abc import Iterator
from typing import Final

from service.grading.text import Text, read_lines
from workers.grading.given import Piece

# A body of the mebibyte that is judged, each of its characters escaped, and a head at its limit.
LINE_LIMIT_BYTES: Final = 8 * 1024 * 1024
_SHOWN: Final = 200  # bytes of a line that is too long


def cut_lines(text: Text, url: str | None) -> Iterator[list[Piece]]:
    """A piece a line, whatever is in it: the worker that judges it reads it. `url` is for lines with none."""
    for lines in read_lines(text, LINE_LIMIT_BYTES):
        yield [
            _cut(number, stripped, url, is_whole=is_whole)
            for number, line, is_whole in lines
            if (stripped := line.strip()) and not stripped.startswith(b"#")
        ]


def _cut(number: int, line: bytes, url: str | None, *, is_whole: bool) -> Piece:
    where = f"line {number}"
    if is_whole:
        return Piece("line", where, (line,), url, line=number)
    fault = f"expected at most {LINE_LIMIT_BYTES} bytes, got a longer line"
    return Piece("line", where, (line[:_SHOWN],), fault=fault, line=number)
