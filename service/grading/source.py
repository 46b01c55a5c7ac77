"""Pieces of the input in batches, cut by a thread of its own: no slow disk and no slow pipe stops the loop.

The thread is a daemon, so that a pipe which never ends does not keep the process.
"""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Final

from service.errors import UsageError
from workers.grading.given import Piece

BATCH_LIMIT: Final = 128  # about 50 ms of a worker's time: large beside a submit, small beside patience
BATCH_BYTES: Final = 1024 * 1024  # one piece can have more, and then is alone
BATCHES_AHEAD: Final = 4  # cut before they are asked for


class PieceSource:
    """Gives batches of at least one piece to several tasks at once."""

    def __init__(self, cut: Callable[[], Iterator[list[Piece]]], name: str) -> None:
        """`cut` reads, so it is called in the thread; `name` is the input's."""
        self.fault: UsageError | None = None  # where and why the input broke, once `next` has given None
        self._cut = cut
        self._loop = asyncio.get_running_loop()
        self._ready: asyncio.Queue[list[Piece] | None] = asyncio.Queue()  # bounded by `_room`
        self._room = threading.Semaphore(BATCHES_AHEAD)
        self._first = asyncio.Event()  # has come, or none will
        self._has_begun = False
        self._stopped = False
        threading.Thread(target=self._read, name=f"read {name}", daemon=True).start()

    async def next(self) -> list[Piece] | None:
        """The next batch, or None when there are no more."""
        if self._stopped:
            return None
        batch = await self._ready.get()
        if batch is None or self._stopped:
            self._ready.put_nowait(None)  # for the others that wait
            return None
        self._room.release()
        return batch

    async def begins(self) -> bool:
        """Wait for the first batch, or the input's end. False where it broke, or was stopped, before."""
        await self._first.wait()
        return self._has_begun

    def stop(self) -> None:
        """Give no more."""
        self._stopped = True
        self._room.release()
        self._put(None)

    def _read(self) -> None:
        try:
            for pieces in self._cut():
                for batch in _batches(pieces):
                    self._room.acquire()
                    if self._stopped:
                        return
                    self._give(batch)
        except UsageError as error:
            self.fault = error
        except Exception as error:  # noqa: BLE001 - a bug: whoever waits for more must hear of it
            self.fault = UsageError(f"a fault in masthead: {type(error).__name__}: {error}")
        self._give(None)

    def _give(self, batch: list[Piece] | None) -> None:
        with suppress(RuntimeError):  # the loop has been closed: nobody waits any more
            self._loop.call_soon_threadsafe(self._put, batch)

    def _put(self, batch: list[Piece] | None) -> None:
        if not self._first.is_set():
            self._has_begun = batch is not None or (self.fault is None and not self._stopped)
            self._first.set()
        self._ready.put_nowait(batch)


def _batches(pieces: list[Piece]) -> Iterator[list[Piece]]:
    batch: list[Piece] = []
    size = 0
    for piece in pieces:
        weight = sum(map(len, piece.parts))
        if batch and (len(batch) >= BATCH_LIMIT or size + weight > BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(piece)
        size += weight
    if batch:
        yield batch
