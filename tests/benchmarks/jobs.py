"""The API while a job saturates the machine, and what the store costs beside the fetches.

One job of 100,000 URLs (`--hosts`), all checks, as many workers as cores, no gap between a host's URLs; each
URL is of another address of 127.0.0.0/8. While it runs, three calls are made in turn over one connection, one
every 20 ms: how long does each take? The client shares the machine with the daemon and nginx, so its own
waiting for a core is in the figures. The records are then read whole, and counted. The store alone is
measured in this process: chunks leased, and records as large as those of the job written in batches.
"""

import asyncio
import json
import tempfile
import time
from pathlib import Path
from statistics import quantiles
from typing import Final

from service.jobs.model import Terms, Written
from service.jobs.runner import BATCH_LIMIT
from service.jobs.sqlite import open_store
from service.model import Target
from tests.benchmarks.daemon import Daemon, serving_daemon
from tests.benchmarks.measure import machine, spread
from tests.benchmarks.options import Options
from tests.benchmarks.table import Table
from tests.benchmarks.targets import free_port, nginx, write_addresses

HOSTS: Final = 100_000
ROUNDS: Final = 5  # of the store
STORED: Final = 50_000  # records in each
PAUSE_S: Final = 0.02
STORE_LIMIT_US: Final = 15.0
P99_LIMIT_MS: Final = 100.0
TEXT: Final = {"Content-Type": "text/plain"}
NDJSON: Final = {"Accept": "application/x-ndjson"}


def measure(options: Options) -> Table:
    hosts = options.hosts or HOSTS
    with tempfile.TemporaryDirectory() as name, nginx(Path(name)) as port:
        folder = Path(name)
        write_addresses(folder / "urls", hosts, port)
        with serving_daemon(folder, free_port(), "--host-gap", "0") as daemon:
            job = submit(daemon, folder / "urls")
            latencies, spent_s = _ask_meanwhile(daemon, job, f"http://127.0.0.1:{port}/")
            line = check_results(daemon, job, hosts)
    costs = [asyncio.run(_store_cost_us(line)) for _ in range(options.rounds or ROUNDS)]
    rows, fault = [], ""
    for call, taken in latencies.items():
        p99 = quantiles(taken, n=100)[98]
        if p99 > P99_LIMIT_MS:
            fault = f"expected a p99 of at most {P99_LIMIT_MS:g} ms, got {p99:.0f} of {call}"
        rows.append((call, f"{len(taken)}", spread(taken, digits=1), f"{p99:.1f}"))
    if min(costs) > STORE_LIMIT_US:
        fault = f"expected at most {STORE_LIMIT_US:g} µs CPU a record in the store, got {min(costs):.1f}"
    title = (
        f"calls while a job of {hosts:,} URLs runs ({hosts / spent_s:.0f} URLs/s), all checks, {machine()}"
    )
    note = f"the store alone: {spread(costs, ' µs', 1)} CPU a record of {len(line):,} bytes"
    return Table(title, ("call", "times", "ms", "p99 ms"), rows, (note,), fault)


def submit(daemon: Daemon, urls: Path) -> str:
    """The path of a job with this list."""
    with urls.open("rb") as body:
        status, answer = daemon.ask("POST", "/v1/jobs", body, TEXT)
    if status != 202:
        raise SystemExit(f"expected 202, got {status}: {answer!r}")
    return f"/v1/jobs/{json.loads(answer)['id']}"


def check_results(daemon: Daemon, job: str, count: int) -> bytes:
    """Read all records, streamed; fails unless each URL has one. Returns one of them."""
    daemon.connection.request("GET", f"{job}/results", None, NDJSON)
    answer = daemon.connection.getresponse()
    seen, line = bytearray(count + 1), b""
    for line in answer:
        seen[json.loads(line)["seq"]] += 1
    if seen[1:].count(1) != count:
        raise SystemExit(f"expected {count} records, one a URL, got {sum(seen)}")
    return line


def _ask_meanwhile(daemon: Daemon, job: str, url: str) -> tuple[dict[str, list[float]], float]:
    """Milliseconds of each call, from the job's first record to its end, and how long that took."""
    calls: dict[str, tuple[str, str, bytes | None, dict[str, str]]] = {
        "GET /v1/jobs/{id}": ("GET", job, None, {}),
        "GET /readyz": ("GET", "/readyz", None, {}),
        "POST /v1/inspections": ("POST", "/v1/inspections", url.encode(), TEXT),
    }
    taken: dict[str, list[float]] = {name: [] for name in calls}
    began = time.perf_counter()
    while True:
        for name, call in calls.items():
            asked = time.perf_counter()
            status, answer = daemon.ask(*call)
            taken[name].append((time.perf_counter() - asked) * 1e3)
            if status != 200:
                raise SystemExit(f"expected 200 of {name}, got {status}: {answer!r}")
            if name.startswith("GET /v1") and json.loads(answer)["state"] == "done":
                return taken, time.perf_counter() - began
            time.sleep(PAUSE_S)


async def _store_cost_us(line: bytes) -> float:
    """CPU of this process, both its threads, for leasing and writing; the list is in the store before."""
    with tempfile.TemporaryDirectory() as name:
        async with open_store(Path(name)) as store:
            job = await store.begin("bench", Terms(b"{}"), None, 0)
            assert job is not None
            await store.add(job, [Target(seq, f"http://127.1.0.0/{seq}") for seq in range(1, STORED + 1)])
            await store.accept(job, STORED, b"")
            began = time.process_time()
            waiting: list[Written] = []
            while (chunk := await store.lease(job.number)) is not None:
                waiting += [
                    Written(job.number, chunk.number, target.seq, line, False) for target in chunk.targets
                ]
                if len(waiting) >= BATCH_LIMIT:
                    await store.write(waiting[:BATCH_LIMIT])
                    del waiting[:BATCH_LIMIT]
            await store.write(waiting)
            return (time.process_time() - began) / STORED * 1e6
