"""Plain HTTP, one HEAD to each of very many hosts: masthead beside the limit in C, curl, Go and the memo."""

import tempfile
from pathlib import Path

from tests.benchmarks import peers
from tests.benchmarks.compare import ROUNDS, compare
from tests.benchmarks.measure import machine
from tests.benchmarks.options import Options
from tests.benchmarks.table import Table
from tests.benchmarks.targets import nginx, write_addresses

HOSTS = 20_000


def measure(options: Options) -> Table:
    hosts, rounds = options.hosts or HOSTS, options.rounds or ROUNDS
    with tempfile.TemporaryDirectory() as name, nginx(Path(name)) as port:
        work = peers.Work(Path(name), Path(name, "urls"), hosts)
        write_addresses(work.urls, hosts, port)
        measured = (
            peers.masthead(work),
            peers.masthead(work, name="masthead again"),
            peers.limit(work),
            peers.curl(work),
            peers.go(work),
            peers.memo(work),
        )
        title = f"HEAD to {hosts:,} hosts over plain HTTP, {work.concurrency} at once"
        return compare(
            f"{title}, {rounds} rounds, {machine()}", [peer for peer in measured if peer], hosts, rounds
        )
