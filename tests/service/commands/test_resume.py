"""`masthead batch --resume`, run as users run it."""

import asyncio
import json
import signal
from pathlib import Path
from typing import Any

import pytest

from tests.service.commands.running import DEADLINE_S, LOOPBACK, Result, masthead, start
from tests.service.inspection.servers import HELLO, serve


async def batch(*arguments: str | Path, **options: Any) -> Result:
    """Without judging, for the most part: processes for that take longer to start than all the rest."""
    return await masthead("batch", "--checks", "none", *arguments, **options)


def write_list(path: Path, urls: list[str]) -> Path:
    path.write_text("# a list\n\n" + "".join(f"{url}\n" for url in urls))
    return path


def unreached(count: int) -> list[str]:
    """Refused by the guard: records without a connection."""
    return [f"http://10.0.0.1/{number}" for number in range(1, count + 1)]


def inputs(out: Path) -> dict[int, str]:
    records: list[dict[str, Any]] = [json.loads(line) for line in out.read_text().splitlines()]
    found = {record["seq"]: record["input"] for record in records}
    assert len(found) == len(records), "one record a URL"
    return found


async def interrupted(tmp_path: Path, urls: list[str], kept: int, *options: str) -> tuple[Path, Path]:
    """A list, and its output cut off within the line behind the first `kept`."""
    file, out = write_list(tmp_path / "urls", urls), tmp_path / "out"
    assert (await batch("-q", *options, "-o", out, file)).status == 0
    lines = out.read_bytes().splitlines(keepends=True)
    out.write_bytes(b"".join([*lines[:kept], *(line[:20] for line in lines[kept : kept + 1])]))
    return file, out


@pytest.mark.parametrize("loops", ["1", "2"])
@pytest.mark.parametrize("output_format", ["jsonl", "csv"])
async def test_what_has_a_record_is_not_inspected_again(
    tmp_path: Path, output_format: str, loops: str
) -> None:
    asked: list[bytes] = []

    async def answer(head: bytes, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(head.split()[1])
        writer.write(HELLO)

    options = (*LOOPBACK, "--format", output_format)
    async with serve(answer) as port:
        urls = [f"http://127.0.0.1:{port}/{number}" for number in range(40)]
        file, out = await interrupted(tmp_path, urls, 21, *options)
        kept = out.read_bytes().splitlines()[:21]
        asked.clear()
        result = await batch(*options, "--loops", loops, "--resume", "-o", out, file)
    lines = out.read_bytes().splitlines()
    head = output_format == "csv"
    assert (result.status, lines[: len(kept)], len(lines)) == (0, kept, 40 + head)
    assert len(asked) == 40 - (len(kept) - head)
    assert f"{out}: going on behind {len(kept) - head} records; " in result.err
    assert f"and {len(kept) - head} from before: 40 ok, 0 failed" in result.err.replace("\n", "")


async def test_an_output_that_is_not_there_or_empty_is_begun(tmp_path: Path) -> None:
    file = write_list(tmp_path / "urls", unreached(3))
    for name in ("absent", "empty"):
        (tmp_path / "empty").touch()
        assert (await batch("-q", "--resume", "-o", tmp_path / name, file)).status == 0
        assert list(inputs(tmp_path / name).values()) == unreached(3)


async def test_a_whole_output_stays_as_it_is(tmp_path: Path) -> None:
    file, out = await interrupted(tmp_path, unreached(3), 3)
    before = out.read_bytes()
    result = await batch("--resume", "-o", out, file)
    assert (result.status, out.read_bytes()) == (0, before)
    assert "0 in " in result.err
    assert "and 3 from before: 0 ok, 3 failed" in result.err


@pytest.mark.parametrize("is_piped", [False, True])
async def test_a_list_that_has_changed_is_told_with_its_line(tmp_path: Path, is_piped: bool) -> None:
    file, out = await interrupted(tmp_path, unreached(10), 7)
    before = out.read_bytes()
    urls = unreached(10)
    urls.insert(4, "http://10.0.0.2/")
    write_list(file, urls)
    if is_piped:
        result = await batch("-q", "--resume", "-o", out, "-", given=file.read_bytes())
    else:
        result = await batch("-q", "--resume", "-o", out, file)
        assert out.read_bytes() == before
    assert result.status == 2
    name = "stdin" if is_piped else str(file)
    assert result.err == (
        f"masthead: {name}: line 7: the list is not the one that {out} was written for: expected"
        " 'http://10.0.0.1/5', whose record is in line 5 there (seq 5), got 'http://10.0.0.2/'\n"
    )


async def test_a_list_that_is_shorter_now_is_told(tmp_path: Path) -> None:
    file, out = await interrupted(tmp_path, unreached(10), 7)
    before = out.read_bytes()
    write_list(file, unreached(4))
    result = await batch("-q", "--resume", "-o", out, file)
    assert (result.status, out.read_bytes()) == (2, before)
    assert result.err.endswith("(seq 7), got a list of 4 URLs\n")


async def test_records_that_were_taken_out_are_made_again(tmp_path: Path) -> None:
    file, out = await interrupted(tmp_path, unreached(10), 10)
    lines = out.read_bytes().splitlines(keepends=True)
    out.write_bytes(b"".join(lines[5:] + lines[:2]))
    assert (await batch("-q", "--resume", "-o", out, file)).status == 0
    assert inputs(out) == dict(enumerate(unreached(10), 1))


async def test_gates_count_records_of_before(tmp_path: Path) -> None:
    urls = ["http://[", *[f"http://10.0.0.1/{number}" for number in range(8)]]
    for output_format in ("jsonl", "csv"):
        file, out = await interrupted(tmp_path, urls, 10, "--format", output_format)
        options = ("-q", "--format", output_format, "--fail-on", "high", "--resume")
        result = await batch(*options, "-o", out, file)
        assert result.status == 1
        told = result.err.splitlines()
        assert told[0] == "masthead: --fail-on high is not met by 9 of 9 URLs: 9 failed"
        assert told[1] == "  http://[: invalid_url"


@pytest.mark.parametrize(
    ("output_format", "kinds"),
    [("jsonl", "2 with --depth headers, 1 with --checks none"), ("csv", "1 with --checks none")],
)
async def test_records_that_were_made_with_other_options_are_told_once(
    tmp_path: Path, output_format: str, kinds: str
) -> None:
    async with serve(HELLO) as port:
        urls = [f"http://127.0.0.1:{port}/", *unreached(3)]
        options = ("-q", *LOOPBACK, "--host-gap", "0", "--format", output_format)
        file, out = await interrupted(
            tmp_path, urls, 2 + (output_format == "csv"), *options, "--concurrency", "1"
        )
        arguments = (*options, "--checks", "referrer-policy", "--depth", "full", "--resume", "-o", out, file)
        result = await masthead("batch", *arguments)
    assert result.status == 0
    count = 2 if output_format == "jsonl" else 1
    assert result.err == (
        f"masthead: {out}: {count} of 2 records of before were made with other options ({kinds}), and stay"
        " so; without --resume all are made anew\n"
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ((), "expected -o OUT, a file to go on with, got stdout"),
        (("-o", "-"), "expected -o OUT, a file to go on with, got stdout"),
        (("-o", "/dev/null"), "expected -o to name a file, got /dev/null, which is none"),
        (("-o", "out", "--format", "sarif"), "expected --format jsonl or csv, got sarif"),
        (("-o", "out", "--format", "junit"), "expected --format jsonl or csv, got junit"),
    ],
)
async def test_what_cannot_be_gone_on_with_is_refused(
    tmp_path: Path, options: tuple[str, ...], message: str
) -> None:
    file = write_list(tmp_path / "urls", unreached(1))
    result = await batch("--resume", *options, file, cwd=tmp_path)
    assert (result.status, result.out) == (2, b"")
    assert result.err.startswith(f"masthead: --resume: {message}")
    assert not (tmp_path / "out").exists()


async def test_a_file_that_is_no_output_of_ours_stays_as_it_is(tmp_path: Path) -> None:
    file, out = write_list(tmp_path / "urls", unreached(1)), tmp_path / "out"
    out.write_text("my notes\n")
    result = await batch("--resume", "-o", out, file)
    assert result.status == 2
    assert f"masthead: {out}: line 1: expected a record" in result.err
    assert out.read_text() == "my notes\n"


@pytest.mark.parametrize("options", [(), ("--resume",)])
async def test_a_file_that_another_run_is_writing_to_is_refused(
    tmp_path: Path, options: tuple[str, ...]
) -> None:
    asked = asyncio.Event()

    async def halt(_: bytes, reader: asyncio.StreamReader, __: asyncio.StreamWriter) -> None:
        asked.set()
        await reader.read()

    async with serve(halt) as port:
        file, out = write_list(tmp_path / "urls", [f"http://127.0.0.1:{port}/"]), tmp_path / "out"
        first = await start("batch", *LOOPBACK, "--checks", "none", "-o", out, file)
        await asyncio.wait_for(asked.wait(), DEADLINE_S)
        result = await batch(*options, "-o", out, file)
        first.send_signal(signal.SIGKILL)
        await first.communicate()
    assert result.status == 4
    assert result.err == f"masthead: {out}: the output cannot be written: another run is writing to it\n"
    assert (await batch("-q", "--timeout", "1", *options, "-o", out, file)).status == 0


async def test_a_dash_is_stdout(tmp_path: Path) -> None:
    result = await batch("-q", "-o", "-", write_list(tmp_path / "urls", unreached(1)))
    assert [record["input"] for record in result.records] == unreached(1)
