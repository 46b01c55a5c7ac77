"""On which line of its list each URL stands, kept as the few places where counting lines begins anew.

A list without blank lines or comments is one place, however long; each run of those adds one, of 16 bytes.
"""

from array import array
from bisect import bisect_right

from service.inspection.lines import read_line


class LineNumbers:
    """Filled by the thread that reads the list, asked by the one that writes the records."""

    def __init__(self) -> None:
        self._seqs = array("Q")
        self._lines = array(
            "Q"
        )  # of the URL at the same place in `_seqs`; those behind it are on the next ones

    def note(self, block: bytes, number: int, seq: int, count: int) -> None:
        """A block of whole lines has been read: its first line's number, its first URL's, and how many URLs
        are in it."""
        if count == block.count(b"\n") + 1:
            self.begin(seq, number)
            return
        for line in block.split(b"\n"):
            if read_line(line, seq, number, 0) is not None:
                self.begin(seq, number)
                seq += 1
            number += 1

    def begin(self, seq: int, line: int) -> None:
        """From the `seq`th on, each is on the line after the one before, beginning with this line."""
        if not self._seqs or self._lines[-1] - self._seqs[-1] != line - seq:
            self._lines.append(line)  # before the other, by which it is looked for
            self._seqs.append(seq)

    def line_of(self, seq: int) -> int:
        """The line, from 1, of the list's `seq`th URL, which must have been read."""
        place = bisect_right(self._seqs, seq) - 1
        return self._lines[place] + seq - self._seqs[place]
