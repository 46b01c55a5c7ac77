"""What more event loops bring: the list of `plain` with one loop, and with two and more of them.

CPU is of all processes, which the main one waits for. The server is on the same machine, and takes a part of
the cores that the loops could use: the wall time of two is that of half the machine, not of another.
"""

import tempfile
from pathlib import Path

from tests.benchmarks import peers
from tests.benchmarks.compare import ROUNDS
from tests.benchmarks.measure import machine, ratios, run_in_rounds, spread
from tests.benchmarks.options import Options
from tests.benchmarks.table import Table
from tests.benchmarks.targets import nginx, write_addresses

HOSTS = 20_000
LOOPS = {"1 loop": 1, "1 loop again": 1, "2 loops": 2, "4 loops": 4}


def measure(options: Options) -> Table:
    hosts, rounds = options.hosts or HOSTS, options.rounds or ROUNDS
    with tempfile.TemporaryDirectory() as name, nginx(Path(name)) as port:
        work = peers.Work(Path(name), Path(name, "urls"), hosts)
        write_addresses(work.urls, hosts, port)
        measured = [peers.masthead(work, "--loops", str(count), name=name) for name, count in LOOPS.items()]
        runs = run_in_rounds({peer.name: peer.run for peer in measured}, rounds)
    first, *_ = runs.values()
    rows = [
        (
            name,
            spread([run.wall_s for run in done]),
            spread(ratios([run.wall_s for run in first], [run.wall_s for run in done])),
            spread([run.cpu_s / hosts * 1e6 for run in done], digits=0),
            spread([run.children_s / hosts * 1e6 for run in done], digits=0),
            spread([run.peak_mib for run in done], digits=1),
        )
        for name, done in runs.items()
    ]
    title = (
        f"HEAD to {hosts:,} hosts over plain HTTP, {work.concurrency} at once, {rounds} rounds, {machine()}"
    )
    return Table(
        title,
        (
            "loops",
            "wall s",
            "1 loop ÷ it",
            "CPU µs a URL",
            "of which in loops' processes",
            "peak MiB of one process",
        ),
        rows,
    )
