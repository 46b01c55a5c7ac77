"""One of several loops, as the main process sees it: its process, replaced when it dies, and what it owes.

What a dead process had is given to its successor, under suspicion: a URL that kills it time and again ends as
`internal`. Everything else has its one record, from whichever process has lived to tell.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Final

from service.errors import UsageError
from service.inspection.dispatch import ASIDE_LIMIT
from service.loops.messages import BATCH_LIMIT, Begin, Cancel, Drain, End, Feed, News
from service.loops.process import LoopDied, LoopProcess
from service.loops.share import Run, Share, record_death
from service.loops.suspicion import Suspicion
from service.model import Target
from service.telemetry.events import (
    FetchCrashed,
    Hook,
    Inspected,
    LoopLagged,
    LoopRestarted,
    Timed,
    WorkerRestarted,
)
from workers.model import Verdict

RESTART_PAUSE_S: Final = 0.5  # between tries to start a process where descriptors or memory are short
NO_NEWS: Final = News(0, 0, 0, alive=False)

Start = Callable[[], Awaitable[LoopProcess]]


class CrashElsewhere(Exception):  # noqa: N818 - what an error of another process is told as
    """Its text is the error's traceback."""


class Loop:
    """`process` is ready; `start` starts another one. `news` is how it stood when it last told."""

    def __init__(self, process: LoopProcess, start: Start, emit: Hook) -> None:
        self.process = process
        self.news = News(0, 0, 0, alive=True)
        self._start = start
        self._emit = emit
        self._limit = process.concurrency + ASIDE_LIMIT  # of all that is unfinished, as with one loop
        self._suspicion = Suspicion(self._limit)
        self._unfinished = 0
        self._inside = 0
        self._is_up = True
        self._waiting: deque[tuple[Share, Target]] = deque()
        self._shares: dict[int, Share] = {}
        self._room = asyncio.Event()

    @property
    def has_room(self) -> bool:
        return self._unfinished < self._limit

    async def wait_for_room(self) -> None:
        """Or until something is over, which may be what whoever waits has room for."""
        self._room.clear()
        await self._room.wait()

    def begin(self, run: Run) -> Share:
        """What it gets of a list."""
        share = self._shares[run.number] = Share(run)
        if self._is_up:
            self._tell_begin(share)
        return share

    def put(self, share: Share, target: Target) -> None:
        """One URL more. It goes over with others, or by `flush`."""
        self._unfinished += 1
        if not self._is_up or self._waiting or self._inside >= self._suspicion.window:
            share.waiting += 1
            self._waiting.append((share, target))
            return
        self._send(share, target)

    async def flush(self, share: Share) -> None:
        """Send what is not yet sent, and wait until most of it has been taken."""
        if self._is_up:
            self._flush(share)
            await self.process.drain()

    def end(self, share: Share) -> None:
        """No more of the list will come."""
        share.is_ended = True
        self._refill()

    def stop(self, share: Share) -> None:
        """What has not been begun never will be."""
        share.is_draining = share.is_ended = True
        self._drop_waiting(share)
        share.is_told = False
        self._refill()
        self._room.set()

    def cancel(self, share: Share) -> None:
        """Its records are not waited for any more, but how far its URLs were, which comes before its end."""
        if share.over.is_set():
            return
        share.is_draining = share.is_ended = share.is_told = True
        self._drop_waiting(share)
        share.outgoing = []
        if self._is_up:
            self.process.send(Cancel(share.run.number))

    def forget(self, share: Share) -> None:
        """Nobody waits for it any more."""
        if share.run.number in self._shares:
            if self._is_up:
                self.process.send(Cancel(share.run.number))
            self._drop(share)
            self._refill()
            self._room.set()

    async def serve(self) -> None:
        """Take what it tells, and replace its process when that dies; for ever."""
        while True:
            while (news := await self.process.receive()) is not None:
                await self._take(news)
            self._is_up = False
            self.news = NO_NEWS
            await self.process.kill()
            await self._take_back()
            await self._restart()

    async def _take(self, news: News) -> None:
        self.news = news
        emit = self._emit
        for lag_s in news.lags_s:
            emit(LoopLagged(lag_s))
        if news.spent:
            emit(Timed(news.spent))
        for url, text in news.crashes:
            emit(FetchCrashed(url, CrashElsewhere(text)))
        for _ in range(news.restarts):
            emit(WorkerRestarted())
        for number, verdict in news.verdicts:
            share = self._shares.get(number)
            if share is not None and share.inside.pop(verdict.seq, None) is not None:
                self._inside -= 1
                await self._deliver(share, verdict)
        for number, gathered in news.cut:
            share = self._shares.get(number)
            if share is not None and share.run.cut is not None:
                share.run.cut(gathered)
        for number in news.over:
            if (share := self._shares.get(number)) is not None:
                self._drop(share)
                share.over.set()
        self._refill()
        if self._unfinished <= self._limit - BATCH_LIMIT:
            self._room.set()

    async def _deliver(self, share: Share, verdict: Verdict) -> None:
        self._unfinished -= 1
        self._suspicion.acquit((share.run.number, verdict.seq))
        self._emit(Inspected(verdict))
        room = share.run.deliver(verdict)
        if room is not None:
            await room

    async def _take_back(self) -> None:
        """What a process had that has died: first of what waits for the next."""
        back = [(share, target) for share in self._shares.values() for target in share.inside.values()]
        deaths = self._suspicion.died_with((share.run.number, target.seq) for share, target in back)
        for share in self._shares.values():
            share.inside.clear()
            share.outgoing = []
        self._inside = 0
        if deaths:
            share, target = back.pop()
            await self._deliver(share, record_death(target, share.run.options, deaths))
        for share, target in reversed(back):
            share.waiting += 1
            self._waiting.appendleft((share, target))
        for share in list(self._shares.values()):
            if share.is_draining:  # whether it had been begun, nobody knows
                self._drop_waiting(share)

    async def _restart(self) -> None:
        """Our own shortage is no verdict on what waits: it waits until a process can start."""
        while True:
            try:
                self.process = await self._start()
                await self.process.ready()
            except (OSError, LoopDied, UsageError):
                await self.process.kill()
                await asyncio.sleep(RESTART_PAUSE_S)
            else:
                break
        self._is_up = True
        self.news = News(0, 0, 0, alive=True)
        self._emit(LoopRestarted())
        for share in self._shares.values():
            self._tell_begin(share)
        self._refill()

    def _tell_begin(self, share: Share) -> None:
        share.is_told = False
        run = share.run
        self.process.send(Begin(run.number, run.options, run.size, run.cut is not None))

    def _refill(self) -> None:
        """Send what waits and may be sent, and tell of each share what there is to tell."""
        if not self._is_up:
            return
        while self._waiting and self._inside < self._suspicion.window:
            share, target = self._waiting.popleft()
            share.waiting -= 1
            self._send(share, target)
        for share in self._shares.values():
            if share.outgoing:
                self._flush(share)
            if share.is_ended and not share.waiting and not share.is_told:
                share.is_told = True
                number = share.run.number
                self.process.send(Drain(number) if share.is_draining else End(number))

    def _send(self, share: Share, target: Target) -> None:
        self._inside += 1
        share.inside[target.seq] = target
        share.outgoing.append(target)
        if len(share.outgoing) >= BATCH_LIMIT:
            self._flush(share)

    def _flush(self, share: Share) -> None:
        if share.outgoing:
            self.process.send(Feed(share.run.number, share.outgoing))
            share.outgoing = []

    def _drop_waiting(self, share: Share) -> None:
        if share.waiting:
            self._waiting = deque(item for item in self._waiting if item[0] is not share)
            self._unfinished -= share.waiting
            share.waiting = 0

    def _drop(self, share: Share) -> None:
        """It is over: what it still has (of a list that is drained, or cancelled) will have no record."""
        del self._shares[share.run.number]
        self._drop_waiting(share)
        self._unfinished -= len(share.inside)
        self._inside -= len(share.inside)
        share.inside.clear()
        share.outgoing = []
        self._suspicion.acquit_run(share.run.number)
