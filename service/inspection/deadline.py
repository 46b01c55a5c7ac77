"""Deadlines with `wait_for`'s meaning at a fraction of its cost: no timer and no task a URL.

What has a limit stands in a bucket of one tick, and one timer of the loop serves the earliest bucket: adding
and removing is one operation on a set (`asyncio.timeout` was measured at 8 µs an item, `wait_for` at 11).
A limit is met at most one tick late.
"""

import asyncio
import heapq
from time import monotonic
from typing import Any, Final, Protocol

from msgspec import Struct

from service.errors import Code, FetchFailed
from workers.model import Stage

TICK_S: Final = 0.02  # how late a limit may be met; small beside any timeout, large beside a wake-up's cost
EXPIRED_AT_ONCE: Final = 32  # in one turn of the loop: some 5 ms of work for the tasks that this wakes

_WAITED_FOR: Final[dict[Stage, str]] = {
    "resolve": "answer from the resolver",
    "connect": "connection",
    "tls": "TLS handshake",
    "exchange": "response head",
}


class Timeouts(Struct, frozen=True):
    """Seconds that each phase may last. Each lies inside the URL's whole deadline."""

    connect_s: float = 5.0
    tls_s: float = 5.0
    response_s: float = 10.0


class Limit(Struct, frozen=True):
    """The moment at which one phase of a fetch ends, and what its end is called.

    `at_s` is on the monotonic clock; `code` is the phase's own, or `deadline_exceeded` where the URL's
    whole deadline comes first; `timeout_s` is what was allowed for the phase, or for the URL.
    """

    at_s: float
    code: Code
    stage: Stage
    timeout_s: float

    def expired(self, peer: str = "") -> FetchFailed:
        """`peer` is what was to be connected to: a record of that tells no address elsewhere."""
        allowed = f"within {self.timeout_s:g} s"
        if self.code is Code.DEADLINE_EXCEEDED:
            allowed = f"within the URL's whole deadline of {self.timeout_s:g} s"
        waited_for = _WAITED_FOR[self.stage]
        if peer and self.stage == "connect":
            waited_for = f"{waited_for} to {peer}"
        return FetchFailed(self.code, f"no {waited_for} {allowed}", stage=self.stage)


class Deadline(Struct):
    """One URL's whole deadline, redirects included; phases are cut from it, never added to it. Waiting for a
    host's turn is not in it: `at_s` is moved by as much."""

    at_s: float
    timeout_s: float

    @classmethod
    def after(cls, timeout_s: float) -> "Deadline":
        return cls(monotonic() + timeout_s, timeout_s)

    def phase(self, stage: Stage, began_at_s: float, timeouts: Timeouts) -> Limit:
        """The limit of a phase that began then: its own, or the URL's where that comes first."""
        match stage:
            case "connect":
                code, timeout_s = Code.CONNECT_TIMEOUT, timeouts.connect_s
            case "tls":
                code, timeout_s = Code.TLS_TIMEOUT, timeouts.tls_s
            case _:
                code, timeout_s = Code.RESPONSE_TIMEOUT, timeouts.response_s
        at_s = began_at_s + timeout_s
        return Limit(at_s, code, stage, timeout_s) if at_s < self.at_s else self.whole(stage)

    def whole(self, stage: Stage) -> Limit:
        """The limit of a phase that has none of its own."""
        return Limit(self.at_s, Code.DEADLINE_EXCEEDED, stage, self.timeout_s)


class Expiring(Protocol):
    """What can stand in a bucket."""

    def expire(self) -> None:
        """The moment has come. Called once; whoever has a later one by now adds itself again."""


Bucket = set[Expiring]


class Deadlines:
    """Ends what is late. One instance a loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self._buckets: dict[float, Bucket] = {}
        self._ticks: list[float] = []
        self._timer: asyncio.TimerHandle | None = None

    def add(self, expiring: Expiring, at_s: float) -> Bucket:
        """Have `expiring.expire()` called at `at_s` (monotonic). Discard it from the bucket to undo that."""
        tick = at_s // TICK_S + 1.0  # `int` costs four times as much
        bucket = self._buckets.get(tick)
        if bucket is None:
            bucket = self._open(tick)
        bucket.add(expiring)
        return bucket

    async def wait(self, future: asyncio.Future[Any], limit: Limit) -> Any:
        """The future's result. Raises the limit's FetchFailed once it has passed; the future is then
        cancelled. Cancelling the waiting task takes the wait out as well."""
        wait = _Wait(future, limit)
        bucket = self.add(wait, limit.at_s)
        try:
            return await future
        finally:
            bucket.discard(wait)

    def _open(self, tick: float) -> Bucket:
        bucket = self._buckets[tick] = set()
        heapq.heappush(self._ticks, tick)
        if self._ticks[0] == tick:
            self._arm(tick)
        return bucket

    def _arm(self, tick: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        delay_s = max(0.0, tick * TICK_S - monotonic())
        self._timer = self.loop.call_later(delay_s, self._expire)

    def _expire(self) -> None:
        """End what is due, a share at a time: each end wakes a task, and the loop has others to serve."""
        self._timer = None
        now = monotonic()
        while self._ticks and self._ticks[0] * TICK_S <= now:
            bucket = self._buckets[self._ticks[0]]
            for _ in range(min(len(bucket), EXPIRED_AT_ONCE)):
                bucket.pop().expire()
            if bucket:
                self._timer = self.loop.call_later(0, self._expire)
                return
            del self._buckets[heapq.heappop(self._ticks)]
        if self._ticks:
            self._arm(self._ticks[0])

    def close(self) -> None:
        """Stop the timer. Waits under way are their tasks' to cancel."""
        if self._timer is not None:
            self._timer.cancel()


class _Wait:
    __slots__ = ("future", "limit")

    def __init__(self, future: asyncio.Future[Any], limit: Limit) -> None:
        self.future = future
        self.limit = limit

    def expire(self) -> None:
        if not self.future.done():
            self.future.set_exception(self.limit.expired())
