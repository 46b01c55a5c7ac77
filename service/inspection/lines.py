"""A list's text as targets: one URL a line, gzip recognised; blank lines and `#` comments are none.

A `#` begins a comment at the beginning of a line and behind white space, as in hosts files; elsewhere it is a
URL's.

Read and decoded a block at a time, which costs a tenth of doing it by the line; where a block holds something
odd, its lines are looked at one by one, so that the fault can be told with its place.
"""

import re
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from io import BufferedIOBase, BufferedReader
from pathlib import Path
from typing import Final

from service.errors import UsageError
from service.model import Target

GZIP_MAGIC: Final = b"\x1f\x8b"
BYTE_ORDER_MARKS: Final = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16"}
UTF8_MARK: Final = b"\xef\xbb\xbf"
BLOCK_BYTES: Final = 16 * 1024  # some 500 lines, a fraction of a millisecond's work
LINE_LIMIT_BYTES: Final = 64 * 1024  # a line is read no further: a list without line ends is not held whole
_WHITE: Final = " \t\r\n\f"
_FILLED: Final = re.compile(f"[^{_WHITE}][^\n]*")
# Without a second look at the same white space: linear.
_COMMENT: Final = re.compile(r"(?<![ \t])[ \t]++#[^\n]*+")
_FILLED_BYTES: Final = re.compile(_FILLED.pattern.encode())

Note = Callable[[bytes, int, int, int], None]
"""Takes a block of lines, its first line's number, its first URL's, and how many URLs are in it."""


def read_targets(file: BufferedReader, name: str, note: Note | None = None) -> Iterator[list[Target]]:
    """The targets in blocks, each as soon as it can be read; blocks can be empty. `note` hears of each first.

    Raises UsageError, with the place, where the file cannot be read any further.
    """
    seq = 1
    for place, block in _read_blocks(file, name):
        targets = _split(block, seq, place)
        if note is not None:
            note(block, place.number, seq, len(targets))
        seq += len(targets)
        yield targets


def count_targets(path: Path) -> int | None:
    """How many URLs a file holds, for a progress line: reads it once. None where it is no plain file, or
    cannot be read to its end (the inspection itself will say so)."""
    try:
        if not path.is_file():
            return None
        with path.open("rb") as file:
            return sum(map(len, read_targets(file, str(path))))
    except (OSError, UsageError):
        return None


def read_line(line: bytes, seq: int, number: int, offset: int) -> Target | None:
    """The target on a line, which would be the list's `seq`th; None where it is blank or a comment.

    `number` is the line's own, `offset` its first byte's: the fault of a line that is no text tells them.
    """
    if number == 1 and line.startswith(UTF8_MARK):
        line, offset = line.removeprefix(UTF8_MARK), len(UTF8_MARK)
    text, fault = _decode(line, number, offset)
    text = _uncommented(text).strip(_WHITE)
    return Target(seq, text, fault) if text and not text.startswith("#") else None


def read_block(block: bytes, seq: int, number: int, offset: int) -> list[Target]:
    """`read_line` of a block of whole lines. Blank ones, of which a small body can unpack to
    a thousand million, cost next to nothing."""
    if number == 1 and block.startswith(UTF8_MARK):
        block, offset = block.removeprefix(UTF8_MARK), len(UTF8_MARK)
    with suppress(UnicodeDecodeError):
        text = _uncommented(block.decode())
        texts = [line.rstrip(_WHITE) for line in _FILLED.findall(text) if line[0] != "#"]
        return list(map(Target, range(seq, seq + len(texts)), texts))
    targets: list[Target] = []
    for before, at, line in filled_lines(block):
        target = read_line(line, seq + len(targets), number + before, offset + at)
        if target is not None:
            targets.append(target)
    return targets


def unpacked(file: BufferedReader, name: str) -> BufferedIOBase:
    """The file, gzip undone where it begins so. Raises UsageError where its mark tells of no UTF-8, or it
    cannot be read at all."""
    try:
        begin = file.peek(len(UTF8_MARK))
    except OSError as error:
        raise UsageError(f"{name}: cannot be read: {error}") from error
    for mark, encoding in BYTE_ORDER_MARKS.items():
        if begin.startswith(mark):
            raise UsageError(f"{name}: line 1, byte 0: expected UTF-8 text or gzip, got {encoding}")
    if not begin.startswith(GZIP_MAGIC):
        return file
    from gzip import GzipFile  # most lists are not packed

    return GzipFile(fileobj=file)


def filled_lines(block: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Each line that is not blank, from its first visible byte on; with how many lines are before it,
    and where it begins."""
    before = at = 0
    for match in _FILLED_BYTES.finditer(block):
        before += block.count(b"\n", at, match.start())
        at = match.start()
        yield before, at, match[0]


class _Place:
    """Where in the (decompressed) text a block begins: its first line's number from 1, its first byte."""

    def __init__(self, number: int, offset: int) -> None:
        self.number = number
        self.offset = offset


def _split(block: bytes, seq: int, place: _Place) -> list[Target]:
    """The targets of a block of whole lines."""
    try:
        lines = _uncommented(block.decode("utf-8")).split("\n")
    except UnicodeDecodeError:
        lines = []
    if not lines or place.number == 1:
        return _split_odd(block, seq, place)
    texts = [text for line in lines if (text := line.strip(_WHITE)) and text[0] != "#"]
    return list(map(Target, range(seq, seq + len(texts)), texts))


def _uncommented(text: str) -> str:
    """Lines without the comments behind white space, of which most lists have none."""
    return _COMMENT.sub("", text) if " #" in text or "\t#" in text else text


def _split_odd(block: bytes, seq: int, place: _Place) -> list[Target]:
    targets: list[Target] = []
    number, offset = place.number, place.offset
    for line in block.split(b"\n"):
        target = read_line(line, seq + len(targets), number, offset)
        if target is not None:
            targets.append(target)
        number += 1
        offset += len(line) + 1
    return targets


def _read_blocks(file: BufferedReader, name: str) -> Iterator[tuple[_Place, bytes]]:
    """Blocks of whole lines, without the last one's end."""
    source = unpacked(file, name)
    number, offset = 1, 0
    rest, cut = b"", 0  # of a line whose end has not come: what is kept of it, and how much is not
    while True:
        try:
            block = source.read1(BLOCK_BYTES)
        except (OSError, EOFError, zlib.error) as error:
            raise UsageError(f"{name}: line {number}, byte {offset}: cannot be read: {error}") from error
        if not block:
            if rest:
                yield _Place(number, offset), rest
            return
        end = block.rfind(b"\n")
        if end < 0:
            rest += block
            cut += max(0, len(rest) - LINE_LIMIT_BYTES)
            rest = rest[:LINE_LIMIT_BYTES]
            continue
        if cut:  # the long line first, by itself: places behind it count what was cut
            line_end = block.index(b"\n")
            yield _Place(number, offset), rest
            number, offset = number + 1, offset + len(rest) + cut + line_end + 1
            rest, cut, block, end = b"", 0, block[line_end + 1 :], end - line_end - 1
            if end < 0:
                rest = block
                continue
        lines = rest + block[:end]
        yield _Place(number, offset), lines
        number, offset = number + lines.count(b"\n") + 1, offset + len(lines) + 1
        rest = block[end + 1 :]


def _decode(line: bytes, number: int, offset: int) -> tuple[str, str | None]:
    try:
        return line.decode("utf-8"), None
    except UnicodeDecodeError as error:
        where = f"line {number}, byte {offset + error.start}"
        fault = f"{where}: expected UTF-8, got the byte {line[error.start]:#04x}"
        return line.decode("utf-8", "backslashreplace"), fault
