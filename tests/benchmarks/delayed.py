"""The simulated internet: 80 ms round trips, names that do not exist, hosts that never answer.

Here the loop mostly waits, so a URL is to cost what the line makes it cost and nothing on top: the rate ought
to be the concurrency divided by the mean time in flight. Each record has to be right for its kind of host.
"""

import os
import random
import re
import tempfile
from functools import partial
from pathlib import Path

from tests.benchmarks.lab import LIVE_LIMIT, NETWORK, SILENT_LIMIT, Lab, lab
from tests.benchmarks.measure import Run, machine, run_masthead
from tests.benchmarks.options import Options
from tests.benchmarks.pace import Pace, Record, read_flights
from tests.benchmarks.table import Table

HOSTS = 100_000
ROUNDS = 1
CONCURRENCY = 500
CONNECT_TIMEOUT_S = 2
DEAD, SILENT = 0.10, 0.05
LEAST_SHARE, MOST_LAG_MS = 0.85, 100
LAG = re.compile(r"^loop lag +p50 ([\d,.]+) ms, p99 ([\d,.]+) ms", re.MULTILINE)


def measure(options: Options) -> Table:
    hosts, rounds = options.hosts or HOSTS, options.rounds or ROUNDS
    if os.geteuid() != 0:
        raise SystemExit("this benchmark needs root: it makes network namespaces")
    if hosts > min(LIVE_LIMIT / (1 - DEAD - SILENT), SILENT_LIMIT / SILENT):
        raise SystemExit(f"the lab has fewer hosts than {hosts}")
    rows, faults = [], []
    with tempfile.TemporaryDirectory() as name, lab(Path(name)) as internet:
        expected = _write_list(Path(name, "urls"), hosts, internet)
        for _ in range(rounds):
            run = _run(Path(name), hosts, internet)
            flights = read_flights(Path(name, "records"), partial(_check, dict(expected)))
            pace = Pace.of(flights, CONCURRENCY)
            lag_ms = _lag_ms(run)
            rows.append(_row(run, pace, lag_ms, hosts))
            if pace.share < LEAST_SHARE:
                faults.append(f"expected {LEAST_SHARE:.0%} of the arithmetic rate, got {pace.share:.0%}")
            if lag_ms[1] >= MOST_LAG_MS:
                faults.append(f"expected a loop lag p99 under {MOST_LAG_MS} ms, got {lag_ms[1]:g} ms")
    title = (
        f"{hosts:,} names, {DEAD:.0%} dead and {SILENT:.0%} silent, 80 ms there and back,"
        f" {CONCURRENCY} at once, {CONNECT_TIMEOUT_S} s to connect, {machine()}"
    )
    columns = (
        "wall s",
        "records a second",
        "arithmetic",
        "rate ÷ arithmetic",
        "loop lag p50, p99",
        "CPU µs a URL",
    )
    return Table(title, columns, rows, ("Every record was right for its host.",), "; ".join(faults))


def _row(run: Run, pace: Pace, lag_ms: tuple[float, float], hosts: int) -> tuple[str, ...]:
    return (
        f"{run.wall_s:.1f}",
        f"{pace.rate:,.0f}",
        f"{pace.arithmetic:,.0f}",
        f"{pace.share:.3f}",
        f"{lag_ms[0]:g} ms, {lag_ms[1]:g} ms",
        f"{run.cpu_s / hosts * 1e6:.0f}",
    )


def _lag_ms(run: Run) -> tuple[float, float]:
    """The loop's lag as masthead's summary tells it: p50 and p99."""
    told = LAG.search(run.told)
    if told is None:
        raise SystemExit(f"expected a summary with the loop's lag, got:\n{run.told}")
    return float(told[1].replace(",", "")), float(told[2].replace(",", ""))


def _run(folder: Path, hosts: int, internet: Lab) -> Run:
    options = (
        "--checks",
        "none",
        "--concurrency",
        str(CONCURRENCY),
        "--connect-timeout",
        str(CONNECT_TIMEOUT_S),
    )
    network = ("--allow-net", NETWORK, "--resolver", internet.resolver)
    return run_masthead(
        str(folder / "urls"),
        *options,
        *network,
        records=hosts,
        output=folder / "records",
        within=internet.near,
    )


def _write_list(path: Path, hosts: int, internet: Lab) -> dict[str, str | None]:
    """The lines, shuffled always the same way; returns the code (None: ok) that each must end with."""
    dead, silent = int(hosts * DEAD), int(hosts * SILENT)
    expected: dict[str, str | None] = {
        **{internet.live_url(n): None for n in range(hosts - dead - silent)},
        **{internet.dead_url(n): "dns_not_found" for n in range(dead)},
        **{internet.silent_url(n): "connect_timeout" for n in range(silent)},
    }
    urls = list(expected)
    random.Random(0).shuffle(urls)
    path.write_text("\n".join(urls) + "\n")
    return expected


def _check(expected: dict[str, str | None], record: Record) -> None:
    """Fail where the record is not what its host is, or where there was one already."""
    url, error = record["input"], record["error"]
    code = expected.pop(url, "no second record")
    if code != (error and error["code"]) or record["status"] != (None if error else 200):
        raise SystemExit(f"expected {code or 'ok'} for {url}, got {record}")
