"""Runs the jobs of a store through the one inspector, a chunk at a time, fair between them.

Jobs take turns, a chunk each, while there is room (`turns` has whose it is). Records go to the store in
batches. What is under way is bounded by what is leased, so delivering never waits: the inspector serves
others too, and a disk that is full must not hold them up.
"""

import asyncio
from collections import deque
from contextlib import suppress
from functools import partial
from typing import Final

from service.inspection.inspects import Inspects
from service.inspection.source import ListSource
from service.jobs.model import CHUNK_URLS, Chunk, Job, Written
from service.jobs.options import inspect_by, tell_damage
from service.jobs.store import Store, StoreFailed
from service.jobs.turns import Turns
from service.jobs.watch import Watch
from service.jobs.work import Work
from service.telemetry.events import Hook
from service.telemetry.logs import log
from workers.model import Verdict

AHEAD: Final = 2  # times the concurrency is leased: while some of it waits for its hosts, others are fetched
BATCH_LIMIT: Final = 1_000  # records in one write
LINGER_S: Final = 0.05  # what a record waits for company
RETRY_S: Final = 1.0  # after the store has failed, which tells that itself


class Runner:
    """Used as an asynchronous context manager: leaving it gives back what is leased."""

    def __init__(self, store: Store, inspector: Inspects, emit: Hook) -> None:
        self.store = store
        self.watch = Watch()
        self._inspector = inspector
        self._emit = emit
        self._turns = Turns()
        self._work: dict[tuple[int, int], Work] = {}
        self._leased = 0  # URLs that are leased, and not yet written
        self._outbox: deque[Written] = deque()
        self._change = asyncio.Event()  # something may be leased, or all is over
        self._arrival = asyncio.Event()  # something is to be written
        self._crashed: list[tuple[int, int]] = []
        self._is_paused = False
        self._tasks: list[asyncio.Task[None]] = []  # none before, and none behind
        store.follow_openings(self._begin_anew)

    async def __aenter__(self) -> "Runner":
        """Go on with what is open."""
        self._go_on()
        return self

    @property
    def alive(self) -> bool:
        """Whether jobs are being worked on; a fault of ours may have ended that."""
        return not any(task.done() for task in self._tasks)

    async def __aexit__(self, *_: object) -> None:
        self._is_paused = True
        self.watch.end()
        self._stop()
        tasks, self._tasks = self._tasks, []
        await asyncio.gather(*tasks, return_exceptions=True)
        with suppress(StoreFailed):  # then they are done again
            while self._outbox:
                await self._write_some()
            for job, number in list(self._work):
                await self.store.give_back(job, number)

    def start(self, job: Job) -> None:
        """A job that has been accepted."""
        self._turns.add(job)
        self._change.set()

    async def cancel(self, job: Job) -> Job:
        """End it: what is under way of it gets no record."""
        cancelled = await self.store.cancel(job)
        self._turns.remove(job.number)
        for key in [key for key in self._work if key[0] == job.number]:
            self._forget(key)
        self.watch.tell(job.number)
        self.watch.tell_end()
        return cancelled

    async def pause(self) -> None:
        """Begin nothing more; returns when what was begun has its records."""
        self._is_paused = True
        for work in self._work.values():
            work.source.stop()
        while any(not work.task.done() for work in self._work.values()) or self._outbox:
            self._change.clear()
            await self._change.wait()
        self.watch.end()

    def _go_on(self) -> None:
        self._tasks = [
            asyncio.create_task(self._lease_on(), name="lease chunks of jobs"),
            asyncio.create_task(self._write_on(), name="write records of jobs"),
        ]
        for task in self._tasks:
            task.add_done_callback(_tell_crash)

    def _stop(self) -> None:
        for work in self._work.values():
            work.end()
        for task in self._tasks:
            task.cancel()

    def _begin_anew(self) -> None:
        """As after a restart: the store that was opened again may hold other jobs, and nothing is leased."""
        self._stop()
        self._turns, self._leased = Turns(), 0
        self._work.clear()
        self._outbox.clear()
        self._crashed.clear()
        self._change.set()
        if self._tasks:
            self._go_on()
        self.watch.tell_all()

    async def _lease_on(self) -> None:
        has_looked = False
        while True:
            self._change.clear()
            try:
                if not has_looked:
                    for job in await self.store.open_jobs():
                        tell_damage(job)
                        self._turns.add(job)
                    has_looked = True
                await self._give_crashed_back()
                is_idle = not await self._lease_some()
            except StoreFailed:
                await asyncio.sleep(RETRY_S)
                continue
            if is_idle:
                await self._change.wait()

    async def _lease_some(self) -> bool:
        """As much as there is room for; whether anything was leased."""
        leased = False
        while not self._is_paused:
            has_room = self._leased < max(AHEAD * self._inspector.concurrency, CHUNK_URLS)
            job = self._turns.next(has_room=has_room)
            if job is None:
                break
            chunk = await self.store.lease(job.number)
            if job.number not in self._turns:  # cancelled meanwhile
                continue
            if chunk is None:
                self._turns.remove(job.number)
                continue
            self._begin(job, chunk)
            leased = True
        return leased

    async def _give_crashed_back(self) -> None:
        """A fault of ours, or of a process: what the chunk has no record of is done again, after a while."""
        while self._crashed:
            key = self._crashed[-1]
            await self.store.give_back(*key)
            self._crashed.pop()
            if key in self._work:
                job = self._work[key].job
                self._forget(key)
                self._turns.add(job)
                await asyncio.sleep(RETRY_S)

    def _begin(self, job: Job, chunk: Chunk) -> None:
        key = (chunk.job, chunk.number)
        source = ListSource(chunk.targets)
        work = self._work[key] = Work(job, source, len(chunk.targets))
        self._leased += work.left
        self._turns.begin(job)
        deliver = partial(self._take, work, key)
        running = inspect_by(job.options, self._inspector, source, deliver, self._emit)
        work.task = asyncio.create_task(running, name=f"inspect chunk {chunk.number} of job {job.id}")
        work.task.add_done_callback(partial(self._ended, work, key))
        if self._is_paused:
            source.stop()
        self.watch.tell(job.number)

    def _take(self, work: Work, key: tuple[int, int], verdict: Verdict) -> None:
        if work.is_ended:  # it was with a worker when its job was cancelled
            return
        self._outbox.append(Written(*key, verdict.seq, verdict.line, verdict.failure is not None))
        self._arrival.set()

    def _ended(self, work: Work, key: tuple[int, int], task: "asyncio.Task[None]") -> None:
        self._change.set()
        if not work.is_ended and not task.cancelled() and task.exception() is not None:
            log.error("chunk crashed", chunk=key[1], exc_info=task.exception())
            self._crashed.append(key)

    async def _write_on(self) -> None:
        while True:
            await self._arrival.wait()
            self._arrival.clear()
            await asyncio.sleep(LINGER_S)
            while self._outbox:
                try:
                    await self._write_some()
                except StoreFailed:
                    await asyncio.sleep(RETRY_S)

    async def _write_some(self) -> None:
        """The records leave the outbox when they are on the disk: until then they are told nowhere."""
        batch = [self._outbox[n] for n in range(min(len(self._outbox), BATCH_LIMIT))]
        ended = await self.store.write(batch)
        for record in batch:
            self._outbox.popleft()
            work = self._work.get((record.job, record.chunk))
            if work is None:
                continue
            work.left -= 1
            self._leased -= 1
            if not work.left:
                del self._work[record.job, record.chunk]
                self._turns.end(work.job)
        for number in ended:
            self._turns.remove(number)
        if ended:
            self.watch.tell_end()
        for number in {record.job for record in batch}:
            self.watch.tell(number)
        self._change.set()

    def _forget(self, key: tuple[int, int]) -> None:
        work = self._work.pop(key)
        self._leased -= work.left
        self._turns.end(work.job)
        work.end()


def _tell_crash(task: "asyncio.Task[None]") -> None:
    if not task.cancelled() and task.exception() is not None:
        log.error("jobs stopped", task=task.get_name(), exc_info=task.exception())
