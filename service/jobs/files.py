"""The SQLite store's files while they are open: the folder's lock, a connection that writes, one that reads.

They are opened at a daemon's start, which makes what is not there, and again after they have failed, which
makes nothing, since a volume may not be mounted yet, and checks what it finds. Files that have failed are let
go of as a crash would leave them: the last connection to close would write the log into a database that may
be damaged, over the bytes that somebody puts back. SQLite leaves that out where it can only read, so the
connection that reads is closed last then.

No file of SQLite's is opened here but by SQLite once it has them: to close one ends the locks that this
process has on it (https://www.sqlite.org/howtocorrupt.html, section 2.2).
"""

import errno
import fcntl
import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final, Literal

from service.jobs import statements, upkeep
from service.jobs.fault import STORE_ERRORS, Fault, fault_of
from service.jobs.model import State
from service.jobs.rows import decode_targets
from service.jobs.schema import migrate, read_version
from service.jobs.store import StoreFailed

FILE: Final = "jobs.sqlite3"
LOCK: Final = "lock"
BUSY_S: Final = 1.0  # what a lock of another program (a shell, a backup) is waited for before that is told


@dataclass(frozen=True, slots=True)
class Files:
    """`last_number` is the last that a job has been given, `counts` are as `upkeep.count` has them."""

    path: Path
    lock: BinaryIO
    writing: sqlite3.Connection
    reading: sqlite3.Connection
    last_number: int
    counts: tuple[dict[State, int], int]
    identity: list[tuple[int, int]]

    def check_place(self) -> None:
        """Raises OSError where they were removed or replaced: what is written then is lost, and SQLite does
        not look."""
        if _identify(self.path) != self.identity:
            raise OSError(errno.ESTALE, "another file is in its place", str(self.path))

    def close(self) -> None:
        """What the log holds goes into the database."""
        self.reading.close()
        self.writing.close()
        self.lock.close()

    def let_go(self) -> None:
        """Each stays as it is. What has been closed before is no matter, here and there."""
        self.writing.close()
        self.reading.close()
        self.lock.close()


def make_files(folder: Path) -> Files:
    """At a daemon's start. Raises StoreFailed."""
    path = folder / FILE
    with _told(folder):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # request headers of jobs may be credentials
        with _locked(folder) as lock:
            # Before SQLite has it. Its -wal and -shm get the same mode.
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
            return _open(path, lock)


class Opening:
    """One try to open files again. What is found there gives no job a number up to `last_number`."""

    def __init__(self, folder: Path, last_number: int) -> None:
        self._folder = folder
        self._last_number = last_number
        self._checking: sqlite3.Connection | None = None
        self._is_stopped = False

    def run(self) -> Files:
        """Raises StoreFailed. The check takes some seconds a GB."""
        path = self._folder / FILE
        with _told(self._folder):
            path.stat()
            with _locked(self._folder) as lock:
                with closing(connect(path, "ro")) as self._checking:
                    self._check(self._checking)
                files = _open(path, lock)
                try:
                    transact(files.writing, [self._skip_numbers, upkeep.write_something])
                except BaseException:
                    files.let_go()
                    raise
                return files

    def stop(self) -> None:
        """From another thread: end the check, which then fails."""
        self._is_stopped = True
        if self._checking is not None:
            with suppress(sqlite3.ProgrammingError):  # it has ended
                self._checking.interrupt()

    def _skip_numbers(self, connection: sqlite3.Connection) -> None:
        statements.skip_numbers(connection, self._last_number)

    def _check(self, connection: sqlite3.Connection) -> None:
        """Whether it is sound as far as can be told in seconds: a GB takes 1.4, with `integrity_check`, which
        compares the indexes too, 15. What a list is written in is ours to look into."""
        if not read_version(connection):
            raise StoreFailed(Fault("corrupt", "expected a database of masthead's jobs, got an empty one"))
        if self._is_stopped:
            raise StoreFailed(Fault("io_error", "the daemon is being stopped"))
        (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
        if found != "ok":
            raise StoreFailed(Fault("corrupt", " ".join(found.split())))
        for (targets,) in connection.execute("SELECT targets FROM chunks WHERE state <> 'done'"):
            decode_targets(targets)


def connect(path: Path, mode: Literal["rw", "ro"]) -> sqlite3.Connection:
    """It makes no database."""
    place = f"{path.absolute().as_uri()}?mode={mode}"
    connection = sqlite3.connect(
        place, timeout=BUSY_S, isolation_level=None, check_same_thread=False, uri=True
    )
    connection.text_factory = _decode  # text that a hand has damaged is one row's fault, not the database's
    return connection


def _decode(text: bytes) -> str:
    return text.decode("utf-8", "replace")


def transact(
    connection: sqlite3.Connection, operations: Sequence[Callable[[sqlite3.Connection], Any]]
) -> list[Any]:
    """All of them, or none: returns what each gave, once it is on the disk."""
    try:
        connection.execute("BEGIN IMMEDIATE")
        results = [operation(connection) for operation in operations]
        connection.execute("COMMIT")
    except BaseException:
        with suppress(sqlite3.Error):  # a full disk has rolled back already
            connection.execute("ROLLBACK")
        raise
    return results


@contextmanager
def _told(folder: Path) -> Iterator[None]:
    try:
        yield
    except STORE_ERRORS as error:
        raise StoreFailed(fault_of(error, folder / FILE)) from error


@contextmanager
def _locked(folder: Path) -> Iterator[BinaryIO]:
    """The lock stays taken, unless the block fails."""
    lock = os.fdopen(os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600), "r+b", buffering=0)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise StoreFailed(Fault("locked", "another daemon is running on it")) from error
        yield lock
    except BaseException:
        lock.close()
        raise


def _open(path: Path, lock: BinaryIO) -> Files:
    with ExitStack() as undo:
        reading = undo.enter_context(closing(connect(path, "ro")))
        writing = undo.enter_context(closing(connect(path, "rw")))
        read_version(writing)
        upkeep.prepare(writing)
        writing.execute("PRAGMA journal_mode = WAL")
        writing.execute("PRAGMA synchronous = FULL")
        migrate(writing)
        transact(writing, [statements.void_leases])
        while upkeep.purge(writing) or upkeep.shrink(writing):
            pass
        upkeep.tell_damage(writing)
        # From its first look on, it has a part in the database that the other's closing has regard to.
        (last,) = reading.execute("SELECT max(seq) FROM sqlite_sequence WHERE name = 'jobs'").fetchone()
        files = Files(path, lock, writing, reading, last or 0, upkeep.count(reading), _identify(path))
        undo.pop_all()
        return files


def _identify(path: Path) -> list[tuple[int, int]]:
    """Which files the database is made of. Raises OSError where one is not there."""
    found = [Path(f"{path}{part}").stat() for part in ("", "-wal")]
    return [(file.st_dev, file.st_ino) for file in found]
