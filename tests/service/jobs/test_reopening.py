"""The SQLite store while its files fail it, and after it was opened again."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any, cast

import pytest

from service.inspection.inspects import Inspects
from service.jobs import sqlite
from service.jobs.files import FILE, Files
from service.jobs.model import Terms
from service.jobs.runner import Runner
from service.jobs.sqlite import SqliteStore, open_store
from service.jobs.store import JobGone, StoreFailed
from service.model import Target
from tests.integration.inspecting import ignore
from tests.service.jobs.test_sqlite import accept, write_all


@pytest.fixture(autouse=True)
def _hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "REOPEN_S", 0.01)


def copy_of(folder: Path) -> Path:
    copy = folder / "copy"
    with closing(sqlite3.connect(folder / FILE)) as other:
        other.execute("VACUUM INTO ?", (str(copy),))
    return copy


def remove(folder: Path) -> None:
    for part in ("", "-wal", "-shm"):
        Path(f"{folder / FILE}{part}").unlink()


@asynccontextmanager
async def opened_again(store: SqliteStore) -> AsyncIterator[None]:
    """Wait behind the block until the store works again."""
    opened = asyncio.Event()
    store.follow_openings(opened.set)
    yield
    async with asyncio.timeout(30):
        await opened.wait()


async def lose(store: SqliteStore, folder: Path) -> None:
    """Its files are gone, and it has found out."""
    remove(folder)
    with pytest.raises(StoreFailed, match="No such file"):
        await store.begin("lost", Terms(b"{}"), None, 0)


async def test_what_is_written_to_a_file_that_is_gone_is_not_taken_for_kept(tmp_path: Path) -> None:
    async with open_store(tmp_path) as store:
        job = await accept(store, 2)
        copy = copy_of(tmp_path)
        async with opened_again(store):
            await lose(store, tmp_path)
            assert store.fault is not None
            assert store.fault.reason == "io_error"
            with pytest.raises(StoreFailed):
                await store.lease(job.number)
            copy.rename(tmp_path / FILE)
        assert store.fault is None
        assert await store.find("j") == job
        assert store.states["queued"] == 1


async def test_a_file_in_the_place_of_one_that_is_used_is_taken_up(tmp_path: Path) -> None:
    async with open_store(tmp_path) as store:
        job = await accept(store, 2)
        copy = copy_of(tmp_path)
        async with opened_again(store):
            remove(tmp_path)
            copy.rename(tmp_path / FILE)
            with pytest.raises(StoreFailed):
                await accept(store, 1, "late")
        assert await store.find("j") == job
        assert await store.find("late") is None


async def test_a_lease_from_before_is_nobody_s(tmp_path: Path) -> None:
    async with open_store(tmp_path) as store:
        job = await accept(store, 2)
        chunk = await store.lease(job.number)
        assert chunk is not None
        copy = copy_of(tmp_path)
        async with opened_again(store):
            await lose(store, tmp_path)
            copy.rename(tmp_path / FILE)
        await store.write(write_all(chunk))
        assert await store.read(job, 0, 10, 1 << 20) == []
        again = await store.lease(job.number)
        assert again == chunk
        assert await store.write(write_all(chunk)) == {job.number}


async def test_a_list_that_came_meanwhile_is_refused(tmp_path: Path) -> None:
    async with open_store(tmp_path) as store:
        copy = copy_of(tmp_path)
        job = await store.begin("j", Terms(b"{}"), None, 0)
        assert job is not None
        async with opened_again(store):
            await lose(store, tmp_path)
            copy.rename(tmp_path / FILE)
        for call in (
            store.add(job, [Target(1, "a")]),
            store.set_terms(job, Terms(b"{}")),
            store.accept(job, 1, b""),
            store.cancel(job),
        ):
            with pytest.raises(JobGone):
                await call
        other = await accept(store, 1, "other")
        assert other.number > job.number  # else what is still said of the one would be done to the other


async def test_damage_that_a_read_meets_has_the_store_let_go_of(tmp_path: Path) -> None:
    async with open_store(tmp_path) as store:
        job = await accept(store, 200)
        while chunk := await store.lease(job.number):
            large = [record.__class__(*_large(record)) for record in write_all(chunk)]
            await store.write(large)
        whole = await _damage(store, tmp_path / FILE)
        async with opened_again(store):
            with pytest.raises(StoreFailed, match="corrupt"):
                await _read_all(store, job)
            assert store.fault is not None
            assert store.fault.reason == "corrupt"
            (tmp_path / FILE).write_bytes(whole)
        assert await _read_all(store, job) == 200


def _large(record: Any) -> tuple[Any, ...]:
    return record.job, record.chunk, record.seq, b"x" * 60_000, record.is_error


async def _damage(store: SqliteStore, path: Path) -> bytes:
    await store._writer.do(lambda _: None)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("PRAGMA wal_checkpoint(PASSIVE)")
    whole = path.read_bytes()
    with path.open("r+b") as file:
        file.seek(len(whole) // 4)
        file.write(b"\xa5" * (len(whole) // 2))
    return whole


async def _read_all(store: SqliteStore, job: Any) -> int:
    after = 0
    while lines := await store.read(job, after, 10, 1 << 20):
        after = lines[-1].position
    return after


async def test_a_fault_that_comes_back_at_once_is_given_more_time_each_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []
    open_again = SqliteStore._open_again

    async def watched(self: SqliteStore, pause_s: float) -> Files:
        pauses.append(pause_s)
        return await open_again(self, pause_s)

    monkeypatch.setattr(SqliteStore, "_open_again", watched)
    async with open_store(tmp_path) as store:
        for _ in range(3):
            copy = copy_of(tmp_path)
            async with opened_again(store):
                await lose(store, tmp_path)
                copy.rename(tmp_path / FILE)
    assert pauses == [0.02, 0.04, 0.08]


async def test_a_daemon_that_ends_while_its_store_is_lost_leaves_it_as_it_is(tmp_path: Path) -> None:
    async with open_store(tmp_path) as store:
        await accept(store, 1)
        await lose(store, tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["lock"]


class Held:
    """An inspector that ends nothing of what it is given."""

    concurrency = 1

    def __init__(self) -> None:
        self.given: asyncio.Queue[list[Target]] = asyncio.Queue()

    async def run(self, source: Any, options: Any, deliver: Callable[[Any], None]) -> None:
        targets = []
        while (target := await source.next()) is not None:
            targets.append(target)
        self.given.put_nowait(targets)
        await asyncio.Event().wait()


async def test_a_runner_begins_anew_with_the_jobs_that_are_there_then(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    held = Held()
    async with open_store(tmp_path) as store, Runner(store, cast("Inspects", held), ignore) as runner:
        runner.start(await accept(store, 2))
        assert len(await held.given.get()) == 2
        copy = copy_of(tmp_path)
        runner.start(await accept(store, 3, "late"))
        assert len(await held.given.get()) == 3
        async with opened_again(store):
            await lose(store, tmp_path)
            copy.rename(tmp_path / FILE)
        assert len(await held.given.get()) == 2
        assert runner.alive
        assert list(runner._work) == [(1, 0)]
        assert held.given.empty()
    told = [line.split("]")[1].split("  ")[0].strip() for line in capsys.readouterr().out.splitlines()]
    assert told == ["store let go", "store opened again"]
