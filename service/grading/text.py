"""The input's bytes, gzip undone: blocks as they come, with the place that faults are told with."""

import zlib
from collections.abc import Iterator
from io import BufferedReader
from typing import Final

from service.errors import UsageError
from service.inspection.lines import UTF8_MARK, unpacked

BLOCK_BYTES: Final = 256 * 1024  # some 150 header sets: what a pipe has ready comes earlier


class Text:
    """A file or a pipe, read to its end once. `line` is the number of the line in which the next block is."""

    def __init__(self, file: BufferedReader, name: str) -> None:
        """Raises UsageError for what is neither UTF-8 nor gzip."""
        self.name: Final = name
        self.line = 1
        self._held = b""
        self._source = unpacked(file, name)
        self._held = self._read().removeprefix(UTF8_MARK)

    def read(self) -> bytes:
        """The next block, b"" at the end. Raises UsageError where it cannot be read any further."""
        block, self._held = self._held or self._read(), b""
        self.line += block.count(b"\n")
        return block

    def hold(self, block: bytes) -> None:
        """Give a block back, to be read again."""
        self.line -= block.count(b"\n")
        self._held = block + self._held

    def _read(self) -> bytes:
        try:
            return self._source.read1(BLOCK_BYTES)
        except (OSError, EOFError, zlib.error) as error:
            raise UsageError(f"{self.name}: line {self.line}: cannot be read: {error}") from error


def read_lines(text: Text, limit_bytes: int) -> Iterator[list[tuple[int, bytes, bool]]]:
    """Lines with their ends, in blocks as they come: number, beginning up to `limit_bytes`, and whether that
    is all of it."""
    parts: list[bytes] = []  # of a line whose end has not come
    size = 0
    while True:
        number = text.line
        block = text.read()
        if not block:
            break
        first, newline, others = block.partition(b"\n")
        if size < limit_bytes:
            parts.append(first + newline)
        size += len(first) + len(newline)
        if not newline:
            continue
        begin = b"".join(parts)
        lines = [(number, begin[:limit_bytes], size <= limit_bytes)]
        cut = others.rfind(b"\n") + 1
        for behind, line in enumerate(_split(others[:cut]), number + 1):
            lines.append((behind, line[:limit_bytes], len(line) <= limit_bytes))
        yield lines
        parts = [others[cut:]]
        size = len(parts[0])
    if size:
        begin = b"".join(parts)
        yield [(text.line, begin[:limit_bytes], size <= limit_bytes)]


def _split(block: bytes) -> list[bytes]:
    """Lines that all have an end. Not `splitlines`: for that, a lone CR ends a line too."""
    return [line + b"\n" for line in block.split(b"\n")[:-1]]
