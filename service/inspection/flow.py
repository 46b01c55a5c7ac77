"""The story: a list of URLs flows in, each is fetched and judged, and one record a URL comes out.

Waiting is the time to do other work: as many tasks as the concurrency allows pull URLs from the source,
each under its own deadline. Nothing blocks the loop: judging is done by other processes.
"""

import asyncio
from typing import Final

from service.inspection.analyse import Analyst
from service.inspection.chain import fetch_chain, fetch_patiently, give_up
from service.inspection.cut import CutShort
from service.inspection.delivery import Delivery
from service.inspection.dispatch import Dispatch, Entry
from service.inspection.fetch import Fetcher, FetchOptions
from service.inspection.retry import pause_before_retry
from service.inspection.slots import Slots
from service.inspection.source import Source
from service.inspection.transport import Shortage
from service.model import Cut, Deliver
from service.telemetry.events import FetchCrashed, Fetched, Hook, Inspected
from workers.model import Gathered, Verdict
from workers.record import record_only

STARTED_AT_ONCE: Final = 32  # tasks in one turn of the loop: the others on it are not to wait for thousands


class Inspector:
    """Inspects lists of URLs, several at a time, within one common concurrency."""

    def __init__(self, fetcher: Fetcher, analyst: Analyst, concurrency: int, emit: Hook) -> None:
        self._fetcher = fetcher
        self._analyst = analyst
        self._emit = emit
        self.concurrency = concurrency
        self._slots = Slots(concurrency)

    @property
    def inflight(self) -> int:
        """URLs being fetched."""
        return self._slots.taken

    @property
    def under_way(self) -> int:
        """URLs that have been begun, and have no record yet."""
        return self._slots.taken + self._analyst.under_way

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

    async def judge(self, gathered: Gathered) -> Verdict:
        """The verdict on what was fetched elsewhere, if there is anybody to judge it; else a mere record."""
        if not self._analyst.judges(gathered):
            verdict = record_only(gathered)
            self._emit(Inspected(verdict))
            return verdict
        return await self._analyst.judge(gathered)

    async def run(
        self, source: Source, options: FetchOptions, deliver: Deliver, cut: Cut | None = None
    ) -> None:
        """Inspect every target of the source and deliver exactly one record for each, as each is ready.

        `deliver` must not raise. Returns once all have been delivered. Where it is cancelled, `cut` is told
        what there was of each that had been begun.
        """
        delivery = Delivery(deliver, cut, self._emit)
        dispatch = Dispatch(source, self._fetcher.hosts, options.url_limit_bytes)
        width = self.concurrency if source.size is None else min(self.concurrency, source.size)
        try:
            try:
                async with asyncio.TaskGroup() as group:
                    group.create_task(dispatch.feed(), name="feed")
                    for number in range(width):
                        group.create_task(self._work(dispatch, options, delivery), name=f"inspect {number}")
                        if number % STARTED_AT_ONCE == 0:
                            await asyncio.sleep(0)
            finally:
                dispatch.stop()  # of a run that was cancelled, URLs may still be waiting for their host
            await delivery.all_done()
        except asyncio.CancelledError:
            delivery.stop()
            raise

    async def _work(self, dispatch: Dispatch, options: FetchOptions, delivery: Delivery) -> None:
        while (entry := dispatch.take() or await dispatch.next()) is not None:
            try:
                gathered = await self._fetch(entry, options)
                pause_s = None
                if entry.attempts <= options.retries:
                    pause_s = pause_before_retry(gathered, options.retry_wait_s)
                if pause_s is not None:
                    dispatch.again(entry, pause_s)
                    continue
            except CutShort as short:
                dispatch.done(entry)
                delivery.tell_cut(short.gathered)
                raise
            except BaseException:
                dispatch.done(entry)
                raise
            dispatch.done(entry)
            self._emit(Fetched(gathered))
            if gathered.failure is None and self._analyst.judges(gathered):
                room = self._analyst.put(gathered, delivery.expect(gathered), patient=options.patient)
            else:
                room = delivery.record(gathered)
            if room is not None:
                await room

    async def _fetch(self, entry: Entry, options: FetchOptions) -> Gathered:
        """All hops of one URL within one of the slots. Never raises but for cancelling."""
        if not self._slots.take():
            await self._slots.wait(patient=options.patient)
        try:
            try:
                gathered = await fetch_chain(self._fetcher, entry, options)
            except Shortage:
                gathered = await fetch_patiently(self._fetcher, entry, options)
        except Exception as error:  # noqa: BLE001 - a bug must cost one URL its report, not the list
            self._emit(FetchCrashed(entry.target.input, error))
            return give_up(entry, f"a fault in masthead: {type(error).__name__}: {error}"[:500], "exchange")
        finally:
            self._slots.give()
        if not gathered.exchanges:
            await asyncio.sleep(0)  # it may have failed without waiting: thousands of such in a row
        return gathered
