"""A report that is put together of kept parts is the one that would be written at once."""

from collections.abc import Sequence

import msgspec
import pytest

from workers.counted import write_counted
from workers.model import Finding, Report, Severity
from workers.report import FINDINGS_LIMIT, Draft, Judged

REFUSED = ("nothing to grade",)


def found(name: str, severity: Severity = "low", evidence: str = "") -> Finding:
    return Finding(name, severity, "A", f"This is {name}.", evidence, None, "RFC 9110")


def written(*findings: Finding) -> bytes:
    return msgspec.json.encode(Report(False, None, findings, reason=REFUSED[0]))


def counted(*findings: Finding) -> bytes:
    return write_counted(tuple((finding.id, finding.severity) for finding in findings))


def is_of(judged: Judged, *findings: Finding) -> bool:
    return (judged.written, judged.counted) == (written(*findings), counted(*findings))


KNOWN = found("known"), found("grave", "high")
ANEW: Sequence[tuple[Finding, ...]] = (
    (),
    (found("anew", evidence="1"),),
    (found("anew", evidence="2"),),
    (found("anew", "high", "3"),),
    (found("anew", evidence="4"), found("other", "high", "5")),
    (found("other", "high", "6"), found("anew", evidence="7")),
)


@pytest.mark.parametrize("before", ANEW)
@pytest.mark.parametrize("then", ANEW)
def test_what_is_found_anew_stands_where_it_belongs_whatever_was_found_before(
    before: tuple[Finding, ...], then: tuple[Finding, ...]
) -> None:
    known, grave = KNOWN
    draft = Draft([REFUSED, (), (known,), None, (grave,)])
    for anew in (before, then, before):
        high = [finding for finding in anew if finding.severity == "high"]
        low = [finding for finding in anew if finding.severity == "low"]
        assert is_of(draft.finish([anew]), *high, grave, known, *low)


def test_looks_that_are_taken_again_keep_their_order() -> None:
    draft = Draft([REFUSED, (), None, KNOWN[:1], None])
    first, second = found("first"), found("second")
    assert is_of(draft.finish([(first,), (second,)]), first, KNOWN[0], second)
    assert is_of(draft.finish([(), (second,)]), KNOWN[0], second)
    assert is_of(draft.finish([(first,), ()]), first, KNOWN[0])


def test_a_reason_that_is_found_anew_is_no_finding() -> None:
    draft = Draft([None, (), KNOWN[:1], None])
    for evidence in ("1", "2"):
        anew = found("anew", evidence=evidence)
        assert is_of(draft.finish([REFUSED, (anew,)]), KNOWN[0], anew)


def test_the_least_severe_of_too_many_are_left_out() -> None:
    many = tuple(found(f"known-{number}") for number in range(FINDINGS_LIMIT - 1))
    draft = Draft([REFUSED, (), many, None])
    for evidence in ("1", "2"):
        anew = found("first", evidence=evidence), found("second")
        assert is_of(draft.finish([anew]), *many, anew[0])
