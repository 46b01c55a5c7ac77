"""A list packed to be sent: gzipped NDJSON in a file that has no name and goes with the process.

A job is taken on once its whole list has come, so nothing is lost by reading it first; and what is tried
again must be the same to the byte, which a pipe could not give twice.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator, Mapping
from gzip import GzipFile
from tempfile import TemporaryFile
from typing import Final

from service.errors import UsageError
from service.inspection.lines import UTF8_MARK, Note, read_line
from service.model import Target

MEDIA_TYPE: Final = "application/x-ndjson"
PIECE_BYTES: Final = 64 * 1024
LEVEL: Final = 1  # a list of URLs shrinks to a quarter; more effort saves little more
_WHITE: Final = " \t\r\n\f"


class PackedList:
    """`options` are the job's. Filled once by `pack`, and may be read again and again by `pieces`."""

    def __init__(self, options: Mapping[str, object]) -> None:
        self.count = 0
        self._options = options
        self._file = TemporaryFile()  # noqa: SIM115 - closed by `close`
        self._block, self._number = b"", 1

    def close(self) -> None:
        self._file.close()

    def noting(self, further: Note) -> Note:
        """To be told of the lines that the next targets are of; tells `further`, too."""

        def note(block: bytes, number: int, seq: int, count: int) -> None:
            self._block, self._number = block, number
            further(block, number, seq, count)

        return note

    def pack(self, blocks: Iterator[list[Target]]) -> Iterator[list[Target]]:
        """Take in a list as it is read; nothing is passed on. Raises UsageError where the disk is full."""
        try:
            with GzipFile(fileobj=self._file, mode="wb", compresslevel=LEVEL, mtime=0) as packed:
                if self._options:
                    packed.write(_line({"options": self._options}))
                for targets in blocks:
                    packed.write(b"".join(map(_line, self._urls(targets))))
                    self.count += len(targets)
                    yield []
        except ValueError:
            if not self._file.closed:  # else nobody waits for it any more
                raise
        except OSError as error:
            raise UsageError(f"the list cannot be kept in a temporary file: {error.strerror}") from error

    async def pieces(self) -> AsyncIterator[bytes]:
        """What was packed, from its beginning."""
        position = 0
        while piece := await asyncio.to_thread(self._read, position):
            position += len(piece)
            yield piece

    def _read(self, position: int) -> bytes:
        self._file.seek(position)
        return self._file.read(PIECE_BYTES)

    def _urls(self, targets: list[Target]) -> Iterator[str]:
        """A line that is no text goes as lone surrogates, which are none either: the daemon will say so, and
        an escape would make another URL of it."""
        if all(target.fault is None for target in targets):
            yield from (target.input for target in targets)
            return
        for number, line in enumerate(self._block.split(b"\n"), self._number):
            if read_line(line, 1, number, 0) is not None:
                text = line.removeprefix(UTF8_MARK) if number == 1 else line
                yield text.decode("utf-8", "surrogateescape").strip(_WHITE)


def _line(value: object) -> bytes:
    return json.dumps(value).encode() + b"\n"
