"""The metrics of jobs: a part of `metrics`, in its registry."""

from prometheus_client import CollectorRegistry, Counter

from service.telemetry.dimensions import WEBHOOK_OUTCOMES
from service.telemetry.events import Event, WebhookTried


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

    def __call__(self, event: Event) -> None:
        if isinstance(event, WebhookTried):
            self._webhooks.labels(event.outcome).inc()
