"""Worker processes that do not come up: said after a moment, and given up where none ever has."""

import asyncio
from collections.abc import Callable
from time import monotonic
from typing import Final

from service.commands.command import complain
from service.errors import NoWorkers
from service.output.summary import Tally

# Beside the two seconds after which workers count as failing. A machine that was short of memory may have
# room again much later; where a worker has judged something before, that is waited for, by `workers.pool`.
GIVEN_UP_AFTER_S: Final = 20.0


class WorkerWatch:
    """Is called whenever a worker is replaced. Made within the task that it ends: `fault` is then why."""

    def __init__(self, tally: Tally) -> None:
        self.fault: NoWorkers | None = None
        self._tally = tally
        self._task = asyncio.current_task()
        self._failing_since_s: float | None = None

    def look(self, is_alive: Callable[[], bool]) -> None:
        """See how it stands with the workers. Idle where they are alive."""
        if is_alive():
            self._failing_since_s = None
            return
        now_s = monotonic()
        if self._failing_since_s is None:
            self._failing_since_s = now_s
            complain(
                "no worker process lives long enough to judge anything: what was fetched waits for one;"
                " look who kills them, or what keeps them from starting (memory, a limit of processes)"
            )
        elif (
            now_s - self._failing_since_s > GIVEN_UP_AFTER_S and not self._tally.judged and self.fault is None
        ):
            self.fault = NoWorkers(
                f"given up after {GIVEN_UP_AFTER_S:g} s: no worker process has ever come up; "
                "--checks none needs none"
            )
            if self._task is not None:
                self._task.cancel()
