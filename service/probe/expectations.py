"""Whether an answer is what the module expects: everything that it is not is told, each with its code."""

from collections import Counter
from collections.abc import Iterator
from typing import Final

from service.probe.module import HeaderMatch, HttpProbe
from service.probe.probed import Answer, Unmet
from workers.counted import read_counted
from workers.model import Verdict
from workers.observatory.score_table import GRADES

# The codes of `probe_failure_info` beside those of records; their stage is `expect`.
STATUS: Final = "status_unexpected"
VERSION: Final = "http_version_unexpected"
TLS: Final = "tls_unexpected"
NO_TLS: Final = "tls_missing"
MATCHES: Final = "header_matches"
NO_MATCH: Final = "header_not_matches"
MISSING: Final = "header_missing"
PRESENT: Final = "header_present"
NOT_JUDGED: Final = "not_judged"
NO_GRADE: Final = "not_gradable"
GRADE: Final = "grade_below"
FINDINGS: Final = "findings_above"
CODES: Final = (
    STATUS,
    VERSION,
    TLS,
    NO_TLS,
    MATCHES,
    NO_MATCH,
    MISSING,
    PRESENT,
    NOT_JUDGED,
    NO_GRADE,
    GRADE,
    FINDINGS,
)
BY_REGEXP: Final = frozenset({MATCHES, NO_MATCH})

_RANKS: Final = {grade: rank for rank, grade in enumerate(dict.fromkeys(GRADES.values()))}


def compare(expected: HttpProbe, answer: Answer, verdict: Verdict | None) -> Iterator[Unmet]:
    """All that is not as expected; nothing of judging without a verdict, which is a failure by itself."""
    yield from _compare_exchange(expected, answer)
    for match in expected.fail_if_header_matches:
        yield from _refuse_match(match, answer)
    for match in expected.fail_if_header_not_matches:
        yield from _require_match(match, answer)
    for name in expected.fail_if_header_missing:
        if not answer.values(name):
            yield Unmet(MISSING, f"expected the header {name}, got none")
    for name in expected.fail_if_header_present:
        if answer.values(name):
            yield Unmet(PRESENT, f"expected no header {name}, got one")
    if verdict is not None and verdict.failure is None:
        yield from _compare_verdict(expected, verdict)


def _compare_exchange(expected: HttpProbe, answer: Answer) -> Iterator[Unmet]:
    status, version = answer.head.status, f"HTTP/{answer.head.version}"
    if expected.valid_status_codes:
        if status not in expected.valid_status_codes:
            codes = ", ".join(map(str, expected.valid_status_codes))
            yield Unmet(STATUS, f"expected the status {codes}, got {status}")
    elif not 200 <= status < 300:
        yield Unmet(STATUS, f"expected a status of 2xx, got {status}")
    if expected.valid_http_versions and version not in expected.valid_http_versions:
        yield Unmet(VERSION, f"expected {', '.join(expected.valid_http_versions)}, got {version}")
    if expected.fail_if_ssl and answer.exchange.tls is not None:
        yield Unmet(TLS, "expected the last response without TLS, got it with TLS")
    if expected.fail_if_not_ssl and answer.exchange.tls is None:
        yield Unmet(NO_TLS, "expected the last response with TLS, got it without")


def _refuse_match(match: HeaderMatch, answer: Answer) -> Iterator[Unmet]:
    values = answer.values(match.header)
    if not values and not match.allow_missing:
        yield Unmet(MATCHES, f"expected the header {match.header}, got none")
    elif any(map(match.regexp.search, values)):
        yield Unmet(MATCHES, f"expected no {match.header} that matches {match.regexp.pattern!r}, got one")


def _require_match(match: HeaderMatch, answer: Answer) -> Iterator[Unmet]:
    values = answer.values(match.header)
    if not values and not match.allow_missing:
        yield Unmet(NO_MATCH, f"expected the header {match.header}, got none")
    elif values and not any(map(match.regexp.search, values)):
        yield Unmet(NO_MATCH, f"expected a {match.header} that matches {match.regexp.pattern!r}, got none")


def _compare_verdict(expected: HttpProbe, verdict: Verdict) -> Iterator[Unmet]:
    least, limits = expected.fail_if_grade_below, expected.fail_if_findings_above.items()
    if limits and not verdict.analysis_ms:
        yield Unmet(NOT_JUDGED, "expected findings to be counted, but the checks are none")
    if least is not None:
        if verdict.grade is None:
            yield Unmet(NO_GRADE, f"expected the grade {least} or better, got a response that has none")
        elif _RANKS[verdict.grade] > _RANKS[least]:
            yield Unmet(GRADE, f"expected the grade {least} or better, got {verdict.grade}")
    counts = Counter(severity for _, severity in read_counted(verdict.counted))
    for severity, limit in limits:
        if counts[severity] > limit:
            yield Unmet(
                FINDINGS, f"expected at most {limit} findings that are {severity}, got {counts[severity]}"
            )
