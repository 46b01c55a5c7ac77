"""`masthead batch`: a list of URLs in, one record for each out."""

import os
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Final

import click

from service.commands.command import SettingsCommand, stdout_fd
from service.commands.ending import tell_ending
from service.commands.files import InputFile, open_output, show_progress
from service.commands.options import INSPECTING
from service.commands.run_list import Run, run_list
from service.output.csv import CSV
from service.output.format import for_terminal
from service.output.jsonl import JSONL
from service.output.summary import Tally
from service.settings import Loaded

FORMATS: Final = {"jsonl": JSONL, "csv": CSV}


@click.command(cls=SettingsCommand, settings=INSPECTING)
@click.argument("file", metavar="FILE")
@click.option(
    "-o", "--output", type=Path, metavar="OUT", help="write the records to this file [default: stdout]"
)
@click.option(
    "--format",
    "format_name",
    type=click.Choice(list(FORMATS), case_sensitive=False),
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
    list_file = InputFile(file)
    tally = Tally()
    with ExitStack() as stack:
        fd = stdout_fd() if output is None else stack.enter_context(open_output(output, list_file))
        if not quiet:
            stack.enter_context(show_progress(tally, fd, lambda: list_file.total))
        ending = run_list(
            Run(
                settings=loaded.settings,
                open_source=list_file.open_source,
                fd=fd,
                name="stdout" if output is None else str(output),
                format=for_terminal(FORMATS[format_name]) if os.isatty(fd) else FORMATS[format_name],
                tally=tally,
            )
        )
    say = None if quiet else partial(click.echo, err=True)
    tell_ending(ending, tally, list_file, str(output) if output else None, say)
    return ending.status
