"""Who follows a job, to be woken when the store has something new of it.

No record goes through here: followers read the store by position, each at its own pace, so one that is slow
holds nothing in memory that is not on the disk.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Final

CATCH_UP_S: Final = 1.0  # for a follower to take what it has not been told, once there is no more to come


class Over(Exception):  # noqa: N818 - no error: what ends a follower that is behind
    """Nothing new will come, and there was a moment to take what is left."""


class Watch:
    """One daemon's followers. `is_over` tells that nothing new will come while this daemon runs."""

    def __init__(self) -> None:
        self.is_over = False
        self._followers: dict[int, set[asyncio.Event]] = {}
        self._of_ends: set[asyncio.Event] = set()
        self._scopes: set[asyncio.Timeout] = set()

    def __len__(self) -> int:
        return sum(map(len, self._followers.values()))

    @contextmanager
    def follow(self, job: int) -> Iterator[asyncio.Event]:
        """Gives what is set when there is news of the job with that number; who reads clears it before."""
        news = asyncio.Event()
        followers = self._followers.setdefault(job, set())
        followers.add(news)
        try:
            yield news
        finally:
            followers.remove(news)
            if not followers:
                self._followers.pop(job, None)

    @asynccontextmanager
    async def until_over(self) -> AsyncIterator[None]:
        """Around what a follower is told: raises Over `CATCH_UP_S` after the last news. A stop does not wait
        for one that is behind: the next daemon has all the same to tell."""
        try:
            async with asyncio.timeout(CATCH_UP_S if self.is_over else None) as scope:
                self._scopes.add(scope)
                yield
        except TimeoutError as error:
            if not scope.expired():
                raise
            raise Over from error
        finally:
            self._scopes.discard(scope)

    @contextmanager
    def follow_ends(self) -> Iterator[asyncio.Event]:
        """The same for all jobs together, where only their ends are news."""
        news = asyncio.Event()
        self._of_ends.add(news)
        try:
            yield news
        finally:
            self._of_ends.remove(news)

    def tell(self, job: int) -> None:
        """There is something new of this job."""
        for news in self._followers.get(job, ()):
            news.set()

    def tell_end(self) -> None:
        """A job has ended."""
        for news in self._of_ends:
            news.set()

    def tell_all(self) -> None:
        """There may be something new of any job."""
        for job in self._followers:
            self.tell(job)

    def end(self) -> None:
        """Nothing more will come: all are woken for the last time."""
        self.is_over = True
        self.tell_all()
        ends = asyncio.get_running_loop().time() + CATCH_UP_S
        scopes, self._scopes = self._scopes, set()  # each once
        for scope in scopes:
            scope.reschedule(ends)
