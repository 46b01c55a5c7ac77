"""The body's limits: size, rate, and encodings that do not hold what they promise."""

import asyncio
import gzip
from typing import Any

from aiohttp import web

from service.api.body import read_body
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


async def test_a_body_that_does_not_unpack_is_a_fault_of_the_client(daemon: Daemon) -> None:
    headers = JSON | {"Content-Encoding": "gzip"}
    async with daemon.client.post(PATH, data=b"not gzip", headers=headers) as answer:
        assert answer.status == 400
        assert (await answer.json())["type"].endswith("malformed-body")


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
