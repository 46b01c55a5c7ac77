"""Writes records off the loop: a thread of its own, so that neither a full pipe nor a slow disk stops it.

What waits to be written is bounded; beyond that, `deliver` waits, and with it what feeds it. Lines are
written whole; where an error cuts one in a regular file, its beginning is taken out again. A sink does not
raise while records come: the first error is kept, `on_break` is told of it, and what comes after is dropped.
"""

import asyncio
import fcntl
import os
import select
import stat
import threading
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from typing import Final, Generic, TypeVar

from service.errors import OutputError

T = TypeVar("T")

WAITING_LIMIT_BYTES: Final = 4 * 1024 * 1024  # some two thousand records: hides a pause of the reader
CHUNK_BYTES: Final = 16 * 1024  # written at once; a stop at once waits for no more than this
FILE_CHUNK_BYTES: Final = 256 * 1024  # the same to a regular file, which never waits for a reader
WORTH_WAKING_BYTES: Final = 256 * 1024  # waking the thread costs both more than the write
LINGER_S: Final = 0.02  # after that it is woken for less
ABANDON_S: Final = 0.5  # what a reader gets, at a stop at once, to take the chunk being written


class Sink(Generic[T]):
    """Takes items on the loop, writes each one's bytes to the descriptor `fd` (`name` to people), in order.

    `encode` runs in the thread; `weigh` is an item's approximate size in bytes. `begin` comes first.
    """

    def __init__(
        self,
        fd: int,
        name: str,
        encode: Callable[[T], bytes],
        weigh: Callable[[T], int],
        *,
        begin: bytes = b"",
        on_break: Callable[[], None] = lambda: None,
    ) -> None:
        self.error: Exception | None = None
        self.items_written = 0  # whole ones
        self._fd = fd
        self._name = name
        self._begin = begin
        self._chunk_bytes = FILE_CHUNK_BYTES if stat.S_ISREG(os.fstat(fd).st_mode) else CHUNK_BYTES
        self._encode = encode
        self._weigh = weigh
        self._on_break = on_break
        self._loop = asyncio.get_running_loop()
        self._linger: asyncio.TimerHandle | None = None
        self._batch: list[T] = []  # the loop's own; the thread gets it whole
        self._batch_bytes = 0
        self._batches: deque[tuple[list[T], int]] = deque()
        self._put = 0  # bytes: only the loop adds to this one, and only the thread to the next
        self._written = 0
        self._work = threading.Event()
        self._progress = asyncio.Event()
        self._hungry = False
        self._closing = False
        self._end: Iterable[bytes] = ()
        self._abandoned = False
        self._ended = False
        self._thread = threading.Thread(target=self._run, name="write", daemon=True)
        self._thread.start()

    def deliver(self, item: T) -> Awaitable[None] | None:
        """Have it written. Where too much waits already, returns what is to be awaited; never raises for what
        writing does."""
        if self.error is not None:
            return None
        self._batch.append(item)
        self._batch_bytes += self._weigh(item)
        if self._batch_bytes < WORTH_WAKING_BYTES:
            if self._linger is None:
                self._linger = self._loop.call_later(LINGER_S, self._wake)
            return None
        self._hand_over()
        return self._wait_for_room() if self._is_full() else None

    async def flush(self) -> None:
        """Wait until what was delivered has been written, or an error made that impossible."""
        self._hand_over()
        while self._put != self._written and self.error is None:
            await self._wait(lambda: self._put != self._written)

    async def close(self, end: Iterable[bytes] = ()) -> None:
        """Wait until all has been written and `end` behind it, or until an error made that impossible."""
        self._end = end
        self._hand_over()
        self._closing = True
        self._work.set()
        while not self._ended and self.error is None:
            await self._wait(lambda: not self._ended)

    def check(self, noun: str = "") -> None:
        """Raise OutputError where something could not be written. With `noun` (such as "records") it tells
        how many of them were."""
        if isinstance(self.error, OSError):
            note = f"; {self.items_written:,} {noun} were written" if noun else ""
            raise OutputError(self._name, self.error, note) from self.error
        if self.error is not None:  # a fault of ours, in `encode`
            raise self.error

    def abandon(self, end: Iterable[bytes] = ()) -> bool:
        """Write no more than what is under way, and `end`. Blocks for a short time; returns whether lines are
        whole."""
        self._end = end
        self._abandoned = self._closing = True
        self._work.set()
        self._thread.join(ABANDON_S)
        if self._thread.is_alive():
            _widen(self._fd)
            self._thread.join(ABANDON_S)
        return not self._thread.is_alive()

    async def _wait_for_room(self) -> None:
        while self._is_full() and self.error is None:
            await self._wait(self._is_full)

    def _is_full(self) -> bool:
        return self._put - self._written > WAITING_LIMIT_BYTES

    def _wake(self) -> None:
        self._linger = None
        self._hand_over()

    def _hand_over(self) -> None:
        if self._batch:
            self._put += self._batch_bytes
            self._batches.append((self._batch, self._batch_bytes))
            self._batch, self._batch_bytes = [], 0
            self._work.set()

    async def _wait(self, needed: Callable[[], bool]) -> None:
        # The order matters: the thread looks at `_hungry` after each change.
        self._progress.clear()
        self._hungry = True
        if needed() and self.error is None:
            await self._progress.wait()

    def _run(self) -> None:
        try:
            _write_whole(self._fd, bytearray(self._begin), [len(self._begin)])
            while not self._closing or self._batches:
                self._work.wait()
                self._work.clear()
                self._write_waiting()
                if self._abandoned:
                    break
            for piece in self._end:
                _write_whole(self._fd, bytearray(piece), [])
        except Exception as error:  # noqa: BLE001 - kept for whoever closes; a thread has nobody to raise to
            self.error = error
            self._call(self._on_break)
        self._ended = True
        self._call(self._progress.set)

    def _write_waiting(self) -> None:
        while self._batches and not self._abandoned:
            items, weight = self._batches.popleft()
            self._write_batch(items)
            self._written += weight
            if self._hungry:
                self._hungry = False
                self._call(self._progress.set)

    def _write_batch(self, items: list[T]) -> None:
        chunk, ends = bytearray(), list[int]()
        for data in map(self._encode, items):
            chunk += data
            ends.append(len(chunk))
            if ends[-1] >= self._chunk_bytes:
                self._write_chunk(chunk, ends)
                if self._abandoned:
                    return
                chunk, ends = bytearray(), list[int]()
        self._write_chunk(chunk, ends)

    def _write_chunk(self, chunk: bytearray, ends: list[int]) -> None:
        try:
            _write_whole(self._fd, chunk, ends)
        finally:
            self.items_written += len(ends)

    def _call(self, function: Callable[[], object]) -> None:
        with suppress(RuntimeError):  # the loop has been closed: nobody waits any more
            self._loop.call_soon_threadsafe(function)


def _write_whole(fd: int, chunk: bytearray, ends: list[int]) -> None:
    """Write items that end at `ends` of the chunk. Where an error ends it, `ends` keeps those written."""
    written = 0
    with memoryview(chunk) as view:
        try:
            while written < len(view):
                try:
                    written += os.write(fd, view[written:])
                except BlockingIOError:  # whoever gave us the pipe has made it non-blocking
                    select.select([], [fd], [])
        except OSError:
            ends[:] = [end for end in ends if end <= written]
            with suppress(OSError):
                _take_back(fd, written - max(ends, default=0))
            raise


def _widen(fd: int) -> None:
    """Make room in a pipe whose reader has stopped, so that the line under way comes to its end."""
    with suppress(OSError, AttributeError):  # no pipe, the user's share of pipe memory is used, or no Linux
        fcntl.fcntl(fd, fcntl.F_SETPIPE_SZ, fcntl.fcntl(fd, fcntl.F_GETPIPE_SZ) + 2 * CHUNK_BYTES)


def _take_back(fd: int, count: int) -> None:
    """Cut the last `count` bytes off a regular file, where they are still its last."""
    status = os.fstat(fd)
    if count and stat.S_ISREG(status.st_mode) and os.lseek(fd, 0, os.SEEK_CUR) == status.st_size:
        os.ftruncate(fd, status.st_size - count)
        os.lseek(fd, 0, os.SEEK_END)
