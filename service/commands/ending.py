"""What is said once a list is done with, its output closed: the summary, and hints."""

from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import click

from service.commands.command import complain
from service.commands.files import InputFile
from service.errors import Code
from service.output.gate import GateTally
from service.output.summary import Stop, Tally, summarise

if TYPE_CHECKING:  # it brings all that fetches, which `grade` has no use for
    from service.commands.run_list import Ending

Say = Callable[[str], None]

GATE_NOT_MET: Final = 1


def tell_ending(
    ending: "Ending", tally: Tally, list_file: InputFile | None, where: str | None, say: Say | None
) -> None:
    """Say how it went, by `say`; None is quiet, and leaves what is no summary.

    `list_file` is where the list came from, if that was a file; `where` names the file that records are in.
    """
    if ending.signal is None and not tally.total:
        if not ending.status and list_file is not None:
            complain(f"no URLs in {list_file.name}")
        return
    if say is None:
        return
    where = where if ending.written or tally.resumed else None
    for line in summarise(tally, where, _stop(ending, list_file, tally.resumed)):
        say(line)
    if list_file is not None and (hint := hint_of(tally.codes)):
        say(hint)


def tell_gates(gates: GateTally, status: int) -> int:
    """Say which gates were not met, and by what. Returns the exit status: `status`, where that tells of worse
    than a gate (wrong input, a signal), else whether all gates were met."""
    for complaint, urls in gates.complaints():
        complain(complaint)
        for line in urls:
            click.echo(f"  {line}", err=True)
    return status or (0 if gates.is_met else GATE_NOT_MET)


def hint_of(codes: Counter[str]) -> str:
    """What to do about addresses that the guard refused, from how often each code came; empty where there
    were none."""
    refused = codes[Code.BLOCKED_ADDRESS]
    if not refused:
        return ""
    were = "address was" if refused == 1 else "addresses were"
    return f"{refused:,} {were} refused by the egress guard; --allow-net CIDR lets a network through"


def _stop(ending: "Ending", list_file: InputFile | None, resumed: int) -> Stop | None:
    if ending.signal is None:
        return None
    total = ending.size if list_file is None else list_file.total
    return Stop(ending.signal, ending.written + resumed, total)
