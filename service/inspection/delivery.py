"""One run's records on their way out: each is passed on once, and the run knows when the last has been taken.

What is not judged needs nothing but its record. Those of one turn of the loop are made one behind the other,
before the turn's connections are opened: as with these, the code is then in the caches.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable

from msgspec.structs import replace

from service.errors import cancelled
from service.model import Cut, Deliver
from service.telemetry.events import Hook, Inspected
from workers.model import Gathered, Verdict
from workers.record import record_only


class Delivery:
    """`deliver` takes the records; `cut`, if there is one, what has none when this is stopped."""

    def __init__(self, deliver: Deliver, cut: Cut | None, emit: Hook) -> None:
        self._deliver = deliver
        self._cut = cut
        self._emit = emit
        self._loop = asyncio.get_running_loop()
        self._unrecorded: deque[Gathered] = deque()  # one turn's; with no room for them, all that are fetched
        self._room: asyncio.Future[None] | None = None  # there while it is waited for
        self._fault: Exception | None = None
        self._under_way = 0  # with the workers
        self._judged: dict[int, Gathered] = {}  # those, where somebody wants to know
        self._idle = asyncio.Event()

    def record(self, gathered: Gathered) -> Awaitable[None] | None:
        """Have it recorded at the end of the turn. What is returned, if anything, is to be awaited."""
        if not self._unrecorded:
            self._loop.call_soon(self._record_all)
        self._unrecorded.append(gathered)
        return None if self._room is None else asyncio.shield(self._room)

    def expect(self, gathered: Gathered) -> Deliver:
        """One more comes from a worker, by what this returns."""
        self._under_way += 1
        if self._cut is not None:
            self._judged[gathered.seq] = gathered
        return self._take

    def tell_cut(self, gathered: Gathered) -> None:
        """The run was cancelled before this one was fetched."""
        if self._cut is not None:
            self._cut(gathered)

    def stop(self) -> None:
        """The run was cancelled: what has been fetched has its record now, or never."""
        self._record_all()
        if self._room is not None:
            self._room.cancel()
        for gathered in (*self._unrecorded, *self._judged.values()):
            self.tell_cut(replace(gathered, failure=cancelled("analyse")))
        self._unrecorded.clear()

    async def all_done(self) -> None:
        """Wait until everything has been taken. Raises what kept a record from being made."""
        self._record_all()
        while (room := self._room) is not None:
            await room
            self._go_on(room)  # its own call of that comes a turn later
        while self._under_way:
            self._idle.clear()
            await self._idle.wait()
        if self._fault is not None:
            raise self._fault

    def _record_all(self) -> None:
        while self._unrecorded and self._room is None:
            try:
                verdict = record_only(self._unrecorded.popleft())
            except Exception as error:  # noqa: BLE001 - a bug: the run ends by it
                self._fault = self._fault or error
                continue
            self._emit(Inspected(verdict))
            room = self._deliver(verdict)
            if room is not None:
                self._room = asyncio.ensure_future(room)
                self._room.add_done_callback(self._go_on)

    def _go_on(self, room: asyncio.Future[None]) -> None:
        if self._room is room:
            self._room = None
            if not room.cancelled():
                self._record_all()

    def _take(self, verdict: Verdict) -> Awaitable[None] | None:
        if self._cut is not None:
            self._judged.pop(verdict.seq, None)
        room = self._deliver(verdict)
        if room is not None:
            return self._wait(room)
        self._end_one()
        return None

    async def _wait(self, room: Awaitable[None]) -> None:
        try:
            await room
        finally:
            self._end_one()

    def _end_one(self) -> None:
        self._under_way -= 1
        if not self._under_way:
            self._idle.set()
