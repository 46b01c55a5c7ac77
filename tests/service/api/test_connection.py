"""What aiohttp answers itself, and what it would wait for without end: by raw sockets."""

import asyncio
import json

import pytest

from service.api.envelope import SECURITY_HEADERS
from tests.service.api.daemons import Daemon, run_daemon

LONG = b"a" * 9_000


def parse(answer: bytes) -> tuple[int, dict[str, str], bytes]:
    head, _, body = answer.partition(b"\r\n\r\n")
    status, *lines = head.decode("ascii").split("\r\n")
    return int(status.split()[1]), dict(line.split(": ", 1) for line in lines), body


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (b"GARBAGE\r\n\r\n", 400),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),
        (b"BREW /livez HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        (b"GET /livez HTTP/9.9\r\nHost: x\r\n\r\n", 400),
        (b"GET /livez HTTP/1.1\r\nHost: x\r\nX: " + LONG + b"\r\n\r\n", 431),
        (b"GET /" + LONG + b" HTTP/1.1\r\nHost: x\r\n\r\n", 414),
        (b"GET /livez HTTP/1.1\r\nHost: x\r\nExpect: more\r\n\r\n", 417),
        (b"GET /nowhere HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 404),
        (b"PUT /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 405),
        (b"GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 200),
    ],
)
async def test_every_answer_has_our_headers_and_none_that_tells_the_product(
    daemon: Daemon, request_bytes: bytes, status: int
) -> None:
    got, headers, body = parse(await daemon.ask(request_bytes))
    assert got == status
    assert "Server" not in headers
    assert b"aiohttp" not in body.lower()
    assert headers["X-Request-ID"]
    assert SECURITY_HEADERS.items() <= headers.items()
    assert len(body) == int(headers["Content-Length"])
    if status >= 400:
        assert headers["Content-Type"].startswith("application/problem+json")
        problem = json.loads(body)
        assert problem["status"] == status
        assert problem["instance"] == headers["X-Request-ID"]


async def test_what_aiohttp_refuses_is_counted(daemon: Daemon) -> None:
    await daemon.ask(b"GARBAGE\r\n\r\n")
    async with daemon.client.get("/metrics") as answer:
        lines = (await answer.text()).splitlines()
    assert 'masthead_http_requests_total{code="400",method="other",route="unmatched"} 1.0' in lines


async def test_a_head_that_does_not_end_is_given_up() -> None:
    async with run_daemon(request_head_timeout=0.2) as daemon:
        status, headers, body = parse(await daemon.ask(b"GET /livez HTTP/1.1\r\nHos"))
        assert status == 408
        assert headers["Connection"] == "close"
        assert "within 0.2 s" in json.loads(body)["detail"]


async def test_a_connection_that_never_says_anything_is_closed_without_a_word() -> None:
    async with run_daemon(request_head_timeout=0.2) as daemon:
        assert await daemon.ask(b"") == b""


async def test_the_second_head_of_a_connection_has_its_own_time_from_its_first_byte() -> None:
    async with run_daemon(request_head_timeout=0.2) as daemon:
        reader, writer = await asyncio.open_connection(daemon.host, daemon.port)
        for _ in range(3):
            writer.write(b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n")
            await reader.readuntil(b'{"status":"alive"}')
            await asyncio.sleep(0.25)  # not to pass: idling longer than a head may take is what is tested
        writer.write(b"G")
        async with asyncio.timeout(10):
            assert (await reader.read()).startswith(b"HTTP/1.1 408 ")
        writer.close()


async def test_a_body_is_not_held_to_the_head_s_time() -> None:
    async with run_daemon(request_head_timeout=0.2) as daemon:
        reader, writer = await asyncio.open_connection(daemon.host, daemon.port)
        writer.write(
            b"POST /v1/inspections HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
            b"Content-Type: text/plain\r\nContent-Length: 4\r\n\r\nno"
        )
        await asyncio.sleep(0.4)  # not to pass: it is longer than the head's time
        writer.write(b" u")
        async with asyncio.timeout(10):
            assert (await reader.read()).startswith(b"HTTP/1.1 200 ")
        writer.close()


async def test_pipelined_requests_are_answered_in_order(daemon: Daemon) -> None:
    answer = await daemon.ask(
        b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\nGET /nowhere HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    )
    assert answer.index(b"HTTP/1.1 200") < answer.index(b"HTTP/1.1 404")
