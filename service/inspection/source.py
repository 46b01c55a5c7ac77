"""Where URLs come from: something that gives the next target, one at a time, until there is none."""

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from io import BufferedReader
from typing import Final, Protocol

from service.errors import UsageError
from service.inspection.lines import Note, read_targets
from service.model import Target

LINES_AHEAD: Final = 1_024  # and a block of lines, read before they are asked for: hides a disk, some 200 KiB

Through = Callable[[Iterator[list[Target]]], Iterator[list[Target]]]
"""Takes blocks of targets as they are read, gives those that are to be inspected. May raise UsageError."""


class Source(Protocol):
    """Gives targets to several tasks at once."""

    @property
    def size(self) -> int | None:
        """How many targets there are in all, where that is known: beforehand, or once it has been read to its
        end."""

    @property
    def fault(self) -> UsageError | None:
        """Where and why the input broke, once `next` has given all that was before it."""

    def take(self) -> Target | None:
        """The next target if one is at hand; None says nothing of whether more will come."""

    async def next(self) -> Target | None:
        """The next target, or None when there are no more."""

    def on_stop(self, tell: Callable[[], None]) -> None:
        """Have `tell` called at `stop`: what was taken and not begun is not to be begun then, either."""

    def stop(self) -> None:
        """Give no more."""


class ListSource:
    """A list that is in memory already: URLs as text, or targets that were read and numbered before."""

    def __init__(self, urls: Iterable[str | Target]) -> None:
        self._targets = deque(
            url if isinstance(url, Target) else _list_target(seq, url) for seq, url in enumerate(urls, 1)
        )
        self.size: int | None = len(self._targets)
        self.fault: UsageError | None = None
        self._tell_stop: Callable[[], None] = _ignore

    def take(self) -> Target | None:
        return self._targets.popleft() if self._targets else None

    async def next(self) -> Target | None:
        return self.take()

    async def begins(self) -> bool:
        """As a file's does: what was stopped before its first has none left."""
        return bool(self._targets) or not self.size

    def on_stop(self, tell: Callable[[], None]) -> None:
        self._tell_stop = tell

    def stop(self) -> None:
        self._targets.clear()
        self._tell_stop()


class FileSource:
    """A file or stdin, as `lines` reads it.

    A thread of its own reads ahead, so that neither a slow disk nor a slow pipe stops the loop; it is a
    daemon, so that a pipe which never ends does not keep the process. Each line is given as soon as it is
    read. Where the input breaks, what was read before is still given, and `fault` then tells what was wrong.
    `note` and `through` are called in that thread.
    """

    def __init__(
        self,
        file: BufferedReader,
        name: str,
        size: int | None = None,
        note: Note | None = None,
        through: Through | None = None,
    ) -> None:
        self.size = size
        self._tell_stop: Callable[[], None] = _ignore
        self.fault: UsageError | None = None
        blocks = read_targets(file, name, note)
        self._blocks = blocks if through is None else through(blocks)
        self._loop = asyncio.get_running_loop()
        self._ready: deque[Target] = deque()
        self._room = threading.Event()
        self._is_full = False
        self._arrival = asyncio.Event()
        self._turn = asyncio.Lock()
        self._hungry = False
        self._ended = self._is_stopped = False
        threading.Thread(target=self._read, name=f"read {name}", daemon=True).start()

    def take(self) -> Target | None:
        if not self._ready:
            return None
        if self._is_full and len(self._ready) < LINES_AHEAD // 2:
            self._is_full = False
            self._room.set()
        return self._ready.popleft()

    async def next(self) -> Target | None:
        async with self._turn:  # one waits for the next line and the others for it: a line wakes one task
            if not self._ready:
                await self._wait_for_next()
            return self.take()

    async def begins(self) -> bool:
        """Wait for the first target, or the input's end. False where it broke, or was stopped, before."""
        async with self._turn:
            if not self._ready:
                await self._wait_for_next()
            return bool(self._ready) or (self.size is not None and not self._is_stopped)

    def on_stop(self, tell: Callable[[], None]) -> None:
        self._tell_stop = tell

    def stop(self) -> None:
        self._ended = self._is_stopped = True
        self._ready.clear()
        self._room.set()
        self._arrival.set()
        self._tell_stop()

    async def _wait_for_next(self) -> None:
        """Until a target is at hand, or none will be."""
        while True:
            # The order matters: the reader looks at `_hungry` after each block that it adds, and says
            # that it has ended after its last one.
            self._arrival.clear()
            self._hungry = True
            ended = self._ended
            if self._ready or ended:
                return
            await self._arrival.wait()

    def _read(self) -> None:
        read = 0
        try:
            for targets in self._blocks:
                if self._ended:
                    return
                read += len(targets)
                self._ready.extend(targets)
                if self._hungry and targets:
                    self._tell()
                if len(self._ready) >= LINES_AHEAD:
                    self._wait_for_room()
            self.size = read
        except UsageError as error:
            self.fault = error
        self._ended = True
        self._tell()

    def _wait_for_room(self) -> None:
        self._room.clear()
        self._is_full = True
        if len(self._ready) >= LINES_AHEAD // 2 and not self._ended:  # else it was emptied meanwhile
            self._room.wait()

    def _tell(self) -> None:
        self._hungry = False
        with suppress(RuntimeError):  # the loop has been closed: nobody waits any more
            self._loop.call_soon_threadsafe(self._arrival.set)


def _ignore() -> None:
    pass


def _list_target(seq: int, url: str) -> Target:
    """A lone surrogate (an undecodable byte of an argument, a broken escape of JSON) is no text: the record
    could not be written with it."""
    try:
        url.encode()
    except UnicodeEncodeError as error:
        shown = url.encode(errors="backslashreplace").decode()
        return Target(seq, shown, f"expected UTF-8 text, got {url[error.start]!a} at character {error.start}")
    return Target(seq, url)
