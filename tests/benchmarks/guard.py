"""What the egress guard adds to a URL: user instructions to judge a port and a name's addresses.

The guard alone, in a loop, under callgrind: in a whole fetch it is less than chance (see `instructions`).
It fails where a URL takes more than the goal, or than `--gate N`.
"""

import sys

from tests.benchmarks.instructions import COLLECTED, FEW, MANY
from tests.benchmarks.measure import machine, run_command
from tests.benchmarks.options import Options
from tests.benchmarks.programs import require
from tests.benchmarks.table import Table

GOAL = 20_000
ADDRESSES = {
    "one of IPv4": ("93.184.216.34",),
    "one of IPv6": ("2606:4700:4700::1111",),
    "one of each": ("93.184.216.34", "2606:4700:4700::1111"),
    "a refused one": ("10.0.0.1",),
}
JUDGE = """
import sys
from service.errors import FetchFailed
from service.inspection.guard import Guard
guard, count, addresses = Guard(), int(sys.argv[1]), tuple(sys.argv[2:])
for _ in range(count):
    try:
        guard.check_port(443)
        guard.check_addresses("name.example", addresses)
    except FetchFailed:
        pass
"""


def measure(options: Options) -> Table:
    limit = options.gate or GOAL
    counted = {
        name: (_count(MANY, *each) - _count(FEW, *each)) / (MANY - FEW) for name, each in ADDRESSES.items()
    }
    most = max(counted.values())
    fault = f"expected at most {limit} instructions a URL, got {most:.0f}" if most > limit else ""
    title = f"user instructions of the egress guard a URL, {machine()}"
    return Table(
        title, ("addresses", "instructions"), [(n, f"{c:.0f}") for n, c in counted.items()], (), fault
    )


def _count(count: int, *addresses: str) -> int:
    valgrind = (require("valgrind", "valgrind"), "--tool=callgrind", "--callgrind-out-file=/dev/null")
    run = run_command(
        ["env", "PYTHONHASHSEED=0", *valgrind, sys.executable, "-c", JUDGE, str(count), *addresses]
    )
    return sum(map(int, COLLECTED.findall(run.told)))
