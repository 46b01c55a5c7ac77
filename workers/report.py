"""The report on a response, put together of what the looks found, and written.

Owns the order of findings and their number. What is found of all responses that are alike is put in its place
once; what each of them has to be looked at for is added.
"""

from collections.abc import Iterable, Sequence
from operator import itemgetter
from typing import Any, Final, NamedTuple, cast

import msgspec
from msgspec import Raw

from workers import observatory
from workers.model import SEVERITIES, Finding, Report, Severity

FINDINGS_LIMIT: Final = 250  # a record's; a hostile response could make a check repeat itself without end

_RANKS: Final = {severity: rank for rank, severity in enumerate(reversed(SEVERITIES))}
_REFUSED, _GRADED, _CHECKS = 0, 1, 2  # the places of the looks' results: from the last on, a check's each

_encoder: Final = msgspec.json.Encoder()

Results = tuple[Any, ...]
"""What a look comes to: why there is no grade, if so; the Observatory's results; or a check's findings."""
_Placed = tuple[tuple[int, int], Finding]
_order: Final = itemgetter(0)


class Judged(NamedTuple):
    """A report as it is written, once for all records that have it; what counters and gates need of it."""

    written: bytes
    grade: str | None = None
    findings: tuple[tuple[str, Severity], ...] = ()
    partial: bool = False

    @property
    def report(self) -> Report:
        """What stands for the report in a record that is only written."""
        return cast("Report", Raw(self.written))


class Draft:
    """The report on all responses that are alike, as far as it is known of them without a look at each."""

    __slots__ = ("_open", "_placed", "_verdict", "_whole")

    def __init__(self, results: Sequence[Results | None]) -> None:
        """None stands for a look that is to be taken at each."""
        self._verdict = results[:_CHECKS]
        self._placed = sorted(_place(enumerate(results)), key=_order)[:FINDINGS_LIMIT]
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
        placed = sorted([*self._placed, *_place(taken.items())], key=_order)
        findings = tuple([finding for _, finding in placed[:FINDINGS_LIMIT]])
        if refused:
            return write_report(
                Report(gradable=False, observatory=None, findings=findings, reason=refused[0])
            )
        scored = observatory.score_results(cast("tuple[str, ...]", graded))
        partial = observatory.is_partial(scored)
        return write_report(Report(True, scored, findings, partial=partial))


def write_report(report: Report) -> Judged:
    return Judged(
        _encoder.encode(report),
        report.observatory.grade if report.observatory else None,
        tuple([(found.id, found.severity) for found in report.findings]),
        report.partial,
    )


def _place(results: Iterable[tuple[int, Results | None]]) -> list[_Placed]:
    """What checks found, where it stands: the most severe first, else in the checks' order."""
    return [
        ((_RANKS[finding.severity], place), finding)
        for place, found in results
        if found and place >= _CHECKS
        for finding in found
    ]
