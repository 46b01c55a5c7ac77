"""The report on a response, put together of what the looks found, and written.

Owns the order of findings and their number. What is found of all responses that are alike is put in its
place, and written, once; what each of them has to be looked at for is added.
"""

from bisect import insort
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from operator import attrgetter
from typing import Any, Final, NamedTuple, cast

import msgspec
from msgspec import Raw

from workers import observatory
from workers.model import SEVERITIES, Finding, Observatory, Report, Severity

FINDINGS_LIMIT: Final = 250  # a record's; a hostile response could make a check repeat itself without end
SCORES_KEPT: Final = 1_024  # of 1.5 KiB each: most sites have the results that another has

_RANKS: Final = {severity: rank for rank, severity in enumerate(reversed(SEVERITIES))}
_CHECKS: Final = (
    2  # the place of the first check's look: the reason for no grade and the grade stand before it
)

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
    written: Raw
    counted: tuple[str, Severity]


class Draft:
    """The report on all responses that are alike, as far as it is known of them without a look at each."""

    __slots__ = ("_open", "_said", "_verdict", "_whole")

    def __init__(self, results: Sequence[Results | None]) -> None:
        """None stands for a look that is to be taken at each."""
        self._verdict = results[:_CHECKS]
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
        taken = dict(zip(self._open, anew, strict=True))
        refused, graded = (taken.get(place, each) for place, each in enumerate(self._verdict))
        said = self._said.copy()
        for each in _say(taken.items()):
            insort(said, each, key=_order)
        _, written, counted = zip(*said[:FINDINGS_LIMIT], strict=True) if said else ((), (), ())
        findings = cast("tuple[Finding, ...]", written)
        if refused:
            report = Report(False, None, findings, reason=refused[0])
            return Judged(_encoder.encode(report), findings=counted)
        scored = _score(cast("tuple[str, ...]", graded))
        report = Report(True, cast("Observatory", scored.written), findings, partial=scored.partial)
        return Judged(_encoder.encode(report), scored.grade, counted, scored.partial)


class _Scored(NamedTuple):
    """The Observatory's verdict as it is written."""

    written: Raw
    grade: str | None
    partial: bool


@lru_cache(maxsize=SCORES_KEPT)
def _score(graded: tuple[str, ...]) -> _Scored:
    scored = observatory.score_results(graded)
    return _Scored(Raw(_encoder.encode(scored)), scored.grade, observatory.is_partial(scored))


def _say(results: Iterable[tuple[int, Results | None]]) -> Iterator[_Said]:
    """What the checks among the looks found, each by the look's place."""
    for place, found in results:
        if found and place >= _CHECKS:
            for finding in found:
                written = Raw(_encoder.encode(finding))
                yield _Said((_RANKS[finding.severity], place), written, (finding.id, finding.severity))
