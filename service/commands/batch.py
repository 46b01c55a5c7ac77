"""`masthead batch`: a list of URLs in, one record for each out."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from io import BufferedReader
from pathlib import Path
from typing import Final

import click

from service.commands.command import SettingsCommand, stdout_fd
from service.commands.options import INSPECTING
from service.commands.run_list import Run, run_list
from service.errors import UsageError
from service.inspection.source import FileSource, count_targets
from service.output.csv import CSV
from service.output.jsonl import JSONL
from service.output.progress import Progress
from service.output.sink import OutputError
from service.output.summary import Tally, summarise
from service.settings import Loaded

FORMATS: Final = {"jsonl": JSONL, "csv": CSV}
STDIN_FD: Final = 0


@click.command(cls=SettingsCommand, settings=INSPECTING)
@click.argument("file", metavar="FILE")
@click.option(
    "-o", "--output", type=Path, metavar="OUT", help="write the records to this file [default: stdout]"
)
@click.option(
    "--format",
    "format_name",
    type=click.Choice(list(FORMATS)),
    default="jsonl",
    show_default=True,
    help="JSON lines, or CSV with the main columns",
)
@click.option("-q", "--quiet", is_flag=True, help="neither progress nor summary on stderr")
def command(loaded: Loaded, file: str, output: Path | None, format_name: str, quiet: bool) -> int:
    """Inspect the URLs in FILE, one a line: one record for each, in the order in which they are done.

    `-` is stdin. Gzip is recognised. Blank lines and those that begin with # are skipped. A line that is no
    URL gets a record that says so.

    SIGINT (Ctrl-C) or SIGTERM once: what is in flight is finished and written; twice: stop at once.
    """
    tally = Tally()
    with ExitStack() as stack:
        reader = stack.enter_context(_open_input(file))
        fd = stdout_fd() if output is None else stack.enter_context(_open_output(output, reader))
        if _shows_progress(fd, quiet=quiet):
            stack.enter_context(Progress(tally, _counter(file)))
        run = Run(
            settings=loaded.settings,
            open_source=lambda: FileSource(reader, _name(file)),
            fd=fd,
            name="stdout" if output is None else str(output),
            format=FORMATS[format_name],
            tally=tally,
        )
        try:
            status = run_list(run)
        finally:
            stack.close()
            if not quiet:
                _tell(tally, output)
    return status


@contextmanager
def _open_input(file: str) -> Iterator[BufferedReader]:
    # Not sys.stdin: the interpreter closes that at its end, and aborts if a thread is still reading from it.
    try:
        source, ours = (STDIN_FD, False) if file == "-" else (file, True)
        reader = open(source, "rb", closefd=ours)  # noqa: SIM115 - see below
    except OSError as error:
        raise UsageError(f"{_name(file)}: cannot be read: {error.strerror}") from error
    yield reader  # not closed: the thread that reads it may be waiting in it


@contextmanager
def _open_output(path: Path, reader: BufferedReader) -> Iterator[int]:
    try:
        if path.is_file() and os.path.samestat(path.stat(), os.fstat(reader.fileno())):
            raise UsageError(f"--output: {path} is the input itself")
        file = path.open("wb", buffering=0)
    except OSError as error:
        raise OutputError(str(path), error) from error
    with file:
        yield file.fileno()


def _shows_progress(fd: int, *, quiet: bool) -> bool:
    """Not where the records themselves scroll by on the terminal."""
    return not quiet and sys.stderr is not None and sys.stderr.isatty() and not os.isatty(fd)


def _counter(file: str) -> Callable[[], int | None]:
    path = Path(file)
    # Only a plain file can be read twice: to open a pipe would take from it.
    return (lambda: count_targets(path)) if file != "-" and path.is_file() else (lambda: None)


def _name(file: str) -> str:
    return "stdin" if file == "-" else file


def _tell(tally: Tally, output: Path | None) -> None:
    for line in summarise(tally, str(output) if output else None):
        click.echo(line, err=True)
