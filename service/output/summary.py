"""What a run amounted to: counted from the flow's events while it runs, told in a few lines at its end."""

import textwrap
from collections import Counter
from collections.abc import Iterable
from time import monotonic
from typing import Final

from service.output.distribution import Distribution
from service.telemetry.events import Event, FetchCrashed, Fetched, Inspected, LoopLagged, WorkerRestarted
from workers.model import SEVERITIES, Gathered, Severity, Verdict

PHASES: Final = ("resolve", "connect", "tls", "response")
WIDTH: Final = 100
LABEL: Final = 16
NO_BREAK: Final = "\u00a0"


class Tally:
    """A hook that counts. Other threads may read it while it counts."""

    def __init__(self) -> None:
        self.began = monotonic()
        self.records = 0
        self.inspected_s = 0.0  # the URLs' own times added up: what one after another would have taken
        self.codes: Counter[str] = Counter()
        self.grades: Counter[str] = Counter()
        self.severities: Counter[Severity] = Counter()
        self.phases = {phase: Distribution() for phase in PHASES}
        self.lag = Distribution()
        self.restarts = 0
        self.crashes = 0

    def __call__(self, event: Event) -> None:
        match event:
            case Inspected(verdict):
                self._count(verdict)
            case Fetched(gathered):
                self._time(gathered)
            case LoopLagged(lag_s):
                self.lag.add(lag_s * 1e3)
            case WorkerRestarted():
                self.restarts += 1
            case FetchCrashed():
                self.crashes += 1

    @property
    def errors(self) -> int:
        return sum(self.codes.values())

    @property
    def elapsed_s(self) -> float:
        return monotonic() - self.began

    def _count(self, verdict: Verdict) -> None:
        self.records += 1
        self.inspected_s += verdict.elapsed_ms / 1e3
        if verdict.failure is not None:
            self.codes[verdict.failure.code] += 1
        if verdict.grade is not None:
            self.grades[verdict.grade] += 1
        for _, severity in verdict.findings:
            self.severities[severity] += 1

    def _time(self, gathered: Gathered) -> None:
        for exchange in gathered.exchanges:
            timing = exchange.timing_ms
            for phase, took_ms in zip(
                PHASES, (timing.resolve, timing.connect, timing.tls, timing.response), strict=True
            ):
                if took_ms is not None:
                    self.phases[phase].add(took_ms)


def summarise(tally: Tally, where: str | None = None) -> list[str]:
    """The lines of the summary; `where` names the file that the records are in."""
    rows = [
        ("records", _records(tally)),
        (
            "one by one",
            f"it would have taken {tally.inspected_s:,.1f} s" if tally.inspected_s > tally.elapsed_s else "",
        ),
        ("grades", _counts(sorted(tally.grades.items(), key=_grade_order))),
        ("failures", _counts(tally.codes.most_common())),
        ("findings", _counts((name, tally.severities[name]) for name in reversed(SEVERITIES))),
        ("slowest phase", _slowest(tally)),
        ("loop lag", _lag(tally.lag)),
        ("own faults", _faults(tally)),
        ("records are in", (where or "").replace(" ", NO_BREAK)),
    ]
    return [line for name, text in rows if text for line in _wrap(name, text)]


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
    errors = tally.errors
    return (
        f"{tally.records:,} in {elapsed_s:,.1f} s ({rate:,.0f} a second):"
        f" {tally.records - errors:,} ok, {errors:,} failed"
    )


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
    return _counts([("crashed fetches", tally.crashes), ("worker restarts", tally.restarts)])


def _ms(value_ms: float) -> str:
    return f"{value_ms:,.0f} ms" if value_ms >= 10 else f"{value_ms:.2g} ms"
