"""The front of the worker pool: gathers what was fetched into batches, and delivers what comes back.

One `submit` a record costs the loop 100-150 µs, a record in a batch 3-4. What needs no judging (a failed
fetch, `--checks none`) becomes its record here, without a process.
"""

import asyncio
from collections import deque
from dataclasses import dataclass
from typing import Final

from service.model import Deliver
from service.telemetry.events import Hook, Inspected, WorkerRestarted
from workers.entry import record_only
from workers.model import Gathered, Verdict
from workers.pool import Worker

BATCH_LIMIT: Final = 128  # about 30 ms of a worker's time: large beside a submit, small beside a timeout
LINGER_S: Final = 0.005  # what a lone URL waits for company
WAITING_BATCHES: Final = 2  # a worker, beside the one that it has: fetching waits for judging beyond that


@dataclass(frozen=True, slots=True)
class Item:
    gathered: Gathered
    deliver: Deliver


class Analyst:
    """Judges on `workers` processes; with none, it only records. Used as an asynchronous context manager."""

    def __init__(self, workers: int, emit: Hook) -> None:
        self._emit = emit
        self._pool = [Worker(self._restarted) for _ in range(workers)]
        self._tasks: list[asyncio.Task[None]] = []
        self._waiting: deque[Item] = deque()
        self._room = asyncio.Semaphore(workers * WAITING_BATCHES * BATCH_LIMIT)
        self._due = asyncio.Event()  # a full batch waits, or what waits has lingered long enough
        self._linger: asyncio.TimerHandle | None = None

    @property
    def queued(self) -> int:
        """Responses that wait for a worker."""
        return len(self._waiting)

    @property
    def workers(self) -> int:
        return len(self._pool)

    @property
    def alive(self) -> bool:
        """Whether every worker is being fed. One whose process died is replaced, and alive."""
        return not any(task.done() for task in self._tasks)

    async def __aenter__(self) -> "Analyst":
        for number, worker in enumerate(self._pool):
            self._tasks.append(asyncio.create_task(self._serve(worker), name=f"analyse {number}"))
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._linger is not None:
            self._linger.cancel()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.gather(*(asyncio.to_thread(worker.stop) for worker in self._pool))

    async def put(self, gathered: Gathered, deliver: Deliver) -> None:
        """Have it judged and its record delivered. Waits while as much is under way as the bounds allow."""
        if gathered.failure is not None or gathered.checks == "none" or not self._pool:
            await self._deliver(record_only(gathered), deliver)
            return
        await self._room.acquire()
        self._waiting.append(Item(gathered, deliver))
        self._call_workers()

    def _call_workers(self) -> None:
        """A full batch is due at once; fewer get a moment's time to become more."""
        if len(self._waiting) >= BATCH_LIMIT:
            self._due.set()
        elif self._waiting and self._linger is None:
            self._linger = asyncio.get_running_loop().call_later(LINGER_S, self._end_linger)

    def _end_linger(self) -> None:
        self._linger = None
        self._due.set()

    async def _serve(self, worker: Worker) -> None:
        while True:
            await self._due.wait()
            batch = self._take_batch()
            if not batch:  # another worker was quicker
                continue
            verdicts = await worker.judge([item.gathered for item in batch])
            for item, verdict in zip(batch, verdicts, strict=True):
                await self._deliver(verdict, item.deliver)

    def _take_batch(self) -> list[Item]:
        batch = [self._waiting.popleft() for _ in range(min(len(self._waiting), BATCH_LIMIT))]
        for _ in batch:
            self._room.release()
        self._due.clear()
        self._call_workers()
        return batch

    async def _deliver(self, verdict: Verdict, deliver: Deliver) -> None:
        self._emit(Inspected(verdict))
        await deliver(verdict)

    def _restarted(self) -> None:
        self._emit(WorkerRestarted())
