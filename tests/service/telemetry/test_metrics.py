"""Events become counts; label sets stay closed whatever strangers send."""

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics

from service import __version__
from service.errors import Code
from service.telemetry.events import (
    ConfigurationRead,
    FetchCrashed,
    Fetched,
    Inspected,
    LoopLagged,
    LoopRestarted,
    ProbeEnded,
    RequestAnswered,
    Timed,
    WorkerRestarted,
)
from service.telemetry.metrics import OPENMETRICS, Metrics, expose
from workers.counted import write_counted
from workers.model import Exchange, Failure, Gathered, Timing, Verdict
from workers.registry import all_checks

RULE = all_checks()[0].rules[0].id


def verdict(
    *,
    failure: Failure | None = None,
    status: int | None = 200,
    grade: str | None = "A+",
    finding: str = RULE,
    analysis_ms: float = 0.5,
) -> Verdict:
    return Verdict(1, b"{}", failure, status, grade, write_counted(((finding, "low"),)), 250.0, analysis_ms)


def value(metrics: Metrics, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(name, labels)


def test_a_record_is_counted_in_every_way() -> None:
    metrics = Metrics()
    metrics(Inspected(verdict()))
    assert value(metrics, "masthead_inspections_total", outcome="ok", stage="", code="") == 1
    assert value(metrics, "masthead_inspection_duration_seconds_sum") == 0.25
    assert value(metrics, "masthead_responses_total", code="200") == 1
    assert value(metrics, "masthead_grades_total", grade="A+") == 1
    assert value(metrics, "masthead_findings_total", id=RULE) == 1
    assert value(metrics, "masthead_analysis_duration_seconds_sum") == 0.0005


def test_a_failure_is_counted_by_stage_and_code_and_not_as_analysed() -> None:
    metrics = Metrics()
    failure = Failure("connect_refused", "connect", "refused")
    metrics(Inspected(verdict(failure=failure, status=None, grade=None, analysis_ms=0.0)))
    labels = {"outcome": "error", "stage": "connect", "code": "connect_refused"}
    assert value(metrics, "masthead_inspections_total", **labels) == 1
    assert value(metrics, "masthead_analysis_duration_seconds_count") == 0


def test_each_phase_of_each_hop_is_observed() -> None:
    metrics = Metrics()
    hops = tuple(
        Exchange("http://a/", "HEAD", "192.0.2.1:80", b"", None, Timing(1.0, 2.0, tls, 4.0))
        for tls in (None, 3.0)
    )
    metrics(Fetched(Gathered(1, "a", "http://a/", hops, None, 0.0, 1.0)))
    _check_phases(metrics)


def test_phases_of_fetches_elsewhere_count_as_those_here() -> None:
    metrics = Metrics()
    metrics(Timed([(1.0, 2.0, None, 4.0), (1.0, 2.0, 3.0, 4.0)]))
    _check_phases(metrics)


def _check_phases(metrics: Metrics) -> None:
    counts = [
        value(metrics, "masthead_phase_duration_seconds_count", phase=phase)
        for phase in ("resolve", "connect", "tls", "response")
    ]
    assert counts == [2, 2, 1, 2]
    assert value(metrics, "masthead_phase_duration_seconds_sum", phase="tls") == 0.003


def test_restarts_lag_and_requests_are_counted() -> None:
    metrics = Metrics()
    metrics(WorkerRestarted())
    metrics(LoopRestarted())
    metrics(LoopLagged(0.02))
    metrics(RequestAnswered("id", "/livez", "GET", 200, 0.1))
    metrics(FetchCrashed("u", ValueError()))
    assert value(metrics, "masthead_pool_restarts_total") == 1
    assert value(metrics, "masthead_loop_restarts_total") == 1
    assert value(metrics, "masthead_event_loop_lag_seconds_sum") == 0.02
    assert value(metrics, "masthead_http_requests_total", route="/livez", method="GET", code="200") == 1
    assert value(metrics, "masthead_http_request_duration_seconds_count", route="/livez") == 1


def test_what_strangers_make_up_is_other() -> None:
    metrics = Metrics()
    metrics(RequestAnswered("id", "unmatched", "BREW", 404, 0.1))
    for status in (0, 99, 600, 999):
        metrics(Inspected(verdict(status=status, grade="Z", finding="made-up")))
    assert value(metrics, "masthead_http_requests_total", route="unmatched", method="other", code="404") == 1
    assert value(metrics, "masthead_responses_total", code="other") == 4
    assert value(metrics, "masthead_grades_total", grade="other") == 4
    assert value(metrics, "masthead_findings_total", id="other") == 4


def test_series_are_there_before_their_first_count() -> None:
    metrics = Metrics()
    samples = [
        sample
        for family in metrics.registry.collect()
        if family.name == "masthead_inspections"
        for sample in family.samples
    ]
    assert {sample.labels["code"] for sample in samples} == {"", *(code.value for code in Code)}
    assert {sample.value for sample in samples} == {0}
    assert value(metrics, "masthead_grades_total", grade="F") == 0
    assert value(metrics, "masthead_findings_total", id=RULE) == 0


def test_gauges_are_read_when_they_are_scraped() -> None:
    metrics, now = Metrics(), {"inflight": 1.0}
    metrics.watch("masthead_inflight", lambda: now["inflight"])
    metrics.watch("masthead_queue_depth", lambda: 3, "analyse")
    metrics.watch("masthead_queue_depth", lambda: 4, "jobs")
    assert value(metrics, "masthead_inflight") == 1
    now["inflight"] = 5
    assert value(metrics, "masthead_inflight") == 5
    assert value(metrics, "masthead_queue_depth", queue="analyse") == 3
    assert value(metrics, "masthead_queue_depth", queue="jobs") == 4


@pytest.mark.parametrize(
    "name", ["process_resident_memory_bytes", "python_info", "python_gc_objects_collected"]
)
def test_the_process_and_python_are_watched(name: str) -> None:
    assert f"\n{name}".encode() in expose(Metrics())


def test_the_build_is_named() -> None:
    assert value(Metrics(), "masthead_build_info", version=__version__) == 1


def test_both_formats_are_whole_and_without_created_series() -> None:
    metrics = Metrics()
    metrics.watch("masthead_inflight", lambda: 0)
    text, modern = expose(metrics).decode(), expose(metrics, OPENMETRICS).decode()
    assert modern.endswith("# EOF\n")
    assert list(parse_openmetrics(modern))
    assert "# TYPE masthead_inspections_total counter\n" in text
    assert "_created" not in text + modern


def test_two_daemons_in_a_process_do_not_share_counts() -> None:
    one, other = Metrics(), Metrics()
    one(WorkerRestarted())
    assert value(other, "masthead_pool_restarts_total") == 0


def test_a_request_s_id_is_the_exemplar_of_its_time_in_openmetrics_alone() -> None:
    metrics = Metrics()
    metrics(RequestAnswered("mine-1", "/v1/inspections", "POST", 200, 0.3))
    metrics(RequestAnswered("x" * 128, "/v1/inspections", "POST", 200, 40.0))  # too long for an exemplar
    line = next(
        line
        for line in expose(metrics, OPENMETRICS).decode().splitlines()
        if line.startswith("masthead_http_request_duration_seconds_bucket") and 'le="0.5"' in line
    )
    assert '# {request_id="mine-1"} 0.3' in line
    assert b"mine-1" not in expose(metrics)
    assert b"xxx" not in expose(metrics, OPENMETRICS)


def test_a_module_that_is_gone_takes_its_series_with_it() -> None:
    metrics = Metrics()
    metrics(ConfigurationRead(("a", "b")))
    metrics(ProbeEnded("b", success=True))
    metrics(ConfigurationRead(("a", "b"), ("a fault",)))
    assert value(metrics, "masthead_probes_total", module="b", result="success") == 1
    metrics(ConfigurationRead(("a",)))
    assert value(metrics, "masthead_probes_total", module="b", result="success") is None
    assert value(metrics, "masthead_probes_total", module="a", result="failure") == 0
