"""What an interrupted output holds: which URLs of the list have their record, and where the last one ends.

A run writes its records in one stream, so what a kill leaves, at whatever byte, is whole records and at most
a part of one more. That part is told, to be cut off; anything else that is no record is a fault, and the file
is left as it is.
"""

from array import array
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, Final
from zlib import crc32

from service.errors import UsageError
from service.output.format import Format, Held, Inverse

ROW_LIMIT_BYTES: Final = 64 * 1024 * 1024  # eleven heads of 256 KiB, six bytes for one, are a third of it
SEQ_LIMIT: Final = 1 << 28  # URLs of a list that can be gone on with: a mark each is 1 GiB
ABSENT: Final = 0

See = Callable[[Held], None]


class HeldOutput:
    """Marks four bytes a URL, up to the last that has a record: its input's check sum, by which a list that
    has changed is known. Between two inputs it is the same once in four billion."""

    def __init__(self, path: Path, output_format: Format) -> None:
        if output_format.inverse is None:
            raise ValueError("expected a format that can be read back")
        self.count = 0
        self.end = 0  # of the last whole record, or of what comes before all records: bytes
        self.torn = 0  # bytes behind that
        self._path = path
        self._begin = output_format.begin
        self._inverse: Inverse = output_format.inverse
        self._marks = array("I")

    def read(self, file: BinaryIO, see: See) -> None:
        """Read the output from its beginning, once; `see` gets each record. Raises UsageError, with the line,
        where something is no record or the second one of a URL."""
        self.end = self._skip_begin(file)
        for number, held, end in self._rows(file):
            self._mark(held, number)
            self.end = end
            self.count += 1
            see(held)
        self.torn = file.seek(0, 2) - self.end

    @property
    def last(self) -> int:
        """The highest `seq` that has a record, 0 where none has."""
        return len(self._marks)

    def has(self, seq: int) -> bool:
        return seq <= len(self._marks) and self._marks[seq - 1] != ABSENT

    def agrees(self, seq: int, given: str) -> bool:
        """Whether the record of `seq`, which it has, is that of the input `given`."""
        return self._marks[seq - 1] == self._sum(self._inverse.spell(given))

    def find(self, seq: int) -> tuple[int, str]:
        """In which line of the output the record of `seq` is, and its input; reads the file again."""
        with self._path.open("rb") as file:
            self._skip_begin(file)
            for number, held, _ in self._rows(file):
                if held.verdict.seq == seq:
                    return number, held.input
        raise UsageError(f"{self._path}: it was changed while it was read")

    def _mark(self, held: Held, number: int) -> None:
        seq = held.verdict.seq
        if seq > SEQ_LIMIT:
            raise self._fault(number, f"expected a seq of at most {SEQ_LIMIT:,}, got {seq}")
        missing = seq - len(self._marks)
        if missing > 0:
            self._marks.frombytes(bytes(missing * self._marks.itemsize))
        elif self._marks[seq - 1] != ABSENT:
            raise self._fault(number, f"expected one record of each URL, got a second of URL {seq}")
        self._marks[seq - 1] = self._sum(held.input)

    def _sum(self, spelt: str) -> int:
        return crc32(spelt.encode()) or 1

    def _skip_begin(self, file: BinaryIO) -> int:
        """Where records begin; 0 where not even what comes before them is whole."""
        begin = file.read(len(self._begin))
        if not self._begin.startswith(begin):
            raise self._fault(1, f"expected {self._begin.decode().rstrip()!r}, got {begin[:80]!r}")
        return len(begin) if begin == self._begin else 0

    def _rows(self, file: BinaryIO) -> Iterator[tuple[int, Held, int]]:
        """Of each whole record its first line's number, itself, and where it ends."""
        number, end = 1 + self._begin.count(b"\n"), len(self._begin)
        is_whole, read = self._inverse.is_whole, self._inverse.read
        row = b""
        while line := file.readline(ROW_LIMIT_BYTES):
            row = row + line if row else line
            if len(row) >= ROW_LIMIT_BYTES:
                raise self._fault(number, f"expected a record of less than {ROW_LIMIT_BYTES:,} bytes")
            if not row.endswith(b"\n") or not is_whole(row):
                continue
            end += len(row)
            try:
                held = read(row)
            except ValueError as error:
                raise self._fault(number, f"expected a record as this version writes it: {error}") from error
            yield number, held, end
            number += row.count(b"\n")
            row = b""

    def _fault(self, number: int, message: str) -> UsageError:
        return UsageError(f"{self._path}: line {number}: {message}; it was left as it is")
