"""The daemon as a process: it starts, tells where, and stops on real signals as an operator expects."""

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest

from tests.service.api.daemons import Origin

PROGRAM = """
import asyncio, json, sys
from service.api.server import serve
from service.settings import Settings
asyncio.run(serve(Settings.model_validate(json.loads(sys.argv[1]))))
"""


@dataclass(slots=True)
class Process:
    process: asyncio.subprocess.Process
    address: str

    async def log_until(self, event: str) -> dict[str, object]:
        assert self.process.stderr is not None
        async with asyncio.timeout(20):
            while line := await self.process.stderr.readline():
                entry: dict[str, object] = json.loads(line)
                if entry["event"] == event:
                    return entry
        raise AssertionError(f"the daemon ended without {event!r} in its log")

    async def stop(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    async def ended(self) -> int:
        async with asyncio.timeout(20):
            return await self.process.wait()


@asynccontextmanager
async def run_process(**changes: object) -> AsyncIterator[Process]:
    hurry = {"per_host": 1_000, "host_gap": 0}
    settings = {"listen": "127.0.0.1:0", "workers": 1, "allow_net": ["127.0.0.0/8"]} | hurry | changes
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PROGRAM, json.dumps(settings), stderr=asyncio.subprocess.PIPE
    )
    running = Process(process, "")
    try:
        started = await running.log_until("listening")
        addresses = started["addresses"]
        assert isinstance(addresses, list)
        running.address = addresses[0]
        yield running
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_lets_the_request_under_way_finish(origin: Origin, number: signal.Signals) -> None:
    async with run_process() as daemon, aiohttp.ClientSession(f"http://{daemon.address}") as client:
        asking = asyncio.create_task(
            client.post("/v1/inspections", json={"urls": [f"{origin.url}/slow", origin.url]})
        )
        await origin.asked.wait()
        await daemon.stop(number)
        assert (await daemon.log_until("draining"))["requests"] == 1
        async with client.get("/readyz") as answer:
            assert answer.status == 503
        async with client.post("/v1/inspections", json={"urls": [origin.url]}) as answer:
            assert answer.status == 503
        origin.release.set()
        async with await asking as answer:
            assert answer.status == 200
            assert len((await answer.json())["results"]) == 2
        assert await daemon.ended() == 0


async def test_an_idle_daemon_ends_at_once_whatever_connections_are_open() -> None:
    async with run_process() as daemon, aiohttp.ClientSession(f"http://{daemon.address}") as client:
        async with client.get("/readyz") as answer:
            assert answer.status == 200
        await daemon.stop(signal.SIGTERM)
        assert await daemon.ended() == 0


async def test_what_outlasts_the_drain_is_cut_off_with_an_answer(origin: Origin) -> None:
    async with (
        run_process(drain=0.2) as daemon,
        aiohttp.ClientSession(f"http://{daemon.address}") as client,
    ):
        asking = asyncio.create_task(client.post("/v1/inspections", json={"urls": [f"{origin.url}/slow"]}))
        await origin.asked.wait()
        await daemon.stop(signal.SIGTERM)
        assert (await daemon.log_until("drain is over"))["requests_cut_off"] == 1
        async with await asking as answer:
            assert answer.status == 200
            (result,) = (await answer.json())["results"]
        assert result["error"]["code"] == "cancelled"
        assert await daemon.ended() == 0


async def test_a_second_signal_stops_at_once(origin: Origin) -> None:
    async with run_process() as daemon, aiohttp.ClientSession(f"http://{daemon.address}") as client:
        asking = asyncio.create_task(client.post("/v1/inspections", json={"urls": [f"{origin.url}/slow"]}))
        await origin.asked.wait()
        await daemon.stop(signal.SIGTERM)
        await daemon.log_until("draining")
        await daemon.stop(signal.SIGTERM)
        assert await daemon.ended() == 128 + signal.SIGTERM
        with contextlib.suppress(aiohttp.ClientError):
            (await asking).close()


async def test_a_worker_that_is_killed_is_replaced_and_told() -> None:
    async with run_process() as daemon, aiohttp.ClientSession(f"http://{daemon.address}") as client:
        origin = Origin()
        server = await asyncio.start_server(origin.serve, "127.0.0.1", 0)
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        for pid in _descendants(daemon.process.pid):
            if b"resource_tracker" not in _command(pid) and _descendants(pid) == []:
                os.kill(pid, signal.SIGKILL)
        async with client.post("/v1/inspections", json={"urls": [url]}) as answer:
            (result,) = (await answer.json())["results"]
        assert result["outcome"] == "ok"
        assert (await daemon.log_until("worker restarted"))["level"] == "warning"
        async with client.get("/metrics") as answer:
            assert "masthead_pool_restarts_total 1.0" in await answer.text()
        async with client.get("/readyz") as answer:
            assert answer.status == 200
        server.close()


@pytest.mark.parametrize("loops", [1, 2])
async def test_all_processes_end_with_a_daemon_that_was_killed(loops: int) -> None:
    """Each of them has its stderr: that ends with the last."""
    async with run_process(workers=2, loops=loops) as daemon:
        daemon.process.kill()
        assert daemon.process.stderr is not None
        async with asyncio.timeout(20):
            await daemon.process.stderr.read()


def _descendants(pid: int) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and _parent(entry) == pid:
            found += [int(entry.name), *_descendants(int(entry.name))]
    return found


def _parent(entry: Path) -> int:
    try:
        return int((entry / "stat").read_bytes().rpartition(b")")[2].split()[1])
    except OSError:
        return -1


def _command(pid: int) -> bytes:
    return Path(f"/proc/{pid}/cmdline").read_bytes()
