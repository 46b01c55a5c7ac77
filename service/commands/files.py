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
from msgspec import Struct

from service.commands.command import stdout_fd
from service.errors import OutputError, UsageError
from service.inspection.lines import Note, count_targets
from service.inspection.source import FileSource, Through
from service.output.format import Format
from service.output.progress import Progress
from service.output.sink import Sink
from service.output.summary import Tally
from workers.model import Verdict

STDIN: Final = "-"
STDIN_FD: Final = 0

output_option = click.option(
    "-o",
    "--output",
    "path",
    type=Path,
    metavar="OUT",
    callback=lambda _, __, path: None if path == Path(STDIN) else path,
    help="write the records to this file, in place of what it holds once the run has begun; - is stdout"
    " [default: stdout]",
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


class Output(Struct, frozen=True):
    """Where a run's records go: to the descriptor `fd`, which is `name` to people.

    What a file held before is there until the run begins: one that never does (an option is wrong, the list
    cannot be read, a daemon refuses it) takes nobody's records.
    """

    fd: int
    name: str
    say: Callable[[str], None] | None = None
    is_kept: bool = False

    @property
    def replaced_bytes(self) -> int:
        """What is lost by beginning."""
        status = os.fstat(self.fd)
        return 0 if self.is_kept or not stat.S_ISREG(status.st_mode) else status.st_size

    def begin(self, output_format: Format, on_break: Callable[[], None]) -> Sink[Verdict]:
        """What writes the records, to a file that is empty then. Called on the loop. Raises OutputError."""
        if held := self.replaced_bytes:
            try:
                os.ftruncate(self.fd, 0)
            except OSError as error:
                raise OutputError(self.name, error) from error
            if self.say is not None:
                self.say(f"{self.name}: {held:,} bytes of before are replaced")
        return Sink(
            self.fd,
            self.name,
            output_format.write,
            weigh=lambda verdict: len(verdict.line),
            begin=output_format.begin,
            on_break=on_break,
        )


def open_stdout() -> Output:
    """What is behind it is the caller's: nothing of it is replaced. Raises OutputError where it is closed."""
    return Output(stdout_fd(), "stdout", is_kept=True)


@contextmanager
def open_output(
    path: Path | None,
    list_file: InputFile | None,
    *,
    say: Callable[[str], None] | None,
    keep: bool = False,
) -> Iterator[Output]:
    """A file for records; without a path, stdout. `say` tells when something is replaced in it, which
    `keep` excludes: it is open to be read, too, then.

    Raises OutputError, also where another run is writing to it, or UsageError where it is the list itself."""
    if path is None:
        yield open_stdout()
        return
    try:
        if list_file is not None and list_file.is_same(path):
            raise UsageError(f"--output: {path} is the list itself")
        fd = os.open(path, (os.O_RDWR if keep else os.O_WRONLY) | os.O_CREAT | os.O_CLOEXEC, 0o666)
    except OSError as error:
        raise OutputError(str(path), error) from error
    try:
        if stat.S_ISREG(os.fstat(fd).st_mode):
            _claim(fd, path)
        yield Output(fd, str(path), say, keep)
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
