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
from pathlib import Path
from typing import Any, Final, TypeVar

from service.jobs.fault import STORE_ERRORS, Fault, StoreError, fault_of
from service.jobs.store import StoreFailed

T = TypeVar("T")
TOGETHER: Final = 64  # operations in one transaction
RETRY_S: Final = 1.0  # after a fault, whether the store can be written is tried so often

_Operation = tuple[Callable[[sqlite3.Connection], Any], "asyncio.Future[Any]"]


class Writer:
    """Runs functions of the connection, each whole or not at all. `fault` is why it cannot, for now."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self.fault: Fault | None = None
        self._connection = connection
        self._path = path
        self._loop = asyncio.get_running_loop()
        self._queue: queue.SimpleQueue[_Operation | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._serve, name="write jobs", daemon=True)
        self._thread.start()

    @property
    def waiting(self) -> int:
        """Operations that no transaction has begun for."""
        return self._queue.qsize()

    async def do(self, operation: Callable[[sqlite3.Connection], T]) -> T:
        """Returns once it is on the disk. Raises StoreFailed where it could not be done."""
        future: asyncio.Future[T] = self._loop.create_future()
        self._queue.put((operation, future))
        return await future

    def close(self) -> None:
        """Do what waits, and end."""
        self._queue.put(None)
        self._thread.join()
        self._connection.close()

    def _serve(self) -> None:
        while True:
            try:
                first = self._queue.get(timeout=RETRY_S if self.fault else None)
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
        try:
            results = self._transact([operation for operation, _ in batch])
        except Exception as error:  # noqa: BLE001 - it is the caller's, whose own is told from others' next
            if len(batch) > 1:
                for item in batch:
                    self._run([item])
                return
            if isinstance(error, STORE_ERRORS):
                error = StoreFailed(str(self._fail(error)))
            self._settle([(batch[0][1], None, error)])
            return
        self._recover()
        self._settle([(future, result, None) for (_, future), result in zip(batch, results, strict=True)])

    def _transact(self, operations: list[Callable[[sqlite3.Connection], Any]]) -> list[Any]:
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            results = [operation(self._connection) for operation in operations]
            self._connection.execute("COMMIT")
        except BaseException:
            with suppress(sqlite3.Error):  # a full disk has rolled back already
                self._connection.execute("ROLLBACK")
            raise
        return results

    def _try_again(self) -> None:
        try:
            # A new table has pages to be allocated and written, which a full or read-only disk refuses.
            self._transact([_write_something])
        except STORE_ERRORS as error:
            self._fail(error)
        else:
            self._recover()

    def _fail(self, error: StoreError) -> Fault:
        fault = fault_of(error, self._path)
        if self.fault is None or self.fault.can_pass:
            self.fault = fault
        return fault

    def _recover(self) -> None:
        if self.fault is not None and self.fault.can_pass:
            self.fault = None

    def _settle(self, done: list[tuple["asyncio.Future[Any]", Any, Exception | None]]) -> None:
        with suppress(RuntimeError):  # the loop has been closed: nobody waits any more
            self._loop.call_soon_threadsafe(_settle, done)


def _write_something(connection: sqlite3.Connection) -> None:
    connection.execute("CREATE TABLE probe (filler BLOB)")
    connection.execute("INSERT INTO probe VALUES (zeroblob(65536))")
    connection.execute("DROP TABLE probe")


def _settle(done: list[tuple["asyncio.Future[Any]", Any, Exception | None]]) -> None:
    for future, result, error in done:
        if future.done():  # cancelled
            continue
        if error is None:
            future.set_result(result)
        else:
            future.set_exception(error)
