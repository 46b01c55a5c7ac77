"""What an output held before, as users of `batch`, `grade` and `submit` meet it."""

import asyncio
import json
import os
import signal
from pathlib import Path

import pytest

from tests.integration.ports import free_port
from tests.service.api.daemons import run_daemon
from tests.service.commands.running import DEADLINE_S, LOOPBACK, masthead, start
from tests.service.inspection.servers import Halting, serve

YESTERDAY = '{"seq": 1}\n'
BROKEN = {
    "gzip": b"\x1f\x8b garbage",
    "UTF-16": b"\xff\xfeh\x00",
}


@pytest.fixture
def out(tmp_path: Path) -> Path:
    out = tmp_path / "out"
    out.write_text(YESTERDAY)
    return out


@pytest.mark.parametrize("given", [("batch",), ("batch", "--format", "sarif"), ("grade",)], ids=" ".join)
@pytest.mark.parametrize("what", BROKEN)
async def test_an_input_that_breaks_at_its_beginning_loses_nothing(
    given: tuple[str, ...], what: str, tmp_path: Path, out: Path
) -> None:
    file = tmp_path / "input"
    file.write_bytes(BROKEN[what])
    result = await masthead(*given, file, "-o", out)
    assert result.status == 2
    assert f"{file}: line 1" in result.err
    assert "replaced" not in result.err
    assert out.read_text() == YESTERDAY


async def test_an_input_of_no_known_format_loses_nothing(out: Path) -> None:
    result = await masthead("grade", "-", "-o", out, given=b"hello\n")
    assert result.status == 2
    assert "expected JSON lines" in result.err
    assert out.read_text() == YESTERDAY


async def test_a_job_that_the_daemon_refuses_loses_nothing(tmp_path: Path, out: Path) -> None:
    async with run_daemon(data=tmp_path / "data", token="me:secret") as daemon:
        to = ("--to", f"http://127.0.0.1:{daemon.port}")
        refused = await masthead("submit", "-", *to, "-o", out, given=b"http://a.test/\n")
        token = ("--token", "me:secret")
        unknown = await masthead("submit", "--job", "none", *to, *token, "-o", out, "--format", "sarif")
        broken = await masthead("submit", "-", *to, *token, "-o", out, given=BROKEN["gzip"])
    assert [refused.status, unknown.status, broken.status] == [2, 2, 2]
    assert "401" in refused.err
    assert "there is no such job" in unknown.err
    assert "stdin: line 1" in broken.err
    assert out.read_text() == YESTERDAY


@pytest.mark.parametrize("command", ["batch", "grade"])
async def test_what_is_empty_and_sound_has_an_output_that_is_as_empty(command: str, out: Path) -> None:
    result = await masthead(command, "-", "-o", out, given=b"")
    assert result.status == 0
    assert f"{out}: {len(YESTERDAY)} bytes of before are replaced" in result.err
    assert not out.read_bytes()


async def test_what_a_run_has_not_replaced_is_not_told_to_be_its_records(out: Path) -> None:
    to = ("--to", f"http://127.0.0.1:{free_port()}")
    process = await start("submit", "-", *to, "-o", out)
    assert process.stderr is not None
    async with asyncio.timeout(DEADLINE_S):
        await process.stderr.readuntil(b"trying again\n")
        process.send_signal(signal.SIGINT)
        _, err = await process.communicate()
    assert process.returncode == 130
    assert b"records         0 in" in err
    assert b"records are in" not in err
    assert out.read_text() == YESTERDAY


async def test_a_run_that_has_begun_replaces_at_once_and_writes_as_it_goes(tmp_path: Path, out: Path) -> None:
    site = Halting()
    async with serve(site) as port:
        (tmp_path / "list").write_text(f"http://127.0.0.1:{port}/slow\n")
        process = await start("batch", *LOOPBACK, "--checks", "none", tmp_path / "list", "-o", out)
        await site.waiting.wait()
        assert not out.read_bytes()
        site.go.set()
        async with asyncio.timeout(DEADLINE_S):
            await process.communicate()
    assert json.loads(out.read_bytes())["outcome"] == "ok"


async def test_a_pipe_of_a_name_gets_each_record_as_it_is_done(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    site = Halting()
    async with serve(site) as port:
        (tmp_path / "list").write_text(
            "".join(f"http://127.0.0.1:{port}/{path}\n" for path in ("quick", "slow"))
        )
        process = await start("batch", *LOOPBACK, "--checks", "none", tmp_path / "list", "-o", pipe)
        with await asyncio.to_thread(pipe.open, "rb") as reader:
            first = await asyncio.to_thread(reader.readline)
            assert not site.go.is_set()
            site.go.set()
            rest = await asyncio.to_thread(reader.read)
        async with asyncio.timeout(DEADLINE_S):
            await process.communicate()
    assert [json.loads(line)["url"].rpartition("/")[2] for line in (first, rest)] == ["quick", "slow"]
