"""`masthead inspect`: the full report on a few URLs, for people or as JSON lines, in the order given."""

import os
import shutil

import click

from service.commands.command import SettingsCommand, complain, stdout_fd
from service.commands.ending import hint_of
from service.commands.options import INSPECTING
from service.commands.run_list import Run, run_list
from service.inspection.source import ListSource
from service.output.format import Format, for_terminal
from service.output.jsonl import JSONL
from service.output.summary import Tally
from service.settings import Loaded

PLAIN_WIDTH = 100  # columns, where the output is no terminal


@click.command(cls=SettingsCommand, settings=INSPECTING)
@click.argument("urls", nargs=-1, required=True, metavar="URL…")
@click.option(
    "--format",
    "format_name",
    type=click.Choice(["table", "jsonl"], case_sensitive=False),
    default="table",
    show_default=True,
    help="a report to read, or the records as JSON lines",
)
def command(loaded: Loaded, urls: tuple[str, ...], format_name: str) -> int:
    """Inspect each URL: its responses, TLS, times, grade, and what its headers should say instead.

    A URL that cannot be reached has a report too, which says why; the exit status is 0.
    """
    settings = loaded.settings
    fd = stdout_fd()
    tally = Tally()
    run = Run(
        settings=settings.model_copy(
            update={"workers": min(settings.workers, len(urls)), "depth": settings.depth or "full"}
        ),
        open_source=lambda: ListSource(urls),
        fd=fd,
        name="stdout",
        format=_jsonl(fd) if format_name == "jsonl" else _table(fd),
        tally=tally,
        in_order=True,
    )
    ending = run_list(run)
    if hint := hint_of(tally):
        complain(hint)
    return ending.status


def _jsonl(fd: int) -> Format:
    return for_terminal(JSONL) if os.isatty(fd) else JSONL


def _table(fd: int) -> Format:
    from service.output.table import table_format

    if not os.isatty(fd):
        return table_format(PLAIN_WIDTH, colour=False)
    colour = not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return table_format(shutil.get_terminal_size().columns, colour=colour)
