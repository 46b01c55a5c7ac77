"""One run of a list, as `batch`, `inspect` and `demo` do it: signals, the flow, its hooks, the sink."""

import asyncio
from collections.abc import Callable
from signal import Signals

from msgspec import Struct, field
from msgspec.structs import replace

from service.app import fetch_options, open_inspector
from service.commands.command import WRONG_USAGE, complain
from service.commands.files import Output
from service.commands.worker_watch import WorkerWatch
from service.inspection.descriptors import tell_shortage
from service.inspection.fetch import FetchOptions
from service.inspection.inspects import Inspects
from service.inspection.source import FileSource, ListSource
from service.lifecycle import Stopping, on_stop_signals
from service.output.format import Format
from service.output.gate import Gate, GateTally
from service.output.order import InOrder
from service.output.sink import Sink
from service.output.summary import Tally
from service.settings import Settings
from service.telemetry.events import Hook, fan_out
from service.telemetry.lag import watch_loop_lag
from workers.memory import settle_memory
from workers.model import Verdict


class Run(Struct, frozen=True, kw_only=True):
    """What to inspect, how, and where the records go.

    `open_source` is called on the loop. With `in_order`, records are held back until their turn comes.
    `gates` counts what does not meet them; the ending's status does not tell it.
    """

    settings: Settings
    open_source: Callable[[], FileSource | ListSource]
    output: Output
    format: Format
    tally: Tally
    in_order: bool = False
    gates: GateTally = field(default_factory=GateTally)

    @property
    def hook(self) -> Hook:
        return self.tally if self.gates.gate == Gate() else fan_out([self.tally, self.gates])


class Ending(Struct, frozen=True):
    """How a run ended: the exit status, the signal that stopped it before its end if one did, and how many
    records have been written. `size` is how many URLs there were, where the source knew."""

    status: int
    signal: Signals | None
    written: int
    size: int | None


def run_list(run: Run) -> Ending:
    """`inspect_list` on a loop of its own."""
    return asyncio.run(inspect_list(run))


async def inspect_list(run: Run) -> Ending:
    """Inspect it all. Raises OutputError, and UsageError before anything is done."""
    options = fetch_options(run.settings)
    source = run.open_source()
    stopped, sink = await _inspect(run, options, source)
    if sink is not None:
        sink.check("records" if run.format.is_lines else "")
    status = stopped.exit_status
    if stopped.signal is None and source.fault is not None:
        for fault in source.fault.faults:
            complain(fault)
        status = WRONG_USAGE
    return Ending(status, stopped.signal, sink.items_written if sink else 0, source.size)


async def _inspect(
    run: Run, options: FetchOptions, source: FileSource | ListSource
) -> tuple[Stopping, Sink[Verdict] | None]:
    """Returns by which signal the run was kept from its end, if by one (what had come to its end before the
    signal, but for what was in flight, is not cut), and what wrote the records, if the run has begun."""
    inspector: Inspects | None = None
    sink: Sink[Verdict] | None = None

    def drain() -> None:
        source.stop()
        in_flight, begun = (inspector.inflight, inspector.under_way) if inspector else (0, 0)
        complain(announce(in_flight, begun - in_flight))

    watch_workers = WorkerWatch(run.tally)
    run.tally.on_restart = lambda: watch_workers.look(lambda: inspector is None or inspector.alive)
    cut = Stopping()
    with on_stop_signals(drain) as stopping:
        try:
            async with open_inspector(run.settings, run.hook) as inspector:
                shortage = tell_shortage(inspector.concurrency, run.settings.concurrency)
                if shortage is not None:
                    complain(shortage)
                settle_memory()
                if not run.output.replaced_bytes or await source.begins():
                    sink = run.output.begin(run.format, source.stop)
                    await _inspect_all(run, inspector, source, options, sink)
            if run.tally.records != source.size:
                cut = replace(stopping)
            if sink is not None:
                await sink.close(run.format.end(_why_cut(source, cut)))
        except asyncio.CancelledError:
            fault = watch_workers.fault
            if stopping.signal is None and fault is None:
                raise
            cut = stopping
            end = run.format.end(str(fault) if fault else _why_cut(source, cut))
            if sink is not None and not sink.abandon(end):
                complain(
                    f"{run.output.name}: its reader did not take what was being written: the end may be cut"
                )
            if fault is not None:
                raise fault from None
    return cut, sink


async def _inspect_all(
    run: Run,
    inspector: Inspects,
    source: FileSource | ListSource,
    options: FetchOptions,
    sink: Sink[Verdict],
) -> None:
    deliver = InOrder(sink.deliver) if run.in_order else sink.deliver
    watch = asyncio.create_task(watch_loop_lag(run.tally), name="watch loop lag")
    try:
        await inspector.run(source, options, deliver)
    finally:
        watch.cancel()


def _why_cut(source: FileSource | ListSource, cut: Stopping) -> str | None:
    """What kept the run from the end of its list; None where nothing did."""
    if cut.signal is not None:
        return f"stopped by {cut.signal.name}"
    return "; ".join(source.fault.faults) if source.fault is not None else None


def announce(in_flight: int, judged: int = 0) -> str:
    """What is said at the first signal: how many URLs are being fetched, and how many are with the workers,
    or wait for one."""
    counts = ((in_flight, "in flight"), (judged, "being judged"))
    told = " and ".join(f"{count:,} {what}" for count, what in counts if count)
    if not told:
        return "stopping: nothing is in flight"
    are = "is" if in_flight + judged == 1 else "are"
    return f"stopping: {told} {are} finished, Ctrl-C again stops at once"
