"""A masthead at work and Debian's Prometheus that watches it, with the files of `deploy/` as they are but for
addresses and intervals."""

import asyncio
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from time import time
from typing import Any, Final

import aiohttp
import yaml

from service.demo.fleet import Fleet, open_fleet
from tests.integration.ports import free_port
from tests.integration.real_daemon import RealDaemon, run_daemon

DEPLOYED: Final = Path(__file__).parents[2] / "deploy" / "prometheus"
MODULES: Final = "modules: {strict: {prober: http, http: {fail_if_grade_below: A}}}\n"
START_LIMIT_S: Final = 60.0
LOOK_S: Final = 0.2  # Prometheus is asked from without: it does not tell


@dataclass(frozen=True, slots=True)
class Watched:
    """The daemon, the sites that it inspects, and Prometheus, which looks at it every `interval_s`."""

    fleet: Fleet
    daemon: RealDaemon
    prometheus: aiohttp.ClientSession
    interval_s: int

    async def work(self) -> None:
        """Something of everything: a list now, one as a job, and requests that are wrong."""
        client, urls = self.daemon.client, list(self.fleet.urls)
        async with client.post("/v1/inspections", json={"urls": urls[:60]}) as answer:
            assert answer.status == 200, await answer.text()
            await answer.read()
        async with client.post("/v1/inspections", json={"urls": []}) as answer:
            assert answer.status == 422
        await self.daemon.finish(await self.daemon.submit(urls))

    async def query(self, expr: str, span_s: float, step_s: float | None = None) -> list[dict[str, Any]]:
        """The series that the expression has had within the last `span_s` seconds."""
        end = time()
        query = {"query": expr, "start": end - span_s, "end": end, "step": step_s or self.interval_s}
        answer = await self._ask("/api/v1/query_range", query)
        return [dict(series) for series in answer["result"]]

    async def rules(self) -> list[dict[str, Any]]:
        groups = (await self._ask("/api/v1/rules"))["groups"]
        return [rule for group in groups for rule in group["rules"]]

    async def targets(self) -> list[dict[str, Any]]:
        return list((await self._ask("/api/v1/targets"))["activeTargets"])

    async def _ask(self, path: str, query: dict[str, Any] | None = None) -> Any:
        async with self.prometheus.get(path, params=query) as answer:
            told = await answer.json()
            assert answer.status == 200, told
            return told["data"]


@asynccontextmanager
async def run_watched(folder: Path, interval_s: int = 1) -> AsyncIterator[Watched]:
    """All of it on loopback, ended with the block."""
    modules = folder / "modules.yml"
    modules.write_text(MODULES)
    async with open_fleet() as fleet:
        options = ("--ca-file", fleet.ca_file, "--resolver", fleet.resolver, "--modules", modules)
        given = (*map(str, options), "--response-timeout", "2", "--token-rate", "0")
        async with run_daemon(folder / "data", *given) as daemon:
            sites = [url for url in fleet.urls if "?page=0" in url]
            (listening,) = (entry for entry in daemon.log if entry.get("event") == "listening")
            file = _configure(folder / "prometheus", listening["addresses"][0], sites, interval_s)
            async with _run_prometheus(file) as prometheus:
                yield Watched(fleet, daemon, prometheus, interval_s)


def rate_interval(interval_s: int) -> str:
    """What Grafana takes for `$__rate_interval`."""
    return f"{4 * interval_s}s"


def expand(expr: str, interval_s: int) -> str:
    """The dashboard's expression with its variables as they stand for this one daemon."""
    variables = {"$job": "masthead", "$instance": ".*", "$__rate_interval": rate_interval(interval_s)}
    return re.sub(r"\$\w+", lambda match: variables[match[0]], expr)


def _configure(folder: Path, daemon: str, sites: list[str], interval_s: int) -> Path:
    """What is deployed, for this daemon and these sites."""
    shutil.copytree(DEPLOYED, folder)
    file, token = folder / "prometheus.yml", folder / "token"
    token.write_text("abc")
    text = file.read_text().replace("masthead:8080", daemon).replace("/run/secrets/token", str(token))
    text, count = re.subn(r"(_interval|_timeout): \w+", rf"\1: {interval_s}s", text)
    assert count == 4
    file.write_text(text)
    named = [{"targets": sites, "labels": {"module": "strict"}}]
    (folder / "targets" / "sites.yml").write_text(yaml.safe_dump(named))
    return file


@asynccontextmanager
async def _run_prometheus(file: Path) -> AsyncIterator[aiohttp.ClientSession]:
    address = f"127.0.0.1:{free_port()}"
    process = await asyncio.create_subprocess_exec(
        "prometheus",
        f"--config.file={file}",
        f"--storage.tsdb.path={file.parent / 'tsdb'}",
        f"--web.listen-address={address}",
        "--log.level=error",
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with aiohttp.ClientSession(f"http://{address}") as client:
            await _until_ready(client)
            yield client
    finally:
        process.terminate()
        await process.wait()


async def _until_ready(client: aiohttp.ClientSession) -> None:
    async with asyncio.timeout(START_LIMIT_S):
        while True:
            try:
                async with client.get("/-/ready") as answer:
                    if answer.status == 200:
                        return
            except aiohttp.ClientConnectionError:
                pass
            await asyncio.sleep(LOOK_S)
