"""A job as its users see it: in answers, in events, and in what a webhook tells."""

from datetime import UTC, datetime

import msgspec

from service.api import answers
from service.errors import FetchFailed
from service.inspection.url import parse_url
from service.jobs.model import Job, Webhook


def describe(job: Job) -> bytes:
    """A job as JSON."""
    return msgspec.json.encode(tell(job))


def tell(job: Job) -> answers.Job:
    """A job as its users see it."""
    return answers.Job(
        id=job.id,
        state=job.state,
        priority=job.priority,
        total=job.total,
        done=job.done,
        ok=job.ok,
        error=job.error,
        created_at=_rfc3339(job.created_at),
        finished_at=None if job.finished_at is None else _rfc3339(job.finished_at),
        webhook=None if job.webhook is None else _tell_webhook(job.webhook),
    )


def _tell_webhook(webhook: Webhook) -> answers.Webhook:
    """The rest of its URL stays here: who knows it may be who may use it."""
    return answers.Webhook(
        origin=_origin_of(webhook.url),
        outcome=webhook.outcome,
        attempts=webhook.attempts,
        status=webhook.status,
        error=webhook.failure,
        next_attempt_at=None if webhook.due_at is None else _rfc3339(webhook.due_at),
    )


def _origin_of(url: str) -> str:
    """Empty where what is kept is no URL any more."""
    try:
        parsed = parse_url(url)
    except FetchFailed:
        return ""
    return f"{parsed.scheme}://{parsed.authority}"


def _rfc3339(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
