"""A list's URLs as they come from the main process, which bounds how many there are of them."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable

from service.errors import UsageError
from service.model import Target


class FedSource:
    """Gives what it is fed, until it is said to end. No more than `size` come, where that is known."""

    def __init__(self, size: int | None) -> None:
        self.size = size
        self.fault: UsageError | None = None  # which the main process has
        self._targets: deque[Target] = deque()
        self._is_ended = False
        self._arrival = asyncio.Event()
        self._tell_stop: Callable[[], None] | None = None

    def feed(self, targets: Iterable[Target]) -> None:
        """More of the list."""
        self._targets.extend(targets)
        self._arrival.set()

    def end(self) -> None:
        """No more will come."""
        self._is_ended = True
        self._arrival.set()

    def take(self) -> Target | None:
        return self._targets.popleft() if self._targets else None

    async def next(self) -> Target | None:
        while not self._targets and not self._is_ended:
            self._arrival.clear()
            await self._arrival.wait()
        return self.take()

    def on_stop(self, tell: Callable[[], None]) -> None:
        self._tell_stop = tell

    def stop(self) -> None:
        self._targets.clear()
        self.end()
        if self._tell_stop is not None:
            self._tell_stop()
