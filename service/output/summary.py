"""What a run amounted to: counted from the flow's events while it runs, told in a few lines at its end."""

import textwrap
from collections import Counter
from collections.abc import Callable, Iterable
from signal import Signals
from time import monotonic
from typing import Final

from msgspec import Struct
from msgspec.structs import astuple

from service.output.distribution import Distribution
from service.telemetry.events import (
    Event,
    FetchCrashed,
    Fetched,
    Inspected,
    LoopLagged,
    LoopRestarted,
    Spent,
    Timed,
    WorkerRestarted,
)
from workers.counted import read_counted
from workers.model import SEVERITIES, Severity, Verdict

PHASES: Final = ("resolve", "connect", "tls", "response")
SPENT_LIMIT: Final = 256  # hops, some 64 KiB
WIDTH: Final = 100
LABEL: Final = 16
NO_BREAK: Final = "\u00a0"


class Tally:
    """A hook that counts. Other threads may read it while it counts."""

    def __init__(self) -> None:
        self.began = monotonic()
        self.records = 0
        self.resumed = 0  # records that the output held before: codes, grades and findings are theirs too
        self.codes: Counter[str] = Counter()
        self.grades: Counter[str] = Counter()
        self.partial = 0  # grades, some of whose tests had to be left out
        self.severities: Counter[Severity] = Counter()
        self._phases = {phase: Distribution() for phase in PHASES}
        self._spent: list[Spent] = []  # not yet in the phases
        self.lag = Distribution()
        self.restarts = 0
        self.on_restart: Callable[[], None] | None = None  # called at each
        self.loop_restarts = 0
        self.crashes = 0

    def __call__(self, event: Event) -> None:
        if isinstance(event, Inspected):
            self.records += 1
            self._judge(event.verdict)
        elif isinstance(event, Fetched):
            for exchange in event.gathered.exchanges:
                self._spent.append(astuple(exchange.timing_ms))
            if len(self._spent) >= SPENT_LIMIT:
                self._sort_out()
        elif isinstance(event, Timed):
            self._spent += event.spent
            self._sort_out()
        elif isinstance(event, LoopLagged):
            self.lag.add(event.lag_s * 1e3)
        elif isinstance(event, WorkerRestarted):
            self.restarts += 1
            if self.on_restart is not None:
                self.on_restart()
        elif isinstance(event, LoopRestarted):
            self.loop_restarts += 1
        elif isinstance(event, FetchCrashed):
            self.crashes += 1

    @property
    def phases(self) -> dict[str, Distribution]:
        """What each phase took, of every hop."""
        self._sort_out()
        return self._phases

    @property
    def errors(self) -> int:
        return sum(self.codes.values())

    @property
    def judged(self) -> bool:
        """Whether any verdict has come."""
        return bool(self.grades or self.severities)

    @property
    def elapsed_s(self) -> float:
        return monotonic() - self.began

    @property
    def total(self) -> int:
        """The records of this run, and those that the output held before."""
        return self.records + self.resumed

    def resume(self, verdict: Verdict) -> None:
        """A record that the output holds already."""
        self.resumed += 1
        self._judge(verdict)

    def _judge(self, verdict: Verdict) -> None:
        if verdict.failure is not None:
            self.codes[verdict.failure.code] += 1
        if verdict.grade is not None:
            self.grades[verdict.grade] += 1
            self.partial += verdict.partial
        for _, severity in read_counted(verdict.counted):
            self.severities[severity] += 1

    def _sort_out(self) -> None:
        """Many hops at once, phase by phase, which costs a third of doing it hop by hop."""
        if self._spent:
            for phase, values in zip(self._phases.values(), zip(*self._spent, strict=True), strict=True):
                phase.add(*[value for value in values if value is not None])
            self._spent.clear()


class Stop(Struct, frozen=True):
    """A run that `signal` ended before its list's end: how many records had been written by then, and how
    many URLs the list has, where that is known."""

    signal: Signals
    written: int
    total: int | None


def summarise(tally: Tally, where: str | None = None, stop: Stop | None = None) -> list[str]:
    """The lines of the summary; `where` names the file that the records are in."""
    rows = [
        ("records", _records(tally)),
        ("grades", _grades(tally)),
        ("failures", _counts(sorted(tally.codes.items(), key=lambda item: (-item[1], item[0])))),
        ("findings", _counts((name, tally.severities[name]) for name in reversed(SEVERITIES))),
        ("slowest phase", _slowest(tally)),
        ("loop lag", _lag(tally.lag)),
        ("own faults", _faults(tally)),
        ("records are in", (where or "").replace(" ", NO_BREAK)),
    ]
    lines = [line for name, text in rows if text for line in _wrap(name, text)]
    return lines if stop is None else [_stopped(stop, tally), *lines]


def _stopped(stop: Stop, tally: Tally) -> str:
    of = f"{stop.written:,}" if stop.total is None else f"{stop.written:,} of {stop.total:,}"
    unwritten = tally.total - stop.written  # of a stop at once
    more = f"; {unwritten:,} more were inspected and not written" if unwritten > 0 else ""
    return f"stopped by {stop.signal.name}: {of} URLs have a record{more}"


def _wrap(name: str, text: str) -> list[str]:
    """Break between counts, never between a count and its name."""
    lines = textwrap.wrap(
        text,
        WIDTH,
        initial_indent=f"{name:<{LABEL}}",
        subsequent_indent=" " * LABEL,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return [line.replace(NO_BREAK, " ") for line in lines]


def _records(tally: Tally) -> str:
    elapsed_s = tally.elapsed_s
    rate = tally.records / elapsed_s if elapsed_s else 0.0
    done = f"{tally.records:,} in {elapsed_s:,.1f} s ({rate:,.0f} a second)"
    if tally.resumed:
        done += f" and {tally.resumed:,} from before"
    errors = tally.errors
    return f"{done}: {tally.total - errors:,} ok, {errors:,} failed"


def _grades(tally: Tally) -> str:
    counts = _counts(sorted(tally.grades.items(), key=_grade_order))
    return f"{counts}; {tally.partial:,}{NO_BREAK}partial" if tally.partial else counts


def _counts(counts: Iterable[tuple[str, int]]) -> str:
    return ", ".join(f"{name}{NO_BREAK}{count:,}" for name, count in counts if count)


def _grade_order(item: tuple[str, int]) -> tuple[str, int]:
    """A+ before A before A-."""
    grade = item[0]
    return grade[:1], {"+": 0, "": 1, "-": 2}.get(grade[1:], 3)


def _slowest(tally: Tally) -> str:
    phase, times = max(tally.phases.items(), key=lambda item: item[1].mean)
    if not times.count:
        return ""
    return (
        f"{phase}: mean {_ms(times.mean)}, p95 {_ms(times.quantile(0.95))}, max {_ms(times.maximum)}"
        f" (of {times.count:,} responses)"
    )


def _lag(lag: Distribution) -> str:
    if not lag.count:
        return ""
    return f"p50 {_ms(lag.quantile(0.5))}, p99 {_ms(lag.quantile(0.99))}, max {_ms(lag.maximum)}"


def _faults(tally: Tally) -> str:
    return _counts(
        [
            ("crashed fetches", tally.crashes),
            ("worker restarts", tally.restarts),
            ("loop restarts", tally.loop_restarts),
        ]
    )


def _ms(value_ms: float) -> str:
    return f"{value_ms:,.0f} ms" if value_ms >= 10 else f"{value_ms:.2g} ms"
