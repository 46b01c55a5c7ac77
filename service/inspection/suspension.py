"""A task's wait that ends at once: what a future does, without a turn of the loop between.

Behind a future, asyncio wakes the task by a handle on the loop's list of ready calls, 140 bytecodes and a
turn of the loop later. Here it goes on within the very call that ends its wait. So that call must come from
the loop (a reader, a timer) and never from a task, and who makes it must be ready for all that the task may
do meanwhile.
"""

import asyncio
from collections.abc import Callable
from contextvars import Context
from typing import Any


class Suspension:
    """All that a task asks of a future (`asyncio.isfuture`), for one task at a time. There is no result.

    A generator of `types.coroutine` waits by `yield self.suspended()`.
    """

    __slots__ = ("_asyncio_future_blocking", "_context", "_is_cancelled", "_loop", "_step")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop  # where a task looks for it
        self._step: Callable[[Any], object] | None = None  # the task's own: there while it waits
        self._is_cancelled = False
        self._asyncio_future_blocking = False

    def suspended(self) -> "Suspension":
        """What is to be yielded."""
        self._asyncio_future_blocking = True
        return self

    def resume(self) -> None:
        """End the wait: the task goes on before this returns. Nothing happens where nobody waits."""
        step = self._step
        if step is not None:
            self._step = None
            self._context.run(step, self)

    def add_done_callback(self, step: Callable[[Any], object], *, context: Context) -> None:
        """The task's word that it waits."""
        self._step, self._context = step, context

    def cancel(self, msg: object = None) -> bool:
        """The task is cancelled, by another one: so it goes on in the loop's next turn."""
        step = self._step
        if step is None:
            return False
        self._step = None
        self._is_cancelled = True
        self._loop.call_soon(step, self, context=self._context)
        return True

    def result(self) -> None:
        """What the task asks when it goes on."""
        if self._is_cancelled:
            self._is_cancelled = False
            raise asyncio.CancelledError
