"""One run of `masthead grade`: signals, the flow, the sink. Nothing here can open a connection."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from io import BufferedReader
from signal import Signals

from service.commands.command import WRONG_USAGE, complain
from service.commands.files import Output
from service.commands.worker_watch import WorkerWatch
from service.grading.flow import Grader
from service.grading.recognise import cut_pieces
from service.grading.source import PieceSource
from service.grading.text import Text
from service.inspection.line_numbers import LineNumbers
from service.lifecycle import Stopping, on_stop_signals
from service.output.format import Format
from service.output.gate import Gate, GateTally
from service.output.sink import Sink
from service.output.summary import Tally
from service.settings import Settings
from service.telemetry.events import fan_out
from workers.grading.given import Piece
from workers.memory import settle_memory
from workers.model import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Grading:
    """What to grade, and where the records go.

    `url` is the first request's where the input names none; `numbers` learns on which line each stands.
    """

    settings: Settings
    reader: BufferedReader
    name: str
    url: str | None
    output: Output
    format: Format
    tally: Tally
    gates: GateTally
    numbers: LineNumbers


@dataclass(frozen=True, slots=True)
class Graded:
    """How it ended: the exit status, the signal that stopped it if one did, how many records are written."""

    status: int
    signal: Signals | None
    written: int


def grade_list(grading: Grading) -> Graded:
    """Grade it all on a loop of its own. Raises OutputError."""
    return asyncio.run(_grade_list(grading))


async def _grade_list(grading: Grading) -> Graded:
    def cut() -> Iterator[list[Piece]]:
        return cut_pieces(Text(grading.reader, grading.name), grading.url)

    source = PieceSource(cut, grading.name)
    stopping, sink = await _grade(grading, source)
    if sink is not None:
        sink.check("records" if grading.format.is_lines else "")
    status = stopping.exit_status
    if stopping.signal is None and source.fault is not None:
        for fault in source.fault.faults:
            complain(fault)
        status = WRONG_USAGE
    return Graded(status, stopping.signal, sink.items_written if sink else 0)


async def _grade(grading: Grading, source: PieceSource) -> tuple[Stopping, Sink[Verdict] | None]:
    """Also returns what wrote the records, if the run has begun."""
    sink: Sink[Verdict] | None = None
    settings = grading.settings
    hook = grading.tally if grading.gates.gate == Gate() else fan_out([grading.tally, grading.gates])
    grader = Grader(source, settings.workers, settings.checks, hook, grading.numbers)

    def drain() -> None:
        source.stop()
        complain(f"stopping: {grader.under_way:,} under way are finished, Ctrl-C again stops at once")

    watch = WorkerWatch(grading.tally)
    grading.tally.on_restart = lambda: watch.look(lambda: grader.alive)
    with on_stop_signals(drain) as stopping:
        try:
            settle_memory()
            if not grading.output.replaced_bytes or await source.begins():
                sink = grading.output.begin(grading.format, source.stop)
                await grader.run(sink.deliver)
                await sink.close(grading.format.end(_why_cut(source, stopping)))
        except asyncio.CancelledError:
            if stopping.signal is None and watch.fault is None:
                raise
            end = grading.format.end(str(watch.fault) if watch.fault else _why_cut(source, stopping))
            if sink is not None and not sink.abandon(end):
                name = grading.output.name
                complain(f"{name}: its reader did not take what was being written: the end may be cut")
            if watch.fault is not None:
                raise watch.fault from None
    return stopping, sink


def _why_cut(source: PieceSource, stopping: Stopping) -> str | None:
    """What kept the run from the end of its input; None where nothing did."""
    if stopping.signal is not None:
        return f"stopped by {stopping.signal.name}"
    return "; ".join(source.fault.faults) if source.fault is not None else None
