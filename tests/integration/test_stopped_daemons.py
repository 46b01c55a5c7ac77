"""A daemon that is asked to stop while a job runs: what is under way is finished or given back, in time."""

import asyncio
import signal
import sqlite3
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from service.jobs.sqlite import FILE
from tests.integration.real_daemon import DEADLINE_S, LOOK_S, RealDaemon, run_daemon
from tests.service.inspection.servers import HELLO, serve

LINES = 700
CONCURRENCY = ("--concurrency", "8", "--checks", "none")


@dataclass(slots=True)
class Site:
    """Answers once it is `open`, and counts what it is asked."""

    url: str = ""
    asked: Counter[bytes] = field(default_factory=Counter)
    busy: asyncio.Event = field(default_factory=asyncio.Event)
    open: asyncio.Event = field(default_factory=asyncio.Event)

    async def answer(self, head: bytes, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.asked[head.split(b" ")[1]] += 1
        if self.asked.total() >= 8:  # as many as are in flight at once
            self.busy.set()
        await self.open.wait()
        writer.write(HELLO)
        await writer.drain()


@asynccontextmanager
async def run_site() -> AsyncIterator[Site]:
    site = Site()
    async with serve(site.answer) as port:
        site.url = f"http://127.0.0.1:{port}"
        yield site


async def until_draining(daemon: RealDaemon) -> None:
    async with asyncio.timeout(DEADLINE_S):
        while (await daemon.readiness())[1]["drain"]["ready"]:
            await asyncio.sleep(LOOK_S)


def chunks(folder: Path) -> Counter[str]:
    """How many there are in each state, on the disk."""
    connection = sqlite3.connect(folder / FILE)
    try:
        return Counter(state for (state,) in connection.execute("SELECT state FROM chunks"))
    finally:
        connection.close()


async def test_what_is_in_flight_is_finished_and_the_rest_given_back(tmp_path: Path) -> None:
    async with run_site() as site:
        urls = [f"{site.url}/{number}" for number in range(LINES)]
        async with run_daemon(tmp_path, *CONCURRENCY, "--drain", "30") as daemon:
            job = await daemon.submit(urls)
            await site.busy.wait()
            daemon.process.send_signal(signal.SIGTERM)
            await until_draining(daemon)
            site.open.set()
            async with asyncio.timeout(DEADLINE_S):
                assert await daemon.process.wait() == 0
        assert chunks(tmp_path)["leased"] == 0
        assert site.asked.total() < LINES
        first = set(site.asked)
        async with run_daemon(tmp_path, *CONCURRENCY) as daemon:
            await daemon.finish(job)
            await daemon.check(job, urls)
    assert {url for url, count in site.asked.items() if count > 1}.isdisjoint(first)  # none is done twice


async def test_what_is_not_finished_within_the_drain_is_done_by_the_next_daemon(tmp_path: Path) -> None:
    async with run_site() as site:
        urls = [f"{site.url}/{number}" for number in range(LINES)]
        async with run_daemon(tmp_path, *CONCURRENCY, "--timeout", "300", "--drain", "1") as daemon:
            job = await daemon.submit(urls)
            await site.busy.wait()
            asked = time.monotonic()
            daemon.process.send_signal(signal.SIGTERM)
            async with asyncio.timeout(DEADLINE_S):
                assert await daemon.process.wait() == 0
            assert time.monotonic() - asked >= 1
        assert chunks(tmp_path)["leased"] == 0
        site.open.set()
        async with run_daemon(tmp_path, *CONCURRENCY) as daemon:
            await daemon.finish(job)
            await daemon.check(job, urls)


async def test_a_second_signal_waits_for_nothing_and_loses_nothing(tmp_path: Path) -> None:
    async with run_site() as site:
        urls = [f"{site.url}/{number}" for number in range(LINES)]
        async with run_daemon(tmp_path, *CONCURRENCY, "--timeout", "300", "--drain", "300") as daemon:
            job = await daemon.submit(urls)
            await site.busy.wait()
            daemon.process.send_signal(signal.SIGTERM)
            await until_draining(daemon)
            daemon.process.send_signal(signal.SIGTERM)
            async with asyncio.timeout(DEADLINE_S):
                assert await daemon.process.wait() == 143
        assert chunks(tmp_path)["leased"] == 0
        site.open.set()
        async with run_daemon(tmp_path, *CONCURRENCY) as daemon:
            await daemon.finish(job)
            await daemon.check(job, urls)


async def test_the_leases_of_a_killed_daemon_go_again(tmp_path: Path) -> None:
    async with run_site() as site:
        urls = [f"{site.url}/{number}" for number in range(LINES)]
        async with run_daemon(tmp_path, *CONCURRENCY, "--timeout", "300") as daemon:
            job = await daemon.submit(urls)
            await site.busy.wait()
            await daemon.kill()
        assert chunks(tmp_path)["leased"] > 0
        site.open.set()
        async with run_daemon(tmp_path, *CONCURRENCY) as daemon:
            await daemon.finish(job)
            await daemon.check(job, urls)
        assert chunks(tmp_path) == {"done": (LINES + 127) // 128}
