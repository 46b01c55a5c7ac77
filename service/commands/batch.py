"""`masthead batch`: a list of URLs in, one record for each out."""

from contextlib import ExitStack
from functools import partial
from pathlib import Path

import click

from service.commands.command import SettingsCommand, stdout_fd
from service.commands.ending import tell_ending, tell_gates
from service.commands.files import InputFile, open_output, show_progress
from service.commands.formats import PLACED, format_option, make_format
from service.commands.options import GATES, INSPECTING
from service.commands.run_list import Run, run_list
from service.configuration import Loaded
from service.inspection.line_numbers import LineNumbers
from service.output.gate import Gate, GateTally
from service.output.place import ListPlace
from service.output.summary import Tally


@click.command(cls=SettingsCommand, settings=(*INSPECTING, *GATES))
@click.argument("file", metavar="FILE")
@click.option(
    "-o", "--output", type=Path, metavar="OUT", help="write the records to this file [default: stdout]"
)
@format_option("jsonl", "csv", "sarif", "junit")
@click.option("-q", "--quiet", is_flag=True, help="neither progress nor summary on stderr")
def command(loaded: Loaded, file: str, output: Path | None, format_name: str, quiet: bool) -> int:
    """Inspect the URLs in FILE, one a line: one record for each, in the order in which they are done.

    `-` is stdin. Gzip is recognised. Blank lines and those that begin with # are skipped. A line that is no
    URL gets a record that says so.

    The exit status is 1 where a gate given by --fail-under or --fail-on is not met.

    SIGINT (Ctrl-C) or SIGTERM once: what is in flight is finished and written; twice: stop at once.
    """
    list_file = InputFile(file)
    tally = Tally()
    gates = GateTally(Gate.of(loaded.settings))
    numbers = LineNumbers()
    place = ListPlace(list_file.name, numbers.line_of, is_file=not list_file.is_stdin)
    with ExitStack() as stack:
        fd = stdout_fd() if output is None else stack.enter_context(open_output(output, list_file))
        if not quiet:
            stack.enter_context(show_progress(tally, fd, lambda: list_file.total))
        ending = run_list(
            Run(
                settings=loaded.settings,
                open_source=partial(list_file.open_source, numbers.note if format_name in PLACED else None),
                fd=fd,
                name="stdout" if output is None else str(output),
                format=make_format(format_name, loaded.settings, fd, place),
                tally=tally,
                gates=gates,
            )
        )
    say = None if quiet else partial(click.echo, err=True)
    tell_ending(ending, tally, list_file, str(output) if output else None, say)
    return tell_gates(gates, ending.status)
