"""Which URL is fetched next: from the source, in its order, but never more of one host than it is due.

A URL whose host is busy is put aside and comes back, before what follows in the list, when its turn has come.
What is put aside is bounded: then the source waits. Nothing is read before a task asks for it.
"""

import asyncio
from collections import deque
from functools import partial
from typing import Final

from msgspec import Struct

from service.errors import Code, FetchFailed
from service.inspection.pace import Pace
from service.inspection.source import Source
from service.inspection.url import URL_LIMIT_BYTES, Url, parse_input
from service.model import Target
from workers.model import Failure

RUN_LIMIT: Final = (
    64  # URLs that are put aside in one go: a millisecond, and others on the loop get their turn
)
ASIDE_LIMIT: Final = 16_384  # URLs of busy hosts, some 8 MiB; a longer run of one host holds up the list


class Entry(Struct, eq=False):
    """One URL on its way. `host` is the one whose turn it has."""

    target: Target
    url: Url | None
    failure: Failure | None = None
    attempts: int = 1
    host: str | None = None


def read_entry(target: Target, url_limit_bytes: int = URL_LIMIT_BYTES) -> Entry:
    """What is no URL is an entry all the same: it gets its record."""
    if target.fault is not None:
        return Entry(target, None, FetchFailed(Code.INVALID_URL, target.fault).failure)
    try:
        return Entry(target, parse_input(target.input, url_limit_bytes))
    except FetchFailed as error:
        return Entry(target, None, error.failure)


class Dispatch:
    """One run's URLs on the way from its source to the tasks that fetch them."""

    def __init__(self, source: Source, hosts: Pace, url_limit_bytes: int) -> None:
        self._source = source
        self._hosts = hosts
        self._url_limit_bytes = url_limit_bytes
        self._awaited: Target | None = None  # what the source was waited for
        self._returned: deque[Entry] = deque()  # with their turn; no more than were put aside
        self._aside = 0
        self._unfinished = 0  # taken from the source, and not done
        self._is_read = False
        self._is_dry = True  # `take` found nothing at hand; else it found too much that had to be put aside
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._thirst = asyncio.Event()
        self._is_stopped = False
        source.on_stop(self.stop)

    async def feed(self) -> None:
        """Wait for the source in the place of all tasks, to its end. What is at hand they take themselves."""
        while not self._is_stopped and (target := await self._source.next()) is not None:
            self._awaited = target
            self._wake_one()
            self._thirst.clear()
            await self._thirst.wait()
        self._is_read = True
        self._end_if_over()

    def take(self) -> Entry | None:
        """The next URL that may be fetched now, its host's turn taken for it; None where none is at hand.
        Each must be given back by `done` or `again`."""
        if self._returned:
            return self._returned.popleft()
        limit = self._aside + RUN_LIMIT
        while self._aside < limit:
            target = self._next_target()
            if target is None:
                self._is_dry = True
                return None
            if self._waiting:
                self._wake_one()  # there may be more at hand: who finds nothing waits again
            self._unfinished += 1
            entry = read_entry(target, self._url_limit_bytes)
            url = entry.url
            if url is None:
                return entry
            if self._hosts.enter(url.host):
                entry.host = url.host
                return entry
            self._put_aside(entry, url.host)
        self._is_dry = False
        return None

    async def next(self) -> Entry | None:
        """Wait for what `take` gives; None when there are no more."""
        while (entry := self.take()) is None and not self._is_stopped and not self._is_over:
            if self._is_dry:
                await self._wait()
            else:
                await asyncio.sleep(0)
        return entry

    def done(self, entry: Entry) -> None:
        """It has its record."""
        if entry.host is not None:
            self._hosts.leave(entry.host)
            entry.host = None
        self._unfinished -= 1
        if not self._unfinished:
            self._end_if_over()

    def again(self, entry: Entry, pause_s: float) -> None:
        """It is to be tried again, and its host to be left alone until then."""
        host = entry.host
        self._give_turn_back(entry)
        entry.attempts += 1
        assert entry.url is not None  # noqa: S101 - it was fetched
        self._hosts.hold(host or entry.url.host, pause_s)
        self._put_aside(entry, entry.url.host)

    def stop(self) -> None:
        """What has not been begun never will be, and no host's turn is kept for it."""
        self._is_stopped = True
        self._awaited = None
        while self._returned:
            self._give_turn_back(self._returned.popleft())
        self._thirst.set()
        while self._waiting:
            self._wake_one()

    @property
    def _is_over(self) -> bool:
        return self._is_read and self._awaited is None and not self._unfinished

    def _next_target(self) -> Target | None:
        if self._is_stopped or self._aside >= ASIDE_LIMIT:
            return None
        target = self._awaited
        if target is None:
            return self._source.take()
        self._awaited = None
        return target

    def _give_turn_back(self, entry: Entry) -> None:
        if entry.host is not None:
            self._hosts.leave(entry.host)
            entry.host = None

    def _put_aside(self, entry: Entry, host: str) -> None:
        self._aside += 1
        self._hosts.put_aside(host, partial(self._return, entry, host))

    def _return(self, entry: Entry, host: str) -> None:
        self._aside -= 1
        entry.host = host
        if self._is_stopped:
            self._give_turn_back(entry)
            return
        self._returned.append(entry)
        self._wake_one()

    async def _wait(self) -> None:
        if self._awaited is None:
            self._thirst.set()
        future = asyncio.get_running_loop().create_future()
        self._waiting.append(future)
        await future

    def _wake_one(self) -> None:
        while self._waiting:
            future = self._waiting.popleft()
            if not future.done():
                future.set_result(None)
                return

    def _end_if_over(self) -> None:
        if self._is_over:
            while self._waiting:
                self._wake_one()
