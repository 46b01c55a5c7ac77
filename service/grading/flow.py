"""The story of `masthead grade`: pieces of the input are judged in worker processes, one record a piece.

Nothing is fetched, so nothing of the fetching side is imported here. Each worker is given batch after batch;
records leave in the order of the input.
"""

import asyncio
from itertools import count
from time import time
from typing import Final

from service.grading.source import PieceSource
from service.inspection.line_numbers import LineNumbers
from service.inspection.slots import Slots
from service.model import Deliver
from service.telemetry.events import Hook, Inspected, WorkerRestarted
from workers.grading.given import Given, Piece
from workers.model import Verdict
from workers.pool import Worker, are_failing
from workers.remote import grade_batch

AHEAD: Final = 8  # batches a worker that may wait for an earlier one: a hostile batch takes seconds


class Grader:
    """Judges all pieces of one source, on up to `workers` processes: as many as there are batches for."""

    def __init__(
        self, source: PieceSource, workers: int, checks: str, emit: Hook, numbers: LineNumbers
    ) -> None:
        """`numbers` is told the line of each piece before its record is made."""
        self._source = source
        self._numbers = numbers
        self._workers = workers
        self._checks = checks
        self._emit = emit
        self._seq = count(1)
        self._number = count()
        self._pool: list[Worker] = []
        self.under_way = 0  # pieces that have been given to a worker, and have no record yet

    @property
    def alive(self) -> bool:
        """Whether not all of the workers die of what is given to them, or before."""
        return not are_failing(self._pool)

    async def run(self, deliver: Deliver) -> None:
        """Deliver exactly one record for each piece. `deliver` must not raise."""
        in_turn = _InTurn(deliver, Slots(self._workers * AHEAD))
        try:
            async with asyncio.TaskGroup() as group:
                for number in range(self._workers):
                    await in_turn.room.wait()
                    batch = await self._take()
                    if batch is None:
                        break
                    self._pool.append(Worker(self._restarted, grade_batch))
                    group.create_task(self._serve(self._pool[-1], batch, in_turn), name=f"grade {number}")
        finally:
            await asyncio.gather(*(asyncio.to_thread(worker.stop) for worker in self._pool))

    async def _serve(self, worker: Worker, first: "_Batch", in_turn: "_InTurn") -> None:
        batch: _Batch | None = first
        while batch is not None:
            number, given = batch
            verdicts = await worker.judge(given)
            self.under_way -= len(given)
            for verdict in verdicts:
                self._emit(Inspected(verdict))
            await in_turn.put(number, verdicts)
            await in_turn.room.wait()
            batch = await self._take()

    async def _take(self) -> "_Batch | None":
        pieces = await self._source.next()
        if pieces is None:
            return None
        self.under_way += len(pieces)
        now_s = time()
        return next(self._number), [self._give(piece, now_s) for piece in pieces]

    def _give(self, piece: Piece, now_s: float) -> Given:
        seq = next(self._seq)
        self._numbers.begin(seq, piece.line)
        return Given(
            seq=seq,
            input=piece.where,
            url=None,
            exchanges=(),
            failure=None,
            started_at=now_s,
            elapsed_ms=0.0,
            checks=self._checks,
            piece=piece,
        )

    def _restarted(self) -> None:
        self._emit(WorkerRestarted())


_Batch = tuple[int, list[Given]]


class _InTurn:
    """Passes batches on in the order of their numbers. Each takes a place of `room` before it is begun."""

    def __init__(self, deliver: Deliver, room: Slots) -> None:
        self.room: Final = room
        self._deliver = deliver
        self._early: dict[int, list[Verdict]] = {}
        self._next = 0
        self._turn = asyncio.Lock()

    async def put(self, number: int, verdicts: list[Verdict]) -> None:
        self._early[number] = verdicts
        async with self._turn:
            while (following := self._early.pop(self._next, None)) is not None:
                self._next += 1
                for verdict in following:
                    room = self._deliver(verdict)
                    if room is not None:
                        await room
                self.room.give()
