"""The metrics of jobs: a part of `metrics`, in its registry."""

from prometheus_client import CollectorRegistry, Counter

from service.telemetry.dimensions import RETENTION_LIMITS, WEBHOOK_OUTCOMES
from service.telemetry.events import Event, JobExpired, WebhookTried


class JobMetrics:
    """A hook that counts what concerns jobs."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._webhooks = Counter(
            "masthead_webhooks",
            "Attempts to tell a job's end; outcome waiting is one that is made again.",
            ("outcome",),
            registry=registry,
        )
        for outcome in WEBHOOK_OUTCOMES:
            self._webhooks.labels(outcome)
        self._expired = Counter(
            "masthead_jobs_expired",
            "Jobs removed by a limit of retention.",
            ("limit",),
            registry=registry,
        )
        for limit in RETENTION_LIMITS:
            self._expired.labels(limit)

    def __call__(self, event: Event) -> None:
        match event:
            case WebhookTried():
                self._webhooks.labels(event.outcome).inc()
            case JobExpired():
                self._expired.labels(event.limit).inc()
