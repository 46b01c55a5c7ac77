"""`masthead batch`: a list of URLs in, one record for each out."""

from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import click

from service.commands.command import SettingsCommand, complain
from service.commands.ending import tell_ending, tell_gates
from service.commands.files import InputFile, open_output, output_option, show_progress
from service.commands.formats import OF_LISTS, PLACED, make_format
from service.commands.loosening import tell_loosening
from service.commands.options import GATES, INSPECTING
from service.commands.resume import Unlike, refuse_what_cannot_be_resumed, resume
from service.commands.run_list import Run, run_list
from service.configuration import Loaded
from service.inspection.line_numbers import LineNumbers
from service.inspection.source import FileSource
from service.output.format import Held
from service.output.gate import Gate, GateTally
from service.output.place import ListPlace
from service.output.summary import Tally


@click.command(cls=SettingsCommand, settings=("format", "quiet", *INSPECTING, *GATES), formats=OF_LISTS)
@click.argument("file", metavar="FILE")
@output_option
@click.option(
    "--resume",
    "is_resumed",
    is_flag=True,
    help="go on with OUT (jsonl, csv): what has a record in it is not inspected again",
)
def command(loaded: Loaded, file: str, path: Path | None, is_resumed: bool) -> int:
    """Inspect the URLs in FILE, one a line: one record for each, in the order in which they are done.

    `-` is stdin. Gzip is recognised. Blank lines are skipped, and comments: # and what follows it, at the
    beginning of a line or behind a space. A line that is no URL gets a record that says so.

    The exit status is 1 where a gate given by --fail-under or --fail-on is not met.

    SIGINT (Ctrl-C) or SIGTERM once: what is in flight is finished and written; twice: stop at once. What a
    signal, a full disk or a crash has cut short goes on with the same command and --resume.
    """
    settings = loaded.settings
    if is_resumed:
        refuse_what_cannot_be_resumed(path, settings.format)
    list_file = InputFile(file)
    tally = Tally()
    gates = GateTally(Gate.of(settings))
    numbers = LineNumbers()
    place = ListPlace(list_file.name, numbers.line_of, is_file=not list_file.is_stdin)
    say = None if settings.quiet else partial(click.echo, err=True)
    with ExitStack() as stack:
        told = None if settings.quiet else complain
        output = stack.enter_context(open_output(path, list_file, keep=is_resumed, say=told))
        output_format = make_format(settings, output.fd, place)
        note = numbers.note if settings.format in PLACED else None
        open_source: Callable[[], FileSource] = partial(list_file.open_source, note)
        if path is not None and is_resumed:
            unlike = Unlike(settings)
            see = partial(_count, tally, gates, unlike)
            resumed = resume(output.fd, path, list_file, output_format, see)
            output_format, open_source = resumed.format, resumed.open_source
            if say is not None and (held := resumed.tell()):
                say(held)
            if told_unlike := unlike.tell(path):
                complain(told_unlike)
        if not settings.quiet:
            tell_loosening(settings)
            stack.enter_context(show_progress(tally, output.fd, lambda: list_file.total))
        ending = run_list(
            Run(
                settings=settings,
                open_source=open_source,
                output=output,
                format=output_format,
                tally=tally,
                gates=gates,
            )
        )
    tell_ending(ending, tally, list_file, str(path) if path else None, say)
    return tell_gates(gates, ending.status)


def _count(tally: Tally, gates: GateTally, unlike: Unlike, held: Held) -> None:
    """A record of before."""
    unlike.see(held)
    tally.resume(held.verdict)
    gates.see(held.verdict, held.input)
