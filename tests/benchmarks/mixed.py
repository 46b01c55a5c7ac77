"""A mixed list against its arithmetic: nothing waits that need not, and nothing blocks the loop.

The arithmetic is what the concurrency allows: the time in flight of all URLs, as their records tell it,
divided by the concurrency, and one timeout for the last of them.
"""

import asyncio
import json
import re
import tempfile
from pathlib import Path

from tests.benchmarks.measure import Run, machine, run_masthead, spread
from tests.benchmarks.options import Options
from tests.benchmarks.table import Table
from tests.integration.mixed_list import serve_mixed_list

ROUNDS = 5
COUNT = 10_000
TIMEOUT_S = 2
CONCURRENCY = 256
LAG = re.compile(r"loop lag.*p99 (\S+ \S+),")


def measure(options: Options) -> Table:
    return asyncio.run(_measure(options.hosts or COUNT, options.rounds or ROUNDS))


async def _measure(count: int, rounds: int) -> Table:
    walls, shares, lags = [], [], []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for _ in range(rounds):
            async with serve_mixed_list(count) as mixed:
                (folder / "list").write_text("\n".join(mixed.lines) + "\n")
                run = await asyncio.to_thread(_run, folder, len(mixed.lines), mixed.resolver)
            arithmetic_s = _flight_s(folder / "records") / CONCURRENCY + TIMEOUT_S
            walls.append(run.wall_s)
            shares.append(run.wall_s / arithmetic_s)
            found = LAG.search(run.told)
            lags.append(found[1] if found else "?")
    title = (
        f"{count:,} mixed lines, {CONCURRENCY} at once, --timeout {TIMEOUT_S}, {rounds} rounds, {machine()}"
    )
    row = (spread(walls), spread(shares), ", ".join(lags))
    return Table(title, ("wall s", "wall ÷ arithmetic", "loop lag p99, by round"), [row])


def _run(folder: Path, count: int, resolver: str) -> Run:
    options = ("--timeout", str(TIMEOUT_S), "--concurrency", str(CONCURRENCY), "--resolver", resolver)
    hurry = ("--per-host", "1000", "--host-gap", "0", "--per-address", "1000")  # the servers are few
    network = ("--allow-net", "127.0.0.0/8", *hurry)
    return run_masthead(str(folder / "list"), *options, *network, records=count, output=folder / "records")


def _flight_s(records: Path) -> float:
    with records.open() as lines:
        return float(sum(json.loads(line)["elapsed_ms"] for line in lines)) / 1_000
