"""The requests under way: how many there may be, and how they end when the daemon stops.

A drain takes no new inspections and waits for what is under way; when its time is over, the rest is cut
off. Knows nothing of signals or sockets.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from service.api.problems import Kind, Problem

# Inspections end within their deadline, 15 s by default, and many requests are under way where this is
# said: one of them has probably ended by then.
RETRY_AFTER_S: Final = 2


class Traffic:
    """One daemon's requests. `draining` is what readiness looks at; `cut_off` that the drain is over."""

    def __init__(self, inspections_limit: int) -> None:
        self._limit = inspections_limit
        self._inspections = 0
        self._tasks: set[asyncio.Task[object]] = set()
        self._idle = asyncio.Event()
        self._idle.set()
        self._drain = asyncio.Event()
        self.cut_off = False

    @property
    def draining(self) -> bool:
        return self._drain.is_set()

    @property
    def under_way(self) -> int:
        return len(self._tasks)

    @contextmanager
    def request(self) -> Iterator[None]:
        """Around the answer to any request, by the task that makes it."""
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - for the type checker: a handler is run by a task
        self._tasks.add(task)
        self._idle.clear()
        try:
            yield
        finally:
            self._tasks.discard(task)
            if not self._tasks:
                self._idle.set()

    @contextmanager
    def inspection(self) -> Iterator[None]:
        """Around a request that inspects. Raises a 503 Problem where no more can be taken."""
        headers = {"Retry-After": str(RETRY_AFTER_S)}
        if self.draining:
            # The connection is closed too: the retry then reaches a daemon that stays.
            headers["Connection"] = "close"
            raise Problem(
                503, "this daemon is stopping and takes no new work", Kind.DRAINING, headers=headers
            )
        if self._inspections >= self._limit:
            detail = f"as many requests are under way as may be ({self._limit}); try again"
            raise Problem(503, detail, Kind.BUSY, headers=headers)
        self._inspections += 1
        try:
            yield
        finally:
            self._inspections -= 1

    def drain(self) -> None:
        """From now on take no new inspections. May be called from a signal handler of the loop."""
        self._drain.set()

    async def wait_for_drain(self) -> None:
        await self._drain.wait()

    async def wait_until_idle(self) -> None:
        await self._idle.wait()

    def cut(self) -> int:
        """End what is still under way; returns how many requests that are."""
        self.cut_off = True
        for task in self._tasks:
            task.cancel()
        return len(self._tasks)
