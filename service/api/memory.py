"""What requests hold in memory, all of them together, and which gives way where that is too much.

Counted are bodies, records that wait for the others of their list or for a reader, and answers until they are
taken. Who gives way is who has held most for longest, by bytes times seconds: clients that send or read
slowly, and lists of what is heavy, long before one that asks for little and takes it. So a crowd of them
keeps nobody out.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from time import monotonic
from typing import Final

from aiohttp import web

from service.api.operation import Refusal
from service.api.problems import Kind, Problem

YOUNG_S: Final = 1.0  # is added to each age: one that has just begun may be what is too much
RETRY_AFTER_S: Final = 2
REFUSALS: Final = (
    Refusal(503, "requests hold as much memory as they may; try again", Kind.BUSY, ["Retry-After"]),
)


class GaveWay(Problem):
    """The request's memory was needed."""

    def __init__(self) -> None:
        detail = (
            "requests hold as much memory as they may, and this one has held most for longest; try again, or"
            " ask for less at once"
        )
        headers = {"Retry-After": str(RETRY_AFTER_S)}
        super().__init__(503, detail, Kind.BUSY, headers=headers)


class Memory:
    """One daemon's account of all requests."""

    def __init__(self, limit_bytes: int, clock: Callable[[], float] = monotonic) -> None:
        self.held_bytes = 0
        self._limit_bytes = limit_bytes
        self._clock = clock
        self._accounts: set[Account] = set()

    @contextmanager
    def account(self, give_way: Callable[[], None]) -> Iterator["Account"]:
        """One request's account; closed with the block, or by giving way, of which `give_way` tells."""
        account = Account(self, give_way, self._clock())
        self._accounts.add(account)
        try:
            yield account
        finally:
            self._close(account)

    @asynccontextmanager
    async def request(self) -> AsyncIterator["Account"]:
        """Around what a request does. Raises GaveWay where it had to end for the sake of others."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(None) as scope:
                with self.account(lambda: scope.reschedule(loop.time())) as account:
                    yield account
        except TimeoutError as error:
            if not scope.expired():
                raise
            raise GaveWay from error

    def change(self, account: "Account", size_bytes: int) -> None:
        """Count bytes that an account takes, or gives back where they are negative."""
        if account not in self._accounts:
            return
        account.held_bytes += size_bytes
        self.held_bytes += size_bytes
        while self.held_bytes > self._limit_bytes:
            now = self._clock()
            heaviest = max(self._accounts, key=lambda each: each.held_bytes * (now - each.since + YOUNG_S))
            self._close(heaviest)
            heaviest.give_way()

    def _close(self, account: "Account") -> None:
        if account in self._accounts:
            self._accounts.remove(account)
            self.held_bytes -= account.held_bytes


class Account:
    """What one request holds. Once it has given way, nothing more is counted."""

    __slots__ = ("_memory", "give_way", "held_bytes", "since")

    def __init__(self, memory: Memory, give_way: Callable[[], None], since: float) -> None:
        self.held_bytes = 0
        self.since = since
        self.give_way = give_way
        self._memory = memory

    def take(self, size_bytes: int) -> None:
        self._memory.change(self, size_bytes)

    def give(self, size_bytes: int) -> None:
        self._memory.change(self, -size_bytes)


ACCOUNT: Final = web.RequestKey("account", Account)
