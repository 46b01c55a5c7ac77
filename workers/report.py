"""The report on a response, put together of what the looks found, and written.

Owns the order of findings and their number. What is found of all responses that are alike is put in its
place, and written, once; what each of them has to be looked at for is added.
"""

from bisect import insort
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from operator import attrgetter
from typing import Any, Final, NamedTuple

import msgspec
from msgspec import Raw

from workers import observatory
from workers.model import SEVERITIES, Report, Severity

FINDINGS_LIMIT: Final = 250  # a record's; a hostile response could make a check repeat itself without end
FRAMES_KEPT: Final = 1_024  # of 1.5 KiB each: most sites have the results that another has

_RANKS: Final = {severity: rank for rank, severity in enumerate(reversed(SEVERITIES))}
_CHECKS: Final = (
    2  # the place of the first check's look: the reason for no grade and the grade stand before it
)

_NOTHING_FOUND: Final = b'"findings":[]'

_encoder: Final = msgspec.json.Encoder()

Results = tuple[Any, ...]
"""What a look comes to: why there is no grade, if so; the Observatory's results; or a check's findings."""

_order: Final = attrgetter("order")


class Judged(NamedTuple):
    """A report as it is written, once for all records that have it; what counters and gates need of it."""

    written: bytes
    grade: str | None = None
    findings: tuple[tuple[str, Severity], ...] = ()
    partial: bool = False

    @property
    def report(self) -> Report:
        """What stands for the report in a record that is only written."""
        return Raw(self.written)  # type: ignore[return-value]


class _Said(NamedTuple):
    """A finding as it is written; the most severe come first, else they stand in the checks' order."""

    order: tuple[int, int]
    written: bytes
    counted: tuple[str, Severity]


class Draft:
    """The report on all responses that are alike, as far as it is known of them without a look at each."""

    __slots__ = ("_frame", "_open", "_said", "_verdict", "_whole")

    def __init__(self, results: Sequence[Results | None]) -> None:
        """None stands for a look that is to be taken at each."""
        self._verdict = results[:_CHECKS]
        self._frame = None if None in self._verdict else _frame(*self._verdict)
        self._said = sorted(_say(enumerate(results)), key=_order)[:FINDINGS_LIMIT]
        self._open = [place for place, each in enumerate(results) if each is None]
        self._whole: Judged | None = None  # the report where none of these looks finds anything

    def finish(self, anew: Sequence[Results]) -> Judged:
        """The report on a response that was looked at, with what was found."""
        if any(anew):
            return self._write(anew)
        if self._whole is None:
            self._whole = self._write(anew)
        return self._whole

    def _write(self, anew: Sequence[Results]) -> Judged:
        frame = self._frame
        if frame is None:
            taken = dict(zip(self._open, anew, strict=True))
            frame = _frame(*[taken.get(place, each) for place, each in enumerate(self._verdict)])
        said = self._said.copy()
        for each in _say(zip(self._open, anew, strict=True)):
            insort(said, each, key=_order)
        _, findings, counted = zip(*said[:FINDINGS_LIMIT], strict=True) if said else ((), (), ())
        written = b'%b"findings":[%b]%b' % (frame.before, b",".join(findings), frame.behind)
        return Judged(written, frame.grade, counted, frame.partial)


class _Frame(NamedTuple):
    """A report as it is written before its findings and behind them."""

    before: bytes
    behind: bytes
    grade: str | None
    partial: bool


@lru_cache(maxsize=FRAMES_KEPT)
def _frame(refused: tuple[str, ...], graded: tuple[str, ...]) -> _Frame:
    """Why there is no grade, if so; else the grade that the Observatory's results come to."""
    if refused:
        report, grade = Report(False, None, (), reason=refused[0]), None
    else:
        scored = observatory.score_results(graded)
        report, grade = Report(True, scored, (), partial=observatory.is_partial(scored)), scored.grade
    before, _, behind = _encoder.encode(report).partition(_NOTHING_FOUND)
    return _Frame(before, behind, grade, report.partial)


def _say(results: Iterable[tuple[int, Results | None]]) -> Iterator[_Said]:
    """What the checks among the looks found, each by the look's place."""
    for place, found in results:
        if found and place >= _CHECKS:
            for finding in found:
                counted = finding.id, finding.severity
                yield _Said((_RANKS[finding.severity], place), _encoder.encode(finding), counted)
