"""Jobs that go by themselves, with a real daemon and a real store."""

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from service.jobs.model import Job, Terms, Written
from service.jobs.retention import Limits, expire_jobs
from service.jobs.sqlite import FILE, SqliteStore, open_store
from service.jobs.watch import Watch
from service.model import Target
from service.telemetry.events import Event
from tests.service.api.daemons import Daemon, Origin, run_daemon, run_origin
from tests.service.api.test_jobs import finish, list_ids, records, submit
from tests.service.jobs.test_schema import VERSION_1

DEADLINE_S = 30


@pytest.fixture
async def origin() -> AsyncIterator[Origin]:
    async with run_origin() as origin:
        yield origin


async def until(daemon: Daemon, ids: list[str]) -> None:
    """Until these jobs are left, and no others."""
    async with asyncio.timeout(DEADLINE_S):
        while await list_ids(daemon, {}) != ids:
            await asyncio.sleep(0.02)


async def until_told(daemon: Daemon, sample: str) -> None:
    """Until the metrics say so: it is out of sight before it is gone."""
    async with asyncio.timeout(DEADLINE_S):
        while True:
            async with daemon.client.get("/metrics") as answer:
                if sample in (await answer.text()).splitlines():
                    return
            await asyncio.sleep(0.02)


async def test_without_a_limit_every_job_stays(tmp_path: Path) -> None:
    async with run_daemon(data=tmp_path) as daemon:
        ids = [(await submit(daemon, ["no url"]))["id"] for _ in range(3)]
        for id_ in ids:
            await finish(daemon, id_)
        assert await list_ids(daemon, {}) == ids[::-1]


async def test_a_job_goes_when_it_has_been_ended_for_so_long(tmp_path: Path, origin: Origin) -> None:
    second_in_days = 1 / 86_400
    async with run_daemon(data=tmp_path, retention_age=second_in_days) as daemon:
        running = await submit(daemon, [f"{origin.url}/slow"])
        ended = await submit(daemon, ["no url"])
        finished_at = time.monotonic()
        await finish(daemon, ended["id"])
        assert ended["id"] in await list_ids(daemon, {})
        await until(daemon, [running["id"]])
        assert time.monotonic() - finished_at > 0.9
        origin.release.set()
        assert (await finish(daemon, running["id"]))["state"] == "done"
        await until_told(daemon, 'masthead_jobs_expired_total{limit="age"} 1.0')


async def test_what_ended_while_no_daemon_ran_goes_at_the_next_start(tmp_path: Path) -> None:
    async with run_daemon(data=tmp_path) as daemon:
        job = await submit(daemon, ["no url"])
        await finish(daemon, job["id"])
        assert await list_ids(daemon, {}) == [job["id"]]
    async with run_daemon(data=tmp_path, retention_age=1e-9) as daemon:
        await until(daemon, [])
        await until_told(daemon, 'masthead_jobs_expired_total{limit="age"} 1.0')


async def test_the_jobs_that_ended_first_go_while_all_are_too_large(tmp_path: Path, origin: Origin) -> None:
    """Each has 4 MB of records, and there is room for two; the one that runs is as large, and stays."""
    large = [f"{origin.url}/large"] * 20
    async with run_daemon(data=tmp_path, retention_size=11_000_000) as daemon:
        running = await submit(daemon, [*large, f"{origin.url}/slow"])
        await origin.asked.wait()
        ids = []
        for _ in range(3):
            job = await submit(daemon, large)
            await finish(daemon, job["id"])
            ids.append(job["id"])
        await until(daemon, [ids[2], running["id"]])
        assert len(await records(daemon, ids[2])) == 20
        origin.release.set()
        await finish(daemon, running["id"])
        assert len(await records(daemon, running["id"])) == 21


async def fill(store: SqliteStore, id_: str, count: int) -> Job:
    """A job that is done, with `count` records of 10 KB."""
    job = await store.begin(id_, Terms(b"{}"), None, 0)
    assert job is not None
    await store.add(job, [Target(seq, "url") for seq in range(1, count + 1)])
    job = await store.accept(job, count, b"digest")
    while (chunk := await store.lease(job.number)) is not None:
        written = [Written(job.number, chunk.number, t.seq, b"x" * 10_000, False) for t in chunk.targets]
        await store.write(written)
    return job


async def test_a_removed_job_s_space_is_the_disk_s_again(tmp_path: Path) -> None:
    async with open_store(tmp_path) as store:
        kept = await fill(store, "kept", 100)
        empty_bytes = await store.size_bytes()
        job = await fill(store, "job", 2_000)
        assert await store.size_bytes() > 20_000_000
        assert await store.delete(job)
        assert await store.size_bytes() <= empty_bytes + 100_000
        assert len(await store.read(kept, 0, 200, 1 << 30)) == 100
    assert (tmp_path / FILE).stat().st_size <= empty_bytes + 100_000


async def test_others_write_while_a_job_is_removed(tmp_path: Path) -> None:
    """Removing 8,000 records of 10 KB takes many slices: a write need not wait for more than one of them."""
    async with open_store(tmp_path) as store:
        job = await fill(store, "large", 8_000)
        removing = asyncio.create_task(store.delete(job))
        written = 0
        while not removing.done():
            await fill(store, f"small{written}", 1)
            written += 1
        assert await removing
        assert written > 3


async def test_a_database_made_without_gives_space_back_too(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / FILE)
    connection.executescript(VERSION_1)
    connection.execute("CREATE TABLE filler (data BLOB)")
    connection.execute("INSERT INTO filler VALUES (zeroblob(5000000))")
    connection.execute("DROP TABLE filler")
    connection.commit()
    connection.close()
    async with open_store(tmp_path) as store:
        job = await fill(store, "job", 500)
        await store.delete(job)
    assert (tmp_path / FILE).stat().st_size < 300_000


async def test_a_clock_that_goes_back_removes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    events: list[Event] = []
    async with open_store(tmp_path) as store:
        await fill(store, "job", 1)
        now = time.time()
        monkeypatch.setattr(time, "time", lambda: now - 10_000)
        expiring = asyncio.create_task(expire_jobs(store, watch := Watch(), Limits(60, None), events.append))
        await _settle(store, watch)
        assert events == []
        monkeypatch.setattr(time, "time", lambda: now + 61)
        async with asyncio.timeout(DEADLINE_S):
            while not events:
                watch.tell_end()
                await _settle(store, watch)
        expiring.cancel()
        await asyncio.gather(expiring, return_exceptions=True)
        assert await store.find("job") is None


async def _settle(store: SqliteStore, watch: Watch) -> Any:
    """What was waiting for the store's thread has had its turn."""
    watch.tell_end()
    for _ in range(5):
        await store.ended_first()
