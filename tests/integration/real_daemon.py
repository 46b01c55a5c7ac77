"""`masthead serve` in a process of its own, as an operator has it: started, asked, killed."""

import asyncio
import io
import json
import os
import signal
import sys
from collections import deque
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, Final

import aiohttp

from tests.service.commands.running import environment

OPTIONS: Final = ("--allow-net", "127.0.0.0/8", "--workers", "1", "--address-rate", "0")
HURRY: Final = ("--per-host", "1000", "--per-address", "1000", "--host-gap", "0")
# What an origin holds back is waited for, however long the rest of a test takes on a slow machine.
PATIENCE: Final = ("--timeout", "90", "--response-timeout", "90")
DEADLINE_S: Final = 90.0  # for whatever is waited for, on a machine with much else to do
LOOK_S: Final = 0.02  # a daemon is asked from without: it does not tell
NDJSON: Final = {"Accept": "application/x-ndjson"}


class RealDaemon:
    """One that listens. Its log's last lines are `log`."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.log: deque[dict[str, Any]] = deque(maxlen=200)
        self.client: aiohttp.ClientSession
        self._reading: asyncio.Task[None] | None = None

    async def listening(self) -> None:
        async with asyncio.timeout(DEADLINE_S):
            while (line := await self._read_line()).get("event") != "listening":
                assert line, f"it ended: {list(self.log)}"
        self._reading = asyncio.create_task(self._read_on(), name="read the daemon's log")
        self.client = aiohttp.ClientSession(f"http://{line['addresses'][0]}")

    async def get(self, path: str) -> Any:
        async with asyncio.timeout(DEADLINE_S), self.client.get(path) as answer:
            assert answer.status == 200, await answer.text()
            return await answer.json()

    async def readiness(self) -> tuple[int, dict[str, Any]]:
        async with asyncio.timeout(DEADLINE_S), self.client.get("/readyz") as answer:
            return answer.status, (await answer.json())["parts"]

    async def until_fault(self, part: str, fault: str | None) -> dict[str, Any]:
        """Wait until readyz tells of this fault in that part, or with None until it is ready again."""
        async with asyncio.timeout(DEADLINE_S):
            while True:
                status, parts = await self.readiness()
                if parts[part].get("fault") == fault and (status == 200) == (fault is None):
                    return parts
                await asyncio.sleep(LOOK_S)

    async def submit(self, urls: Sequence[str]) -> str:
        """The job's id, once it has been accepted."""
        status, answer = await self.try_to_submit(urls)
        assert status == 202, answer
        return str(answer["id"])

    async def try_to_submit(self, urls: Sequence[str]) -> tuple[int, dict[str, Any]]:
        body = "\n".join(urls).encode()
        headers = {"Content-Type": "text/plain"}
        async with asyncio.timeout(DEADLINE_S):
            async with self.client.post("/v1/jobs", data=io.BytesIO(body), headers=headers) as answer:
                return answer.status, await answer.json(content_type=None)

    async def finish(self, job: str) -> None:
        async with asyncio.timeout(DEADLINE_S):
            while (await self.get(f"/v1/jobs/{job}"))["state"] != "done":
                await asyncio.sleep(LOOK_S)

    async def jobs(self) -> set[str]:
        """The ids of all."""
        found, cursor = set[str](), ""
        while True:
            page = await self.get(f"/v1/jobs?limit=100{cursor}")
            found |= {job["id"] for job in page["jobs"]}
            if page["next"] is None:
                return found
            cursor = f"&cursor={page['next']}"

    async def records(self, job: str) -> list[dict[str, Any]]:
        async with asyncio.timeout(DEADLINE_S):
            async with self.client.get(f"/v1/jobs/{job}/results", headers=NDJSON) as answer:
                return [json.loads(line) for line in (await answer.read()).splitlines()]

    async def check(self, job: str, urls: Sequence[str]) -> None:
        """It is done, and each URL has exactly one record, which is `ok`; that of what is no URL is not."""
        state = await self.get(f"/v1/jobs/{job}")
        ok = sum(url.startswith("http") for url in urls)
        assert (state["state"], state["total"], state["ok"]) == ("done", len(urls), ok), state
        records = await self.records(job)
        assert sorted(record["seq"] for record in records) == list(range(1, len(urls) + 1))
        assert all(record["input"] == urls[record["seq"] - 1] for record in records)

    async def kill(self) -> None:
        """SIGKILL, and wait until it is gone."""
        with suppress(ProcessLookupError):
            self.process.kill()
        await self.process.wait()

    async def close(self) -> None:
        if self._reading is not None:
            await self._reading
            await self.client.close()

    async def _read_on(self) -> None:
        while await self._read_line():
            pass

    async def _read_line(self) -> dict[str, Any]:
        assert self.process.stderr is not None
        line = await self.process.stderr.readline()
        if not line:
            return {}
        try:
            entry: dict[str, Any] = json.loads(line)
        except ValueError:
            entry = {"event": line.decode()}
        self.log.append(entry)
        return entry


async def spawn(
    data: Path, *options: str, before: Sequence[str] = (), env: Mapping[str, str] | None = None
) -> asyncio.subprocess.Process:
    """`before` are a program and its arguments that the command is given to."""
    return await asyncio.create_subprocess_exec(
        *(*before, sys.executable, "-m", "service", "serve", "--listen", "127.0.0.1:0"),
        *("--data", str(data), *OPTIONS, *HURRY, *PATIENCE, *options),
        env=environment(env),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
        limit=1 << 20,
    )


@asynccontextmanager
async def run_daemon(
    data: Path, *options: str, before: Sequence[str] = (), env: Mapping[str, str] | None = None
) -> AsyncIterator[RealDaemon]:
    """One that listens; killed at the block's end, if it has not ended by then."""
    daemon = RealDaemon(await spawn(data, *options, before=before, env=env))
    try:
        await daemon.listening()
        yield daemon
    finally:
        if daemon.process.returncode is None:
            kill_tree(daemon.process.pid)
        await daemon.kill()
        await daemon.close()


async def refused(data: Path, *options: str) -> tuple[int, str]:
    """The exit status and the words of a daemon that does not start."""
    process = await spawn(data, *options)
    async with asyncio.timeout(DEADLINE_S):
        _, err = await process.communicate()
    assert process.returncode is not None
    return process.returncode, err.decode()


def descendants(process: int) -> list[int]:
    """All processes below one, by /proc."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            parent = int(entry.read_text().rpartition(")")[2].split()[1])
            children.setdefault(parent, []).append(int(entry.parent.name))
    found = list(children.get(process, []))
    for one in found:
        found += children.get(one, [])
    return found


async def until_gone(processes: Sequence[int]) -> None:
    """Wait until none of them runs; a zombie does not."""
    async with asyncio.timeout(DEADLINE_S):
        while any(map(_runs, processes)):
            await asyncio.sleep(LOOK_S)


def _runs(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def kill_tree(process: int) -> None:
    """One and all below it: what it was started by, a tracer say, may leave it running."""
    for one in (process, *descendants(process)):
        with suppress(ProcessLookupError):
            os.kill(one, signal.SIGKILL)
