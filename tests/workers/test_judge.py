"""Both verdicts on one response."""

from tests.workers.gathered import gathered
from workers.judge import judge
from workers.model import Report
from workers.record import read_hop


def report_on(head: bytes, checks: str = "all") -> Report | None:
    item = gathered(text="https://a.test/", head=head, checks=checks)
    return judge(item, tuple(map(read_hop, item.exchanges)))


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


def test_nothing_is_reported_where_no_check_was_asked_for() -> None:
    assert report_on(b"HTTP/1.1 200 OK\r\n\r\n", checks="none") is None
