"""The story: a list of URLs flows in, each is fetched and judged, and one record a URL comes out.

Waiting is the time to do other work: as many tasks as the concurrency allows pull URLs from the source,
each under its own deadline. Nothing blocks the loop: judging is done by other processes.
"""

import asyncio
from time import time
from typing import Final

from service.errors import Code
from service.inspection.analyse import Analyst
from service.inspection.chain import fetch_chain
from service.inspection.fetch import Fetcher, FetchOptions
from service.inspection.source import Source
from service.model import Deliver, Target
from service.telemetry.events import FetchCrashed, Fetched, Hook
from workers.model import Failure, Gathered, Verdict

STARTED_AT_ONCE: Final = 32  # tasks in one turn of the loop: the others on it are not to wait for thousands


class Inspector:
    """Inspects lists of URLs, several at a time, within one common concurrency."""

    def __init__(self, fetcher: Fetcher, analyst: Analyst, concurrency: int, emit: Hook) -> None:
        self._fetcher = fetcher
        self._analyst = analyst
        self._emit = emit
        self._concurrency = concurrency
        self._slots = asyncio.Semaphore(concurrency)
        self.inflight = 0

    @property
    def queued(self) -> int:
        """Responses that wait for a worker."""
        return self._analyst.queued

    @property
    def workers(self) -> int:
        return self._analyst.workers

    @property
    def alive(self) -> bool:
        """Whether responses are being judged."""
        return self._analyst.alive

    async def run(self, source: Source, options: FetchOptions, deliver: Deliver) -> None:
        """Inspect every target of the source and deliver exactly one record for each, as each is ready.

        `deliver` must not raise; awaiting it holds up what feeds it. Returns once all have been delivered.
        """
        delivery = _Delivery(deliver)
        width = self._concurrency if source.size is None else min(self._concurrency, source.size)
        async with asyncio.TaskGroup() as group:
            for number in range(width):
                group.create_task(self._work(source, options, delivery), name=f"inspect {number}")
                if number % STARTED_AT_ONCE == 0:
                    await asyncio.sleep(0)
        await delivery.all_done()

    async def _work(self, source: Source, options: FetchOptions, delivery: "_Delivery") -> None:
        while True:
            async with self._slots:
                target = await source.next()
                if target is None:
                    return
                gathered = await self._fetch(target, options)
                if not gathered.exchanges:
                    await asyncio.sleep(0)  # it may have failed without waiting: thousands of such in a row
            delivery.expect()
            await self._analyst.put(gathered, delivery)

    async def _fetch(self, target: Target, options: FetchOptions) -> Gathered:
        self.inflight += 1
        try:
            gathered = await fetch_chain(self._fetcher, target, options)
        except Exception as error:  # noqa: BLE001 - a bug must cost one URL its report, not the list
            self._emit(FetchCrashed(target.input, error))
            gathered = _crashed(target, error)
        finally:
            self.inflight -= 1
        self._emit(Fetched(gathered))
        return gathered


class _Delivery:
    """Passes one run's records on, and knows when the last has been taken."""

    def __init__(self, deliver: Deliver) -> None:
        self._deliver = deliver
        self._under_way = 0
        self._idle = asyncio.Event()
        self._idle.set()

    def expect(self) -> None:
        self._under_way += 1
        self._idle.clear()

    async def __call__(self, verdict: Verdict) -> None:
        try:
            await self._deliver(verdict)
        finally:
            self._under_way -= 1
            if not self._under_way:
                self._idle.set()

    async def all_done(self) -> None:
        await self._idle.wait()


def _crashed(target: Target, error: Exception) -> Gathered:
    message = f"a fault in masthead: {type(error).__name__}: {error}"[:500]
    failure = Failure(code=Code.INTERNAL.value, stage="exchange", message=message)
    return Gathered(
        seq=target.seq,
        input=target.input,
        url=None,
        exchanges=(),
        failure=failure,
        started_at=time(),
        elapsed_ms=0.0,
    )
