"""The metrics: counts the flow's events, and writes them as Prometheus or OpenMetrics text.

The only importer of prometheus_client. Every label's values come from a closed set, never from a host or a
URL: whatever a stranger can make up (a method, a status, a finding of a check that is no more) is `other`.
Inspects nothing and serves nothing: `service.api` hands out what `expose` writes.
"""

from collections.abc import Callable, Mapping
from typing import Final

import prometheus_client
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    Info,
    PlatformCollector,
    ProcessCollector,
)
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.openmetrics import exposition as openmetrics

from service import __version__
from service.errors import STAGE_OF, Code
from service.telemetry.events import (
    Event,
    Fetched,
    Inspected,
    LoopLagged,
    LoopRestarted,
    RequestAnswered,
    Spent,
    Timed,
    WorkerRestarted,
)
from workers.model import Stage
from workers.registry import all_checks

TEXT: Final = CONTENT_TYPE_PLAIN_0_0_4
OPENMETRICS: Final = openmetrics.CONTENT_TYPE_LATEST
OTHER: Final = "other"
PHASES: Final = ("resolve", "connect", "tls", "response")
STAGES: Final[tuple[Stage, ...]] = (
    "input",
    "policy",
    "resolve",
    "connect",
    "tls",
    "exchange",
    "redirect",
    "analyse",
)
GRADES: Final = ("A+", "A", "A-", "B+", "B", "B-", "C+", "C", "C-", "D+", "D", "D-", "F")
STATUSES: Final = frozenset(range(100, 600))  # RFC 9110 section 15: a status is one of five classes
METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT"})

# A close server answers in milliseconds; 5, 10 and 15 s are where the default limits of the phases and of
# the whole URL cut off, so what ran into one is told from what was merely slow.
NETWORK_BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15, 30, 60)
# Judging is a few hundred microseconds; what takes a tenth of a second holds up its whole batch.
ANALYSIS_BUCKETS: Final = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.5, 2.5)
# An unblocked loop wakes within a millisecond; from 50 ms on every URL in flight feels it.
LAG_BUCKETS: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5)

# The ignored types here and in `expose`: these functions of the library have no annotations.
# The `_created` series double the output, and Prometheus makes nothing of them in the text format.
prometheus_client.disable_created_metrics()  # type: ignore[no-untyped-call]


class Metrics:
    """A hook that counts; a registry of its own, so that tests and daemons do not share one."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        self._inspections = Counter(
            "masthead_inspections",
            "Records finished; stage and code are empty where the URL was reached.",
            ("outcome", "stage", "code"),
            registry=registry,
        )
        self._inspection_s = Histogram(
            "masthead_inspection_duration_seconds",
            "One URL from dispatch to its last response, redirects included.",
            buckets=NETWORK_BUCKETS,
            registry=registry,
        )
        phases = Histogram(
            "masthead_phase_duration_seconds",
            "One phase of one hop.",
            ("phase",),
            buckets=NETWORK_BUCKETS,
            registry=registry,
        )
        self._phases_s = [phases.labels(phase) for phase in PHASES]
        self._responses = Counter(
            "masthead_responses", "Final responses by status.", ("code",), registry=registry
        )
        self._grades = Counter("masthead_grades", "Observatory grades given.", ("grade",), registry=registry)
        self._findings = Counter("masthead_findings", "Findings by rule.", ("id",), registry=registry)
        self._analysis_s = Histogram(
            "masthead_analysis_duration_seconds",
            "A worker's time for one URL's responses.",
            buckets=ANALYSIS_BUCKETS,
            registry=registry,
        )
        self._restarts = Counter(
            "masthead_pool_restarts", "Worker processes that died and were replaced.", registry=registry
        )
        self._loop_restarts = Counter(
            "masthead_loop_restarts",
            "Processes of event loops (--loops) that died and were replaced.",
            registry=registry,
        )
        self._lag_s = Histogram(
            "masthead_event_loop_lag_seconds",
            "How much later than asked for the event loop woke, sampled twenty times a second.",
            buckets=LAG_BUCKETS,
            registry=registry,
        )
        self._requests = Counter(
            "masthead_http_requests",
            "Requests to the API; code 499 is a client that went away first.",
            ("route", "method", "code"),
            registry=registry,
        )
        self._request_s = Histogram(
            "masthead_http_request_duration_seconds",
            "A request to the API, from its head to its answer.",
            ("route",),
            buckets=NETWORK_BUCKETS,
            registry=registry,
        )
        Info("masthead_build", "What is running.", registry=registry).info({"version": __version__})
        ProcessCollector(registry=registry)
        PlatformCollector(registry=registry)
        GCCollector(registry=registry)
        self._rules = frozenset(rule.id for check in all_checks() for rule in check.rules)
        self._start_at_zero()

    def watch(
        self,
        inflight: Callable[[], float],
        workers: Callable[[], float],
        queues: Mapping[str, Callable[[], float]],
    ) -> None:
        """Gauges that are read when they are scraped. Called once; a queue's name is its label."""
        gauge = Gauge("masthead_inflight", "URLs being fetched.", registry=self.registry)
        gauge.set_function(inflight)
        gauge = Gauge("masthead_pool_workers", "Worker processes.", registry=self.registry)
        gauge.set_function(workers)
        depth = Gauge("masthead_queue_depth", "What waits in a queue.", ("queue",), registry=self.registry)
        for name, read in queues.items():
            depth.labels(name).set_function(read)

    def watch_jobs(self, states: Mapping[str, Callable[[], float]]) -> None:
        """The jobs of each state, read when they are scraped. Called once."""
        jobs = Gauge("masthead_jobs", "Jobs kept, by state.", ("state",), registry=self.registry)
        for name, read in states.items():
            jobs.labels(name).set_function(read)

    def __call__(self, event: Event) -> None:
        match event:
            case Fetched():
                for exchange in event.gathered.exchanges:
                    timing = exchange.timing_ms
                    self._count_phases((timing.resolve, timing.connect, timing.tls, timing.response))
            case Timed():
                for spent in event.spent:
                    self._count_phases(spent)
            case Inspected():
                self._count_inspection(event)
            case LoopLagged():
                self._lag_s.observe(event.lag_s)
            case WorkerRestarted():
                self._restarts.inc()
            case LoopRestarted():
                self._loop_restarts.inc()
            case RequestAnswered():
                method = event.method if event.method in METHODS else OTHER
                self._requests.labels(event.route, method, str(event.status)).inc()
                self._request_s.labels(event.route).observe(event.duration_s)

    def _count_phases(self, spent: Spent) -> None:
        for phase, milliseconds in zip(self._phases_s, spent, strict=True):
            if milliseconds is not None:
                phase.observe(milliseconds / 1e3)

    def _count_inspection(self, event: Inspected) -> None:
        verdict = event.verdict
        failure = verdict.failure
        if failure is None:
            self._inspections.labels("ok", "", "").inc()
        else:
            self._inspections.labels("error", failure.stage, failure.code).inc()
        self._inspection_s.observe(verdict.elapsed_ms / 1e3)
        if verdict.status is not None:
            self._responses.labels(str(verdict.status) if verdict.status in STATUSES else OTHER).inc()
        if verdict.grade is not None:
            self._grades.labels(verdict.grade if verdict.grade in GRADES else OTHER).inc()
        for name, _ in verdict.findings:
            self._findings.labels(name if name in self._rules else OTHER).inc()
        if verdict.analysis_ms:
            self._analysis_s.observe(verdict.analysis_ms / 1e3)

    def _start_at_zero(self) -> None:
        """A series that appears with its first count hides that count from `rate()`."""
        self._inspections.labels("ok", "", "")
        for code in Code:
            for stage in (STAGE_OF[code],) if code in STAGE_OF else STAGES:
                self._inspections.labels("error", stage, code.value)
        for grade in GRADES:
            self._grades.labels(grade)
        for rule in self._rules:
            self._findings.labels(rule)


def expose(metrics: Metrics, media_type: str = TEXT) -> bytes:
    """All metrics as they stand, in `TEXT` or `OPENMETRICS`. Takes milliseconds: not for the event loop."""
    if media_type == OPENMETRICS:
        text: bytes = openmetrics.generate_latest(metrics.registry)  # type: ignore[no-untyped-call]
        return text
    return generate_latest(metrics.registry)
