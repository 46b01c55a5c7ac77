"""`--loops`, run as users run it: the records of one loop, and its signals, from several processes."""

import asyncio
import json
import os
import re
import signal
from pathlib import Path
from typing import Any

import pytest

from tests.service.commands.running import DEADLINE_S, LOOPBACK, masthead, start
from tests.service.inspection.servers import HELLO, Halting, serve
from tests.service.loops.running import children, kill

ONLY_RECORDS = (*LOOPBACK, "--checks", "none")
REDIRECT = b"HTTP/1.1 302 Found\r\nLocation: /there\r\nContent-Length: 0\r\n\r\n"
UNREACHED = "10.0.0.1"  # refused by the guard: a record without a connection
ODD = [b"# none", b"http://[", b"\xff\xfe", b"ftp://a/", UNREACHED.encode(), b"http://127.0.0.1:1/"]


async def _answer(head: bytes, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(REDIRECT if b"/from" in head else HELLO)


async def test_the_records_are_those_of_one_loop(tmp_path: Path) -> None:
    file = tmp_path / "urls"
    async with serve(_answer) as port:
        base = f"127.0.0.1:{port}"
        lines = [f"http://{base}/{n}".encode() for n in range(300)]
        lines += [f"http://{base}/from/{n}".encode() for n in range(30)]
        lines += ODD * 9
        file.write_bytes(b"\n".join(lines))
        results = [await masthead("batch", *LOOPBACK, "--loops", count, file) for count in ("1", "2")]
    one, several = results
    assert (one.status, several.status) == (0, 0)
    assert len(one.records) == 375
    assert [_timeless(record) for record in several.records] == [_timeless(record) for record in one.records]
    assert _counts(several.err) == _counts(one.err)
    assert _counts(one.err)["records"] == "330 ok, 45 failed"
    assert "loop lag        p50" in several.err


async def test_a_report_keeps_the_order_given() -> None:
    async with serve(HELLO) as port:
        urls = [f"http://127.0.0.1:{port}/", UNREACHED, "http://[", f"http://127.0.0.1:{port}/last"]
        result = await masthead("inspect", *LOOPBACK, "--loops", "3", "--format", "jsonl", *urls)
    assert result.status == 0
    assert [json.loads(line)["input"] for line in result.out.splitlines()] == urls


@pytest.mark.parametrize("value", ["0", "65", "two", ""])
async def test_a_number_that_cannot_be_is_refused(value: str) -> None:
    result = await masthead("batch", "--loops", value, "-", given=b"")
    assert (result.status, result.out) == (2, b"")
    expected = "expected a whole number, at least 1 and at most 64"
    assert result.err == f"masthead: command line: --loops: {expected}, got {value!r}\n"


async def test_a_ctrl_c_of_the_whole_group_finishes_what_is_in_flight(tmp_path: Path) -> None:
    site = Halting()
    file = tmp_path / "urls"
    async with serve(site) as port:
        base = f"http://127.0.0.1:{port}"
        file.write_text("\n".join([f"{base}/quick", f"{base}/slow", *[f"{base}/never"] * 5_000]))
        process = await start(
            *("batch", *ONLY_RECORDS, "--loops", "2", "--concurrency", "2", file), start_new_session=True
        )
        assert process.stdout is not None
        first = await asyncio.wait_for(process.stdout.readline(), DEADLINE_S)
        await site.waiting.wait()
        os.killpg(process.pid, signal.SIGINT)
        site.go.set()
        rest, err = await asyncio.wait_for(process.communicate(), DEADLINE_S)
    assert process.returncode == 130
    records = [json.loads(line) for line in (first + rest).splitlines()]
    assert {record["outcome"] for record in records} == {"ok"}
    assert {record["input"] for record in records} >= {f"{base}/quick", f"{base}/slow"}
    assert len(records) < 5_000
    _, stopping, stopped, *_ = err.decode().splitlines()
    assert re.fullmatch("masthead: stopping: (1|nothing) (in flight )?is .*", stopping)
    assert stopped == f"stopped by SIGINT: {len(records):,} of 5,002 URLs have a record"
    assert b"Traceback" not in err


async def test_a_second_signal_stops_at_once_and_leaves_no_process(tmp_path: Path) -> None:
    site = Halting()
    file = tmp_path / "urls"
    async with serve(site) as port:
        file.write_text("".join(f"http://127.0.0.1:{port}/{path}\n" for path in ("quick", "slow")))
        process = await start("batch", *ONLY_RECORDS, "--timeout", "3000", "--response-timeout", "3000",
                              "--loops", "2", file)  # fmt: skip
        assert process.stdout is not None
        first = await asyncio.wait_for(process.stdout.readline(), DEADLINE_S)
        await site.waiting.wait()
        loops = children(process.pid)
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGTERM)
        rest, err = await asyncio.wait_for(process.communicate(), DEADLINE_S)
    assert process.returncode in (130, 143)
    assert [json.loads(line)["outcome"] for line in (first + rest).splitlines()] == ["ok"]
    assert b"Traceback" not in err
    assert len(loops) == 2
    assert not any(map(_is_there, loops))


async def test_processes_end_with_one_that_is_killed(tmp_path: Path) -> None:
    site = Halting()
    file = tmp_path / "urls"
    async with serve(site) as port:
        file.write_text(f"http://127.0.0.1:{port}/slow")
        process = await start("batch", *LOOPBACK, "--loops", "2", file)
        await site.waiting.wait()
        loops = children(process.pid)
        assert len(loops) == 2
        kill(process.pid)
        await process.communicate()  # the pipes' other ends are closed once they are all gone
        async with asyncio.timeout(DEADLINE_S):
            while any(map(_is_there, loops)):
                await asyncio.sleep(0.01)


async def test_a_process_that_is_killed_costs_no_record(tmp_path: Path) -> None:
    site = Halting()
    file = tmp_path / "urls"
    async with serve(site) as port:
        base = f"http://127.0.0.1:{port}"
        file.write_text("".join(f"{base}/quick/{n}\n{UNREACHED}\n" for n in range(500)) + f"{base}/slow\n")
        process = await start("batch", *LOOPBACK, "--loops", "2", file)
        await site.waiting.wait()
        for pid in children(process.pid):
            kill(pid)
        site.go.set()
        out, err = await asyncio.wait_for(process.communicate(), DEADLINE_S)
    assert process.returncode == 0
    records = [json.loads(line) for line in out.splitlines()]
    assert sorted(record["seq"] for record in records) == list(range(1, 1_002))
    assert {(record["error"] or {}).get("code") for record in records} == {None, "blocked_address"}
    assert b"own faults      loop restarts 2\n" in err
    assert b"Traceback" not in err


def _timeless(record: dict[str, Any]) -> dict[str, Any]:
    """What is the same in each run."""
    record = {name: value for name, value in record.items() if name not in ("started_at", "elapsed_ms")}
    return record | {"hops": [hop | {"timing_ms": None} for hop in record["hops"]]}


def _counts(summary: str) -> dict[str, str]:
    """What the summary counts, by the label."""
    rows = {line[:16].strip(): line[16:] for line in summary.splitlines()}
    counts = {name: rows[name] for name in ("grades", "failures", "findings")}
    return counts | {"records": rows["records"].rpartition("): ")[2]}


def _is_there(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()
