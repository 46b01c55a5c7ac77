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
from tests.integration.mixed_list import serve_mixed_list

ROUNDS = 5
COUNT = 10_000
TIMEOUT_S = 2
CONCURRENCY = 256
LAG = re.compile(r"loop lag.*p99 (\S+ \S+),")


def main() -> None:
    print(f"{COUNT} mixed lines, {CONCURRENCY} at once, --timeout {TIMEOUT_S}, {ROUNDS} rounds, {machine()}")
    asyncio.run(measure())


async def measure() -> None:
    walls, shares, lags = [], [], []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for _ in range(ROUNDS):
            async with serve_mixed_list(COUNT) as mixed:
                (folder / "list").write_text("\n".join(mixed.lines) + "\n")
                run = await asyncio.to_thread(_run, folder, mixed.resolver)
            arithmetic_s = _flight_s(folder / "records") / CONCURRENCY + TIMEOUT_S
            walls.append(run.wall_s)
            shares.append(run.wall_s / arithmetic_s)
            found = LAG.search(run.told)
            lags.append(found[1] if found else "?")
    print(f"  wall                   {spread(walls, ' s')}")
    print(f"  wall ÷ arithmetic      {spread(shares)}")
    print(f"  loop lag p99, by round {', '.join(lags)}")


def _run(folder: Path, resolver: str) -> Run:
    options = ("--timeout", str(TIMEOUT_S), "--concurrency", str(CONCURRENCY), "--resolver", resolver)
    network = ("--allow-net", "127.0.0.0/8")
    return run_masthead(str(folder / "list"), *options, *network, records=COUNT, output=folder / "records")


def _flight_s(records: Path) -> float:
    with records.open() as lines:
        return sum(json.loads(line)["elapsed_ms"] for line in lines) / 1_000
