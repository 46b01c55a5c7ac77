"""`masthead inspect`: the full report on a few URLs, for people or for programs, in the order given."""

import click

from service.commands.command import SettingsCommand, complain
from service.commands.ending import hint_of, tell_gates
from service.commands.files import open_stdout
from service.commands.formats import OF_REPORTS, make_format
from service.commands.loosening import tell_loosening
from service.commands.options import GATES, INSPECTING
from service.commands.run_list import Run, run_list
from service.configuration import Loaded
from service.inspection.source import ListSource
from service.output.gate import Gate, GateTally
from service.output.summary import Tally


@click.command(cls=SettingsCommand, settings=("format", *INSPECTING, *GATES), formats=OF_REPORTS)
@click.argument("urls", nargs=-1, required=True, metavar="URL…")
def command(loaded: Loaded, urls: tuple[str, ...]) -> int:
    """Inspect each URL: its responses, TLS, times, grade, and what its headers should say instead.

    A URL that cannot be reached has a report too, which says why; the exit status is 0, or 1 where a gate
    given by --fail-under or --fail-on is not met.
    """
    settings = loaded.settings
    output = open_stdout()
    tell_loosening(settings)
    tally = Tally()
    gates = GateTally(Gate.of(settings))
    run = Run(
        settings=settings.model_copy(
            update={
                "workers": min(settings.workers, len(urls)),
                "loops": min(settings.loops, len(urls)),
                "depth": settings.depth or "full",
            }
        ),
        open_source=lambda: ListSource(urls),
        output=output,
        format=make_format(settings, output.fd, None),
        tally=tally,
        in_order=True,
        gates=gates,
    )
    ending = run_list(run)
    if hint := hint_of(tally.codes):
        complain(hint)
    return tell_gates(gates, ending.status)
