"""10,000 in flight: a server on loopback that answers each request two seconds after it came.

Sustained means that the server, which counts, had so many waiting at once, and that the records came at the
arithmetic rate all the same. What a connection costs in memory is how much higher the peak is than with 100
in flight over the same list (of a server that is as much quicker), divided by how many more there were.
"""

import tempfile
from functools import partial
from pathlib import Path

from tests.benchmarks.measure import Run, machine, run_in_rounds, run_masthead, spread
from tests.benchmarks.options import Options
from tests.benchmarks.pace import Pace, read_flights
from tests.benchmarks.programs import compile_c, serving
from tests.benchmarks.table import Table
from tests.benchmarks.targets import free_port, write_addresses

HOSTS = 50_000
ROUNDS = 3
MANY, FEW = 10_000, 100
DELAY_MS = {MANY: 2_000, FEW: 20}


def measure(options: Options) -> Table:
    hosts, rounds = options.hosts or HOSTS, options.rounds or ROUNDS
    waited: dict[int, list[int]] = {MANY: [], FEW: []}
    paces: dict[int, list[Pace]] = {MANY: [], FEW: []}
    with tempfile.TemporaryDirectory() as name:
        folder, port = Path(name), free_port()
        program = compile_c("slow_server.c", folder)
        write_addresses(folder / "urls", hosts, port)

        def run(concurrency: int) -> Run:
            with serving([program, str(port), str(DELAY_MS[concurrency])]) as server:
                done = _run(folder, hosts, concurrency)
                waited[concurrency].append(int(server.end()))
            paces[concurrency].append(Pace.of(read_flights(folder / "records"), concurrency))
            return done

        runs = run_in_rounds({str(many): partial(run, many) for many in (FEW, MANY)}, rounds)
    rows = [
        (
            f"{many:,}",
            spread(waited[many], digits=0),
            spread([pace.rate for pace in paces[many]], digits=0),
            spread([pace.share for pace in paces[many]]),
            spread([done.cpu_s / hosts * 1e6 for done in runs[str(many)]], digits=0),
            spread([done.peak_mib for done in runs[str(many)]], digits=1),
        )
        for many in (FEW, MANY)
    ]
    more = zip(runs[str(MANY)], runs[str(FEW)], strict=True)
    each_kib = [(many.peak_mib - few.peak_mib) * 1_024 / (MANY - FEW) for many, few in more]
    least = min(waited[MANY])
    return Table(
        f"{hosts:,} URLs of a server that answers after {DELAY_MS[MANY]} ms ({DELAY_MS[FEW]} ms for {FEW} at"
        f" once), {rounds} rounds, {machine()}",
        ("at once", "most that waited", "records a second", "rate ÷ arithmetic", "CPU µs a URL", "peak MiB"),
        rows,
        (f"Memory a connection: {spread(each_kib, ' KiB')}.",),
        "" if least == MANY else f"expected {MANY:,} to wait at once, got {least:,}",
    )


def _run(folder: Path, hosts: int, concurrency: int) -> Run:
    options = ("--checks", "none", "--concurrency", str(concurrency), "--allow-net", "127.0.0.0/8")
    return run_masthead(str(folder / "urls"), *options, records=hosts, ok=hosts, output=folder / "records")
