"""What can happen to the disk and the database under a running daemon, made for real.

Each time: readyz names the fault, submissions get a 503 that names it too, reads answer, and the job goes on
to its end, without a restart, once the cause is gone.
"""

import asyncio
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from tests.integration.gated import Gate, serve_gate
from tests.integration.real_daemon import RealDaemon, refused, run_daemon

FREE, HELD = 20, 400  # more records than the log of writes has room for that was made already
QUICK = ("--checks", "none")  # to start, where it is not the records' size that matters


def run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)


def mounted(place: Path, *mount: str) -> Iterator[Path]:
    place.mkdir()
    if os.geteuid() != 0:
        pytest.skip("mounting a disk needs root")
    done = subprocess.run(["mount", *mount, str(place)], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"a disk cannot be mounted here: {done.stderr.strip()}")
    try:
        yield place
    finally:
        run("umount", str(place))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    yield from mounted(tmp_path / "disk", "-t", "tmpfs", "-o", "size=16m", "tmpfs")


@pytest.fixture
def ext4_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own: what befalls it befalls no other."""
    if not shutil.which("mkfs.ext4") or not shutil.which("chattr"):
        pytest.skip("needs e2fsprogs: apt-get install e2fsprogs")
    image = tmp_path / "image"
    image.touch()
    os.truncate(image, 32 << 20)
    run("mkfs.ext4", "-q", str(image))
    yield from mounted(tmp_path / "disk", "-o", "loop", str(image))


def fill(disk: Path) -> Path:
    """Take all that is left of a disk; what it was taken by."""
    filler = disk / "filler"
    with suppress(OSError), filler.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4_096))
    assert os.statvfs(disk).f_bavail == 0
    return filler


async def begin(daemon: RealDaemon, gate: Gate) -> tuple[str, list[str]]:
    """A job, some of which is done, while the rest waits for the gate."""
    urls = gate.urls(FREE, HELD)
    job = await daemon.submit(urls)
    await gate.asked.wait()
    async with asyncio.timeout(60):
        while (await daemon.get(f"/v1/jobs/{job}"))["done"] < FREE:
            await asyncio.sleep(0.02)
    return job, urls


async def check_state(daemon: RealDaemon, fault: str, job: str) -> None:
    """What holds while the store does not work."""
    parts = await daemon.until_fault("store", fault)
    assert parts["store"]["detail"]
    status, problem = await daemon.try_to_submit(["http://a.test/"])
    assert (status, problem["type"]) == (503, "urn:problem-type:masthead:store-failed")
    assert f"store: {fault}: " in problem["detail"]
    assert (await daemon.get(f"/v1/jobs/{job}"))["state"] == "running"
    assert len(await daemon.records(job)) >= FREE


async def check_end(daemon: RealDaemon, job: str, urls: list[str]) -> None:
    await daemon.until_fault("store", None)
    await daemon.finish(job)
    await daemon.check(job, urls)
    await daemon.submit(["no url"])


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


async def test_a_disk_that_the_system_makes_read_only(ext4_disk: Path) -> None:
    """As ext4 does after an error of the device. Nobody can write to it before it is unmounted, so after this
    fault alone the daemon has to be started anew: until then it says what is wrong."""
    async with serve_gate() as gate:
        async with run_daemon(ext4_disk, "--concurrency", "100") as daemon:
            job, urls = await begin(daemon, gate)
            subprocess.run(["mount", "-o", "remount,abort", str(ext4_disk)], check=False, capture_output=True)
            gate.open()
            await check_state(daemon, "read_only", job)
        status, told = await refused(ext4_disk)
        assert (status, "Read-only file system" in told) == (2, True)
        run("umount", str(ext4_disk))
        run("mount", "-o", "loop", str(ext4_disk.parent / "image"), str(ext4_disk))
        async with run_daemon(ext4_disk, *QUICK) as daemon:
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


async def test_a_database_that_is_damaged_while_it_is_used(tmp_path: Path) -> None:
    """It does not become whole again by itself, so the daemon goes on saying so."""
    async with serve_gate() as gate, run_daemon(tmp_path, *QUICK, "--concurrency", "100") as daemon:
        job = await daemon.submit(gate.urls(FREE, 50_000))
        await gate.asked.wait()
        database = tmp_path / "jobs.sqlite3"
        with closing(sqlite3.connect(database, isolation_level=None)) as other:
            other.execute("PRAGMA wal_checkpoint(PASSIVE)")
        with database.open("r+b") as file:
            file.seek(database.stat().st_size // 4)
            file.write(b"\xa5" * (database.stat().st_size // 2))
        gate.open()
        await daemon.until_fault("store", "corrupt")
        status, problem = await daemon.try_to_submit(["http://a.test/"])
        assert (status, "store: corrupt: " in problem["detail"]) == (503, True)
        assert (await daemon.get(f"/v1/jobs/{job}"))["state"] == "running"
        assert (await daemon.readiness())[0] == 503


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (b"x" * 8_192, "expected a database of masthead's jobs that can be written to, got corrupt: "),
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
