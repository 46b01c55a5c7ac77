"""The summary: counted from events."""

from signal import SIGINT, SIGTERM

import pytest

from service.output.summary import Stop, Tally, summarise
from service.telemetry.events import (
    FetchCrashed,
    Fetched,
    Inspected,
    LoopLagged,
    LoopRestarted,
    Timed,
    WorkerRestarted,
)
from tests.service.output.verdicts import failed, judged, reached, verdict
from workers.model import Finding, Observatory, Report

FOUND = Finding(id="x", severity="high", field="", message="", evidence=None, fix=None, reference="")


def lines_of(tally: Tally, where: str | None = None) -> dict[str, str]:
    return {line[:16].strip(): line[16:] for line in summarise(tally, where)}


def test_records_failures_grades_and_findings_are_counted() -> None:
    tally = Tally()
    for grade in ("B", "A-", "A+", "B", "A"):
        report = Report(gradable=True, observatory=Observatory(6, grade, 70, {}), findings=(FOUND,))
        tally(Inspected(judged(report)))
    tally(Inspected(verdict(failed())))
    told = lines_of(tally, "out/my records.jsonl")
    assert told["records"].startswith("6 in ")
    assert told["records"].endswith("5 ok, 1 failed")
    assert told["grades"] == "A+ 1, A 1, A- 1, B 2"
    assert told["failures"] == "connect_refused 1"
    assert told["findings"] == "high 5"
    assert told["records are in"] == "out/my records.jsonl"


def test_the_slowest_phase_is_the_one_with_the_greatest_mean() -> None:
    tally = Tally()
    tally(Fetched(reached()))
    assert lines_of(tally)["slowest phase"] == "response: mean 30 ms, p95 30 ms, max 30 ms (of 1 responses)"


def test_phases_of_fetches_elsewhere_count_as_those_here() -> None:
    here, elsewhere = Tally(), Tally()
    gathered = reached()
    here(Fetched(gathered))
    timings = [exchange.timing_ms for exchange in gathered.exchanges]
    elsewhere(Timed([(timing.resolve, timing.connect, timing.tls, timing.response) for timing in timings]))
    assert lines_of(elsewhere)["slowest phase"] == lines_of(here)["slowest phase"]


def test_the_loops_lag_is_told() -> None:
    tally = Tally()
    for _ in range(99):
        tally(LoopLagged(0.0005))
    tally(LoopLagged(0.25))
    assert lines_of(tally)["loop lag"].endswith("max 250 ms")


def test_own_faults_are_not_kept_quiet() -> None:
    tally = Tally()
    tally(WorkerRestarted())
    tally(FetchCrashed("http://site.test/", ValueError()))
    tally(LoopRestarted())
    assert lines_of(tally)["own faults"] == "crashed fetches 1, worker restarts 1, loop restarts 1"


def test_what_did_not_occur_is_not_told() -> None:
    assert set(lines_of(Tally())) == {"records"}


def test_long_counts_are_broken_between_two_of_them() -> None:
    tally = Tally()
    for number in range(20):
        tally(Inspected(verdict(failed(code=f"a_rather_long_code_{number}"))))
    lines = [line for line in summarise(tally) if "code" in line]
    assert len(lines) > 1
    for line in lines:
        assert len(line) <= 100
        assert all(part.split()[-1].isdigit() for part in line[16:].rstrip(",").split(", "))


def test_partial_grades_are_counted() -> None:
    tally = Tally()
    for partial in (True, False, True):
        report = Report(gradable=True, observatory=Observatory(6, "B", 70, {}), findings=(), partial=partial)
        tally(Inspected(judged(report)))
    assert lines_of(tally)["grades"] == "B 3; 2 partial"


def test_what_a_server_sends_makes_no_grade_partial() -> None:
    head = b'HTTP/1.1 200 OK\r\nServer: {"partial":true}\r\n\r\n'
    report = Report(gradable=True, observatory=Observatory(6, "B", 70, {}), findings=())
    tally = Tally()
    tally(Inspected(judged(report, reached(head=head))))
    assert tally.partial == 0


@pytest.mark.parametrize(
    ("total", "told"), [(1_500, "1 of 1,500 URLs have a record"), (None, "1 URLs have a record")]
)
def test_a_run_that_was_stopped_says_so_first(total: int | None, told: str) -> None:
    tally = Tally()
    tally(Inspected(verdict(failed())))
    assert summarise(tally, None, Stop(SIGINT, 1, total))[0] == f"stopped by SIGINT: {told}"


def test_a_stop_at_once_tells_what_was_not_written() -> None:
    tally = Tally()
    tally(Inspected(verdict(failed())))
    (told, *_) = summarise(tally, None, Stop(SIGTERM, 0, None))
    assert told == "stopped by SIGTERM: 0 URLs have a record; 1 more were inspected and not written"
