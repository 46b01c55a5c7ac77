"""What can happen to the disk and the database under a running daemon, made for real.

Each time: readyz names the fault, submissions get a 503 that names it too, reads answer, and the job goes on
to its end, without a restart, once the cause is gone. What has the store opened again is in
`test_lost_stores.py`.
"""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.integration.disks import fill, run
from tests.integration.gated import serve_gate
from tests.integration.real_daemon import refused, run_daemon
from tests.integration.store_states import QUICK, begin, check_end, check_state


async def test_a_full_disk(small_disk: Path) -> None:
    async with serve_gate() as gate, run_daemon(small_disk, "--concurrency", "100") as daemon:
        job, urls = await begin(daemon, gate)
        filler = fill(small_disk)
        gate.open()
        await check_state(daemon, "disk_full", job)
        filler.unlink()
        await check_end(daemon, job, urls)


async def test_files_that_may_not_be_written_to_any_more(ext4_disk: Path) -> None:
    async with serve_gate() as gate, run_daemon(ext4_disk, "--concurrency", "100") as daemon:
        job, urls = await begin(daemon, gate)
        files = [str(file) for file in ext4_disk.glob("jobs.sqlite3*")]
        run("chattr", "+i", *files)
        try:
            gate.open()
            await check_state(daemon, "read_only", job)
        finally:
            run("chattr", "-i", *files)
        await check_end(daemon, job, urls)


async def test_a_disk_that_is_mounted_read_only_is_refused_at_start(ext4_disk: Path) -> None:
    async with serve_gate() as gate:
        async with run_daemon(ext4_disk, *QUICK) as daemon:
            job, urls = await begin(daemon, gate)
        run("mount", "-o", "remount,ro", str(ext4_disk))
        status, told = await refused(ext4_disk)
        assert (status, "Read-only file system" in told) == (2, True)
        run("mount", "-o", "remount,rw", str(ext4_disk))
        gate.open()
        async with run_daemon(ext4_disk, *QUICK) as daemon:
            await check_end(daemon, job, urls)


async def test_a_database_that_another_program_has_locked(tmp_path: Path) -> None:
    async with serve_gate() as gate, run_daemon(tmp_path, *QUICK) as daemon:
        job, urls = await begin(daemon, gate)
        with closing(sqlite3.connect(tmp_path / "jobs.sqlite3", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            gate.open()
            await check_state(daemon, "locked", job)
        await check_end(daemon, job, urls)


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (b"x" * 8_192, "expected a folder of masthead's jobs that can be written to, got corrupt: "),
        (None, "a newer masthead wrote it"),
    ],
    ids=["no database", "newer"],
)
async def test_a_database_that_is_none_or_newer_is_refused_at_start(
    tmp_path: Path, spoil: bytes | None, told: str
) -> None:
    async with run_daemon(tmp_path, *QUICK):
        pass
    database = tmp_path / "jobs.sqlite3"
    if spoil is not None:
        database.write_bytes(spoil)
        for name in ("-wal", "-shm"):
            Path(f"{database}{name}").unlink(missing_ok=True)
    else:
        with closing(sqlite3.connect(database)) as other:
            other.execute("PRAGMA user_version = 999")
    before = database.read_bytes()
    status, words = await refused(tmp_path)
    assert (status, told in words, "Traceback" in words) == (2, True, False), words
    assert spoil is None or database.read_bytes() == before


async def test_a_database_that_is_locked_is_refused_at_start(tmp_path: Path) -> None:
    async with run_daemon(tmp_path, *QUICK):
        pass
    with closing(sqlite3.connect(tmp_path / "jobs.sqlite3", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        status, words = await refused(tmp_path)
    assert (status, "got locked: database is locked" in words) == (2, True), words


async def test_a_second_daemon_on_the_same_folder_is_refused(tmp_path: Path) -> None:
    async with serve_gate() as gate, run_daemon(tmp_path, *QUICK) as daemon:
        job, urls = await begin(daemon, gate)
        status, words = await refused(tmp_path)
        assert (status, "another daemon is running on it" in words) == (2, True), words
        gate.open()
        await check_end(daemon, job, urls)
