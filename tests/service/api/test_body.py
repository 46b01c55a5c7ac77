"""The body's limits: size, rate, and encodings that do not hold what they promise."""

import asyncio
import gzip
import re
import zlib
from collections.abc import AsyncIterator
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
from aiohttp import web

from service.api.body import read_body, read_pieces
from service.api.memory import ACCOUNT, Memory
from service.api.problems import Problem
from tests.service.api.daemons import Daemon, run_daemon

PATH = "/v1/inspections"
JSON = {"Content-Type": "application/json"}


async def test_a_body_beyond_the_limit_is_refused_however_it_comes() -> None:
    async def chunks() -> Any:
        for _ in range(10):
            yield b" " * 1_024

    async with run_daemon(request_limit=4_096) as daemon:
        for data in (b" " * 4_097, chunks()):
            async with daemon.client.post(PATH, data=data, headers=JSON) as answer:
                problem = await answer.json()
                assert answer.status == 413
                assert problem["type"].endswith("body-too-large")
                assert "4096 bytes" in problem["detail"]
                assert "/v1/jobs)" in problem["detail"]


async def test_a_small_body_that_unpacks_to_a_large_one_is_refused(daemon: Daemon) -> None:
    body = gzip.compress(b" " * 50_000_000)
    async with daemon.client.post(PATH, data=body, headers=JSON | {"Content-Encoding": "gzip"}) as answer:
        assert answer.status == 413


LIST = "".join(f"https://{number}.invalid/\n" for number in range(90)).encode()
CUT_OFF = {
    "within the stream": ("gzip", gzip.compress(LIST)[:100]),
    "within the trailer": ("gzip", gzip.compress(LIST)[:-4]),
    "within the second member": ("gzip", gzip.compress(LIST) + gzip.compress(b"a.invalid")[:-9]),
    "unannounced": (None, gzip.compress(LIST)[:100]),
    "deflated": ("deflate", zlib.compress(LIST)[:-8]),
    "not gzip": ("gzip", b"not gzip"),
}


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize("name", CUT_OFF)
async def test_what_does_not_unpack_to_its_end_is_refused_and_leaves_no_job(
    name: str, chunked: bool, tmp_path: Path
) -> None:
    """None of a list is inspected where its end is missing."""
    encoding, body = CUT_OFF[name]
    headers = {"Content-Type": "text/plain"} | ({"Content-Encoding": encoding} if encoding else {})
    async with run_daemon(data=tmp_path) as daemon:
        for path in ("/v1/jobs", PATH):
            data = in_chunks(body) if chunked else body
            async with daemon.client.post(path, data=data, headers=headers) as answer:
                problem = await answer.json()
                assert answer.status == 400
                assert problem["type"].endswith("malformed-body")
                assert re.match(f"expected a (whole )?{encoding or 'gzip'} body, got one", problem["detail"])
        async with daemon.client.get("/v1/jobs") as answer:
            assert await answer.json() == {"jobs": [], "next": None}


async def in_chunks(body: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(body), 7):
        yield body[start : start + 7]


@pytest.mark.parametrize("encoding", ["gzip", "x-gzip", "X-GZip"])
async def test_gzip_has_its_old_name_too(daemon: Daemon, encoding: str) -> None:
    headers = {"Content-Type": "text/plain", "Content-Encoding": encoding}
    async with daemon.client.post(PATH, data=gzip.compress(b"no url"), headers=headers) as answer:
        assert [result["input"] for result in (await answer.json())["results"]] == ["no url"]


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize("headers", [{}, {"Content-Encoding": "identity"}])
async def test_a_list_that_begins_as_gzip_is_unpacked_though_nothing_says_so(
    headers: dict[str, str], chunked: bool, tmp_path: Path
) -> None:
    body = gzip.compress(LIST[:200]) + gzip.compress(LIST[200:])
    headers = headers | {"Content-Type": "text/plain"}
    async with run_daemon(data=tmp_path) as daemon:
        data = in_chunks(body) if chunked else body
        async with daemon.client.post("/v1/jobs", data=data, headers=headers) as answer:
            assert (answer.status, (await answer.json())["total"]) == (202, 90)
        data = in_chunks(body) if chunked else body
        async with daemon.client.post(PATH, data=data, headers=headers) as answer:
            results = (await answer.json())["results"]
    assert [f"{result['input']}\n".encode() for result in results] == LIST.splitlines(keepends=True)


async def test_a_body_of_nothing_but_empty_members_is_bounded(tmp_path: Path) -> None:
    headers = {"Content-Type": "text/plain", "Content-Encoding": "gzip"}
    body = gzip.compress(b"") * 1_000
    async with (
        run_daemon(data=tmp_path, job_limit=10_000) as daemon,
        daemon.client.post("/v1/jobs", data=in_chunks(body), headers=headers) as answer,
    ):
        assert answer.status == 413


async def test_a_body_slower_than_the_rate_is_given_up(aiohttp_client: Any) -> None:
    caught: asyncio.Future[Problem] = asyncio.get_running_loop().create_future()

    async def handler(request: web.Request) -> web.Response:
        try:
            async with Memory(10_000).request() as request[ACCOUNT]:
                await read_body(request, 10_000, rate=1_000, window_s=0.2)
        except Problem as problem:
            caught.set_result(problem)
        return web.Response()

    app = web.Application()
    app.router.add_post("/", handler)
    client = await aiohttp_client(app)
    _, writer = await asyncio.open_connection(client.host, client.port)
    writer.write(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10000\r\n\r\n" + b" " * 250)
    async with asyncio.timeout(10):
        assert (await caught).status == 408
    writer.close()


async def test_a_body_that_keeps_the_rate_is_read_over_many_windows(aiohttp_client: Any) -> None:
    async def handler(request: web.Request) -> web.Response:
        async with Memory(10_000).request() as request[ACCOUNT]:
            return web.Response(text=str(len(await read_body(request, 10_000, rate=1_000, window_s=0.1))))

    async def chunks() -> Any:
        for _ in range(10):
            yield b" " * 100
            await asyncio.sleep(0.02)  # not to pass: time is what is tested

    app = web.Application()
    app.router.add_post("/", handler)
    client = await aiohttp_client(app)
    async with client.post("/", data=chunks()) as answer:
        assert await answer.text() == "1000"


async def test_the_time_in_which_a_body_is_worked_on_is_not_its_client_s(aiohttp_client: Any) -> None:
    worked = asyncio.Event()

    async def handler(request: web.Request) -> web.Response:
        received = 0
        async for piece in read_pieces(request, 10_000, rate=1_000, window_s=1):
            received += len(piece)
            if not worked.is_set():
                await asyncio.sleep(1.1)  # not to pass: time is what is tested
                worked.set()
        return web.Response(text=str(received))

    async def chunks() -> Any:
        yield b" " * 100
        await worked.wait()
        yield b" " * 100

    app = web.Application()
    app.router.add_post("/", handler)
    client = await aiohttp_client(app)
    async with client.post("/", data=chunks()) as answer:
        assert await answer.text() == "200"


async def test_a_body_that_is_left_unread_ends_the_connection(daemon: Daemon) -> None:
    reader, writer = await asyncio.open_connection(daemon.host, daemon.port)
    writer.write(
        b"POST /v1/inspections HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\n"
        b"Content-Length: 2000000\r\n\r\nthe beginning"
    )
    async with asyncio.timeout(10):
        head = await reader.readuntil(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 413 ")
    assert b"\r\nConnection: close\r\n" in head
    writer.close()


# Each unpacks to 16 MB of what has next to no content: the worst for who looks at every line of it.
BOMBS = {
    "blank lines": ("text/plain", b"\n"),
    "comments": ("text/plain", b"#\n"),
    "one line": ("text/plain", b"a"),
    "bytes that are no text": ("text/plain", b"\n\n\xff\n\n\n" + b"\n" * 10),
    "blank lines of JSON": ("application/x-ndjson", b" \n"),
    "space": ("application/json", b" "),
    "nested arrays": ("application/json", b"["),
    "empty members": ("text/plain", b""),
}


def pack(block: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return b"".join([*(packer.compress(block) for _ in range(16)), packer.flush()])


@pytest.mark.parametrize("name", BOMBS)
async def test_a_bomb_for_a_job_holds_neither_the_loop_nor_memory(name: str, tmp_path: Path) -> None:
    """Others are answered between its pieces: within a second, with room for a loaded machine. Taken as it
    comes, the same list of 200 MB held the loop for three minutes."""
    media_type, unit = BOMBS[name]
    body = pack(unit * (1_000_000 // len(unit))) if unit else gzip.compress(b"") * 50_000
    headers = {"Content-Type": media_type, "Content-Encoding": "gzip"}
    async with run_daemon(data=tmp_path, job_limit=16_000_000, job_urls=1_000) as daemon:
        asking = asyncio.create_task(daemon.client.post("/v1/jobs", data=body, headers=headers))
        longest_s = 0.0
        while not asking.done():
            began = monotonic()
            async with daemon.client.get("/livez") as answer:
                assert answer.status == 200
            longest_s = max(longest_s, monotonic() - began)
        async with await asking as answer:
            assert answer.status in (202, 400, 413, 422)
        print(f"{name}: {len(body)} bytes, longest wait {longest_s * 1e3:.0f} ms")
        assert longest_s < 1
