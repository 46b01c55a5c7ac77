"""Nothing is lost: ten thousand mixed lines end as ten thousand records, even when a worker is killed."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.integration.mixed_list import MixedList, serve_mixed_list

COUNT = 10_000
HURRY = ("--per-host", "1000", "--host-gap", "0", "--per-address", "1000")
OPTIONS = ("--timeout", "4", "--allow-net", "127.0.0.0/8", "--concurrency", "500", *HURRY)


async def start_batch(mixed: MixedList, folder: Path, *options: str) -> asyncio.subprocess.Process:
    (folder / "list").write_text("\n".join(mixed.lines) + "\n")
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "service", "batch", str(folder / "list"), *OPTIONS),
        *("--resolver", mixed.resolver, *options),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        limit=1 << 20,
    )


async def read_records(
    process: asyncio.subprocess.Process, half: int = 0, at_half: Callable[[], None] = lambda: None
) -> list[Any]:
    """All records of stdout, calling `at_half` after `half` of them."""
    assert process.stdout is not None
    records: list[Any] = []
    async for line in process.stdout:
        assert line.endswith(b"\n")
        records.append(json.loads(line))
        if len(records) == half:
            at_half()
    return records


def check_every_line_has_its_record(records: list[Any], mixed: MixedList) -> None:
    assert sorted(record["seq"] for record in records) == list(range(1, len(mixed.lines) + 1))
    for record in records:
        at = record["seq"] - 1
        assert record["input"] == mixed.lines[at]
        assert (record["error"] or {}).get("code") == mixed.codes[at], record
        assert (record["report"] is None) == (mixed.codes[at] is not None)


def worker_of(process: int) -> int:
    """One of the analysis processes: the forkserver's children, by /proc."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(entry.read_text().rpartition(")")[2].split()[1])
        except (FileNotFoundError, ProcessLookupError):
            continue
        children.setdefault(parent, []).append(int(entry.parent.name))
    return next(worker for server in children[process] for worker in children.get(server, []))


@pytest.mark.parametrize("kill", [False, True], ids=["undisturbed", "a worker killed"])
async def test_ten_thousand_mixed_lines_end_as_ten_thousand_right_records(tmp_path: Path, kill: bool) -> None:
    async with serve_mixed_list(COUNT) as mixed:
        process = await start_batch(mixed, tmp_path)

        def kill_a_worker() -> None:
            if kill:
                os.kill(worker_of(process.pid), signal.SIGKILL)

        records = await read_records(process, COUNT // 3, kill_a_worker)
        assert await process.wait() == 0
    check_every_line_has_its_record(records, mixed)


async def test_an_interrupt_in_the_middle_leaves_whole_lines_and_exit_130(tmp_path: Path) -> None:
    async with serve_mixed_list(COUNT) as mixed:
        process = await start_batch(mixed, tmp_path)
        records = await read_records(process, COUNT // 4, lambda: process.send_signal(signal.SIGINT))
        assert await process.wait() == 130
    seqs = [record["seq"] for record in records]
    assert COUNT // 4 <= len(seqs) == len(set(seqs)) < COUNT
