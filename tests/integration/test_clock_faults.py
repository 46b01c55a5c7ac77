"""Clocks that jump, under a daemon and between two: no lease is a time, so none ends or lasts by one."""

import shutil
import subprocess
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.integration.gated import serve_gate
from tests.integration.real_daemon import run_daemon

LATER = ("unshare", "--time", "--boottime", "5000000", "--monotonic", "5000000", "--kill-child", "--fork")
MONOTONIC = (sys.executable, "-c", "import time; print(time.monotonic())")


def faketime() -> str:
    """The library that stands before the system's clock, as Debian has it."""
    found = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)
    if found is None:
        pytest.skip("needs faketime: apt-get install faketime")
    return str(found)


def later_machine() -> tuple[str, ...]:
    """A program's beginning, by which its monotonic clock is two months further than this machine's."""
    if not shutil.which("unshare"):
        pytest.skip("needs unshare: apt-get install util-linux")
    told = subprocess.run([*LATER, *MONOTONIC], capture_output=True, text=True, check=False)
    if told.returncode:
        pytest.skip(f"no time namespace can be made here: {told.stderr.strip()}")
    assert float(told.stdout) > 5_000_000
    return LATER


async def test_a_wall_clock_that_jumps_forth_and_back(tmp_path: Path) -> None:
    clock = tmp_path / "clock"
    clock.write_text("+0")
    faked = {
        "LD_PRELOAD": faketime(),
        "FAKETIME_TIMESTAMP_FILE": str(clock),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }
    jobs = []
    async with serve_gate() as gate, run_daemon(tmp_path / "data", env=faked) as daemon:
        for jump in ("+40d", "-40d", "+0"):
            urls = gate.urls(100, 100)
            jobs.append((await daemon.submit(urls), urls))
            await gate.asked.wait()
            clock.write_text(jump)
            assert (await daemon.readiness())[0] == 200
        gate.open()
        created, finished = [], []
        for job, urls in jobs:
            await daemon.finish(job)
            await daemon.check(job, urls)
            state = await daemon.get(f"/v1/jobs/{job}")
            created.append(datetime.fromisoformat(state["created_at"]))
            finished.append(datetime.fromisoformat(state["finished_at"]))
    # The clock has jumped indeed.
    assert created[1] - created[0] > timedelta(days=39)
    assert created[0] - created[2] > timedelta(days=39)
    # A job has not ended before it began, whatever a clock says.
    assert all(end >= begin for begin, end in zip(created, finished, strict=True))


async def test_a_monotonic_clock_that_begins_anew_with_the_machine(tmp_path: Path) -> None:
    later = later_machine()
    async with serve_gate() as gate:
        urls = gate.urls(100, 400)
        async with run_daemon(tmp_path, "--concurrency", "50", before=later) as daemon:
            job = await daemon.submit(urls)
            await gate.asked.wait()
        gate.open()
        assert time.monotonic() < 5_000_000
        async with run_daemon(tmp_path) as daemon:
            await daemon.finish(job)
            await daemon.check(job, urls)
