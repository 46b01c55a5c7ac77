"""The front of the worker pool: gathers what was fetched into batches, and delivers what comes back.

One `submit` a record costs the loop 100-150 µs, a record in a batch 3-4.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from service.inspection.lanes import Lanes
from service.inspection.slots import Slots
from service.model import Deliver
from service.telemetry.events import Hook, Inspected, WorkerRestarted
from workers.model import Gathered, Verdict

if TYPE_CHECKING:
    from workers.pool import Worker

BATCH_LIMIT: Final = 128  # about 30 ms of a worker's time: large beside a submit, small beside a timeout
# Of patient ones: what somebody waits for comes behind the batch that a worker has.
PATIENT_BATCH_LIMIT: Final = 48
LINGER_S: Final = 0.005  # what a lone URL waits for company
HEAVY_LIMIT: Final = 64  # records with a page or a large head, that wait or are judged: it may be a mebibyte
LARGE_HEAD_BYTES: Final = 16 * 1024  # what a head of a record may have that does not count as heavy
WAITING_BATCHES: Final = 2  # a worker, beside the one that it has: fetching waits for judging beyond that


class Item(Struct, frozen=True):
    gathered: Gathered
    deliver: Deliver
    patient: bool
    is_heavy: bool


class Analyst:
    """Judges on `workers` processes; with none, it only records. Used as an asynchronous context manager."""

    def __init__(self, workers: int, emit: Hook) -> None:
        self._emit = emit
        self._pool = _start_pool(workers, self._restarted) if workers else []
        self._judging = 0
        self._tasks: list[asyncio.Task[None]] = []
        self._waiting: Lanes[Item] = Lanes()
        self._room = {patient: Slots(workers * WAITING_BATCHES * BATCH_LIMIT) for patient in (False, True)}
        self._heavy = Slots(HEAVY_LIMIT)
        self._due = asyncio.Event()  # a full batch waits, or what waits has lingered long enough
        self._linger: asyncio.TimerHandle | None = None

    @property
    def queued(self) -> int:
        """Responses that wait for a worker."""
        return len(self._waiting)

    @property
    def under_way(self) -> int:
        """Responses that wait for a worker, or are being judged."""
        return len(self._waiting) + self._judging

    @property
    def workers(self) -> int:
        return len(self._pool)

    @property
    def alive(self) -> bool:
        """Whether every worker is being fed, and not all of them die of what is given to them, or before. One
        whose process died once is replaced, and alive."""
        if any(task.done() for task in self._tasks):
            return False
        return not self._pool or not _are_failing(self._pool)

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

    def judges(self, gathered: Gathered) -> bool:
        """Whether there is anything to judge here, and anybody to do it."""
        return gathered.checks != "none" and bool(self._pool)

    def put(self, gathered: Gathered, deliver: Deliver, *, patient: bool = False) -> Awaitable[None] | None:
        """Have it judged and its record delivered. What is returned, if anything, is to be awaited: it waits
        while as much is under way as the bounds allow. Others go before those that are `patient`."""
        item = Item(gathered, deliver, patient, _is_heavy(gathered))
        if item.is_heavy:
            return self._put_heavy(item)
        if not self._room[patient].take():
            return self._put_later(item)
        self._waiting.of(patient=patient).append(item)
        self._call_workers()
        return None

    async def judge(self, gathered: Gathered) -> Verdict:
        """The verdict on one that is waited for."""
        judged: asyncio.Future[Verdict] = asyncio.get_running_loop().create_future()

        def deliver(verdict: Verdict) -> None:
            if not judged.done():  # nobody waits any longer
                judged.set_result(verdict)

        room = self.put(gathered, deliver)
        if room is not None:
            await room
        return await judged

    async def _put_heavy(self, item: Item) -> None:
        await self._heavy.wait(patient=item.patient)
        try:
            await self._put_later(item)
        except BaseException:
            self._heavy.give()
            raise

    async def _put_later(self, item: Item) -> None:
        await self._room[item.patient].wait()
        self._waiting.of(patient=item.patient).append(item)
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

    async def _serve(self, worker: "Worker") -> None:
        while True:
            await self._due.wait()
            batch = self._take_batch()
            if not batch:  # another worker was quicker
                continue
            self._judging += len(batch)
            try:
                verdicts = await worker.judge([item.gathered for item in batch])
            finally:
                self._judging -= len(batch)
                for item in batch:
                    if item.is_heavy:
                        self._heavy.give()
            for item, verdict in zip(batch, verdicts, strict=True):
                room = self._deliver(verdict, item.deliver)
                if room is not None:
                    await room

    def _take_batch(self) -> list[Item]:
        queue = self._waiting.next()
        limit = PATIENT_BATCH_LIMIT if queue is self._waiting.patient else BATCH_LIMIT
        batch: list[Item] = []
        heavy_left = max(1, HEAVY_LIMIT // (WAITING_BATCHES * len(self._pool)))  # the rest is the others'
        while queue and len(batch) < limit and heavy_left:
            item = queue.popleft()
            self._room[item.patient].give()
            batch.append(item)
            heavy_left -= item.is_heavy
        self._due.clear()
        self._call_workers()
        return batch

    def _deliver(self, verdict: Verdict, deliver: Deliver) -> Awaitable[None] | None:
        self._emit(Inspected(verdict))
        return deliver(verdict)

    def _restarted(self) -> None:
        self._emit(WorkerRestarted())


def _is_heavy(gathered: Gathered) -> bool:
    if gathered.surroundings is not None:
        return True
    return any(len(exchange.head) > LARGE_HEAD_BYTES for exchange in gathered.exchanges)


def _are_failing(pool: list["Worker"]) -> bool:
    from workers.pool import are_failing

    return are_failing(pool)


def _start_pool(workers: int, on_restart: Callable[[], None]) -> list["Worker"]:
    """Loaded only here: where nothing is judged, neither multiprocessing nor a check has to be."""
    from workers.pool import Worker

    return [Worker(on_restart) for _ in range(workers)]
