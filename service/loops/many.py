"""Several loops as one `Inspects`: each list is divided among them by host, and its records come together.

All URLs of a host go to the same loop, and those of its `www.` with them, since most redirects lead between
the two: a host's turns, its gap, Retry-After, its connections and sessions are what they are with one loop.
What a redirect leads to elsewhere is the business of the loop that follows it.
"""

import asyncio
import itertools
from collections.abc import Sequence
from contextlib import AsyncExitStack, suppress
from types import TracebackType
from typing import Final
from zlib import crc32

from service.errors import FetchFailed
from service.inspection.fetch import FetchOptions
from service.inspection.source import Source
from service.inspection.url import parse_input
from service.loops.loop import Loop, Start
from service.loops.messages import BATCH_LIMIT
from service.loops.process import LoopProcess
from service.loops.share import Run, Share
from service.model import Cut, Deliver, Target
from service.telemetry.events import Hook

CUT_S: Final = 0.5  # what a cancelled list waits for that; its answer has a second to be written


class ManyLoops:
    """`starts` starts the process of each loop. Used as an asynchronous context manager."""

    def __init__(self, starts: Sequence[Start], emit: Hook) -> None:
        self._starts = starts
        self._emit = emit
        self._loops: list[Loop] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._numbers = itertools.count(1)

    @property
    def concurrency(self) -> int:
        return sum(loop.process.concurrency for loop in self._loops)

    @property
    def inflight(self) -> int:
        return sum(loop.news.inflight for loop in self._loops)

    @property
    def under_way(self) -> int:
        return sum(loop.news.under_way for loop in self._loops)

    @property
    def queued(self) -> int:
        return sum(loop.news.queued for loop in self._loops)

    @property
    def workers(self) -> int:
        return sum(loop.process.workers for loop in self._loops)

    @property
    def alive(self) -> bool:
        """Whether every loop is. One whose process died is alive when that has been replaced."""
        return all(loop.news.alive for loop in self._loops) and not any(task.done() for task in self._tasks)

    async def __aenter__(self) -> "ManyLoops":
        """Start them. Raises UsageError, OSError and LoopDied where one cannot be started."""
        async with AsyncExitStack() as stack:
            processes: list[LoopProcess] = []
            for start in self._starts:
                processes.append(await start())
                stack.push_async_callback(processes[-1].kill)
            for process in processes:
                await process.ready()
            stack.pop_all()
        for number, (process, start) in enumerate(zip(processes, self._starts, strict=True)):
            loop = Loop(process, start, self._emit)
            self._loops.append(loop)
            self._tasks.append(asyncio.create_task(loop.serve(), name=f"loop {number}"))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        leave = LoopProcess.end if kind is None else LoopProcess.kill
        await asyncio.gather(*(leave(loop.process) for loop in self._loops))

    async def run(
        self, source: Source, options: FetchOptions, deliver: Deliver, cut: Cut | None = None
    ) -> None:
        """Inspect every target of the source, as `Inspects` has it. How far a URL is, its loop's process
        knows: `cut` hears of what that tells in time."""
        run = Run(next(self._numbers), options, source.size, deliver, cut)
        division = _Division(run, self._loops)
        source.on_stop(division.stop)
        try:
            await division.feed(source)
            await division.all_over()
        except asyncio.CancelledError:
            if cut is not None:
                await division.cancel()
            raise
        finally:
            division.forget()


class _Division:
    """One list, and who has what of it. A loop hears of the list when something of it is the loop's."""

    def __init__(self, run: Run, loops: Sequence[Loop]) -> None:
        self._run = run
        self._loops = loops
        self._shares: dict[Loop, Share] = {}
        self._is_stopped = False

    async def feed(self, source: Source) -> None:
        """Read the source to its end, no further ahead than the loops have room."""
        read = 0
        while not self._is_stopped:
            target = source.take()
            if target is None:  # nothing is at hand: what there is must not wait for it
                await self._flush()
                target = await source.next()
                if target is None:
                    break
            loop = self._loop_of(target)
            share = self._shares.get(loop)
            if share is None:
                share = self._shares[loop] = loop.begin(self._run)
            while not loop.has_room and not self._is_stopped:
                await self._flush()
                await loop.wait_for_room()
            if self._is_stopped:
                break
            loop.put(share, target)
            read += 1
            if read % BATCH_LIMIT == 0:
                await loop.flush(share)
                await asyncio.sleep(0)
        for loop, share in self._shares.items():
            loop.end(share)

    async def all_over(self) -> None:
        for share in self._shares.values():
            await share.over.wait()

    def stop(self) -> None:
        self._is_stopped = True
        for loop, share in self._shares.items():
            loop.stop(share)

    async def cancel(self) -> None:
        """Returns when the loops have told how far they were, or should have."""
        for loop, share in self._shares.items():
            loop.cancel(share)
        with suppress(TimeoutError):
            async with asyncio.timeout(CUT_S):
                await self.all_over()

    def forget(self) -> None:
        for loop, share in self._shares.items():
            loop.forget(share)

    async def _flush(self) -> None:
        for loop, share in list(self._shares.items()):
            await loop.flush(share)

    def _loop_of(self, target: Target) -> Loop:
        loops = self._loops
        try:
            host = parse_input(target.input, self._run.options.url_limit_bytes).host
        except FetchFailed:
            return loops[target.seq % len(loops)]
        return loops[crc32(host.removeprefix("www.").encode()) % len(loops)]
