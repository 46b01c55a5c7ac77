"""Both verdicts on one response."""

import gzip
from typing import Literal

import msgspec
import pytest

from tests.workers.gathered import gathered
from workers.judge import UNCHANGED, judge
from workers.model import FOREIGN_ORIGIN, Chain, Failure, Gathered, Report, Surroundings
from workers.observatory import Evidence, read_hops
from workers.record import read_hop


def report_on(head: bytes, checks: str = "all") -> Report | None:
    return judged(gathered(text="https://a.test/", head=head, checks=checks))


def judged(item: Gathered, evidence: Evidence | None = None) -> Report | None:
    found = judge(item, tuple(map(read_hop, item.exchanges)), evidence)
    return None if found is None else msgspec.json.decode(found.written, type=Report)


def test_a_page_has_a_grade_and_findings_and_says_what_was_left_out() -> None:
    report = report_on(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n")
    assert report is not None
    assert (report.gradable, report.partial, report.reason) == (True, True, None)
    assert report.observatory is not None
    assert report.observatory.tests["redirection"].result == "not-tested"
    assert report.observatory.tests["x-frame-options"].passed is False
    assert report.findings


def test_a_page_that_the_observatory_refuses_has_a_reason_and_no_grade() -> None:
    report = report_on(b"HTTP/1.1 500 Oops\r\n\r\n")
    assert report is not None
    assert (report.gradable, report.observatory) == (False, None)
    assert report.reason == "the Observatory grades no page with status 500"


def test_a_challenge_has_a_reason_and_no_grade() -> None:
    report = report_on(b"HTTP/1.1 403 Forbidden\r\ncf-mitigated: challenge\r\n\r\n")
    assert report is not None
    assert (report.gradable, report.observatory) == (False, None)
    assert report.reason == "Cloudflare answered with a challenge in the site's place"
    assert report.findings


def test_a_default_page_is_told_where_the_body_was_gathered() -> None:
    item = gathered(text="https://a.test/", head=b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n")
    page = msgspec.structs.replace(
        item.exchanges[0], body=b"<title>Welcome to nginx!</title><h1>Welcome to nginx!</h1>"
    )
    chain = Chain(exchanges=())
    full = msgspec.structs.replace(item, exchanges=(page,), surroundings=Surroundings(None, chain))
    report = judged(full)
    assert report is not None
    assert report.reason == "a server's default page came: no site is set up under this name"


@pytest.mark.parametrize(
    ("body", "coding", "ends"),
    [
        (b"<!doctype html><meta charset=utf-8>", "", None),
        (gzip.compress(b"<meta charset=utf-8>" + b" " * 9_000), "gzip", None),
        (b"\xef\xbb\xbf<p>", "", None),
        (b"<p>", "", "no charset, nor do its first 1,024 bytes tell it: it is guessed."),
        (b"<meta charset=utf-8>", "br", "no charset: unless its first 1,024 bytes tell it, it is guessed."),
        (None, "", "no charset: unless its first 1,024 bytes tell it, it is guessed."),
    ],
    ids=["in its meta", "compressed", "by a byte order mark", "nowhere", "unreadable", "unread"],
)
def test_a_page_that_tells_its_charset_is_not_told_to_lack_it(
    body: bytes | None, coding: str, ends: str | None
) -> None:
    head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: {coding}\r\n\r\n".encode()
    item = gathered(text="https://a.test/", head=head, checks="charset")
    page = msgspec.structs.replace(item.exchanges[0], body=body)
    full = msgspec.structs.replace(item, exchanges=(page,), surroundings=Surroundings(None, Chain(())))
    report = judged(full)
    assert report is not None
    told = [finding.message for finding in report.findings]
    assert told == ([] if ends is None else [f"The page's type has {ends}"])


@pytest.mark.parametrize("body", [None, b"<p>"])
def test_what_has_not_changed_has_a_reason_and_no_grade(body: bytes | None) -> None:
    item = gathered(text="https://a.test/", head=b'HTTP/1.1 304 Not Modified\r\nETag: "1"\r\n\r\n')
    answer = msgspec.structs.replace(item.exchanges[0], body=body)
    around = Surroundings(None, Chain(exchanges=()))
    full = msgspec.structs.replace(item, exchanges=(answer,), surroundings=around)
    for report in (judged(item), judged(full)):
        assert report is not None
        assert (report.gradable, report.observatory, report.reason) == (False, None, UNCHANGED)


def test_a_304_that_was_given_as_an_empty_page_is_graded_as_the_observatory_does() -> None:
    item = gathered(text="https://a.test/", head=b"HTTP/1.1 304 Not Modified\r\n\r\n")
    hops = tuple(map(read_hop, item.exchanges))
    report = judged(item, msgspec.structs.replace(read_hops(hops), body=""))
    assert report is not None
    assert report.gradable


@pytest.mark.parametrize(
    ("entry", "found"),
    [
        (Chain((), Failure("connect_refused", "connect", "…")), "https-missing"),
        (Chain((), Failure("blocked_address", "policy", "…")), "answered-over-http"),
        (True, "http-not-redirected"),
        (None, "answered-over-http"),
    ],
    ids=["refused", "not asked", "answered", "headers alone"],
)
def test_a_page_over_http_is_told_by_what_https_says(entry: Chain | Literal[True] | None, found: str) -> None:
    item = gathered(text="http://a.test/", head=b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n")
    if entry is True:
        entry = Chain((msgspec.structs.replace(item.exchanges[0], url="https://a.test/"),))
    around = Surroundings(None, Chain(exchanges=()), entry) if entry else None
    report = judged(msgspec.structs.replace(item, surroundings=around))
    assert report is not None
    told = {"https-missing", "answered-over-http", "http-not-redirected", "answered-over-http-on-loopback"}
    assert told & {finding.id for finding in report.findings} == {found}


@pytest.mark.parametrize(
    ("origin", "found"),
    [(FOREIGN_ORIGIN, {"cors-any-origin-with-credentials"}), ("https://app.example", set())],
)
def test_what_a_preflight_allows_is_judged_where_the_page_says_nothing_of_it(
    origin: str, found: set[str]
) -> None:
    item = gathered(text="https://a.test/", head=b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n")
    head = (
        f"HTTP/1.1 204 No Content\r\nAccess-Control-Allow-Origin: {origin}\r\n"
        "Access-Control-Allow-Credentials: true\r\n\r\n"
    )
    answer = msgspec.structs.replace(item.exchanges[0], method="OPTIONS", head=head.encode())
    report = judged(msgspec.structs.replace(item, surroundings=Surroundings(None, Chain((answer,)))))
    assert report is not None
    assert {finding.id for finding in report.findings if finding.id.startswith("cors-")} == found


def test_nothing_is_reported_where_no_check_was_asked_for() -> None:
    assert report_on(b"HTTP/1.1 200 OK\r\n\r\n", checks="none") is None
