"""`masthead batch`, run as users run it: real lists, real pipes, real signals."""

import asyncio
import csv
import gzip
import io
import json
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.service.commands.running import DEADLINE_S, LOOPBACK, LOOSENED, environment, masthead, start
from tests.service.inspection.servers import HELLO, Halting, serve

ONLY_RECORDS = (*LOOPBACK, "--checks", "none")
UNREACHED = "10.0.0.1"  # refused by the guard: a record without a connection


def write_list(path: Path, *urls: str) -> Path:
    path.write_text("".join(f"{url}\n" for url in urls))
    return path


async def test_each_line_gets_one_record_on_stdout_and_nothing_else_is_there(tmp_path: Path) -> None:
    async with serve(HELLO) as port:
        good = f"http://127.0.0.1:{port}/"
        file = write_list(
            tmp_path / "urls", "# a comment", good, "", f"  {good}x  ", "http://[bad", UNREACHED
        )
        result = await masthead("batch", *LOOPBACK, file)
    assert result.status == 0
    assert [record["seq"] for record in result.records] == [1, 2, 3, 4]
    assert [record["outcome"] for record in result.records] == ["ok", "ok", "error", "error"]
    assert [record["status"] for record in result.records] == [200, 200, None, None]
    assert [(record["error"] or {}).get("code") for record in result.records] == [
        *(None, None),
        *("invalid_url", "blocked_address"),
    ]
    assert result.records[0]["report"]["findings"]
    assert "records         4 in" in result.err
    assert "blocked_address 1" in result.err


async def test_quiet_tells_nothing_on_stderr(tmp_path: Path) -> None:
    result = await masthead("batch", "-q", write_list(tmp_path / "urls", UNREACHED))
    assert (result.status, result.err) == (0, "")


@pytest.mark.parametrize("packed", [False, True])
async def test_a_list_comes_from_stdin_packed_or_not(packed: bool) -> None:
    urls = f"{UNREACHED}\n{UNREACHED}".encode()
    result = await masthead("batch", "-", given=gzip.compress(urls) if packed else urls)
    assert result.status == 0
    assert len(result.records) == 2


async def test_a_record_is_written_as_soon_as_it_is_done() -> None:
    process = await start("batch", "-q", "-", stdin=asyncio.subprocess.PIPE)
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(UNREACHED.encode() + b"\n")
    line = await asyncio.wait_for(process.stdout.readline(), DEADLINE_S)  # stdin is open still
    assert json.loads(line)["seq"] == 1
    process.stdin.close()
    assert await process.wait() == 0


async def test_csv_has_a_header_and_a_row_for_each_record(tmp_path: Path) -> None:
    async with serve(HELLO) as port:
        file = write_list(tmp_path / "urls", f"http://127.0.0.1:{port}/", "=cmd|' /C calc'!A0")
        result = await masthead("batch", *LOOPBACK, "--format", "csv", file)
    rows = sorted(
        csv.DictReader(io.StringIO(result.out.decode(), newline="")), key=lambda row: int(row["seq"])
    )
    assert [(row["outcome"], row["status"], row["error_code"]) for row in rows] == [
        ("ok", "200", ""),
        ("error", "", "invalid_url"),
    ]
    assert rows[1]["input"] == "'=cmd|' /C calc'!A0"


async def test_records_go_to_the_file_that_output_names(tmp_path: Path) -> None:
    out = tmp_path / "records.jsonl"
    out.write_text("what was there before\n")
    result = await masthead("batch", "-o", out, write_list(tmp_path / "urls", UNREACHED))
    assert (result.status, result.out) == (0, b"")
    assert [json.loads(line)["seq"] for line in out.read_text().splitlines()] == [1]
    assert str(out) in result.err.replace("\n", "")


@pytest.mark.parametrize(
    ("name", "reason"), [("absent", "No such file or directory"), ("", "Is a directory")]
)
async def test_a_list_that_cannot_be_read_exits_2_and_spares_the_output(
    tmp_path: Path, name: str, reason: str
) -> None:
    out = tmp_path / "records"
    out.write_text("kept")
    result = await masthead("batch", "-o", out, tmp_path / name)
    assert (result.status, result.out) == (2, b"")
    assert result.err == f"masthead: {tmp_path / name}: cannot be read: {reason}\n"
    assert out.read_text() == "kept"


async def test_a_list_that_breaks_gives_the_records_before_the_break_and_exits_2(tmp_path: Path) -> None:
    file = tmp_path / "urls.gz"
    whole = gzip.compress("".join(f"{UNREACHED}/{number}\n" for number in range(1_000)).encode())
    file.write_bytes(whole[:-8])
    result = await masthead("batch", file)
    assert result.status == 2
    assert len(result.records) == 1_000
    assert f"masthead: {file}: line 1001, byte " in result.err


async def test_the_list_is_not_overwritten_by_its_records(tmp_path: Path) -> None:
    file = write_list(tmp_path / "urls", UNREACHED)
    result = await masthead("batch", "-o", file, file)
    assert result.status == 2
    assert "is the list itself" in result.err
    assert file.read_text() == f"{UNREACHED}\n"


async def test_a_full_disk_exits_4(tmp_path: Path) -> None:
    file = write_list(tmp_path / "urls", *[UNREACHED] * 1_000)
    result = await masthead("batch", "-o", "/dev/full", file)
    assert result.status == 4
    assert result.err == (
        "masthead: /dev/full: the output cannot be written: No space left on device; 0 records were written\n"
    )


@pytest.mark.parametrize("options", [(), ("-q",)])
async def test_a_reader_that_goes_away_ends_the_run_with_4_and_no_words(
    tmp_path: Path, options: tuple[str, ...]
) -> None:
    file = write_list(tmp_path / "urls", *[UNREACHED] * 20_000)
    process = await start("batch", *options, file)
    assert process.stdout is not None
    assert process.stderr is not None
    await asyncio.wait_for(process.stdout.readline(), DEADLINE_S)
    process.stdout._transport.close()  # type: ignore[attr-defined]  # asyncio has no other way to close it
    err = await process.stderr.read()
    assert await process.wait() == 4
    assert err == b""


@pytest.mark.parametrize("options", [(), ("--quiet",)])
async def test_what_an_output_held_before_is_told_to_be_replaced(
    tmp_path: Path, options: tuple[str, ...]
) -> None:
    output = tmp_path / "out"
    output.write_bytes(b"x" * 1_234)
    result = await masthead("batch", "-o", output, *options, write_list(tmp_path / "urls", UNREACHED))
    assert json.loads(output.read_bytes())["outcome"] == "error"
    told = f"masthead: {output}: 1,234 bytes of before are replaced\n"
    assert (told in result.err) == (not options)


@pytest.mark.parametrize("command", ["batch", "inspect"])
async def test_what_is_loosened_is_named_once_wherever_it_was_set(tmp_path: Path, command: str) -> None:
    given: tuple[str | Path, ...] = ("--allow-port", "1", "--insecure")
    given = (command, *given, write_list(tmp_path / "urls", UNREACHED) if command == "batch" else UNREACHED)
    env = {"MASTHEAD_ALLOW_NET": "10.0.0.0/8,192.0.2.1/32"}
    result = await masthead(*given, env=env)
    told = "loosened: --allow-net 10.0.0.0/8, --allow-net 192.0.2.1/32, --allow-port 1, --insecure"
    assert result.err.count("loosened") == result.err.count(f"masthead: {told}\n") == 1
    assert b"loosened" not in result.out
    if command == "batch":
        assert "loosened" not in (await masthead(*given, "--quiet", env=env)).err
        assert "loosened" not in (await masthead(command, given[-1])).err


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
async def test_a_first_signal_finishes_what_is_in_flight(
    tmp_path: Path, number: signal.Signals, status: int
) -> None:
    site = Halting()
    async with serve(site) as port:
        base = f"http://127.0.0.1:{port}"
        urls = [f"{base}/quick", f"{base}/slow", *[f"{base}/never"] * 5_000]
        process = await start("batch", *ONLY_RECORDS, "--concurrency", "1", write_list(tmp_path / "u", *urls))
        assert process.stdout is not None
        first = await asyncio.wait_for(process.stdout.readline(), DEADLINE_S)
        await site.waiting.wait()
        process.send_signal(number)
        site.go.set()
        rest, err = await process.communicate()
    assert process.returncode == status
    records = [json.loads(line) for line in (first + rest).splitlines()]
    assert [record["outcome"] for record in records[:2]] == ["ok", "ok"]
    assert len(records) < 5_000
    assert (first + rest).endswith(b"}\n")
    assert b"Traceback" not in err
    loosened, stopping, stopped, *_ = err.decode().splitlines()
    assert loosened == LOOSENED
    assert stopping == "masthead: stopping: 1 in flight is finished, Ctrl-C again stops at once"
    assert stopped == f"stopped by {number.name}: {len(records):,} of 5,002 URLs have a record"


@pytest.mark.parametrize(
    ("options", "status"), [((), 0), (("--fail-under", "A"), 1), (("--loops", "2"), 0), (("--quiet",), 0)]
)
async def test_a_signal_while_the_last_are_in_flight_is_no_stop_before_the_end(
    tmp_path: Path, options: tuple[str, ...], status: int
) -> None:
    site = Halting()
    async with serve(site) as port:
        urls = [f"http://127.0.0.1:{port}/{path}" for path in ("quick", "slow")]
        command = ("batch", *LOOPBACK, *options, write_list(tmp_path / "urls", *urls))
        process = await start(*command)
        assert process.stdout is not None
        first = await asyncio.wait_for(process.stdout.readline(), DEADLINE_S)
        await site.waiting.wait()
        process.send_signal(signal.SIGINT)
        assert process.stderr is not None
        await asyncio.wait_for(process.stderr.readuntil(b"masthead: stopping: "), DEADLINE_S)
        site.go.set()
        rest, err = await process.communicate()
    assert process.returncode == status
    assert [json.loads(line)["outcome"] for line in (first + rest).splitlines()] == ["ok", "ok"]
    assert b"stopped by" not in err


async def test_a_second_signal_stops_at_once(tmp_path: Path) -> None:
    site = Halting()
    async with serve(site) as port:
        urls = [f"http://127.0.0.1:{port}/{path}" for path in ("quick", "slow")]
        process = await start("batch", *ONLY_RECORDS, "--timeout", "3000", "--response-timeout", "3000",
                              write_list(tmp_path / "urls", *urls))  # fmt: skip
        assert process.stdout is not None
        first = await asyncio.wait_for(process.stdout.readline(), DEADLINE_S)
        await site.waiting.wait()
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGTERM)
        rest, err = await asyncio.wait_for(process.communicate(), DEADLINE_S)
    # Which of the two came first is the system's choice.
    assert process.returncode in (130, 143)
    assert [json.loads(line)["outcome"] for line in (first + rest).splitlines()] == ["ok"]
    assert b"Traceback" not in err
    assert b": 1 of 2 URLs have a record\n" in err


def test_a_second_signal_leaves_whole_lines_in_a_pipe_that_nobody_reads(tmp_path: Path) -> None:
    file = write_list(tmp_path / "urls", *[UNREACHED] * 50_000)
    command = [sys.executable, "-m", "service", "batch", "-q", str(file)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment()) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGTERM)
        assert process.wait(DEADLINE_S) in (130, 143)
        for line in process.stdout.read().splitlines():
            json.loads(line)


async def test_a_signal_ends_the_wait_for_a_list_that_does_not_come() -> None:
    process = await start("batch", "-", stdin=asyncio.subprocess.PIPE)
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(UNREACHED.encode() + b"\n")
    await asyncio.wait_for(process.stdout.readline(), DEADLINE_S)
    process.send_signal(signal.SIGINT)
    assert await asyncio.wait_for(process.wait(), DEADLINE_S) == 130
    process.stdin.close()
    _, err = await process.communicate()
    assert err.startswith(
        b"masthead: stopping: nothing is in flight\nstopped by SIGINT: 1 URLs have a record\n"
    )


async def test_a_stop_before_any_record_is_summed_up_too(tmp_path: Path) -> None:
    site = Halting()
    async with serve(site) as port:
        file = write_list(tmp_path / "urls", f"http://127.0.0.1:{port}/slow")
        process = await start("batch", *ONLY_RECORDS, file)
        await site.waiting.wait()
        for number in (signal.SIGINT, signal.SIGTERM):
            process.send_signal(number)
        out, err = await asyncio.wait_for(process.communicate(), DEADLINE_S)
    assert out == b""
    assert b": 0 of 1 URLs have a record\nrecords         0 in " in err


@pytest.mark.parametrize("options", [(), ("-q",)])
async def test_a_list_without_urls_is_named(tmp_path: Path, options: tuple[str, ...]) -> None:
    file = write_list(tmp_path / "urls", "# nothing yet", "")
    result = await masthead("batch", *options, file)
    assert (result.status, result.out, result.err) == (0, b"", f"masthead: no URLs in {file}\n")
    result = await masthead("batch", *options, "-", given=b"")
    assert (result.status, result.out, result.err) == (0, b"", "masthead: no URLs in stdin\n")


async def test_addresses_that_the_guard_refused_are_hinted_at(tmp_path: Path) -> None:
    result = await masthead("batch", write_list(tmp_path / "urls", UNREACHED, UNREACHED))
    assert result.err.endswith(
        "\n2 addresses were refused by the egress guard; --allow-net CIDR lets a network through\n"
    )


async def test_a_format_may_be_written_in_capitals(tmp_path: Path) -> None:
    result = await masthead("batch", "--format", "CSV", write_list(tmp_path / "urls", UNREACHED))
    assert result.status == 0
    assert result.out.startswith(b"seq,input,")


async def test_more_than_a_pipe_holds_comes_through_whole(tmp_path: Path) -> None:
    async with serve(HELLO) as port:
        urls = [f"http://127.0.0.1:{port}/{number}" for number in range(400)]
        result = await masthead("batch", *LOOPBACK, write_list(tmp_path / "urls", *urls))
    assert Counter(record["outcome"] for record in result.records) == {"ok": 400}
    assert [record["input"] for record in result.records] == urls
