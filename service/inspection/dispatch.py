"""Which URL is fetched next: from the source, in its order, but never more of one host than it is due.

A URL whose host is busy is put aside and comes back, before what follows in the list, when its turn has come.
What is read ahead and what is put aside is bounded: then the source waits.
"""

import asyncio
from collections import deque
from functools import partial
from typing import Final

from service.errors import Code, FetchFailed
from service.inspection.pace import Pace
from service.inspection.source import Source
from service.inspection.url import URL_LIMIT_BYTES, Url, parse_input
from service.model import Target
from workers.model import Failure

AHEAD_LIMIT: Final = 64  # URLs that are read and parsed in one go: a fraction of a millisecond
ASIDE_LIMIT: Final = 16_384  # URLs of busy hosts, some 8 MiB; a longer run of one host holds up the list


class Entry:
    """One URL on its way. `host` is the one whose turn it has."""

    __slots__ = ("attempts", "failure", "host", "target", "url")

    def __init__(self, target: Target, url: Url | None, failure: Failure | None = None) -> None:
        self.target = target
        self.url = url
        self.failure = failure
        self.attempts = 1
        self.host: str | None = None


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
        self._ready: deque[Entry] = deque()
        self._returned: deque[Entry] = deque()  # with their turn; no more than were put aside
        self._aside = 0
        self._unfinished = 0  # read from the source, and not done
        self._is_read = False
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._room = asyncio.Event()
        self._is_full = False
        self._is_stopped = False
        source.on_stop(self.stop)

    async def feed(self) -> None:
        """Read the source to its end, no further ahead than the bounds allow."""
        source, ready = self._source, self._ready
        while not self._is_stopped and (target := source.take() or await source.next()) is not None:
            ready.append(read_entry(target, self._url_limit_bytes))
            self._unfinished += 1
            if self._waiting:
                self._wake_one()
            if len(ready) >= AHEAD_LIMIT or self._aside >= ASIDE_LIMIT:
                self._is_full = True
                self._room.clear()
                await self._room.wait()
        self._is_read = True
        self._end_if_over()

    async def next(self) -> Entry | None:
        """The next URL that may be fetched now, its host's turn taken for it; None when there are no more.
        Each must be given back by `done` or `again`."""
        while not self._is_stopped:
            if self._returned:
                return self._returned.popleft()
            if not self._ready:
                if self._is_over:
                    return None
                await self._wait()
                continue
            entry = self._ready.popleft()
            if self._is_full:
                self._read_on()
            url = entry.url
            if url is None:
                return entry
            if self._hosts.enter(url.host):
                entry.host = url.host
                return entry
            self._put_aside(entry, url.host)
        return None

    def done(self, entry: Entry) -> None:
        """It has its record."""
        self._give_turn_back(entry)
        self._unfinished -= 1
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
        self._ready.clear()
        while self._returned:
            self._give_turn_back(self._returned.popleft())
        self._room.set()
        while self._waiting:
            self._wake_one()

    @property
    def _is_over(self) -> bool:
        return self._is_read and not self._unfinished

    def _give_turn_back(self, entry: Entry) -> None:
        if entry.host is not None:
            self._hosts.leave(entry.host)
            entry.host = None

    def _put_aside(self, entry: Entry, host: str) -> None:
        self._aside += 1
        self._hosts.put_aside(host, partial(self._return, entry, host))

    def _return(self, entry: Entry, host: str) -> None:
        self._aside -= 1
        if self._is_full:
            self._read_on()
        entry.host = host
        if self._is_stopped:
            self._give_turn_back(entry)
            return
        self._returned.append(entry)
        self._wake_one()

    def _read_on(self) -> None:
        if len(self._ready) <= AHEAD_LIMIT // 2 and self._aside < ASIDE_LIMIT:
            self._is_full = False
            self._room.set()

    async def _wait(self) -> None:
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
