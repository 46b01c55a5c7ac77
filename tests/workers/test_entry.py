"""The door into a worker: batches in, verdicts out, and no exception through it."""

import json
from collections.abc import Iterator

import msgspec
import pytest
from msgspec.structs import replace

from tests.workers.gathered import failed, gathered
from workers import judge
from workers.check import Check
from workers.counted import read_counted
from workers.entry import inspect, judge_batch
from workers.model import Chain, Failure, Finding, Surroundings, Verdict
from workers.record import record_only
from workers.response import Response


def test_a_batch_comes_back_one_for_one_and_in_order() -> None:
    batch = [gathered(1), failed(2), gathered(3, checks="none")]
    verdicts = msgspec.msgpack.decode(judge_batch(msgspec.msgpack.encode(batch)), type=list[Verdict])
    assert [verdict.seq for verdict in verdicts] == [1, 2, 3]
    reports = [json.loads(verdict.line)["report"] for verdict in verdicts]
    assert [report is not None for report in reports] == [True, False, False]


def test_a_verdict_tells_what_counters_need() -> None:
    verdict = inspect(gathered())
    report = json.loads(verdict.line)["report"]
    assert verdict.failure is None
    assert verdict.status == 200
    assert read_counted(verdict.counted) == tuple(
        (found["id"], found["severity"]) for found in report["findings"]
    )
    assert report["findings"]
    assert verdict.analysis_ms > 0


def test_only_the_checks_that_were_asked_for_are_run() -> None:
    verdict = inspect(gathered(checks="referrer-policy"))
    assert {rule for rule, _ in read_counted(verdict.counted)} <= {"referrer-policy-missing"}


def test_findings_are_ordered_by_severity() -> None:
    order = ["high", "medium", "low", "info"]
    places = [order.index(severity) for _, severity in read_counted(inspect(gathered()).counted)]
    assert places == sorted(places)


def test_a_check_that_raises_costs_its_record_the_report_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def run(_: Response) -> Iterator[Finding]:
        raise ZeroDivisionError("by a header")

    faulty = Check(id="faulty", title="", why="", reference="", rules=(), run=run)
    monkeypatch.setattr(judge, "select_checks", lambda _: (faulty,))
    verdict = inspect(gathered(checks="faulty"))
    assert verdict.failure is not None
    assert verdict.failure.code == "analysis_failed"
    assert "ZeroDivisionError: by a header" in verdict.failure.message
    assert len(json.loads(verdict.line)["hops"]) == 1


def test_a_lack_of_memory_is_the_process_s_and_no_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    def run(_: Response) -> Iterator[Finding]:
        raise MemoryError

    hungry = Check(id="hungry", title="", why="", reference="", rules=(), run=run)
    monkeypatch.setattr(judge, "select_checks", lambda _: (hungry,))
    with pytest.raises(MemoryError):
        inspect(gathered(checks="hungry"))


def test_what_is_not_to_be_judged_is_recorded() -> None:
    assert json.loads(record_only(gathered(checks="none")).line)["report"] is None
    assert record_only(failed()).failure is not None


def test_a_record_of_full_depth_holds_its_evidence() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"
    page = b"<meta http-equiv=content-security-policy content=\"default-src 'self'\"><meta name=referrer>"
    shallow = gathered(text="https://a.test/", head=head)
    entry = Chain((), Failure(code="connect_refused", stage="connect", message="…"))
    exchange = replace(shallow.exchanges[0], body=page)
    surroundings = Surroundings(entry, Chain((shallow.exchanges[0],)))
    deep = replace(shallow, exchanges=(exchange,), depth="full", surroundings=surroundings)
    record = json.loads(inspect(deep).line)
    assert record["http_entry"]["hops"] == []
    assert record["http_entry"]["error"]["code"] == "connect_refused"
    assert [hop["status"] for hop in record["preflight"]["hops"]] == [200]
    assert record["meta"] == {"content-security-policy": ["default-src 'self'"], "referrer": None}
    tests = record["report"]["observatory"]["tests"]
    assert tests["redirection"]["result"] == "redirection-not-needed-no-http"
    assert "partial" not in record["report"]
    assert record["https_entry"] is None
    found = {finding["id"] for finding in record["report"]["findings"]}
    assert found & {"csp-missing", "csp-in-meta-alone"} == {"csp-in-meta-alone"}
    assert not {"http_entry", "https_entry", "preflight", "meta"} & json.loads(inspect(shallow).line).keys()


@pytest.mark.parametrize(
    ("content_type", "page", "said"),
    [
        (b"text/html", b"<p>Hello", "and the page has none:"),
        (b"text/html", b"", "and the page has none:"),
        (b"text/html", b"<meta name=referrer content=no-referrer>", "and the page has none:"),
        (b"text/html", None, "unless the page has one,"),
        (b"", b"<p>Hello", "unless the page has one,"),  # of what has no type, no page is read
    ],
)
def test_a_finding_says_of_the_page_what_was_read_of_it(
    content_type: bytes, page: bytes | None, said: str
) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: %b\r\n\r\n" % content_type
    shallow = gathered(text="https://a.test/", head=head, checks="content-security-policy")
    exchange = replace(shallow.exchanges[0], body=page)
    surroundings = Surroundings(Chain(()), Chain(()))
    deep = replace(shallow, exchanges=(exchange,), depth="full", surroundings=surroundings)
    for _ in range(2):  # found anew, and as before
        (finding,) = json.loads(inspect(deep).line)["report"]["findings"]
        assert said in finding["message"]
        (finding,) = json.loads(inspect(shallow).line)["report"]["findings"]
        assert "unless the page has one," in finding["message"]
