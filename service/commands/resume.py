"""`--resume`: an output that was cut short is gone on with by what it holds.

The list is held against the records before anything is written, where it can be read twice, and as it is read
in any case: a URL that has a record is passed over, and one whose record tells of another input is a fault.
"""

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import partial
from io import BufferedReader
from pathlib import Path
from stat import S_ISREG
from typing import Final

from msgspec.structs import replace

from service.commands.files import InputFile
from service.errors import UsageError
from service.inspection.line_numbers import LineNumbers
from service.inspection.lines import read_targets
from service.inspection.source import FileSource
from service.model import Target
from service.output.format import Format, Held
from service.output.held import HeldOutput, See
from service.settings import Settings

RESUMABLE: Final = ("jsonl", "csv")


class ListChanged(UsageError):  # noqa: N818 - told as it is
    """The list is not the one that the output was written for."""


class Unlike:
    """Counts the records of before that are not as this run would make them, as far as they tell.

    They stay as they are: a list may well be gone on with at another depth, and whoever did not mean it hears
    of it."""

    def __init__(self, settings: Settings) -> None:
        self._depth = settings.depth or "headers"
        self._judges = settings.checks != "none"
        self._seen = self._count = 0
        self._kinds: Counter[str] = Counter()

    def see(self, held: Held) -> None:
        kinds = []
        has_failed = held.verdict.failure is not None  # and so has no report either way
        if not has_failed and held.is_judged != self._judges:
            kinds.append("judged" if held.is_judged else "with --checks none")
        if held.depth not in (None, self._depth):
            kinds.append(f"with --depth {held.depth}")
        self._seen += 1
        self._count += bool(kinds)
        self._kinds.update(kinds)

    def tell(self, output: Path) -> str:
        """How many there are, in a line; empty where there are none."""
        if not self._count:
            return ""
        kinds = ", ".join(f"{count:,} {kind}" for kind, count in self._kinds.most_common())
        return (
            f"{output}: {self._count:,} of {self._seen:,} records of before were made with other options"
            f" ({kinds}), and stay so; without --resume all are made anew"
        )


class Resumption:
    """An output that is gone on with. `held` is what it holds, `format` what comes behind that."""

    def __init__(self, output: Path, list_file: InputFile, held: HeldOutput, output_format: Format) -> None:
        self.format = replace(output_format, begin=b"") if held.end else output_format
        self.held = held
        self._output = output
        self._list = list_file

    def tell(self) -> str:
        """What is gone on with, in a line; empty where there was nothing."""
        held = self.held
        if not held.count and not held.torn:
            return ""
        torn = f"; {held.torn:,} bytes of one more that was cut short are taken out" if held.torn else ""
        return f"{self._output}: going on behind {held.count:,} records{torn}"

    def open_source(self) -> FileSource:
        """What has no record. Its fault is a ListChanged where that is seen only now."""
        numbers = LineNumbers()
        return self._list.open_source(numbers.note, partial(self.pass_over, numbers=numbers))

    def pass_over(self, blocks: Iterable[list[Target]], numbers: LineNumbers) -> Iterator[list[Target]]:
        """The targets that have no record. Raises ListChanged; `numbers` must have heard of the blocks."""
        held, seq = self.held, 0
        for targets in blocks:
            if targets:
                seq = targets[-1].seq
            rest: list[Target] = []
            for target in targets:
                if not held.has(target.seq):
                    rest.append(target)
                elif not held.agrees(target.seq, target.input):
                    yield rest
                    raise self._changed(target.seq, numbers.line_of(target.seq), repr(target.input))
            yield rest
        if seq < held.last:
            raise self._changed(held.last, None, f"a list of {seq:,} URLs")

    def _changed(self, seq: int, line: int | None, got: str) -> ListChanged:
        place = f"{self._list.name}: " + (f"line {line}: " if line is not None else "")
        number, expected = self.held.find(seq)
        return ListChanged(
            f"{place}the list is not the one that {self._output} was written for: expected {expected!r},"
            f" whose record is in line {number:,} there (seq {seq}), got {got}"
        )


def refuse_what_cannot_be_resumed(output: Path | None, format_name: str | None) -> None:
    """Before anything is opened. Raises UsageError."""
    if output is None:
        raise UsageError("--resume: expected -o OUT, a file to go on with, got stdout")
    if format_name not in RESUMABLE:
        formats = " or ".join(RESUMABLE)
        raise UsageError(
            f"--resume: expected --format {formats}, got {format_name}, which is one document: write it anew"
        )


def resume(fd: int, output: Path, list_file: InputFile, output_format: Format, see: See) -> Resumption:
    """Read what the output (open as `fd`, for reading too) holds, hold the list against it, and cut off what
    is torn. `see` gets each record. Raises UsageError; the output is then as it was."""
    if not S_ISREG(os.fstat(fd).st_mode):
        raise UsageError(f"--resume: expected -o to name a file, got {output}, which is none")
    held = HeldOutput(output, output_format)
    with open(fd, "rb", closefd=False) as file:
        held.read(file, see)
    resumption = Resumption(output, list_file, held, output_format)
    if held.count and (again := list_file.open_again()) is not None:
        with again:
            _compare(resumption, again, list_file.name)
    os.ftruncate(fd, held.end)
    os.lseek(fd, held.end, os.SEEK_SET)
    return resumption


def _compare(resumption: Resumption, file: BufferedReader, name: str) -> None:
    numbers = LineNumbers()
    try:
        for _ in resumption.pass_over(read_targets(file, name, numbers.note), numbers):
            pass
    except ListChanged:
        raise
    except UsageError:  # the list cannot be read to its end: so says the run, once it has come there
        return
