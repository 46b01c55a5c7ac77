"""The SQLite store: what it keeps, and whom it refuses."""

import asyncio
import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from service.errors import UsageError
from service.jobs.model import CHUNK_URLS, Chunk, Job, Terms, Written
from service.jobs.schema import MIGRATIONS
from service.jobs.sqlite import FILE, SqliteStore, open_store
from service.jobs.store import StoreFailed
from service.model import Target


async def accept(store: SqliteStore, count: int, id_: str = "j") -> Job:
    job = await store.begin(id_, Terms(b"{}"), None, 0)
    assert job is not None
    await store.add(job, [Target(seq, f"url {seq}") for seq in range(1, count + 1)])
    return await store.accept(job, count, b"digest")


def write_all(chunk: Chunk) -> list[Written]:
    return [Written(chunk.job, chunk.number, target.seq, b"{}", False) for target in chunk.targets]


async def test_a_lease_holds_what_has_no_record_and_ends_with_its_owner(tmp_path: Path) -> None:
    async with open_store(tmp_path) as store:
        job = await accept(store, CHUNK_URLS + 1)
        first, second = await store.lease(job.number), await store.lease(job.number)
        assert first is not None
        assert second is not None
        assert (len(first.targets), len(second.targets)) == (CHUNK_URLS, 1)
        assert await store.lease(job.number) is None
        await store.write(write_all(first)[:100])
    async with open_store(tmp_path) as store:  # a crash gives nothing back, either
        again = await store.lease(job.number)
        assert again is not None
        assert [target.seq for target in again.targets] == list(range(101, CHUNK_URLS + 1))
        assert again.targets[0].input == "url 101"


async def test_a_record_is_kept_once_and_positions_have_no_gap(tmp_path: Path) -> None:
    async with open_store(tmp_path) as store:
        job = await accept(store, 4)
        chunk = await store.lease(job.number)
        assert chunk is not None
        one, two, three, four = write_all(chunk)
        await store.write([two])
        assert await store.write([two, one]) == set()
        assert await store.write([one, three, two, four]) == {job.number}
        lines = await store.read(job, 0, 10, 1 << 20)
        assert [(line.position, line.seq) for line in lines] == [(1, 2), (2, 1), (3, 3), (4, 4)]
        found = await store.find("j")
        assert found is not None
        assert (found.state, found.ok) == ("done", 4)
        assert store.waiting == 0


async def test_a_late_writer_changes_nothing(tmp_path: Path) -> None:
    async with open_store(tmp_path) as store:
        job = await accept(store, 2)
        chunk = await store.lease(job.number)
        assert chunk is not None
        store.owner, owner = "another", store.owner
        await store.write(write_all(chunk))
        assert await store.read(job, 0, 10, 1 << 20) == []
        store.owner = owner
        await store.cancel(job)
        await store.write(write_all(chunk))
        assert await store.read(job, 0, 10, 1 << 20) == []


async def test_a_list_that_was_not_accepted_is_nothing_at_the_next_start(tmp_path: Path) -> None:
    async with open_store(tmp_path) as store:
        job = await store.begin("j", Terms(b"{}"), "key", 0)
        assert job is not None
        await store.add(job, [Target(1, "a")])
        assert await store.find("j") is None
    async with open_store(tmp_path) as store:
        assert await store.open_jobs() == []
        assert await store.begin("k", Terms(b"{}"), "key", 0) is not None
    assert _rows(tmp_path, "chunks") == 0


async def test_what_is_deleted_leaves_no_row(tmp_path: Path) -> None:
    async with open_store(tmp_path) as store:
        job, other = await accept(store, 3), await accept(store, 3, "other")
        for number in (job.number, other.number):
            chunk = await store.lease(number)
            assert chunk is not None
            await store.write(write_all(chunk))
        assert await store.delete(job)
        assert await store.find("j") is None
        assert len(await store.read(other, 0, 10, 1 << 20)) == 3
    assert (_rows(tmp_path, "records"), _rows(tmp_path, "chunks"), _rows(tmp_path, "jobs")) == (3, 1, 1)


async def test_a_newer_database_is_refused(tmp_path: Path) -> None:
    async with open_store(tmp_path):
        pass
    with sqlite3.connect(tmp_path / FILE) as connection:
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    connection.close()
    with pytest.raises(UsageError, match="a newer masthead wrote it"):
        async with open_store(tmp_path):
            pass


async def test_what_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"no database" * 1_000)
    with pytest.raises(
        UsageError, match="expected a folder of masthead's jobs that can be written to, got corrupt: "
    ):
        async with open_store(tmp_path):
            pass


async def test_a_second_daemon_is_refused_until_the_first_is_gone(tmp_path: Path) -> None:
    async with open_store(tmp_path):
        with pytest.raises(UsageError, match="another daemon is running on it"):
            async with open_store(tmp_path):
                pass
    async with open_store(tmp_path):
        pass


async def test_what_is_accepted_is_synced_first(tmp_path: Path) -> None:
    async with open_store(tmp_path) as store:
        mode, level = await store._writer.do(
            lambda c: (
                c.execute("PRAGMA journal_mode").fetchone()[0],
                c.execute("PRAGMA synchronous").fetchone()[0],
            )
        )
    assert (mode, level) == ("wal", 2)  # 2 is FULL


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    mounted = tmp_path / "disk"
    mounted.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(mounted)]
    if os.geteuid() != 0 or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("mounting a small disk needs root")
    yield mounted
    subprocess.run(["umount", str(mounted)], check=True)


@pytest.mark.skipif(sys.platform != "linux", reason="tmpfs")
async def test_a_full_disk_is_told_and_writes_go_on_when_there_is_room(small_disk: Path) -> None:
    async with open_store(small_disk) as store:
        job = await accept(store, 10)
        chunk = await store.lease(job.number)
        assert chunk is not None
        filler = small_disk / "filler"
        with suppress(OSError), filler.open("wb", buffering=0) as file:
            while True:
                file.write(b"x" * 4_096)
        assert os.statvfs(small_disk).f_bavail == 0
        large = [Written(chunk.job, chunk.number, t.seq, b"x" * 50_000, False) for t in chunk.targets]
        with pytest.raises(StoreFailed, match="full"):
            await store.write(large)
        assert store.fault is not None
        assert store.fault.reason == "disk_full"
        assert await store.read(job, 0, 10, 1 << 20) == []
        assert await store.find("j") is not None
        filler.unlink()
        small = write_all(chunk)
        assert await store.write(small) == {job.number}
        assert store.fault is None
        assert len(await store.read(job, 0, 20, 1 << 20)) == 10


async def test_a_fault_that_lasts_is_logged_once_and_so_is_its_end(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with open_store(tmp_path) as store:
        with closing(sqlite3.connect(tmp_path / FILE, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            for _ in range(2):
                with pytest.raises(StoreFailed, match="locked"):
                    await store.begin("j", Terms(b"{}"), None, 0)
        await accept(store, 1)
    told = capsys.readouterr().out
    assert (told.count("store failed"), told.count("store works again")) == (1, 1)


def _rows(folder: Path, table: str) -> int:
    connection = sqlite3.connect(folder / FILE)
    try:
        return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])
    finally:
        connection.close()


async def test_what_waits_for_the_disk_is_told(tmp_path: Path) -> None:
    begun, release = threading.Event(), threading.Event()

    def hold(_: sqlite3.Connection) -> None:
        begun.set()
        release.wait(10)

    async with open_store(tmp_path) as store:
        first = asyncio.create_task(store._writer.do(hold))
        await asyncio.to_thread(begun.wait, 10)
        others = [asyncio.create_task(store._writer.do(lambda _: None)) for _ in range(2)]
        await asyncio.sleep(0)
        assert store.unwritten == 2
        release.set()
        await asyncio.gather(first, *others)
        assert store.unwritten == 0
