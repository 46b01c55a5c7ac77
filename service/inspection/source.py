"""Where URLs come from: something that gives the next target, one at a time, until there is none."""

import asyncio
import gzip
import threading
import zlib
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import suppress
from io import BufferedReader
from pathlib import Path
from typing import Final, Protocol

from service.errors import UsageError
from service.model import Target

GZIP_MAGIC: Final = b"\x1f\x8b"
BYTE_ORDER_MARKS: Final = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16"}
UTF8_MARK: Final = b"\xef\xbb\xbf"
LINES_AHEAD: Final = 1_024  # read before they are asked for: hides a disk, costs some 200 KiB
LINE_LIMIT_BYTES: Final = 64 * 1024  # a line is read no further: a list without line ends is not held whole


class Source(Protocol):
    """Gives targets to several tasks at once."""

    @property
    def size(self) -> int | None:
        """How many targets there are in all, where that is known beforehand."""

    @property
    def fault(self) -> UsageError | None:
        """Where and why the input broke, once `next` has given all that was before it."""

    async def next(self) -> Target | None:
        """The next target, or None when there are no more."""

    def stop(self) -> None:
        """Give no more."""


class ListSource:
    """A list that is in memory already: URLs as text, or targets that were read and numbered before."""

    def __init__(self, urls: Iterable[str | Target]) -> None:
        self._targets = deque(
            url if isinstance(url, Target) else _list_target(seq, url) for seq, url in enumerate(urls, 1)
        )
        self.size: int | None = len(self._targets)
        self.fault: UsageError | None = None

    async def next(self) -> Target | None:
        return self._targets.popleft() if self._targets else None

    def stop(self) -> None:
        self._targets.clear()


class FileSource:
    """A file or stdin, one URL a line, gzip recognised; blank lines and `#` comments are none.

    A thread of its own reads ahead, so that neither a slow disk nor a slow pipe stops the loop; it is a
    daemon, so that a pipe which never ends does not keep the process. Each line is given as soon as it is
    read. Where the input breaks, what was read before is still given, and `fault` then tells what was wrong.
    """

    def __init__(self, file: BufferedReader, name: str, size: int | None = None) -> None:
        self.size = size
        self.fault: UsageError | None = None
        self._lines = _read_targets(file, name)
        self._loop = asyncio.get_running_loop()
        self._ready: deque[Target] = deque()
        self._room = threading.Event()
        self._arrival = asyncio.Event()
        self._turn = asyncio.Lock()
        self._hungry = False
        self._ended = False
        threading.Thread(target=self._read, name=f"read {name}", daemon=True).start()

    async def next(self) -> Target | None:
        async with self._turn:  # one waits for the next line and the others for it: a line wakes one task
            while not self._ready:
                # The order matters: the reader looks at `_hungry` after each line that it adds, and says that
                # it has ended after its last one.
                self._arrival.clear()
                self._hungry = True
                ended = self._ended
                if self._ready:
                    break
                if ended:
                    return None
                await self._arrival.wait()
            target = self._ready.popleft()
        if len(self._ready) < LINES_AHEAD // 2:
            self._room.set()
        return target

    def stop(self) -> None:
        self._ended = True
        self._ready.clear()
        self._room.set()
        self._arrival.set()

    def _read(self) -> None:
        try:
            for target in self._lines:
                if self._ended:
                    return
                self._ready.append(target)
                if self._hungry:
                    self._tell()
                if len(self._ready) >= LINES_AHEAD:
                    self._room.clear()
                    if len(self._ready) >= LINES_AHEAD:
                        self._room.wait()
        except UsageError as error:
            self.fault = error
        self._ended = True
        self._tell()

    def _tell(self) -> None:
        self._hungry = False
        with suppress(RuntimeError):  # the loop has been closed: nobody waits any more
            self._loop.call_soon_threadsafe(self._arrival.set)


def count_targets(path: Path) -> int | None:
    """How many URLs a file holds, for a progress line: reads it once. None where it is no plain file, or
    cannot be read to its end (the inspection itself will say so)."""
    try:
        if not path.is_file():
            return None
        with path.open("rb") as file:
            return sum(1 for _ in _read_targets(file, str(path)))
    except (OSError, UsageError):
        return None


def read_line(line: bytes, seq: int, number: int, offset: int) -> Target | None:
    """The target on a line, which would be the list's `seq`th; None where it is blank or a comment.

    `number` is the line's own, `offset` its first byte's: the fault of a line that is no text tells them.
    """
    if number == 1 and line.startswith(UTF8_MARK):
        line, offset = line.removeprefix(UTF8_MARK), len(UTF8_MARK)
    text, fault = _decode(line, number, offset)
    text = text.strip(" \t\r\n\f")
    return Target(seq, text, fault) if text and not text.startswith("#") else None


def _list_target(seq: int, url: str) -> Target:
    """A lone surrogate (an undecodable byte of an argument, a broken escape of JSON) is no text: the record
    could not be written with it."""
    try:
        url.encode()
    except UnicodeEncodeError as error:
        shown = url.encode(errors="backslashreplace").decode()
        return Target(seq, shown, f"expected UTF-8 text, got {url[error.start]!a} at character {error.start}")
    return Target(seq, url)


def _read_targets(file: BufferedReader, name: str) -> Iterator[Target]:
    seq = 0
    for number, offset, line in _read_lines(file, name):
        target = read_line(line, seq + 1, number, offset)
        if target is not None:
            seq += 1
            yield target


def _read_lines(file: BufferedReader, name: str) -> Iterator[tuple[int, int, bytes]]:
    """Each line with its number from 1 and its first byte's offset in the (decompressed) text."""
    try:
        begin = file.peek(len(UTF8_MARK))
    except OSError as error:
        raise UsageError(f"{name}: cannot be read: {error}") from error
    for mark, encoding in BYTE_ORDER_MARKS.items():
        if begin.startswith(mark):
            raise UsageError(f"{name}: line 1, byte 0: expected UTF-8 text or gzip, got {encoding}")
    lines = gzip.GzipFile(fileobj=file) if begin.startswith(GZIP_MAGIC) else file
    number, offset = 0, 0
    while True:
        number += 1
        try:
            line = lines.readline(LINE_LIMIT_BYTES)
            length = len(line)
            while length and not line.endswith(b"\n") and (more := lines.readline(LINE_LIMIT_BYTES)):
                length += len(more)
                line = line[:LINE_LIMIT_BYTES] + more[-1:]
        except (OSError, EOFError, zlib.error) as error:
            raise UsageError(f"{name}: line {number}, byte {offset}: cannot be read: {error}") from error
        if not line:
            return
        yield number, offset, line
        offset += length


def _decode(line: bytes, number: int, offset: int) -> tuple[str, str | None]:
    try:
        return line.decode("utf-8"), None
    except UnicodeDecodeError as error:
        where = f"line {number}, byte {offset + error.start}"
        fault = f"{where}: expected UTF-8, got the byte {line[error.start]:#04x}"
        return line.decode("utf-8", "backslashreplace"), fault
