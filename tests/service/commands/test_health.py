"""`masthead health`, beside real daemons and beside what is none."""

import asyncio
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.integration.ports import free_port
from tests.service.api.daemons import run_daemon
from tests.service.commands.running import Result, masthead


async def ask(listen: str) -> Result:
    return await masthead("health", env={"MASTHEAD_LISTEN": listen})


async def answer(text: bytes) -> Result:
    """Ask what answers every request with these bytes."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(text)
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        return await ask(f"127.0.0.1:{server.sockets[0].getsockname()[1]}")


async def test_a_daemon_that_takes_work_is_ready() -> None:
    async with run_daemon() as daemon:
        result = await ask(f"127.0.0.1:{daemon.port}")
    assert (result.status, result.out, result.err) == (0, b"ready\n", "")


@pytest.mark.parametrize("host", ["0.0.0.0", "[::]", "", "localhost"])
async def test_a_daemon_on_every_address_is_found(host: str) -> None:
    listen = f"{host}:{free_port()}"  # not 0, which would be another port in each address family
    async with run_daemon(listen=listen, token="secret"):
        assert (await ask(listen)).status == 0


async def test_the_file_and_the_command_line_say_where_too(tmp_path: Path) -> None:
    async with run_daemon() as daemon:
        file = tmp_path / "masthead.toml"
        file.write_text(f'listen = "127.0.0.1:{daemon.port}"\n')
        assert (await masthead("health", "--config", file)).status == 0
        assert (await masthead("health", "--listen", f"127.0.0.1:{daemon.port}")).status == 0


async def test_what_is_not_ready_is_named() -> None:
    async with run_daemon() as daemon:
        daemon.traffic.drain()
        result = await ask(f"127.0.0.1:{daemon.port}")
    assert (result.status, result.out) == (1, b"")
    assert result.err == "masthead: not ready: drain (requests: 1)\n"


async def test_a_fault_of_the_store_is_told() -> None:
    parts = b'{"pool": {"ready": true}, "store": {"ready": false, "fault": "full"}}'
    body = b'{"status": "not ready", "parts": %b}' % parts
    result = await answer(b"HTTP/1.1 503 Service Unavailable\r\n\r\n" + body)
    assert (result.status, result.err) == (1, "masthead: not ready: store (fault: full)\n")


async def test_no_daemon_is_not_ready() -> None:
    with socket.socket() as bound:  # and not listening
        bound.bind(("127.0.0.1", 0))
        place = f"127.0.0.1:{bound.getsockname()[1]}"
        result = await ask(place)
    assert result.status == 1
    assert result.err == f"masthead: not ready: http://{place}/readyz does not answer: Connection refused\n"


@pytest.mark.parametrize(
    "text",
    [
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>ready</p>",
        b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\n[]",
        b"HTTP/1.1 503 No\r\n\r\n" + b'{"status": "not ready", "parts": 1}',
        b"HTTP/1.1 200 OK\r\n\r\n" + b"[" * 70_000,
    ],
)
async def test_another_server_is_not_taken_for_the_daemon(text: bytes) -> None:
    result = await answer(text)
    assert result.status == 1
    assert "not what a masthead daemon answers" in result.err


@pytest.mark.parametrize("text", [b"", b"SSH-2.0-OpenSSH_9.2p1\r\n"])
async def test_what_speaks_no_http_does_not_answer(text: bytes) -> None:
    result = await answer(text)
    assert result.status == 1
    assert "does not answer" in result.err


async def test_any_free_port_is_no_place_to_ask() -> None:
    result = await ask("127.0.0.1:0")
    assert result.status == 2
    assert "expected the port that the daemon has" in result.err


def test_it_is_quick_to_start() -> None:
    """It runs every few seconds."""
    heavy = {"asyncio", "aiohttp", "rich", "structlog", "sqlite3"}
    code = f"import sys, service.commands.health; print({heavy} & {{*sys.modules}})"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout == "set()\n"
