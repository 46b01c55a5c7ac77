"""The store in one SQLite file, for one daemon: no server to run, and nothing to install.

WAL with `synchronous=FULL`: what was answered is on the disk, not only in the page cache. The folder is one
daemon's, held by a lock that the kernel takes from it when it dies; so a lease needs no time, and no clock
can end one: those of a former owner are void when the next one opens the store.

What an open connection cannot outlive (damage, a disk that fails or was made read-only, files that are not
there any more) has all files closed, so that they can be replaced and their disk be unmounted, and opened
again once they are sound; the opener is a new owner then. Meanwhile nothing is written, and what can be is
read, by a connection for each time.
"""

import asyncio
import secrets
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, closing, suppress
from pathlib import Path
from typing import Final, TypeVar

from service.errors import UsageError
from service.jobs import intake, statements, upkeep
from service.jobs.fault import STORE_ERRORS, Fault
from service.jobs.files import FILE, Files, Opening, connect, make_files
from service.jobs.model import Chunk, Job, Line, Selection, Terms, Webhook, Written
from service.jobs.store import StoreFailed
from service.jobs.writer import Writer
from service.lifecycle import in_background
from service.model import Target
from service.telemetry.logs import log

T = TypeVar("T")
REOPEN_S: Final = 1.0  # between two tries to open files that failed: as soon as those waiting would ask again
# A fault that is back this soon was not gone. Each opening has URLs fetched again, so the pause doubles then.
STEADY_S: Final = 60.0
REOPEN_AT_MOST_S: Final = 60.0


@asynccontextmanager
async def open_store(folder: Path) -> AsyncIterator["SqliteStore"]:
    """Raises UsageError where it is another daemon's, a newer version's, or none that can be read."""
    try:
        files = await asyncio.to_thread(make_files, folder)
    except StoreFailed as error:
        expected = "expected a folder of masthead's jobs that can be written to"
        raise UsageError(f"data: {folder}: {expected}, got {error}") from error
    store = SqliteStore(folder, files)
    try:
        async with in_background(store.keep_open(), "keep the store open"):
            yield store
    finally:
        await asyncio.to_thread(store.close)


class SqliteStore:
    """`Store` on SQLite: one thread writes, another reads."""

    def __init__(self, folder: Path, files: Files) -> None:
        self._folder = folder
        self._reader = ThreadPoolExecutor(1, "read jobs")
        self._lost = asyncio.Event()
        self._listeners: list[Callable[[], None]] = []
        self._last_number = 0  # of a job, of all that this daemon has seen
        self._use(files)

    @property
    def fault(self) -> Fault | None:
        return self._writer.fault

    @property
    def unwritten(self) -> int:
        return self._writer.waiting

    def follow_openings(self, tell: Callable[[], None]) -> None:
        self._listeners.append(tell)

    async def keep_open(self) -> None:
        """Until cancelled."""
        pause_s = REOPEN_S
        while True:
            opened_at = time.monotonic()
            await self._lost.wait()
            log.error("store let go", fault=str(self.fault))
            is_relapse = time.monotonic() - opened_at < STEADY_S
            pause_s = min(2 * pause_s, REOPEN_AT_MOST_S) if is_relapse else REOPEN_S
            await asyncio.to_thread(self._writer.end)
            await asyncio.get_running_loop().run_in_executor(self._reader, self._let_go)
            self._use(await self._open_again(pause_s))
            self._lost.clear()
            log.info("store opened again")
            for tell in self._listeners:
                tell()

    def close(self) -> None:
        self._reader.shutdown()
        self._writer.end()
        if self._writer.lost:
            self._let_go()
        elif self._files is not None:
            self._files.close()

    async def begin(self, id_: str, terms: Terms, key: str | None, oldest_key: float) -> Job | None:
        now = time.time()
        job = await self._writer.do(lambda c: intake.begin(c, id_, terms, key, oldest_key, now))
        if job is not None:
            self._last_number = max(self._last_number, job.number)
        return job

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
        loop, writer = asyncio.get_running_loop(), self._writer
        try:
            return await loop.run_in_executor(self._reader, self._read, read)
        except STORE_ERRORS as error:
            raise StoreFailed(writer.fail(error)) from error

    def _read(self, read: Callable[[sqlite3.Connection], T]) -> T:
        """In the reader's thread, as `_let_go` is."""
        if self._files is not None:
            return read(self._files.reading)
        with closing(connect(self._folder / FILE, "ro")) as passing:
            return read(passing)

    def _use(self, files: Files) -> None:
        self.owner = secrets.token_hex(8)
        self.states, self.waiting = files.counts
        self._last_number = max(self._last_number, files.last_number)
        self._files: Files | None = files
        self._writer = Writer(files, self._lost.set)

    def _let_go(self) -> None:
        if self._files is not None:
            self._files.let_go()
            self._files = None

    async def _open_again(self, pause_s: float) -> Files:
        """Once they are sound. At most half of the time goes into checks, which read the whole disk."""
        while True:
            await asyncio.sleep(pause_s)
            began_at = time.monotonic()
            try:
                return await self._try_to_open()
            except StoreFailed as error:
                if self._writer.lost is None or self._writer.lost.reason != error.fault.reason:
                    log.error("store not opened yet", fault=str(error))
                self._writer.lost = error.fault
            pause_s = max(pause_s, time.monotonic() - began_at)

    async def _try_to_open(self) -> Files:
        opening = Opening(self._folder, self._last_number)
        trying = asyncio.get_running_loop().run_in_executor(None, opening.run)
        try:
            return await asyncio.shield(trying)
        except asyncio.CancelledError:
            opening.stop()
            with suppress(StoreFailed):
                (await trying).close()
            raise
