"""The report, at the width of a terminal that nobody has made wider."""

from typing import Any

from msgspec.structs import replace

from service.output.markdown import MARKDOWN
from service.output.table import table_format
from tests.service.output.verdicts import judged, reached, verdict
from workers.model import Exchange, Failure, Finding, Observatory, Report, TestResult, Timing, Tls, Verdict
from workers.record import record_only

TLS = Tls(
    version="TLSv1.3",
    cipher="TLS_AES_256_GCM_SHA384",
    alpn=None,
    verified=True,
    subject="CN=first.test",
    issuer="CN=Authority",
    not_after="2027-01-01T00:00:00Z",
    sans=("first.test",),
    sha256="",
)


def report_of(verdict: Verdict, width: int = 80) -> str:
    return table_format(width, colour=False).write(verdict).decode()


def redirect(url: str, location: str, tls: Tls | None = None) -> Exchange:
    head = f"HTTP/1.1 302 Found\r\nLocation: {location}\r\n\r\n".encode()
    return Exchange(url, "HEAD", "192.0.2.1:80", head, tls, Timing(1.0, 2.0, None, 30.0))


def graded(results: dict[str, TestResult], **changes: Any) -> Verdict:
    return judged(Report(gradable=True, observatory=Observatory(6, "B", 75, results), findings=(), **changes))


def test_a_partial_grade_says_how_much_is_missing() -> None:
    tests = {"one": TestResult("fine", 0, True), "two": TestResult("not-tested", 0, None)}
    told = report_of(graded(tests, partial=True))
    assert "\n  200 OK  grade B (score 75, partial: 1 of 2 tests not tested)  33 ms\n" in told
    assert "\n  200 OK  grade B (score 75)  33 ms\n" in report_of(graded(tests))


def test_each_hops_certificate_is_told() -> None:
    last = Exchange("https://b.test/", "HEAD", "192.0.2.2:443", b"HTTP/1.1 200 OK\r\n\r\n", TLS, Timing())
    exchanges = (redirect("https://a.test/", "https://b.test/", TLS), last)
    told = " ".join(report_of(verdict(reached(exchanges=exchanges))).split())
    until = "verified, valid until 2027-01-01T00:00:00Z"
    assert f"TLSv1.3, TLS_AES_256_GCM_SHA384, certificate {until}, CN=first.test resolve" in told
    assert f"TLS connection TLSv1.3, TLS_AES_256_GCM_SHA384 certificate {until} subject" in told


def test_a_hop_without_a_response_says_so() -> None:
    failure = Failure("tls_certificate", "tls", "the certificate of a.test does not verify")
    bad = Exchange("https://a.test/", "HEAD", "192.0.2.2:443", b"", replace(TLS, verified=False), Timing())
    failed = reached(exchanges=(), failure=failure, unanswered=bad)
    told = report_of(record_only(failed))
    assert "HEAD  no response  https://a.test/\n      192.0.2.2:443\n" in told
    assert "not verified, valid until 2027-01-01T00:00:00Z" in told
    assert "no response" in MARKDOWN.write(record_only(reached(failure=failure, unanswered=bad))).decode()


def test_a_loops_equal_hops_are_left_out() -> None:
    loop = tuple(redirect("http://site.test/again", "/again") for _ in range(10))
    told = report_of(verdict(reached(exchanges=loop)))
    assert told.count("to /again") == 4
    assert "\n    … 6 more …\n    HEAD  302 Found  http://site.test/again\n" in told


def test_hops_that_differ_are_all_shown() -> None:
    chain = tuple(redirect(f"http://site.test/{number}", f"/{number + 1}") for number in range(10))
    told = report_of(verdict(reached(exchanges=chain)))
    assert all(f"http://site.test/{number}\n" in told for number in range(10))
    assert "more …" not in told


def test_urls_and_results_are_whole_at_80_columns() -> None:
    url = f"http://site.test/{'x' * 50}"
    result = "referrer-policy-with-a-result-as-long-as-they-come"
    report = Report(
        gradable=True,
        observatory=Observatory(6, "B", 75, {"cross-origin-resource-sharing": TestResult(result, -5, False)}),
        findings=(),
    )
    told = report_of(judged(report, reached(url=url)))
    assert f"\n    HEAD  200 OK\n      {url}\n" in told
    assert f"\n    fail    -5  cross-origin-resource-sharing\n                {result}\n" in told
    assert max(map(len, told.splitlines())) <= 80


def test_a_findings_id_has_a_line_of_its_own() -> None:
    finding = Finding("some-id", "low", "Server", "Short.", evidence="x", fix="Remove it", reference="RFC 1")
    report = Report(gradable=True, observatory=None, findings=(finding,))
    assert (
        "\n    low     Short.\n            some-id\n            sent  x\n            fix   Remove it\n"
        "            see   RFC 1\n" in report_of(judged(report))
    )


def test_a_time_is_not_broken() -> None:
    gathered = reached(failure=None, exchanges=(redirect("http://site.test/", "/"),))
    for width in range(24, 80):
        lines = report_of(verdict(gathered), width).splitlines()
        assert not any(line.strip() == "ms" for line in lines)
