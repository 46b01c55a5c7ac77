"""The store in one SQLite file, for one daemon: no server to run, and nothing to install.

WAL with `synchronous=FULL`: what was answered is on the disk, not only in the page cache. The folder is one
daemon's, held by a lock that the kernel takes from it when it dies; so a lease needs no time, and no clock
can end one: those of a former owner are void when the next one opens the store.
"""

import asyncio
import fcntl
import os
import secrets
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final, TypeVar

from service.errors import UsageError, reason_of
from service.jobs import intake, statements, upkeep
from service.jobs.fault import STORE_ERRORS, Fault, fault_of
from service.jobs.model import Chunk, Job, Line, Selection, State, Terms, Webhook, Written
from service.jobs.schema import migrate
from service.jobs.store import StoreFailed
from service.jobs.writer import Writer
from service.model import Target

T = TypeVar("T")
FILE: Final = "jobs.sqlite3"
BUSY_S: Final = 1.0  # what a lock of another program (a shell, a backup) is waited for before that is told
LOCK: Final = "lock"


@asynccontextmanager
async def open_store(folder: Path) -> AsyncIterator["SqliteStore"]:
    """Raises UsageError where it is another daemon's, a newer version's, or none that can be read."""
    lock = _lock(folder)
    try:
        connection = await asyncio.to_thread(_open, folder / FILE)
        store = SqliteStore(connection, folder / FILE)
        try:
            yield store
        finally:
            await asyncio.to_thread(store.close)
    finally:
        os.close(lock)


class SqliteStore:
    """`Store` on SQLite: one thread writes, another reads."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self.owner = secrets.token_hex(8)
        self._path = path
        self._writer = Writer(connection, path)
        self._reader = ThreadPoolExecutor(1, "read jobs", initializer=self._open_reader, initargs=(path,))
        self._read_connection: sqlite3.Connection
        self.states: dict[State, int] = {}
        self.waiting = 0
        self._recount(connection)

    @property
    def fault(self) -> Fault | None:
        return self._writer.fault

    @property
    def unwritten(self) -> int:
        return self._writer.waiting

    def close(self) -> None:
        self._reader.submit(lambda: self._read_connection.close())
        self._reader.shutdown()
        self._writer.close()

    async def begin(self, id_: str, terms: Terms, key: str | None, oldest_key: float) -> Job | None:
        now = time.time()
        return await self._writer.do(lambda c: intake.begin(c, id_, terms, key, oldest_key, now))

    async def find_key(self, key: str) -> tuple[Job | None, bytes | None]:
        return await self._look(lambda c: intake.find_key(c, key))

    async def set_terms(self, job: Job, terms: Terms) -> None:
        await self._writer.do(lambda c: intake.set_terms(c, job.number, terms))

    async def add(self, job: Job, targets: Sequence[Target]) -> None:
        await self._writer.do(lambda c: intake.add(c, job.number, targets))

    async def accept(self, job: Job, total: int, digest: bytes) -> Job:
        accepted = await self._writer.do(lambda c: intake.accept(c, job.number, total, digest))
        await self._writer.do(self._recount)
        return accepted

    async def abandon(self, job: Job) -> None:
        await self._writer.do(lambda c: statements.discard(c, job.number))
        await self._purge()

    async def find(self, id_: str) -> Job | None:
        return await self._look(lambda c: statements.find(c, id_))

    async def jobs(self, wanted: Selection, before: int | None, limit: int) -> list[Job]:
        return await self._look(lambda c: statements.list_jobs(c, wanted, before, limit))

    async def open_jobs(self) -> list[Job]:
        return await self._look(statements.open_jobs)

    async def lease(self, job: int) -> Chunk | None:
        chunk, has_begun = await self._writer.do(lambda c: statements.lease(c, job, self.owner))
        if has_begun:
            await self._writer.do(self._recount)
        return chunk

    async def write(self, records: Sequence[Written]) -> set[int]:
        now = time.time()
        ended = await self._writer.do(lambda c: self._write(c, records, now))
        if ended:
            await self._writer.do(self._recount)
        return ended

    async def give_back(self, job: int, chunk: int) -> None:
        await self._writer.do(lambda c: statements.give_back(c, job, chunk, self.owner))

    async def read(self, job: Job, after: int, limit: int, limit_bytes: int) -> list[Line]:
        return await self._look(lambda c: statements.read(c, job.number, after, limit, limit_bytes))

    async def webhooks(self, limit: int) -> list[Job]:
        return await self._look(lambda c: statements.list_webhooks(c, limit))

    async def settle_webhook(self, job: Job, webhook: Webhook) -> None:
        await self._writer.do(lambda c: statements.settle_webhook(c, job.number, webhook))

    async def cancel(self, job: Job) -> Job:
        now = time.time()
        cancelled = await self._writer.do(lambda c: statements.cancel(c, job.number, now))
        await self._writer.do(self._recount)
        return cancelled

    async def delete(self, job: Job) -> bool:
        if not await self._writer.do(lambda c: statements.delete(c, job.number)):
            return False
        await self._writer.do(self._recount)
        await self._purge()
        return True

    async def ended_first(self) -> Job | None:
        return await self._look(statements.ended_first)

    async def size_bytes(self) -> int:
        return await self._look(upkeep.measure)

    def _write(self, connection: sqlite3.Connection, records: Sequence[Written], now: float) -> set[int]:
        written, ended = statements.write(connection, records, self.owner, now)
        self.waiting -= written  # in the thread that recounts, too
        return ended

    async def _purge(self) -> None:
        """In slices: others' writes go on between them. What a crash leaves of it goes at the next start."""
        while await self._writer.do(upkeep.purge):
            pass
        while await self._writer.do(upkeep.shrink):
            pass

    def _recount(self, connection: sqlite3.Connection) -> None:
        self.states, self.waiting = upkeep.count(connection)

    async def _look(self, read: Callable[[sqlite3.Connection], T]) -> T:
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._reader, lambda: read(self._read_connection))
        except STORE_ERRORS as error:
            raise StoreFailed(str(fault_of(error, self._path))) from error

    def _open_reader(self, path: Path) -> None:
        self._read_connection = sqlite3.connect(path, BUSY_S, isolation_level=None, check_same_thread=False)
        self._read_connection.execute("PRAGMA query_only = ON")


def _lock(folder: Path) -> int:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # request headers of jobs may be credentials
        lock = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise UsageError(f"data: {folder}: expected a folder to write in: {reason_of(error)}") from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(lock)
        raise UsageError(f"data: {folder}: another daemon is running on it") from error
    return lock


def _open(path: Path) -> sqlite3.Connection:
    with suppress(OSError):  # SQLite will say what is wrong; its -wal and -shm get the same mode
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    try:
        connection = sqlite3.connect(path, BUSY_S, isolation_level=None, check_same_thread=False)
        try:
            upkeep.prepare(connection)
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            migrate(connection, str(path))
            connection.execute("BEGIN IMMEDIATE")
            statements.void_leases(connection)
            connection.execute("COMMIT")
            while upkeep.purge(connection) or upkeep.shrink(connection):
                pass
        except BaseException:
            connection.close()
            raise
    except sqlite3.Error as error:
        expected = "expected a database of masthead's jobs that can be written to"
        raise UsageError(f"data: {path}: {expected}, got {fault_of(error, path)}") from error
    return connection
