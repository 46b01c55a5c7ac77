"""`masthead submit`, beside real daemons that come and go."""

import asyncio
import gzip
import json
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.ports import free_port
from tests.service.api.daemons import Daemon, Origin, run_daemon, run_origin
from tests.service.commands.proxy import run_proxy
from tests.service.commands.running import masthead, start
from tests.service.inspection.certificates import make_authority


@pytest.fixture
async def origin() -> AsyncIterator[Origin]:
    async with run_origin() as origin:
        yield origin


def url_of(daemon: Daemon) -> str:
    return f"http://127.0.0.1:{daemon.port}"


def write_list(folder: Path, *urls: str) -> Path:
    file = folder / "urls.txt"
    file.write_text("# a list\n" + "\n\n".join(urls) + "\n")
    return file


async def list_jobs(daemon: Daemon) -> list[dict[str, Any]]:
    async with daemon.client.get("/v1/jobs") as answer:
        jobs: list[dict[str, Any]] = (await answer.json())["jobs"]
        return jobs


async def read_until(process: asyncio.subprocess.Process, text: str) -> str:
    """What it says on stderr, up to the line with that text."""
    assert process.stderr is not None
    said = ""
    async with asyncio.timeout(30):
        while text not in said:
            line = await process.stderr.readline()
            assert line, said
            said += line.decode()
    return said


async def test_each_url_comes_back_as_a_record(tmp_path: Path) -> None:
    file = write_list(tmp_path, *(f"no url {number}" for number in range(1_000)))
    out = tmp_path / "out.jsonl"
    out.write_bytes(b"x" * 1_234)
    async with run_daemon(data=tmp_path / "data") as daemon:
        result = await masthead("submit", file, "--to", url_of(daemon), "-o", out)
        (job,) = await list_jobs(daemon)
    assert result.status == 0, result.err
    assert f"masthead: {out}: 1,234 bytes of before are replaced\n" in result.err
    assert f"1,000 URLs are job {job['id']} at {url_of(daemon)}" in result.err
    records = [json.loads(line) for line in out.read_text().splitlines()]
    assert {record["seq"]: record["input"] for record in records} == {
        number + 1: f"no url {number}" for number in range(1_000)
    }
    assert len(records) == 1_000


async def test_what_is_given_goes_with_the_list(tmp_path: Path, origin: Origin) -> None:
    given = gzip.compress(f"{origin.url}\n".encode())
    options = ("--method", "get", "-H", "X-A: 1", "--timeout", "5", "--priority", "9", "--checks", "none")
    async with run_daemon(data=tmp_path, token="me:secret") as daemon:
        daemon.client.headers["Authorization"] = "Bearer secret"
        env = {"MASTHEAD_TOKEN": "me:secret", "MASTHEAD_TO": url_of(daemon)}
        result = await masthead("submit", "-", "-q", *options, given=given, env=env)
        (job,) = await list_jobs(daemon)
    assert (result.status, result.err) == (0, "")
    assert [record["status"] for record in result.records] == [200]
    assert job["priority"] == 9
    (request,) = origin.requests
    assert request.startswith("GET ")
    assert "\r\nX-A: 1\r\n" in request


async def test_a_line_that_is_no_text_is_not_made_into_a_url(tmp_path: Path, origin: Origin) -> None:
    file = tmp_path / "urls.txt"
    file.write_bytes(b"\xef\xbb\xbfhttp://127.0.0.1/caf\xe9\n# \xe9\n" + origin.url.encode() + b"\n\xe9\n")
    async with run_daemon(data=tmp_path / "data") as daemon:
        result = await masthead("submit", file, "--to", url_of(daemon))
    codes = [record["error"] and record["error"]["code"] for record in result.records]
    assert codes == ["invalid_url", None, "invalid_url"]
    assert len(origin.requests) == 1


async def test_formats_and_gates_are_those_of_batch(tmp_path: Path) -> None:
    file = write_list(tmp_path, "no url", "=another")
    async with run_daemon(data=tmp_path / "data") as daemon:
        to = ("--to", url_of(daemon))
        csv = await masthead("submit", file, *to, "--format", "csv")
        sarif = await masthead("submit", file, *to, "--format", "sarif", "--fail-under", "B")
    assert csv.status == 0
    assert sorted(line.split(",")[1] for line in csv.out.decode().splitlines()[1:]) == ["'=another", "no url"]
    assert sarif.status == 1
    assert "--fail-under B is not met by 2 of 2 URLs: 2 failed" in sarif.err
    notes = json.loads(sarif.out)["runs"][0]["invocations"][0]["toolExecutionNotifications"]
    lines = [note["locations"][0]["physicalLocation"]["region"]["startLine"] for note in notes]
    assert sorted(lines) == [2, 4]


async def test_a_list_without_urls_meets_no_gate(tmp_path: Path) -> None:
    file = write_list(tmp_path)
    async with run_daemon(data=tmp_path / "data") as daemon:
        plain = await masthead("submit", file, "--to", url_of(daemon))
        gate = await masthead("submit", file, "--to", url_of(daemon), "--fail-on", "high")
    assert (plain.status, gate.status) == (0, 1)
    assert gate.err == f"{plain.err}masthead: --fail-on high is not met: no URL was judged\n"


async def test_a_restart_of_the_daemon_is_waited_for(tmp_path: Path, origin: Origin) -> None:
    urls = [f"{origin.url}/slow", *(f"{origin.url}/{number}" for number in range(500))]
    file = write_list(tmp_path, *urls)
    settings = {"data": tmp_path / "data", "listen": f"127.0.0.1:{free_port()}"}
    async with run_daemon(**settings) as daemon:
        process = await start("submit", file, "--to", url_of(daemon), stderr=asyncio.subprocess.PIPE)
        await read_until(process, "are job")
        await origin.asked.wait()
        daemon.traffic.drain()
        daemon.traffic.cut()
    await read_until(process, "trying again")
    origin.release.set()
    async with run_daemon(**settings):
        out, _ = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 0
    assert sorted(json.loads(line)["seq"] for line in out.splitlines()) == list(range(1, 502))


async def test_a_list_whose_answer_is_lost_is_sent_again_and_is_one_job(tmp_path: Path) -> None:
    file = write_list(tmp_path, "no url")
    async with run_daemon(data=tmp_path / "data") as daemon, run_proxy(daemon.port) as proxy:
        proxy.lose = [b"POST /v1/jobs"]
        result = await masthead("submit", file, "--to", proxy.url)
        assert len(await list_jobs(daemon)) == 1
    assert (result.status, len(result.records)) == (0, 1)
    assert proxy.lose == []


async def test_an_interrupt_leaves_the_job_to_the_daemon_and_says_how_to_go_on(
    tmp_path: Path, origin: Origin
) -> None:
    file = write_list(tmp_path, "no url", f"{origin.url}/slow")
    async with run_daemon(data=tmp_path / "data") as daemon:
        to = ("--to", url_of(daemon))
        process = await start("submit", file, *to, stderr=asyncio.subprocess.PIPE)
        assert process.stdout is not None
        first = await asyncio.wait_for(process.stdout.readline(), 30)
        process.send_signal(signal.SIGINT)
        (job,) = await list_jobs(daemon)
        said = await read_until(process, "to end it")
        assert await asyncio.wait_for(process.wait(), 30) == 130
        assert f"masthead submit --to {url_of(daemon)} --job {job['id']}\n" in said
        assert json.loads(first)["seq"] == 1
        origin.release.set()
        result = await masthead("submit", *to, "--job", job["id"])
    assert (result.status, [record["outcome"] for record in result.records]) == (0, ["error", "ok"])


async def test_an_interrupt_ends_a_list_that_never_ends(tmp_path: Path) -> None:
    async with run_daemon(data=tmp_path) as daemon, run_proxy(daemon.port) as proxy:
        process = await start(
            "submit", "-", "--to", proxy.url, stdin=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
        )
        assert process.stdin is not None
        process.stdin.write(b"no url\n" * 10_000)
        await proxy.answered.wait()
        process.send_signal(signal.SIGINT)
        await read_until(process, "stopping before the daemon has said that it takes the list on")
        assert process.stderr is not None
        rest = await asyncio.wait_for(process.stderr.read(), 30)
        assert await process.wait() == 130
        assert await list_jobs(daemon) == []
    assert b"Traceback" not in rest


async def test_a_job_that_is_cancelled_is_not_the_whole_list(tmp_path: Path, origin: Origin) -> None:
    file = write_list(tmp_path, "no url", f"{origin.url}/slow")
    async with run_daemon(data=tmp_path / "data") as daemon:
        process = await start("submit", file, "--to", url_of(daemon), stderr=asyncio.subprocess.PIPE)
        await origin.asked.wait()
        assert process.stdout is not None
        await process.stdout.readline()
        (job,) = await list_jobs(daemon)
        async with daemon.client.post(f"/v1/jobs/{job['id']}/cancel") as answer:
            assert answer.status == 202
        said = await read_until(process, "is cancelled: 1 of 2 URLs have a record")
        assert f"job {job['id']}" in said
        assert await asyncio.wait_for(process.wait(), 30) == 3


async def test_an_https_daemon_is_verified_by_the_roots_that_are_named(tmp_path: Path) -> None:
    authority = make_authority(tmp_path)
    file = write_list(tmp_path, "no url")
    async with run_daemon(data=tmp_path / "data", allow_host=("localhost",)) as daemon:
        async with run_proxy(daemon.port, authority.server_context("localhost")) as proxy:
            known = await masthead("submit", file, "--to", proxy.url, "--ca-file", authority.ca_file)
            unknown = await masthead("submit", file, "--to", proxy.url)
        plain = await masthead("submit", file, "--to", f"https://127.0.0.1:{daemon.port}")
    assert (known.status, len(known.records)) == (0, 1)
    assert (unknown.status, unknown.out) == (3, b"")
    assert "its certificate does not verify: unable to get local issuer certificate" in unknown.err
    assert (plain.status, "TLS failed" in plain.err) == (3, True)


@pytest.mark.parametrize(
    ("settings", "arguments", "status", "said"),
    [
        (
            {},
            ("--timeout", "99"),
            2,
            "  /options/timeout: expected at most 15, this daemon's timeout, got 99",
        ),
        ({"token": "secret"}, (), 2, "401: expected a bearer token in Authorization, got none"),
        ({"token": "secret"}, ("--token", "other"), 2, "401: the bearer token is not known here"),
        ({"data": ...}, (), 3, "501: this daemon keeps no jobs"),
        ({"job_urls": 1}, (), 2, "413: expected at most 1 URLs in one job"),
    ],
)
async def test_what_the_daemon_refuses_is_told(
    tmp_path: Path, settings: dict[str, Any], arguments: tuple[str, ...], status: int, said: str
) -> None:
    file = write_list(tmp_path, "no url", "another")
    changes = {"data": tmp_path / "data"} | settings
    async with run_daemon(**{name: value for name, value in changes.items() if value is not ...}) as daemon:
        result = await masthead("submit", file, "--to", url_of(daemon), *arguments)
    assert (result.status, result.out) == (status, b"")
    assert said in result.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "expected either FILE or --job ID"),
        (("-", "--job", "x"), "expected either FILE or --job ID"),
        (("-",), "expected --to URL"),
        (("-", "--to", "127.0.0.1:8080"), "expected the URL of a daemon such as http://127.0.0.1:8080"),
        (("-", "--to", "http://me@host/"), "expected the URL of a daemon"),
        (("/nowhere", "--to", "http://127.0.0.1:1"), "/nowhere: cannot be read"),
    ],
)
async def test_a_wrong_usage_is_told(arguments: tuple[str, ...], said: str) -> None:
    result = await masthead("submit", *arguments)
    assert (result.status, said in result.err) == (2, True), result.err


async def test_a_list_without_urls_is_no_job(tmp_path: Path) -> None:
    async with run_daemon(data=tmp_path) as daemon:
        result = await masthead("submit", "-", "--to", url_of(daemon), given=b"# nothing\n")
        assert await list_jobs(daemon) == []
    assert (result.status, result.err) == (0, "masthead: no URLs in stdin\n")


async def test_a_reader_that_has_enough_ends_the_run(tmp_path: Path) -> None:
    file = write_list(tmp_path, *(f"no url {number}" for number in range(5_000)))
    reading, writing = os.pipe()
    async with run_daemon(data=tmp_path / "data") as daemon:
        process = await start("submit", file, "--to", url_of(daemon), stdout=writing)
        os.close(writing)
        assert await asyncio.to_thread(os.read, reading, 100)
        os.close(reading)
        assert await asyncio.wait_for(process.wait(), 30) == 4
