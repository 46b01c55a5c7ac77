"""A batch that is killed again and again, and resumed each time, ends as one that ran through.

`MASTHEAD_KILLS` is how often (5; 50 are what was promised). Where it is killed is random; a failure names the
seed, which `MASTHEAD_SEED` sets.
"""

import asyncio
import json
import os
import random
import signal
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.integration.mixed_list import MixedList, serve_mixed_list

KILLS = int(os.environ.get("MASTHEAD_KILLS", "5"))
SEED = int(os.environ.get("MASTHEAD_SEED", random.randrange(1 << 32)))
COUNT = 300 * KILLS
OPTIONS = ("--timeout", "60", "--allow-net", "127.0.0.0/8", "--concurrency", "20", "--workers", "1")
HURRY = ("--per-host", "1000", "--host-gap", "0", "--per-address", "1000")
SILENT = "deadline_exceeded"
LOOK_S = 0.002  # another process's file does not tell when it grows


async def start(mixed: MixedList, file: Path, out: Path, *options: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "service", "batch", "-q", str(file), "-o", str(out), *OPTIONS, *HURRY),
        *("--resolver", mixed.resolver, *options),
        stderr=asyncio.subprocess.DEVNULL,
    )


def size_of(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


async def kill_after(process: asyncio.subprocess.Process, out: Path, more: int) -> bool:
    """Kill it when the output has grown by so many bytes; whether it had not ended before."""
    wanted = size_of(out) + more
    while size_of(out) < wanted:
        if process.returncode is not None:
            return False
        await asyncio.sleep(LOOK_S)
    process.send_signal(signal.SIGKILL)
    return await process.wait() == -signal.SIGKILL


def outcomes(out: Path) -> list[tuple[Any, ...]]:
    """What each record says that does not hang on when it was made, by `seq`."""
    records = [json.loads(line) for line in out.read_bytes().splitlines()]
    return sorted(
        (
            record["seq"],
            record["input"],
            record["outcome"],
            (record["error"] or {}).get("code"),
            record["status"],
            record["report"] and record["report"]["observatory"]["grade"],
        )
        for record in records
    )


async def test_a_batch_killed_at_random_points_and_resumed_ends_as_one_run_through(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chance = random.Random(SEED)
    file, once, out = (tmp_path / name for name in ("list", "once", "out"))
    async with serve_mixed_list(COUNT) as mixed:
        # But for those that time out: how many do hangs on the machine.
        lines = [line for line, code in zip(mixed.lines, mixed.codes, strict=True) if code != SILENT]
        file.write_text("\n".join(lines) + "\n")
        process = await start(mixed, file, once)
        assert await process.wait() == 0
        killed = torn = 0
        while killed < KILLS:
            loops = chance.choice(("1", "1", "2"))
            process = await start(mixed, file, out, "--resume", "--loops", loops)
            more = chance.randrange(size_of(once) // (KILLS + 2))
            if not await kill_after(process, out, more):
                break
            killed += 1
            torn += size_of(out) > 0 and not out.read_bytes().endswith(b"\n")
        assert process.returncode in (0, -signal.SIGKILL)
        process = await start(mixed, file, out, "--resume")
        assert await process.wait() == 0
    assert outcomes(out) == outcomes(once), f"MASTHEAD_SEED={SEED}"
    assert [outcome[1] for outcome in outcomes(once)] == lines
    assert killed >= KILLS // 2, f"the list was done after {killed} kills: MASTHEAD_SEED={SEED}"
    with capsys.disabled():
        print(f"\n{killed} kills of a batch of {COUNT} URLs, {torn} within a line: the same outcomes")
