"""A number of slots for tasks: what `asyncio.Semaphore` does, without a coroutine where there is room."""

import asyncio
from collections import deque


class Slots:
    """`count` slots. Whoever waits is served first, in order."""

    def __init__(self, count: int) -> None:
        self.taken = 0
        self._count = count
        self._waiting: deque[asyncio.Future[None]] = deque()

    def take(self) -> bool:
        """Take a slot if there is one."""
        if self.taken < self._count and not self._waiting:
            self.taken += 1
            return True
        return False

    async def wait(self) -> None:
        """Wait for a slot and take it."""
        if self.take():
            return
        future = asyncio.get_running_loop().create_future()
        self._waiting.append(future)
        try:
            await future
        except BaseException:
            if future.done() and not future.cancelled():
                self.give()  # it came, and nobody is there to use it
            raise

    def give(self) -> None:
        """Give a slot back: to the first that waits, if there is one."""
        while self._waiting:
            future = self._waiting.popleft()
            if not future.done():
                future.set_result(None)
                return
        self.taken -= 1
