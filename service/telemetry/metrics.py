"""The metrics: counts the flow's events, and writes them as Prometheus or OpenMetrics text.

With `gauges` and `job_metrics` the only importer of prometheus_client. What metrics are told apart by is in
`dimensions`. Inspects nothing and serves nothing: `service.api` hands out what `expose` writes.
"""

from collections.abc import Callable
from functools import lru_cache
from itertools import product
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
from service.telemetry.dimensions import (
    ANALYSIS_BUCKETS,
    GRADES,
    LAG_BUCKETS,
    LEVELS,
    METHODS,
    NETWORK_BUCKETS,
    OTHER,
    PHASES,
    PROBE_RESULTS,
    STAGES,
    STATUSES,
)
from service.telemetry.events import (
    ConfigurationRead,
    Event,
    Fetched,
    Inspected,
    LoopLagged,
    LoopRestarted,
    ProbeEnded,
    RequestAnswered,
    Spent,
    Timed,
    WorkerRestarted,
)
from service.telemetry.job_metrics import JobMetrics
from workers.counted import LISTS_KEPT, read_counted
from workers.registry import all_checks

TEXT: Final = CONTENT_TYPE_PLAIN_0_0_4
OPENMETRICS: Final = openmetrics.CONTENT_TYPE_LATEST
EXEMPLAR_LIMIT: Final = 118  # OpenMetrics: 128 characters for names and values, of which `request_id` is one

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
        self._probes = Counter(
            "masthead_probes", "Targets probed, by module.", ("module", "result"), registry=registry
        )
        self._is_read = Gauge(
            "masthead_config_last_reload_successful",
            "Whether modules and tokens could be used when they were last read.",
            registry=registry,
        )
        self._read_at_s = Gauge(
            "masthead_config_last_reload_success_timestamp_seconds",
            "When modules and tokens that can be used were last read.",
            registry=registry,
        )
        self.jobs = JobMetrics(registry)
        Info("masthead_build", "What is running.", registry=registry).info({"version": __version__})
        ProcessCollector(registry=registry)
        PlatformCollector(registry=registry)
        GCCollector(registry=registry)
        self._modules: frozenset[str] = frozenset()
        self._levels: dict[str, Gauge] = {}
        self._rules = frozenset(rule.id for check in all_checks() for rule in check.rules)
        self._start_at_zero()
        # To look for a counter with `labels` costs more than to count, and most records are like another.
        self._counters_of = lru_cache(LISTS_KEPT)(self._find_counters)

    def watch(self, name: str, read: Callable[[], float], part: str = "") -> None:
        """Have one of `LEVELS` read whenever it is scraped; `part` is its label's value. `read` is called in
        another thread than the loop's, so it must only look."""
        help_text, label = LEVELS[name]
        gauge = self._levels.get(name)
        if gauge is None:
            labels = () if label is None else (label,)
            gauge = self._levels[name] = Gauge(name, help_text, labels, registry=self.registry)
        (gauge if label is None else gauge.labels(part)).set_function(read)

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
                self._count_request(event)
            case ProbeEnded():
                self._probes.labels(event.module, "success" if event.success else "failure").inc()
            case ConfigurationRead():
                self._take_configuration(event)
            case _:
                self.jobs(event)

    def _count_request(self, event: RequestAnswered) -> None:
        """The exemplar leads from what was slow, or failed, to its line in the log."""
        method = event.method if event.method in METHODS else OTHER
        exemplar = {"request_id": event.request_id} if len(event.request_id) <= EXEMPLAR_LIMIT else None
        self._requests.labels(event.route, method, str(event.status)).inc(exemplar=exemplar)
        self._request_s.labels(event.route).observe(event.duration_s, exemplar)

    def _take_configuration(self, event: ConfigurationRead) -> None:
        self._is_read.set(not event.faults)
        if event.faults:
            return
        self._read_at_s.set_to_current_time()
        for module, result in product(self._modules.difference(event.modules), PROBE_RESULTS):
            self._probes.remove(module, result)
        self._modules = frozenset(event.modules)
        for module, result in product(event.modules, PROBE_RESULTS):
            self._probes.labels(module, result)

    def _count_phases(self, spent: Spent) -> None:
        for phase, milliseconds in zip(self._phases_s, spent, strict=True):
            if milliseconds is not None:
                phase.observe(milliseconds / 1e3)

    def _count_inspection(self, event: Inspected) -> None:
        verdict = event.verdict
        failed = verdict.failure and (verdict.failure.stage, verdict.failure.code)
        for counter in self._counters_of(failed, verdict.status, verdict.grade, verdict.counted):
            counter.inc()
        self._inspection_s.observe(verdict.elapsed_ms / 1e3)
        if verdict.analysis_ms:
            self._analysis_s.observe(verdict.analysis_ms / 1e3)

    def _find_counters(
        self, failed: tuple[str, str] | None, status: int | None, grade: str | None, counted: bytes
    ) -> list[Counter]:
        counters = [self._inspections.labels(*(("error", *failed) if failed else ("ok", "", "")))]
        if status is not None:
            counters.append(self._responses.labels(str(status) if status in STATUSES else OTHER))
        if grade is not None:
            counters.append(self._grades.labels(grade if grade in GRADES else OTHER))
        ids = [name if name in self._rules else OTHER for name, _ in read_counted(counted)]
        return counters + [self._findings.labels(name) for name in ids]

    def _start_at_zero(self) -> None:
        """A series that appears with its first count hides that count from `rate()`."""
        self._inspections.labels("ok", "", "")
        for code in Code:
            for stage in (STAGE_OF[code],) if code in STAGE_OF else STAGES:
                self._inspections.labels("error", stage, code.value)
        for counter, names in ((self._grades, GRADES), (self._findings, self._rules)):
            for name in names:
                counter.labels(name)


def expose(metrics: Metrics, media_type: str = TEXT) -> bytes:
    """All metrics as they stand, in `TEXT` or `OPENMETRICS`. Takes milliseconds: not for the event loop."""
    if media_type == OPENMETRICS:
        text: bytes = openmetrics.generate_latest(metrics.registry)  # type: ignore[no-untyped-call]
        return text
    return generate_latest(metrics.registry)
