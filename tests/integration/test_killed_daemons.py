"""A daemon that is killed at random moments, again and again: every job that was accepted ends whole.

`MASTHEAD_KILL_ROUNDS` is how often (6; 200 are what was promised). What is killed, and when, is random; a
failure names the seed, which `MASTHEAD_SEED` sets.
"""

import asyncio
import os
import random
import signal
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import aiohttp
import pytest

from tests.integration.real_daemon import RealDaemon, descendants, kill_tree, run_daemon, until_gone
from tests.service.inspection.servers import HELLO, serve

ROUNDS = int(os.environ.get("MASTHEAD_KILL_ROUNDS", "6"))
SEED = int(os.environ.get("MASTHEAD_SEED", random.randrange(1 << 32)))
SHORT, LONG, VAST = 20, 600, 10_000  # lines of a list; those of a vast one cost nothing but to be taken in
BACKLOG = 12_000  # lines that wait: then no more are submitted, so that some jobs are finishing
LATEST_S = 1.0  # after a start


class Rounds:
    """What has been accepted so far, and what the moments of the kills were like."""

    def __init__(self, base: str) -> None:
        self.chance = random.Random(SEED)
        self.accepted: dict[str, list[str]] = {}
        self.kills: Counter[str] = Counter()
        self._base = base
        self._submitting = False
        self._open_jobs = 0
        self._count = 0

    async def play(self, daemon: RealDaemon) -> None:
        """Load it, and kill something of it."""
        load = asyncio.create_task(self._submit(daemon), name="submit")
        await asyncio.sleep(self.chance.uniform(0, LATEST_S))  # a moment is what is wanted
        below = descendants(daemon.process.pid)
        if self.chance.random() < 0.3 and below:
            self._kill("a worker or what starts them", [self.chance.choice(below)])
            await asyncio.sleep(self.chance.uniform(0, LATEST_S / 2))
        self.kills["while a list was submitted"] += self._submitting
        self.kills["with no job open"] += not self._submitting and not self._open_jobs
        if self.chance.random() < 0.3:
            kill_tree(daemon.process.pid)
            self.kills["daemon and all below it"] += 1
        else:
            below += descendants(daemon.process.pid)
            self._kill("daemon", [daemon.process.pid])
        await daemon.process.wait()
        await load
        await until_gone(below)

    async def _submit(self, daemon: RealDaemon) -> None:
        with suppress(aiohttp.ClientError, ConnectionError):
            while True:
                jobs = await self._open(daemon)
                self._open_jobs = len(jobs)
                if sum(job["total"] - job["done"] for job in jobs) > BACKLOG:
                    await asyncio.sleep(0.05)
                    continue
                self._submitting = True
                urls = self._list()
                status, answer = await daemon.try_to_submit(urls)
                self._submitting = False
                assert status == 202, answer
                self.accepted[answer["id"]] = urls

    async def _open(self, daemon: RealDaemon) -> Sequence[dict[str, int]]:
        jobs = [*(await daemon.get("/v1/jobs?state=queued"))["jobs"]]
        return jobs + (await daemon.get("/v1/jobs?state=running"))["jobs"]

    def _list(self) -> list[str]:
        self._count += 1
        length = self.chance.randint(1, self.chance.choice((SHORT, SHORT, LONG, VAST)))
        base = self._base if length <= LONG else "no url"
        return [f"{base}/{self._count}/{n}" for n in range(length)]

    def _kill(self, what: str, processes: Sequence[int]) -> None:
        for process in processes:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
                self.kills[what] += 1


async def test_each_accepted_job_ends_with_one_record_a_url_whatever_is_killed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with serve(HELLO) as port:
        rounds = Rounds(f"http://127.0.0.1:{port}")
        for _ in range(ROUNDS):
            checks = rounds.chance.choice(("all", "none"))
            async with run_daemon(tmp_path, "--timeout", "60", "--checks", checks) as daemon:
                await rounds.play(daemon)
        async with run_daemon(tmp_path, "--timeout", "60") as daemon:
            for job, urls in rounds.accepted.items():
                await daemon.finish(job)
                await daemon.check(job, urls)
            # One may have been accepted whose answer nobody lived to read: then it is whole too.
            for job in await daemon.jobs() - rounds.accepted.keys():
                await daemon.finish(job)
    total = sum(map(len, rounds.accepted.values()))
    assert total, f"MASTHEAD_SEED={SEED}"
    with capsys.disabled():
        killed = ", ".join(f"{what} {count}" for what, count in rounds.kills.most_common())
        print(f"\n{ROUNDS} rounds ({killed}): {len(rounds.accepted)} jobs, {total} URLs, a record each")
