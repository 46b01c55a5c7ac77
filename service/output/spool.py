"""Bytes that belong to a document's end and come before it: kept in memory while few, then on disk."""

from collections.abc import Iterator
from tempfile import SpooledTemporaryFile
from typing import Final

MEMORY_BYTES: Final = 4 * 1024 * 1024  # as much as waits to be written anyway
PIECE_BYTES: Final = 64 * 1024


class Spool:
    """Filled by `add`, emptied once by `pieces`. Its file has no name, and goes with the process.

    Raises OSError where the disk is full.
    """

    def __init__(self) -> None:
        self._file = SpooledTemporaryFile(MEMORY_BYTES)  # noqa: SIM115 - closed when it has been read
        self.is_empty = True

    def add(self, data: bytes) -> None:
        self._file.write(data)
        self.is_empty = False

    def pieces(self) -> Iterator[bytes]:
        with self._file:
            self._file.seek(0)
            while piece := self._file.read(PIECE_BYTES):
                yield piece
