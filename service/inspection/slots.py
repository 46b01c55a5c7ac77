"""A number of slots for tasks: what `asyncio.Semaphore` does, without a coroutine where there is room."""

import asyncio

from service.inspection.lanes import Lanes


class Slots:
    """`count` slots. Whoever waits is served first, in order; those who are `patient` let others pass."""

    def __init__(self, count: int) -> None:
        self.taken = 0
        self._count = count
        self._waiting: Lanes[asyncio.Future[None]] = Lanes()

    def take(self) -> bool:
        """Take a slot if there is one."""
        waiting = self._waiting
        if self.taken < self._count and not waiting.prompt and not waiting.patient:
            self.taken += 1
            return True
        return False

    async def wait(self, *, patient: bool = False) -> None:
        """Wait for a slot and take it."""
        if self.take():
            return
        future = asyncio.get_running_loop().create_future()
        self._waiting.of(patient=patient).append(future)
        try:
            await future
        except BaseException:
            if future.done() and not future.cancelled():
                self.give()  # it came, and nobody is there to use it
            raise

    def give(self) -> None:
        """Give a slot back: to the first that waits, if there is one."""
        while queue := self._waiting.next():
            future = queue.popleft()
            if not future.done():
                future.set_result(None)
                return
        self.taken -= 1
