"""A loop's process: the flow on a loop of its own, which inspects what the main process feeds it.

It leaves signals to the main process, and ends with it. What it is told and what it tells is `messages`.
"""

import asyncio
import os
import signal
import socket
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from functools import partial
from typing import Final

from service.errors import UsageError
from service.inspection.inspects import Inspects
from service.lifecycle import STOPPING
from service.loops.fed_source import FedSource
from service.loops.messages import (
    READ_LIMIT_BYTES,
    Begin,
    Cancel,
    Close,
    Drain,
    End,
    Feed,
    Ready,
    Refused,
    read_order,
    write_message,
)
from service.loops.outbox import Outbox
from service.telemetry.events import Hook
from service.telemetry.lag import watch_loop_lag
from workers.memory import settle_memory

OpenInspector = Callable[[Hook], AbstractAsyncContextManager[Inspects]]

ABANDONED: Final = 1  # exit status, which nobody is there to read


def run_loop(link: socket.socket, open_inspector: OpenInspector) -> None:
    """All that the process does."""
    link.set_inheritable(False)  # else it would stand open for as long as a worker does
    for number in STOPPING:
        signal.signal(number, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPPING)
    asyncio.run(_serve(link, open_inspector))


async def _serve(link: socket.socket, open_inspector: OpenInspector) -> None:
    reader, writer = await asyncio.open_unix_connection(sock=link, limit=READ_LIMIT_BYTES)
    outbox = Outbox(writer)
    try:
        async with open_inspector(outbox.tell) as inspector:
            settle_memory()
            outbox.observe(inspector)
            writer.write(write_message(Ready(inspector.concurrency, inspector.workers)))
            watch = asyncio.create_task(watch_loop_lag(outbox.tell), name="watch loop lag")
            try:
                async with asyncio.TaskGroup() as runs:
                    await _obey(reader, _Runs(inspector, outbox, runs))
            finally:
                watch.cancel()
    except UsageError as error:
        writer.write(write_message(Refused(error.faults)))
        await writer.drain()
    writer.close()


async def _obey(reader: asyncio.StreamReader, runs: "_Runs") -> None:
    while (order := await read_order(reader)) is not None:
        match order:
            case Begin():
                runs.begin(order)
            case Feed():
                runs.source(order.run).feed(order.targets)
            case End():
                runs.source(order.run).end()
            case Drain():
                runs.source(order.run).stop()
            case Cancel():
                runs.cancel(order.run)
            case Close():
                runs.cancel_all()
                return
    os._exit(
        ABANDONED
    )  # the main process was killed: nobody waits, and the workers will notice by themselves


class _Runs:
    """The lists that are being inspected here."""

    def __init__(self, inspector: Inspects, outbox: Outbox, group: asyncio.TaskGroup) -> None:
        self._inspector = inspector
        self._outbox = outbox
        self._group = group
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._sources: dict[int, FedSource] = {}

    def begin(self, order: Begin) -> None:
        source = self._sources[order.run] = FedSource(order.size)
        task = self._group.create_task(self._inspect(order, source), name=f"run {order.run}")
        self._tasks[order.run] = task
        task.add_done_callback(lambda _: self._forget(order.run))

    def source(self, run: int) -> FedSource:
        """Where the run's URLs come from. A run can be over already when an order for it comes."""
        return self._sources.get(run) or FedSource(0)

    def cancel(self, run: int) -> None:
        if (task := self._tasks.get(run)) is not None:
            task.add_done_callback(lambda _: self._outbox.end(run))
            task.cancel()

    def cancel_all(self) -> None:
        for task in self._tasks.values():
            task.cancel()

    async def _inspect(self, order: Begin, source: FedSource) -> None:
        deliver = partial(self._outbox.deliver, order.run)
        cut = partial(self._outbox.cut, order.run) if order.tells_cut else None
        await self._inspector.run(source, order.options, deliver, cut)
        self._outbox.end(order.run)

    def _forget(self, run: int) -> None:
        del self._tasks[run], self._sources[run]
