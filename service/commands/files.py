"""The files of a run: the list that is read, the records that are written, and the progress between them."""

import fcntl
import os
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cached_property
from io import BufferedReader
from pathlib import Path
from typing import Final

import click

from service.errors import OutputError, UsageError
from service.inspection.lines import Note, count_targets
from service.inspection.source import FileSource, Through
from service.output.progress import Progress
from service.output.summary import Tally

STDIN: Final = "-"
STDIN_FD: Final = 0

output_option = click.option(
    "-o",
    "--output",
    type=Path,
    metavar="OUT",
    callback=lambda _, __, path: None if path == Path(STDIN) else path,
    help="write the records to this file; - is stdout [default: stdout]",
)


class InputFile:
    """A list of URLs, opened for reading; `-` is stdin. Raises UsageError where it cannot be opened."""

    def __init__(self, file: str) -> None:
        self.is_stdin: Final = file == STDIN
        self.name: Final = "stdin" if self.is_stdin else file
        self._path = Path(file)
        # Not sys.stdin: the interpreter closes that at its end, and aborts if a thread still reads from it.
        # Nobody closes ours: the thread that reads it may be waiting in it.
        source, ours = (STDIN_FD, False) if self.is_stdin else (file, True)
        try:  # it stays open: `open_source` reads from it, long after this
            self.reader: Final[BufferedReader] = open(source, "rb", closefd=ours)  # noqa: SIM115 - as said
        except OSError as error:
            raise UsageError(f"{self.name}: cannot be read: {error.strerror}") from error

    def open_source(self, note: Note | None = None, through: Through | None = None) -> FileSource:
        """Begin to read. Called on the loop."""
        return FileSource(self.reader, self.name, note=note, through=through)

    def open_again(self) -> BufferedReader | None:
        """The same from its beginning; None where it is no plain file: opening a pipe again takes from it."""
        return self._path.open("rb") if self._is_plain else None

    @cached_property
    def total(self) -> int | None:
        """How many URLs there are; reads the file once. None where it is no plain file."""
        return count_targets(self._path) if self._is_plain else None

    @property
    def _is_plain(self) -> bool:
        return self._path.is_file() and not self.is_stdin

    def is_same(self, path: Path) -> bool:
        return path.is_file() and os.path.samestat(path.stat(), os.fstat(self.reader.fileno()))


@contextmanager
def open_output(
    path: Path,
    list_file: InputFile | None,
    *,
    say: Callable[[str], None] | None,
    keep: bool = False,
) -> Iterator[int]:
    """A file for records, emptied, which `say` tells where something was in it; with `keep` left as it is,
    and open to be read. Yields its descriptor.

    Raises OutputError, also where another run is writing to it, or UsageError where it is the list itself."""
    try:
        if list_file is not None and list_file.is_same(path):
            raise UsageError(f"--output: {path} is the list itself")
        fd = os.open(path, (os.O_RDWR if keep else os.O_WRONLY) | os.O_CREAT | os.O_CLOEXEC, 0o666)
    except OSError as error:
        raise OutputError(str(path), error) from error
    try:
        if stat.S_ISREG(os.fstat(fd).st_mode):
            _claim(fd, path)
            if not keep:
                held = os.fstat(fd).st_size
                os.ftruncate(fd, 0)
                if held and say is not None:
                    say(f"{path}: {held:,} bytes of before are replaced")
        yield fd
    finally:
        try:
            os.close(fd)
        except OSError as error:  # of a remote file system, which writes as late as that
            raise OutputError(str(path), error) from error


def _claim(fd: int, path: Path) -> None:
    """Records of two runs in one file would be no output of either. The kernel lets go of the lock when the
    process is gone, however it went."""
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise OutputError(str(path), "another run is writing to it") from error
    except OSError:  # some file systems know no locks
        return


def show_progress(
    tally: Tally, fd: int, count_total: Callable[[], int | None]
) -> AbstractContextManager[object]:
    """A live line where stderr is a terminal, unless records scroll by on the same terminal."""
    if sys.stderr is not None and sys.stderr.isatty() and not os.isatty(fd):
        return Progress(tally, count_total)
    return nullcontext()
