"""What an open database cannot outlive, made for real: damage, files that are gone, a disk made read-only.

Each time: readyz names the fault, submissions get a 503 that names it too, what can be read is, and once the
cause is gone the job that is in the store then goes on to its end, in the daemon that has run all the while.
"""

import asyncio
import sqlite3
import subprocess
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

from tests.integration.disks import run, unmount
from tests.integration.gated import Gate, serve_gate
from tests.integration.real_daemon import RealDaemon, run_daemon
from tests.integration.store_states import QUICK, begin, check_end, check_refusal, check_state

FILE = "jobs.sqlite3"
OPTIONS = (*QUICK, "--concurrency", "100")
LONG = 2_000  # URLs of a list that SQLite's cache (2 MB) has no room for: damage is to be met on the disk
QUERY = f"?{'x' * 2_000}"


async def begin_long(daemon: RealDaemon, gate: Gate) -> tuple[str, list[str]]:
    return await begin(daemon, gate, LONG, QUERY)


def damage(database: Path) -> tuple[int, bytes]:
    """Overwrite the middle of the file, where the list is; what was there, and where."""
    with closing(sqlite3.connect(database, isolation_level=None)) as other:
        other.execute("PRAGMA wal_checkpoint(PASSIVE)")
    size = database.stat().st_size
    begins = size // 4
    with database.open("r+b") as file:
        file.seek(begins)
        whole = file.read(size // 2)
        file.seek(begins)
        file.write(b"\xa5" * len(whole))
    return begins, whole


def put_back(database: Path, begins: int, whole: bytes) -> None:
    with database.open("r+b") as file:
        file.seek(begins)
        file.write(whole)


def back_up(database: Path, copy: Path) -> Path:
    """As the runbook has it."""
    with closing(sqlite3.connect(database)) as other:
        other.execute("VACUUM INTO ?", (str(copy),))
    return copy


def remove(database: Path) -> None:
    for part in ("", "-wal", "-shm"):
        Path(f"{database}{part}").unlink(missing_ok=True)


async def test_a_damaged_database_whose_bytes_are_put_back_in_place(tmp_path: Path) -> None:
    database = tmp_path / FILE
    async with serve_gate() as gate, run_daemon(tmp_path, *OPTIONS) as daemon:
        job, urls = await begin_long(daemon, gate)
        begins, whole = damage(database)
        gate.open()
        await check_state(daemon, "corrupt", job)
        put_back(database, begins, whole)
        await check_end(daemon, job, urls)


async def test_a_damaged_database_that_a_backup_replaces(tmp_path: Path) -> None:
    """The jobs of the backup are what there is then: what was accepted after it is gone, and its id too."""
    database = tmp_path / FILE
    async with serve_gate() as gate, run_daemon(tmp_path, *OPTIONS) as daemon:
        job, urls = await begin_long(daemon, gate)
        backup = back_up(database, tmp_path / "backup")
        late = await daemon.submit(["no url"])
        damage(database)
        gate.open()
        await check_state(daemon, "corrupt", job)
        remove(database)
        await check_refusal(daemon, "io_error")
        backup.replace(database)
        await check_end(daemon, job, urls)
        assert late not in await daemon.jobs()


async def test_a_newer_database_in_the_place_of_a_damaged_one_is_refused_until_it_is_replaced(
    tmp_path: Path,
) -> None:
    database = tmp_path / FILE
    async with serve_gate() as gate, run_daemon(tmp_path, *OPTIONS) as daemon:
        job, urls = await begin_long(daemon, gate)
        backup = back_up(database, tmp_path / "backup")
        newer = back_up(database, tmp_path / "newer")
        with closing(sqlite3.connect(newer)) as other:
            other.execute("PRAGMA user_version = 999")
        damage(database)
        gate.open()
        await check_refusal(daemon, "corrupt")
        for file, fault in ((newer, "newer"), (backup, None)):
            remove(database)
            file.replace(database)
            if fault is not None:
                await check_state(daemon, fault, job)
        await check_end(daemon, job, urls)


async def test_a_database_that_is_removed_while_it_works(tmp_path: Path) -> None:
    """SQLite itself would go on writing into what nobody can ever read."""
    database = tmp_path / FILE
    async with serve_gate() as gate, run_daemon(tmp_path, *OPTIONS) as daemon:
        job, urls = await begin(daemon, gate)
        backup = back_up(database, tmp_path / "backup")
        remove(database)
        gate.open()
        await check_refusal(daemon, "io_error")
        backup.replace(database)
        await check_end(daemon, job, urls)


async def test_a_list_that_comes_meanwhile_is_to_be_sent_again(tmp_path: Path) -> None:
    """A part of it is in the store that was lost."""
    database, rest = tmp_path / FILE, asyncio.Event()
    headers = {"Content-Type": "text/plain", "Idempotency-Key": "k"}

    async def body() -> AsyncIterator[bytes]:
        yield b"no url\n"
        await rest.wait()
        yield b"nor this\n"

    async with run_daemon(tmp_path, *OPTIONS) as daemon:
        client = daemon.client
        sending = asyncio.create_task(client.post("/v1/jobs", data=body(), headers=headers))
        with closing(sqlite3.connect(database)) as other:
            while not other.execute("SELECT 1 FROM jobs").fetchone():
                await asyncio.sleep(0.02)
        backup = back_up(database, tmp_path / "backup")
        remove(database)
        assert (await daemon.try_to_submit(["no url"]))[0] == 503
        backup.replace(database)
        await daemon.until_fault("store", None)
        rest.set()
        async with await sending as answer:
            problem = await answer.json(content_type=None)
            assert (answer.status, "send it again" in problem["detail"]) == (503, True)
            assert answer.headers["Retry-After"]
        async with client.post("/v1/jobs", data=body(), headers=headers) as answer:
            job = (await answer.json())["id"]
        await daemon.finish(job)
        await daemon.check(job, ["no url", "nor this"])


async def test_a_disk_that_the_system_makes_read_only_is_unmounted_and_mounted_again(ext4_disk: Path) -> None:
    """As ext4 does after an error of the device: nobody can write to it before it is unmounted."""
    async with serve_gate() as gate, run_daemon(ext4_disk, *OPTIONS) as daemon:
        job, urls = await begin(daemon, gate)
        subprocess.run(["mount", "-o", "remount,abort", str(ext4_disk)], check=False, capture_output=True)
        gate.open()
        await check_state(daemon, "read_only", job)
        unmount(ext4_disk)
        await check_refusal(daemon, "io_error")
        assert list(ext4_disk.iterdir()) == []  # nothing is made where the disk will be
        image = str(ext4_disk.with_name("image"))
        assert subprocess.run(["fsck.ext4", "-p", image], check=False).returncode in (
            0,
            1,
        )
        run("mount", "-o", "loop", image, str(ext4_disk))
        await check_end(daemon, job, urls)


async def test_a_disk_that_is_mounted_read_only_for_a_while(ext4_disk: Path) -> None:
    """The system grants it only once no file of the disk is open to be written to."""
    async with serve_gate() as gate, run_daemon(ext4_disk, *OPTIONS) as daemon:
        job, urls = await begin(daemon, gate)
        files = [str(file) for file in ext4_disk.glob(f"{FILE}*")]
        assert subprocess.run(["mount", "-o", "remount,ro", str(ext4_disk)], check=False).returncode
        run("chattr", "+i", *files)
        gate.open()
        await check_state(daemon, "read_only", job)
        run("chattr", "-i", *files)
        run("mount", "-o", "remount,ro", str(ext4_disk))
        await check_state(daemon, "read_only", job)
        run("mount", "-o", "remount,rw", str(ext4_disk))
        await check_end(daemon, job, urls)


async def test_another_daemon_that_takes_the_folder_meanwhile_has_it_until_it_ends(tmp_path: Path) -> None:
    async with serve_gate() as gate, run_daemon(tmp_path, *OPTIONS) as daemon:
        await begin(daemon, gate)
        remove(tmp_path / FILE)
        gate.open()
        await check_refusal(daemon, "io_error")
        async with run_daemon(tmp_path, *OPTIONS) as other:
            await check_refusal(daemon, "locked")
            urls = gate.urls(10, 0)
            job = await other.submit(urls)
            await other.finish(job)
            await check_refusal(daemon, "locked")
            async with daemon.client.delete(f"/v1/jobs/{job}") as answer:  # it can be read, and no more
                assert answer.status == 503
        await check_end(daemon, job, urls)
        assert job in await daemon.jobs()
