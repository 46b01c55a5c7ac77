"""Webhooks: the end of a job is told to the URL that came with it, tried again for days if need be.

They go the way of every URL: the address that the egress guard judges is the one that is connected to. A
redirect is a failure, whose target is not asked; `-H` is for what is inspected, and not sent here. What was
tried and what comes next is in the store, so a restart forgets neither. A receiver can get one twice (the
daemon may die between its answer and our note), with the same `webhook-id`.
"""

import asyncio
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, NamedTuple

from msgspec.structs import replace

from service.errors import Code, FetchFailed
from service.inspection.deadline import Deadline, Timeouts
from service.inspection.fetch import Fetcher, FetchOptions, Request
from service.inspection.transport import Shortage
from service.inspection.url import parse_url
from service.jobs.model import Job, Webhook
from service.jobs.store import Store, StoreFailed
from service.jobs.watch import Watch
from service.signature import sign
from service.telemetry.events import Hook, WebhookTried

# The specification's example: more than three days in all, which a receiver may need to be mended.
RETRIES_S: Final = (5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)
JITTER: Final = 0.1  # of a pause, at random: what failed together is not to come together
TOGETHER: Final = (
    16  # at once: a receiver that hangs holds up others for a timeout, and its retries are later
)
TIMEOUT_S: Final = 20.0  # 15 to 30 are recommended
STORE_RETRY_S: Final = 1.0
LONGEST_SLEEP_S: Final = 600.0  # the wall clock may be set meanwhile
GONE: Final = 410  # the receiver wants no more of them
FINAL_STAGES: Final = frozenset({"input", "policy"})  # no later attempt would fare better


@dataclass(frozen=True, slots=True)
class Sender:
    """How webhooks leave: `keys` sign them, `describe` gives a job as JSON."""

    fetcher: Fetcher
    keys: Sequence[bytes]
    describe: Callable[[Job], bytes]
    emit: Hook


class _Answer(NamedTuple):
    """Of one attempt; `is_final`: another would be in vain."""

    status: int | None
    failure: str | None
    is_final: bool = False


async def send_webhooks(store: Store, watch: Watch, sender: Sender) -> None:
    """Until cancelled. What is under way then is sent again by the next daemon."""
    with watch.follow_ends() as news:
        while True:
            news.clear()
            try:
                wait_s = await _send_due(store, sender)
            except* StoreFailed:  # of several that were sent together, too
                wait_s = STORE_RETRY_S
            if wait_s > 0:
                try:
                    async with asyncio.timeout(min(wait_s, LONGEST_SLEEP_S)):
                        await news.wait()
                except TimeoutError:
                    pass


async def _send_due(store: Store, sender: Sender) -> float:
    """Send some of those that are due; returns the seconds until the next is."""
    jobs = await store.webhooks(TOGETHER)
    now = time.time()
    due = [job for job in jobs if job.webhook is not None and (job.webhook.due_at or 0) <= now]
    async with asyncio.TaskGroup() as group:
        for job in due:
            group.create_task(_send(store, sender, job), name=f"send webhook of job {job.id}")
    if due:
        return 0.0
    return min((job.webhook.due_at - now for job in jobs if job.webhook and job.webhook.due_at), default=1e9)


async def _send(store: Store, sender: Sender, job: Job) -> None:
    assert job.webhook is not None  # noqa: S101 - only such jobs are due
    webhook = _judge(job.webhook, await _post(sender, job, job.webhook.url))
    await store.settle_webhook(job, webhook)
    sender.emit(WebhookTried(job.id, webhook.outcome, webhook.attempts, webhook.status, webhook.failure))


def _judge(webhook: Webhook, answer: _Answer) -> Webhook:
    """What it is after one more attempt."""
    attempts = webhook.attempts + 1
    told = replace(webhook, attempts=attempts, due_at=None, status=answer.status, failure=answer.failure)
    if answer.status is not None and 200 <= answer.status < 300:
        return replace(told, outcome="delivered")
    if answer.is_final or attempts > len(RETRIES_S):
        return replace(told, outcome="failed")
    pause_s = RETRIES_S[attempts - 1] * (1 + JITTER * random.random())  # noqa: S311 - no secret
    return replace(told, due_at=time.time() + pause_s)


async def _post(sender: Sender, job: Job, url: str) -> _Answer:
    body = _payload(job, sender.describe(job))
    signature = sign(sender.keys, job.id, int(time.time()), body)
    try:
        request = Request(
            "POST",
            parse_url(url),
            (("Content-Type", "application/json"), *signature),
            FetchOptions(timeouts=Timeouts(response_s=TIMEOUT_S)),
            Deadline.after(TIMEOUT_S),
            body=body,
        )
        status, _ = await sender.fetcher.fetch(request)
    except FetchFailed as error:
        return _Answer(None, error.code.value, error.failure.stage in FINAL_STAGES)
    except Shortage:
        return _Answer(None, Code.INTERNAL.value)
    return _Answer(status, None, status == GONE)


def _payload(job: Job, described: bytes) -> bytes:
    ended_at = datetime.fromtimestamp(job.finished_at or 0, UTC).isoformat(timespec="milliseconds")
    begin = f'{{"type":"job.{job.state}","timestamp":"{ended_at.replace("+00:00", "Z")}","data":'
    return begin.encode() + described + b"}"
