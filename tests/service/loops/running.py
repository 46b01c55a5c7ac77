"""Several loops for a test: real processes, and the list's records as they come."""

import json
import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from service.app import fetch_options, open_inspector
from service.inspection.source import ListSource, Source
from service.loops.child import run_loop
from service.loops.many import ManyLoops
from service.loops.process import LoopProcess, start_process
from service.settings import Settings
from service.telemetry.events import Event
from workers.model import Verdict

# The tests' servers are one host, and need no politeness.
HURRY = {
    "allow_net": "127.0.0.0/8",
    "checks": "none",
    "per_host": 1_000,
    "host_gap": 0,
    "timeout": 30,
    "response_timeout": 30,
}


class Running:
    """The loops, all processes that they have had, and the events that were told."""

    def __init__(self, settings: Settings, count: int) -> None:
        self.settings = settings
        self.events: list[Event] = []
        self.processes: list[LoopProcess] = []
        self.many = ManyLoops([self._start] * count, self.events.append)

    async def _start(self) -> LoopProcess:
        main = partial(run_loop, open_inspector=partial(open_inspector, self.settings))
        self.processes.append(await start_process(main, "a test's loop"))
        return self.processes[-1]

    async def inspect(self, source: Source | list[str]) -> list[dict[str, Any]]:
        """The records in the order in which they come."""
        records: list[dict[str, Any]] = []

        def deliver(verdict: Verdict) -> None:
            records.append(json.loads(verdict.line))

        if isinstance(source, list):
            source = ListSource(source)
        await self.many.run(source, fetch_options(self.settings), deliver)
        return records

    def kill(self) -> None:
        """Kill the process that was started last."""
        kill(self.processes[-1].pid)

    def told(self, kind: type[Event]) -> int:
        return sum(isinstance(event, kind) for event in self.events)


@contextmanager
def stopped(pid: int) -> Iterator[None]:
    """Within the block the process stands still. Whatever fails there, it goes on, so that it can end."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def kill(pid: int | None) -> None:
    assert pid is not None
    os.kill(pid, signal.SIGKILL)


def children(pid: int) -> list[int]:
    """The processes of loops that a process has started."""
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in listed if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()]


@asynccontextmanager
async def loops(count: int, **changes: object) -> AsyncIterator[Running]:
    """Each with all of these settings, undivided."""
    running = Running(Settings.model_validate({**HURRY, **changes}), count)
    async with running.many:
        yield running
