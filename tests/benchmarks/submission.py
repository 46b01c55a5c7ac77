"""A million URLs to the daemon in one request: how much memory it needs, and how soon records can be read.

`--checks none`, since a million grades say nothing of submission. `--hosts` is the list's length.
"""

import tempfile
import time
from pathlib import Path
from typing import Final

from tests.benchmarks.daemon import Daemon, serving_daemon
from tests.benchmarks.jobs import check_results, submit
from tests.benchmarks.measure import machine
from tests.benchmarks.options import Options
from tests.benchmarks.table import Table
from tests.benchmarks.targets import free_port, nginx, write_addresses

HOSTS: Final = 1_000_000
PEAK_LIMIT_MIB: Final = 200.0
FIRST_LIMIT_S: Final = 5.0


def measure(options: Options) -> Table:
    hosts = options.hosts or HOSTS
    with tempfile.TemporaryDirectory() as name, nginx(Path(name)) as port:
        folder = Path(name)
        write_addresses(folder / "urls", hosts, port)
        with serving_daemon(folder, free_port(), "--host-gap", "0", "--checks", "none") as daemon:
            began = time.perf_counter()
            job = submit(daemon, folder / "urls")
            accepted = time.perf_counter()
            taking_mib = daemon.peak_mib
            first_s = _until(daemon, f"{job}/results?limit=1", b'"seq":') - accepted
            done_s = _until(daemon, job, b'"state":"done"') - accepted
            asked, cpu_s = time.perf_counter(), daemon.cpu_s
            check_results(daemon, job, hosts)
            read_s = time.perf_counter() - asked
            rows = [
                ("the list is taken, to the 202", f"{accepted - began:.1f} s"),
                ("the first record can be read, after the 202", f"{first_s:.2f} s"),
                ("the job is done, after the 202", f"{done_s:.0f} s"),
                ("CPU a URL of the daemon's process, till then", f"{cpu_s / hosts * 1e6:.0f} µs"),
                ("all records are read in one stream", f"{read_s:.0f} s"),
                ("peak memory of the daemon's process, at the 202", f"{taking_mib:.0f} MiB"),
                ("the same, when all is read", f"{daemon.peak_mib:.0f} MiB"),
            ]
    fault = ""
    if taking_mib > PEAK_LIMIT_MIB:
        fault = f"expected at most {PEAK_LIMIT_MIB:g} MiB at the 202, got {taking_mib:.0f}"
    if first_s > FIRST_LIMIT_S:
        fault = f"expected the first record within {FIRST_LIMIT_S:g} s, got {first_s:.1f}"
    return Table(f"a job of {hosts:,} URLs, --checks none, {machine()}", ("what", ""), rows, (), fault)


def _until(daemon: Daemon, path: str, wanted: bytes) -> float:
    """When the answer first has this in it."""
    while wanted not in daemon.ask("GET", path)[1]:
        time.sleep(0.05)
    return time.perf_counter()
