"""Retention: jobs that have ended go once they are too old, or while all are too large, the oldest first.

A job that is open never goes. Each is removed as by `DELETE`: out of sight at once, its rows in slices
between others' writes, its space given back to the disk.
"""

import asyncio
import time
from dataclasses import dataclass
from typing import Final, Literal

from service.jobs.model import Job
from service.jobs.store import Store, StoreFailed
from service.jobs.watch import Watch
from service.telemetry.events import Hook, JobExpired

STORE_RETRY_S: Final = 60.0
LONGEST_SLEEP_S: Final = 600.0  # the wall clock may be set meanwhile


@dataclass(frozen=True, slots=True)
class Limits:
    """None is none. `age_s` counts from a job's end; `size_bytes` is what all of the store takes up."""

    age_s: float | None
    size_bytes: int | None


async def expire_jobs(store: Store, watch: Watch, limits: Limits, emit: Hook) -> None:
    """Until cancelled: looks when a job ends, and when one gets too old."""
    with watch.follow_ends() as news:
        while True:
            news.clear()
            try:
                wait_s = await _expire(store, limits, emit)
            except StoreFailed:
                wait_s = STORE_RETRY_S
            try:
                async with asyncio.timeout(min(wait_s, LONGEST_SLEEP_S)):
                    await news.wait()
            except TimeoutError:
                pass


async def _expire(store: Store, limits: Limits, emit: Hook) -> float:
    """Remove what has to go; returns in how many seconds the next may have to."""
    while (job := await store.ended_first()) is not None:
        limit = await _limit_exceeded(store, limits, job)
        if limit is None:
            age_s = time.time() - (job.finished_at or 0)
            return LONGEST_SLEEP_S if limits.age_s is None else max(0.0, limits.age_s - age_s)
        if await store.delete(job):
            emit(JobExpired(job.id, limit))
    return LONGEST_SLEEP_S


async def _limit_exceeded(store: Store, limits: Limits, job: Job) -> Literal["age", "size"] | None:
    if limits.age_s is not None and time.time() - (job.finished_at or 0) >= limits.age_s:
        return "age"
    if limits.size_bytes is not None and await store.size_bytes() > limits.size_bytes:
        return "size"
    return None
