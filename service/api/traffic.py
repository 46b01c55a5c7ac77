"""The requests under way: how many there may be, and how they end when the daemon stops.

A drain takes no new inspections and waits for what is under way; when its time is over, the rest is cut
off. Knows nothing of signals or sockets.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Final

from service.api.operation import Refusal
from service.api.problems import Kind, Problem

# Inspections end within their deadline, 15 s by default, and many requests are under way where this is
# said: one of them has probably ended by then.
RETRY_AFTER_S: Final = 2
REFUSALS: Final = (
    Refusal(
        503,
        "this daemon is stopping and takes no new work",
        Kind.DRAINING,
        ["Retry-After", "Connection"],
    ),
    Refusal(503, "as many requests are under way as may be (64); try again", Kind.BUSY, ["Retry-After"]),
)


class CutOff(Problem):  # what ends a request, unless its handler has something better to tell
    """The drain is over."""

    def __init__(self) -> None:
        detail = "the daemon stopped before this request was finished"
        super().__init__(503, detail, Kind.DRAINING, headers={"Connection": "close"})


class Traffic:
    """One daemon's requests; `inspections` of them have URLs inspected now. `draining` is what readiness
    looks at."""

    def __init__(self, inspections_limit: int) -> None:
        self.inspections_limit = inspections_limit
        self.inspections = 0
        self._under_way = 0
        self._scopes: set[asyncio.Timeout] = set()
        self._cut = False
        self._idle = asyncio.Event()
        self._idle.set()
        self._drain = asyncio.Event()

    @property
    def draining(self) -> bool:
        return self._drain.is_set()

    @property
    def under_way(self) -> int:
        return self._under_way

    @contextmanager
    def request(self) -> Iterator[None]:
        """Around the answer to any request."""
        self._under_way += 1
        self._idle.clear()
        try:
            yield
        finally:
            self._under_way -= 1
            if not self._under_way:
                self._idle.set()

    @asynccontextmanager
    async def until_cut(self) -> AsyncIterator[None]:
        """Around what a drain waits for, and ends when it is over: raises CutOff then.

        The request itself goes on, to answer with what there is; the listener gives it a moment for that.
        """
        try:
            async with asyncio.timeout_at(0 if self._cut else None) as scope:
                self._scopes.add(scope)
                yield
        except TimeoutError as error:
            if not scope.expired():
                raise
            raise CutOff from error
        finally:
            self._scopes.discard(scope)

    @contextmanager
    def inspection(self) -> Iterator[None]:
        """Around the work of a request that inspects; what is waited for its client is outside of it. Raises
        a 503 Problem where no more can be taken."""
        self.require_room()
        self.inspections += 1
        try:
            yield
        finally:
            self.inspections -= 1

    def require_room(self) -> None:
        """Raise a 503 Problem where `inspection` would."""
        self.refuse_if_draining()
        if self.inspections >= self.inspections_limit:
            detail = f"as many requests are under way as may be ({self.inspections_limit}); try again"
            raise Problem(503, detail, Kind.BUSY, headers={"Retry-After": str(RETRY_AFTER_S)})

    def refuse_if_draining(self) -> None:
        """Raise a 503 Problem where this daemon takes no new work."""
        headers = {"Retry-After": str(RETRY_AFTER_S)}
        if self.draining:
            # The connection is closed too: the retry then reaches a daemon that stays.
            headers["Connection"] = "close"
            raise Problem(
                503, "this daemon is stopping and takes no new work", Kind.DRAINING, headers=headers
            )

    def drain(self) -> None:
        """From now on take no new inspections. May be called from a signal handler of the loop."""
        self._drain.set()

    async def wait_for_drain(self) -> None:
        await self._drain.wait()

    async def wait_until_idle(self) -> None:
        await self._idle.wait()

    def cut(self) -> int:
        """End what is still under way; returns how many requests had to be cut off."""
        self._cut = True
        now = asyncio.get_running_loop().time()
        scopes, self._scopes = self._scopes, set()  # each once: a second cut finds none
        for scope in scopes:
            scope.reschedule(now)
        return len(scopes)
