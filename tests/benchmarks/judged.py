"""What judging costs the event loop: all checks and grades beside `--checks none`, over the list of `plain`.

Judging is done by worker processes, so the loop's process should pay for little more than handing heads over
and taking records back. Its CPU alone is counted. The workers' parent is the fork server; masthead waits for
neither, so the system does not add their time to its. The benchmark fails where it did.
"""

import tempfile
from dataclasses import replace
from functools import partial
from pathlib import Path

from tests.benchmarks import peers
from tests.benchmarks.compare import ROUNDS, compare
from tests.benchmarks.measure import Run, machine
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
            peers.masthead(work, checks="all", name="judging"),
            peers.masthead(work, checks="all", name="judging again"),
            peers.masthead(work, name="--checks none"),
        )
        title = f"the loop's process over {hosts:,} hosts, plain HTTP, {work.concurrency} at once"
        alone = [replace(peer, run=partial(_run_alone, peer)) for peer in measured]
        return compare(f"{title}, {rounds} rounds, {machine()}", alone, hosts, rounds)


def _run_alone(peer: peers.Peer) -> Run:
    run = peer.run()
    if run.children_s:
        raise SystemExit(
            f"expected no other process's time in masthead's, got {run.children_s} s of children"
        )
    return run
