"""`masthead grade`: responses that were gathered elsewhere in, one graded record for each out."""

from contextlib import ExitStack
from pathlib import Path
from typing import Final

import click

from service.commands.command import SettingsCommand, complain
from service.commands.ending import tell_gates
from service.commands.files import InputFile, open_output, output_option, show_progress
from service.commands.formats import OF_LISTS, make_format
from service.commands.grade_list import Graded, Grading, grade_list
from service.commands.options import GATES
from service.configuration import Loaded
from service.inspection.line_numbers import LineNumbers
from service.output.gate import Gate, GateTally
from service.output.place import ListPlace
from service.output.summary import Stop, Tally, summarise

JUDGING: Final = ("checks", "workers")


@click.command(cls=SettingsCommand, settings=("format", "quiet", *JUDGING, *GATES), formats=OF_LISTS)
@click.argument("file", metavar="FILE")
@click.option("--url", metavar="URL", help="the URL of responses for which the input names none")
@output_option
def command(loaded: Loaded, file: str, url: str | None, path: Path | None) -> int:
    """Grade the responses in FILE without any network: one record for each, in the order of the input.

    FILE is JSON lines of header sets, a HAR file, what `curl -sD -` prints, or masthead's own records, which
    its content tells. `-` is stdin. Gzip is recognised. In JSON lines, blank lines and those that begin with
    # are skipped; what cannot be read gets a record that says so.

    The exit status is 1 where a gate given by --fail-under or --fail-on is not met.

    \b
    A header set:  {"url": "https://example.com/", "headers": [["Server", "nginx"]]}
    From curl:     curl -sIL https://example.com | masthead grade - --url https://example.com
    """
    settings, quiet = loaded.settings, loaded.settings.quiet
    list_file = InputFile(file)
    tally = Tally()
    gates = GateTally(Gate.of(settings))
    numbers = LineNumbers()
    place = ListPlace(list_file.name, numbers.line_of, is_file=not list_file.is_stdin)
    with ExitStack() as stack:
        told = None if quiet else complain
        output = stack.enter_context(open_output(path, list_file, say=told))
        if not quiet:
            stack.enter_context(show_progress(tally, output.fd, lambda: None))
        graded = grade_list(
            Grading(
                settings=settings,
                reader=list_file.reader,
                name=list_file.name,
                url=url,
                output=output,
                format=make_format(settings, output.fd, place),
                tally=tally,
                gates=gates,
                numbers=numbers,
            )
        )
    _tell(graded, tally, list_file.name, None if path is None else str(path), quiet)
    return tell_gates(gates, graded.status)


def _tell(graded: Graded, tally: Tally, name: str, where: str | None, quiet: bool) -> None:
    if graded.signal is None and not tally.records:
        if not graded.status:
            complain(f"nothing to grade in {name}")
        return
    if quiet:
        return
    stop = None if graded.signal is None else Stop(graded.signal, graded.written, None)
    for line in summarise(tally, where if graded.written else None, stop):
        click.echo(line, err=True)
