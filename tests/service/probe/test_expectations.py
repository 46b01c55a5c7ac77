"""What is not as a module expects: each expectation met and unmet, with its code."""

from typing import Any

import pytest

from service.probe.expectations import CODES, compare
from service.probe.module import FindingsLimits, HeaderMatch, HttpProbe, read_regexp
from service.probe.probed import Answer
from tests.service.probe.answers import OK, TLS, answer, verdict
from workers.counted import NO_FINDINGS
from workers.model import Verdict

HEAD = (
    b"HTTP/1.1 200 OK\r\nServer: nginx/1.2\r\nX-Many: a\r\nx-many: b\r\nX-Latin: caf\xe9\r\nX-None:\r\n\r\n"
)
MISSING = b"HTTP/1.0 404 Not Found\r\n\r\n"
FINDINGS = (("a", "high"), ("b", "low"), ("c", "low"))


def match(header: str, regexp: str, **more: bool) -> tuple[HeaderMatch, ...]:
    return (HeaderMatch(header, read_regexp(regexp), **more),)


def codes(http: HttpProbe, found: Answer, judged: Verdict | None = None) -> list[str]:
    return [unmet.code for unmet in compare(http, found, judged)]


@pytest.mark.parametrize(
    ("expected", "head", "code"),
    [
        ({}, OK, None),
        ({}, MISSING, "status_unexpected"),
        ({"valid_status_codes": (404,)}, MISSING, None),
        ({"valid_status_codes": (301, 404)}, OK, "status_unexpected"),
        ({"valid_http_versions": ("HTTP/1.1", "HTTP/2.0")}, OK, None),
        ({"valid_http_versions": ("HTTP/1.0",)}, OK, "http_version_unexpected"),
        ({"fail_if_header_matches": match("server", r"\d")}, HEAD, "header_matches"),
        ({"fail_if_header_matches": match("Server", "apache")}, HEAD, None),
        ({"fail_if_header_matches": match("X-Many", "^b$")}, HEAD, "header_matches"),
        ({"fail_if_header_matches": match("Absent", "x")}, HEAD, "header_matches"),
        ({"fail_if_header_matches": match("Absent", "x", allow_missing=True)}, HEAD, None),
        ({"fail_if_header_not_matches": match("X-Many", "^b$")}, HEAD, None),
        ({"fail_if_header_not_matches": match("X-Many", "^c$")}, HEAD, "header_not_matches"),
        ({"fail_if_header_not_matches": match("X-Latin", "^caf.$")}, HEAD, None),
        ({"fail_if_header_not_matches": match("Absent", "x")}, HEAD, "header_not_matches"),
        ({"fail_if_header_not_matches": match("Absent", "x", allow_missing=True)}, HEAD, None),
        ({"fail_if_header_missing": ("X-None", "SERVER")}, HEAD, None),
        ({"fail_if_header_missing": ("Absent",)}, HEAD, "header_missing"),
        ({"fail_if_header_present": ("Absent",)}, HEAD, None),
        ({"fail_if_header_present": ("x-none",)}, HEAD, "header_present"),
    ],
)
def test_an_answer_is_held_to(expected: dict[str, Any], head: bytes, code: str | None) -> None:
    assert codes(HttpProbe(**expected), answer(head)) == ([] if code is None else [code])


def test_tls_is_asked_of_the_last_response() -> None:
    assert codes(HttpProbe(fail_if_ssl=True), answer(tls=TLS)) == ["tls_unexpected"]
    assert codes(HttpProbe(fail_if_not_ssl=True), answer()) == ["tls_missing"]
    assert codes(HttpProbe(fail_if_ssl=True), answer()) == []
    assert codes(HttpProbe(fail_if_not_ssl=True), answer(tls=TLS)) == []


@pytest.mark.parametrize(
    ("expected", "judged", "code"),
    [
        ({"fail_if_grade_below": "B"}, verdict("A+"), None),
        ({"fail_if_grade_below": "B"}, verdict("B"), None),
        ({"fail_if_grade_below": "B"}, verdict("B-"), "grade_below"),
        ({"fail_if_grade_below": "F"}, verdict(None), "not_gradable"),
        ({"fail_if_findings_above": FindingsLimits(high=1, low=2)}, verdict(findings=FINDINGS), None),
        (
            {"fail_if_findings_above": FindingsLimits(high=0, low=2)},
            verdict(findings=FINDINGS),
            "findings_above",
        ),
        ({"fail_if_findings_above": FindingsLimits(info=0)}, verdict(findings=FINDINGS), None),
    ],
)
def test_a_verdict_is_held_to(expected: dict[str, Any], judged: Verdict, code: str | None) -> None:
    assert codes(HttpProbe(**expected), answer(), judged) == ([] if code is None else [code])


def test_what_nobody_has_judged_meets_no_limit_of_findings() -> None:
    recorded = Verdict(1, b"{}", None, 200, None, NO_FINDINGS, 1.0, 0.0)
    assert codes(HttpProbe(fail_if_findings_above=FindingsLimits(high=9)), answer(), recorded) == [
        "not_judged"
    ]


def test_everything_that_is_unmet_is_told() -> None:
    http = HttpProbe(fail_if_not_ssl=True, fail_if_header_missing=("A", "B"), fail_if_grade_below="A")
    found = codes(http, answer(MISSING), verdict("F"))
    assert found == ["status_unexpected", "tls_missing", "header_missing", "header_missing", "grade_below"]
    assert set(found) <= set(CODES)
