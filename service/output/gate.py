"""Gates: what each URL of a run has to meet for its exit status to be 0.

`--fail-under` wants a grade of the MDN HTTP Observatory, `--fail-on` findings below a severity. A URL that
failed or cannot be graded meets neither: nobody knows what it would have said. A run without a record meets
none: in front of a gate, an empty input is a site that is down or a command that failed. A partial grade
counts as it stands, though tests that were left out took nothing from it; it is named as partial wherever it
is told.
"""

from collections import Counter
from collections.abc import Iterator
from heapq import heappush, heappushpop
from typing import Final

import msgspec
from msgspec import Struct, field

from service.output.escape import printable
from service.settings import Settings
from service.telemetry.events import Event, Inspected
from workers.counted import read_counted
from workers.model import SEVERITIES, Severity, Verdict
from workers.record import decode_record

SHOWN: Final = 5  # URLs named for each gate: the records have the others
NOTHING_JUDGED: Final = "no URL was judged"


class _Report(Struct):
    reason: str | None = None


class _Record(Struct):
    """What is read of a record without a grade: a tenth of the time that reading all of it takes."""

    report: _Report | None


_decode: Final = msgspec.json.Decoder(_Record).decode


class Miss(Struct, frozen=True):
    """Why a URL does not meet a gate: `kind` to count by, and what there was in its place, in a few words."""

    kind: str
    found: str


class Gate(Struct, frozen=True):
    """The gates of a run; None is one that was not asked for."""

    fail_under: str | None = None
    fail_on: Severity | None = None

    @classmethod
    def of(cls, settings: Settings) -> "Gate":
        return cls(settings.fail_under, settings.fail_on)

    @property
    def names(self) -> tuple[str, ...]:
        """Of each gate that was asked for, as its option is spelt."""
        asked = (("--fail-on", self.fail_on), ("--fail-under", self.fail_under))
        return tuple(f"{option} {wanted}" for option, wanted in asked if wanted is not None)

    def misses(self, verdict: Verdict) -> dict[str, Miss]:
        """Of each gate that the URL does not meet, its name and why."""
        missed: dict[str, Miss] = {}
        if self.fail_under is not None and (miss := self._under(verdict, self.fail_under)) is not None:
            missed[f"--fail-under {self.fail_under}"] = miss
        if self.fail_on is not None and (miss := self._on(verdict, self.fail_on)) is not None:
            missed[f"--fail-on {self.fail_on}"] = miss
        return missed

    def catches(self, severity: Severity) -> bool:
        """Whether a finding as severe as that is one too many."""
        return self.fail_on is not None and _rank(severity) >= _rank(self.fail_on)

    def _under(self, verdict: Verdict, wanted: str) -> Miss | None:
        if verdict.failure is not None or verdict.grade is None:
            return _unknown(verdict)
        grades = grade_order()
        if grades.index(verdict.grade) <= grades.index(wanted):
            return None
        return Miss("graded lower", f"grade {verdict.grade}{' (partial)' if verdict.partial else ''}")

    def _on(self, verdict: Verdict, wanted: Severity) -> Miss | None:
        if verdict.failure is not None or verdict.grade is None:
            return _unknown(verdict)
        counts = Counter(severity for _, severity in read_counted(verdict.counted) if self.catches(severity))
        if not counts:
            return None
        told = ", ".join(f"{counts[name]} {name}" for name in reversed(SEVERITIES) if counts[name])
        return Miss("with such findings", told)


class GateTally(Struct):
    """A hook that holds each record against the gates, and keeps the first few URLs that meet one not."""

    gate: Gate = field(default_factory=Gate)
    records: int = 0
    _missed: dict[str, "_Missed"] = field(default_factory=dict)

    def __call__(self, event: Event) -> None:
        if isinstance(event, Inspected):
            self.see(event.verdict)

    def see(self, verdict: Verdict, input_: str | None = None) -> None:
        """`input_` is the URL as given, where the verdict's line does not tell it."""
        self.records += 1
        for name, miss in self.gate.misses(verdict).items():
            self._missed.setdefault(name, _Missed()).add(verdict, miss, input_)

    @property
    def is_met(self) -> bool:
        """By every record, of which there must be one."""
        return not self._missed and (self.records > 0 or not self.gate.names)

    def complaints(self) -> Iterator[tuple[str, list[str]]]:
        """Of each gate that was not met what is to be said, and the list's first few URLs that do not meet
        it. Nothing that a list or a server said acts on a terminal."""
        if not self.records:
            yield from ((f"{name} is not met: {NOTHING_JUDGED}", []) for name in self.gate.names)
        for name, missed in sorted(self._missed.items()):
            of = f"{missed.count:,} of {self.records:,} URLs" if self.records > 1 else "the URL"
            kinds = ", ".join(f"{count:,} {kind}" for kind, count in missed.kinds.most_common())
            urls = [f"{url}: {found}" for url, found in missed.first()]
            if missed.count > SHOWN:
                urls.append(f"… and {missed.count - SHOWN:,} more")
            yield f"{name} is not met by {of}: {kinds}", urls


class _Missed:
    """The URLs that do not meet one gate: how many, for what kinds of reason, and the list's first few."""

    def __init__(self) -> None:
        self.count = 0
        self.kinds: Counter[str] = Counter()
        self._first: list[tuple[int, str, str]] = []  # a heap, the last of the list on top

    def add(self, verdict: Verdict, miss: Miss, input_: str | None) -> None:
        self.count += 1
        self.kinds[miss.kind] += 1
        if len(self._first) == SHOWN and -self._first[0][0] < verdict.seq:
            return
        given = decode_record(verdict.line).input if input_ is None else input_
        entry = (-verdict.seq, printable(given), printable(miss.found))
        if len(self._first) < SHOWN:
            heappush(self._first, entry)
        else:
            heappushpop(self._first, entry)

    def first(self) -> list[tuple[str, str]]:
        return [(url, found) for _, url, found in sorted(self._first, reverse=True)]


def grade_order() -> tuple[str, ...]:
    """Every grade, best first."""
    # Loaded only for who asks for a grade: with it come all of the Observatory's tests.
    from workers.observatory.score_table import GRADES

    return tuple(dict.fromkeys(GRADES.values()))


def _unknown(verdict: Verdict) -> Miss:
    if verdict.failure is not None:
        return Miss("failed", verdict.failure.code)
    reason = _reason(verdict)
    return Miss("not graded", f"status {verdict.status}, not graded{': ' if reason else ''}{reason}")


def _reason(verdict: Verdict) -> str:
    """Why there is no grade, where the record tells: a row of CSV, read back for `--resume`, does not."""
    report = _decode(verdict.line).report if verdict.line else None
    return (report.reason if report is not None else None) or ""


def _rank(severity: Severity) -> int:
    return SEVERITIES.index(severity)
