"""The report on a response, put together of what the looks found, and written.

Owns the order of findings and their number. What is found of all responses that are alike is put in its
place, and written, once; what each of them has to be looked at for is added.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from operator import attrgetter
from typing import Any, Final, NamedTuple, cast

import msgspec
from msgspec import Raw

from workers import observatory
from workers.counted import NO_FINDINGS, Counted, write_counted
from workers.model import SEVERITIES, Finding, Report, Severity

FINDINGS_LIMIT: Final = 250  # a record's; a hostile response could make a check repeat itself without end
FRAMES_KEPT: Final = 1_024  # of 1.5 KiB each: most sites have the results that another has

_RANKS: Final = {severity: rank for rank, severity in enumerate(reversed(SEVERITIES))}
_CHECKS: Final = (
    2  # the place of the first check's look: the reason for no grade and the grade stand before it
)

_FINDINGS: Final = b'"findings":['

_encoder: Final = msgspec.json.Encoder()

Results = tuple[Any, ...]
"""What a look comes to: why there is no grade, if so; the Observatory's results; or a check's findings."""

_order: Final = attrgetter("order")


class Judged(NamedTuple):
    """A report as it is written, once for all records that have it; what counters and gates need of it.

    `report` stands for it in a record that is only written.
    """

    report: Report
    grade: str | None = None
    counted: bytes = NO_FINDINGS
    partial: bool = False

    @property
    def written(self) -> bytes:
        return bytes(cast("Raw", self.report))


class _Said(NamedTuple):
    """A finding; the most severe come first, else they stand in the checks' order."""

    order: tuple[int, int]
    finding: Finding

    @property
    def counted(self) -> tuple[str, Severity]:
        return self.finding.id, self.finding.severity


class _Form(NamedTuple):
    """The findings of all reports in which the same ones, `anew`, come to those that are known.

    `written` has them as JSON, in parts: `places` tells of those that come which one is to be put where.
    """

    anew: Counted
    written: list[bytes]
    places: list[tuple[int, int]]
    counted: bytes


class Draft:
    """The report on all responses that are alike, as far as it is known of them without a look at each."""

    __slots__ = ("_form", "_frame", "_open", "_others", "_said", "_verdict", "_whole")

    def __init__(self, results: Sequence[Results | None]) -> None:
        """None stands for a look that is to be taken at each."""
        self._verdict = results[:_CHECKS]
        self._frame = None if None in self._verdict else _frame(*self._verdict)
        self._said = list(_say(enumerate(results)))
        self._open = [place for place, each in enumerate(results) if each is None]
        self._others = self._verdict.count(None)  # of them, those that come before the checks'
        self._whole: Judged | None = None  # the report where none of these looks finds anything
        self._form: _Form | None = None  # that of the last report in which one did: mostly the next one's

    def finish(self, anew: Sequence[Results]) -> Judged:
        """The report on a response that was looked at, with what was found."""
        if any(anew):
            return self._write(anew)
        if self._whole is None:
            self._whole = self._write(anew)
            self._form = None  # of which that is all there is
        return self._whole

    def _write(self, anew: Sequence[Results]) -> Judged:
        frame = self._frame
        if frame is None:
            taken = dict(zip(self._open, anew, strict=True))
            frame = _frame(*[taken.get(place, each) for place, each in enumerate(self._verdict)])
        found = [finding for each in anew[self._others :] for finding in each]
        counted = tuple([(finding.id, finding.severity) for finding in found])
        form = self._form
        if form is None or form.anew != counted:
            form = self._form = _form(self._said, list(_say(zip(self._open, anew, strict=True))))
        parts = form.written.copy()
        for which, place in form.places:
            parts[place] = _encoder.encode(found[which])
        written: Any = Raw(b"".join((frame.before, *parts, frame.behind)))
        return Judged(written, frame.grade, form.counted, frame.partial)


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
    before, opened, behind = _encoder.encode(report).partition(_FINDINGS)
    return _Frame(before + opened, behind, grade, report.partial)


def _say(results: Iterable[tuple[int, Results | None]]) -> Iterator[_Said]:
    """What the checks among the looks found, each by the look's place."""
    for place, found in results:
        if found and place >= _CHECKS:
            for finding in found:
                yield _Said((_RANKS[finding.severity], place), finding)


def _form(known: Sequence[_Said], anew: Sequence[_Said]) -> _Form:
    said = sorted((*known, *anew), key=_order)[:FINDINGS_LIMIT]
    coming = {id(each): which for which, each in enumerate(anew)}
    written: list[bytes] = []
    places: list[tuple[int, int]] = []
    since: list[bytes] = []  # those that are known behind the last that comes, each with a comma before it
    for number, each in enumerate(said):
        comma = b"," if number else b""
        which = coming.get(id(each))
        if which is None:
            since.append(comma + _encoder.encode(each.finding))
        else:
            places.append((which, len(written) + 1))
            written += (b"".join((*since, comma)), b"")
            since.clear()
    written.append(b"".join(since))
    counted = write_counted(tuple([each.counted for each in said]))
    return _Form(tuple([each.counted for each in anew]), written, places, counted)
