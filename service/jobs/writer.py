"""The one thread that writes: what waits for it is done in one transaction, so a sync is shared by many.

`sqlite3` of the standard library on a thread of our own, not aiosqlite: that hands over each statement by
itself, at the cost of a wake-up of the loop each; here a whole batch is one.
"""

import asyncio
import queue
import sqlite3
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final, TypeVar

from service.jobs import upkeep
from service.jobs.fault import STORE_ERRORS, Fault, StoreError, fault_of
from service.jobs.files import Files, transact
from service.jobs.store import StoreFailed
from service.telemetry.logs import log

T = TypeVar("T")
TOGETHER: Final = 64  # operations in one transaction
RETRY_S: Final = 1.0  # after a fault that can pass, whether the store can be written is tried so often

_Operation = tuple[Callable[[sqlite3.Connection], Any], "asyncio.Future[Any]"]


class Writer:
    """Runs functions of the connection, each whole or not at all. After a fault that cannot pass nothing more
    is done: it is `lost`, because of that, and `tell_lost` is called on the loop."""

    def __init__(self, files: Files, tell_lost: Callable[[], object]) -> None:
        self.lost: Fault | None = None
        self._passing: Fault | None = None  # set by the thread alone
        self._files = files
        self._tell_lost = tell_lost
        self._loop = asyncio.get_running_loop()
        self._queue: queue.SimpleQueue[_Operation | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._serve, name="write jobs", daemon=True)
        self._thread.start()

    @property
    def fault(self) -> Fault | None:
        """Why it cannot write now."""
        return self.lost or self._passing

    @property
    def waiting(self) -> int:
        """Operations that no transaction has begun for."""
        return self._queue.qsize()

    async def do(self, operation: Callable[[sqlite3.Connection], T]) -> T:
        """Returns once it is on the disk. Raises StoreFailed where it could not be done."""
        if self.lost is not None:
            raise StoreFailed(self.lost)
        future: asyncio.Future[T] = self._loop.create_future()
        self._queue.put((operation, future))
        return await future

    def fail(self, error: StoreError) -> Fault:
        """Something else has met this error of the same database."""
        fault = fault_of(error, self._files.path)
        if not fault.can_pass:
            self._lose(fault)
        return fault

    def end(self) -> None:
        """Do what waits. The connection is its opener's to close."""
        self._queue.put(None)
        self._thread.join()

    def _serve(self) -> None:
        while True:
            try:
                first = self._queue.get(timeout=RETRY_S if self._passing else None)
            except queue.Empty:
                self._try_again()
                continue
            if first is None:
                return
            batch, is_over = [first], False
            while len(batch) < TOGETHER and not self._queue.empty():
                item = self._queue.get()
                if item is None:
                    is_over = True
                    break
                batch.append(item)
            self._run(batch)
            if is_over:
                return

    def _run(self, batch: list[_Operation]) -> None:
        if self.lost is not None:
            self._settle([(future, None, StoreFailed(self.lost)) for _, future in batch])
            return
        try:
            results = self._transact([operation for operation, _ in batch])
        except Exception as error:  # noqa: BLE001 - it is the caller's, whose own is told from others' next
            if len(batch) > 1:
                for item in batch:
                    self._run([item])
                return
            if isinstance(error, STORE_ERRORS):
                error = StoreFailed(self._fail(error))
            self._settle([(batch[0][1], None, error)])
            return
        self._recover()
        self._settle([(future, result, None) for (_, future), result in zip(batch, results, strict=True)])

    def _transact(self, operations: list[Callable[[sqlite3.Connection], Any]]) -> list[Any]:
        return transact(self._files.writing, [*operations, lambda _: self._files.check_place()])[:-1]

    def _try_again(self) -> None:
        try:
            self._transact([upkeep.write_something])
        except STORE_ERRORS as error:
            self._fail(error)
        else:
            self._recover()

    def _fail(self, error: StoreError) -> Fault:
        fault = fault_of(error, self._files.path)
        if fault.can_pass:
            if self._passing is None or self._passing.reason != fault.reason:
                log.warning("store failed", fault=str(fault))
            self._passing = fault
        else:
            self._lose(fault)
            self._passing = None
        return fault

    def _recover(self) -> None:
        if self._passing is not None:
            log.info("store works again")
            self._passing = None

    def _lose(self, fault: Fault) -> None:
        if self.lost is None:
            self.lost = fault
            self._call(self._tell_lost)

    def _settle(self, done: list[tuple["asyncio.Future[Any]", Any, Exception | None]]) -> None:
        self._call(_settle, done)

    def _call(self, function: Callable[..., object], *arguments: object) -> None:
        with suppress(RuntimeError):  # the loop has been closed: nobody waits any more
            self._loop.call_soon_threadsafe(function, *arguments)


def _settle(done: list[tuple["asyncio.Future[Any]", Any, Exception | None]]) -> None:
    for future, result, error in done:
        if future.done():  # cancelled
            continue
        if error is None:
            future.set_result(result)
        else:
            future.set_exception(error)
