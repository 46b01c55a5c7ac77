"""The process of one loop as the main process has it: started, spoken to, ended."""

import asyncio
import multiprocessing
import signal
import socket
from collections.abc import Callable
from contextlib import suppress
from multiprocessing import resource_tracker
from multiprocessing.process import BaseProcess
from typing import Final

from service.errors import NoWorkers, UsageError
from service.lifecycle import STOPPING
from service.loops.messages import (
    READ_LIMIT_BYTES,
    Close,
    News,
    Order,
    Ready,
    Refused,
    read_report,
    write_message,
)

Main = Callable[[socket.socket], None]

LEAVE_S: Final = 5.0  # what a process gets to wind up: its workers may be in the middle of a batch


class LoopDied(NoWorkers):
    """The process ended before it took work: it was killed, or had no memory."""


class LoopProcess:
    """One process and the link to it. `concurrency` and `workers` are known once it is `ready`."""

    def __init__(
        self, process: BaseProcess, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.concurrency = 0
        self.workers = 0
        self._process = process
        self._is_gone = False
        self._reader = reader
        self._writer = writer

    @property
    def pid(self) -> int | None:
        return self._process.pid

    async def ready(self) -> None:
        """Wait until it takes work. Raises UsageError where the settings do not let it, and LoopDied."""
        report = await read_report(self._reader)
        if isinstance(report, Refused):
            raise UsageError(*report.faults)
        if not isinstance(report, Ready):
            raise LoopDied("the process of an event loop (--loops) ended before it took work")
        self.concurrency, self.workers = report.concurrency, report.workers

    async def receive(self) -> News | None:
        """What is new, when something is; None when the process has died."""
        report = await read_report(self._reader)
        return report if isinstance(report, News) else None

    def send(self, order: Order) -> None:
        """A process that has died takes no notice."""
        if not self._writer.transport.is_closing():
            self._writer.write(write_message(order))

    async def drain(self) -> None:
        """Wait until it has taken most of what was sent."""
        with suppress(ConnectionError):
            await self._writer.drain()

    async def end(self) -> None:
        """Let it go, for as long as is reasonable."""
        self.send(Close())
        try:
            await asyncio.to_thread(self._process.join, LEAVE_S)
        finally:
            await self.kill()

    async def kill(self) -> None:
        """End it now, if it has not ended."""
        if self._is_gone:
            return
        self._process.kill()
        self._writer.transport.abort()
        await asyncio.to_thread(self._process.join)
        self._is_gone = True


async def start_process(main: Main, name: str) -> LoopProcess:
    """A process on its way up, that does `main` (a function that can be pickled) with its end of the link.
    Raises OSError where none can be started."""
    ours, theirs = socket.socketpair()
    try:
        with theirs:
            process = _start(main, theirs, name)
        reader, writer = await asyncio.open_unix_connection(sock=ours, limit=READ_LIMIT_BYTES)
    except BaseException:
        ours.close()
        raise
    return LoopProcess(process, reader, writer)


def _start(main: Main, link: socket.socket, name: str) -> BaseProcess:
    # Not fork: see `workers.pool`. Not the fork server: it would have to be there for these few, with all
    # that the flow imports; and whoever waits for us is to see their time in ours.
    process = multiprocessing.get_context("spawn").Process(target=main, args=(link,), name=name)
    resource_tracker.ensure_running()  # it lets signals through again, once it has started its own process
    # A Ctrl-C goes to the whole process group; the process inherits this mask, until it has said that it
    # ignores them.
    held = signal.pthread_sigmask(signal.SIG_BLOCK, STOPPING)
    try:
        process.start()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, held)
    return process
