"""A list of 1,000,000 URLs, streamed: is it as light and as fast, URL for URL, as one of 20,000?

Every URL is of another address of 127.0.0.0/8. The records are written to a file, about a gigabyte of them,
and counted. `--hosts` is the long list's length.
"""

import tempfile
from pathlib import Path
from statistics import median

from tests.benchmarks import peers
from tests.benchmarks.measure import Run, machine, run_in_rounds, spread
from tests.benchmarks.options import Options
from tests.benchmarks.table import Table
from tests.benchmarks.targets import nginx, write_addresses

SHORT, LONG = 20_000, 1_000_000
ROUNDS = 3  # of the short list; the long one is run once, which is long enough to be its own mean


def measure(options: Options) -> Table:
    long, rounds = options.hosts or LONG, options.rounds or ROUNDS
    with tempfile.TemporaryDirectory() as name, nginx(Path(name)) as port:
        short_runs = _runs(Path(name), SHORT, port, rounds)
        long_runs = _runs(Path(name), long, port, 1)
    rows = []
    for count, runs in ((SHORT, short_runs), (long, long_runs)):
        cpu = [run.cpu_s / count * 1e6 for run in runs]
        peak = [run.peak_mib for run in runs]
        rows.append(
            (
                f"{count:,}",
                spread(cpu, digits=0),
                spread([run.wall_s for run in runs]),
                spread(peak, digits=1),
            )
        )
    cpu_ratio = long_runs[0].cpu_s / long / median(run.cpu_s / SHORT for run in short_runs)
    peak_ratio = long_runs[0].peak_mib / median(run.peak_mib for run in short_runs)
    rows.append(("ratio", f"{cpu_ratio:.2f}", "", f"{peak_ratio:.2f}"))
    title = (
        f"{long:,} URLs and {SHORT:,}, plain HTTP, --checks none, {peers.CONCURRENCY} at once, {machine()}"
    )
    return Table(title, ("URLs", "CPU µs a URL", "wall s", "peak MiB"), rows)


def _runs(folder: Path, count: int, port: int, rounds: int) -> list[Run]:
    work = peers.Work(folder, folder / "urls", count)
    write_addresses(work.urls, count, port)
    name = f"{count:,} URLs"
    return run_in_rounds({name: peers.masthead(work).run}, rounds)[name]
