"""The process: what it leaves behind, and how signals end it.

The first SIGINT or SIGTERM asks for a drain, the second stops at once; SIGHUP asks for a reload.
"""

import asyncio
import resource
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from signal import SIGHUP, SIGINT, SIGTERM, Signals
from typing import Final

from msgspec import Struct

STOPPING: Final = (SIGINT, SIGTERM)


def leave_no_core() -> None:
    """A crash of this process, or of one that it starts, writes no file with tokens and credentials in it.
    Where the kernel hands cores to a program, that program decides."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))


class Stopping(Struct):
    """Whether, and by which signal, this process was asked to stop."""

    signal: Signals | None = None

    @property
    def exit_status(self) -> int:
        """What a shell expects of a process that a signal ended: 130 for SIGINT, 143 for SIGTERM; else 0."""
        return 0 if self.signal is None else 128 + self.signal


@contextmanager
def on_hangup(reload: Callable[[], None]) -> Iterator[None]:
    """Within the block, SIGHUP calls `reload` on the loop."""
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(SIGHUP, reload)
    try:
        yield
    finally:
        loop.remove_signal_handler(SIGHUP)


@contextmanager
def on_stop_signals(drain: Callable[[], None]) -> Iterator[Stopping]:
    """Within the block, the first signal calls `drain` on the loop; a second cancels the current task."""
    loop = asyncio.get_running_loop()
    task = asyncio.current_task()
    stopping = Stopping()

    def receive(number: Signals) -> None:
        if stopping.signal is None:
            stopping.signal = number
            drain()
        elif task is not None:
            task.cancel()

    for number in STOPPING:
        loop.add_signal_handler(number, receive, number)
    try:
        yield stopping
    finally:
        for number in STOPPING:
            loop.remove_signal_handler(number)


@asynccontextmanager
async def in_background(work: Coroutine[None, None, None], name: str) -> AsyncIterator[None]:
    """Run it beside the block, named, and end it with it."""
    task = asyncio.create_task(work, name=name)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
