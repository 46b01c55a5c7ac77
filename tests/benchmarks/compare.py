"""Peers beside one another: CPU and wall, round by round, and the first's CPU as a share of each other's."""

from collections.abc import Sequence

from tests.benchmarks.measure import Run, ratios, run_in_rounds, spread
from tests.benchmarks.peers import Peer
from tests.benchmarks.table import Table

COLUMNS = ("client", "CPU µs a URL", "user", "system", "wall s", "first ÷ it", "what it prints")
ROUNDS = 7
NOTE = (
    "Median (least–most) of the rounds; the ratio is of CPU, taken round by round. “Again” is the first"
    " once more: how far its ratio is from 1 is the noise."
)


def compare(title: str, peers: Sequence[Peer], count: int, rounds: int) -> Table:
    """Measure the peers over `count` URLs. The first is what the others are compared with."""
    runs = run_in_rounds({peer.name: peer.run for peer in peers}, rounds)
    first = runs[peers[0].name]
    rows = [
        (peer.name, *_figures(runs[peer.name], count), _share(first, runs[peer.name]), peer.prints)
        for peer in peers
    ]
    return Table(title, COLUMNS, rows, (NOTE,))


def _figures(runs: Sequence[Run], count: int) -> tuple[str, ...]:
    a_url = 1e6 / count
    return (
        spread([run.cpu_s * a_url for run in runs], digits=0),
        spread([run.user_s * a_url for run in runs], digits=0),
        spread([run.sys_s * a_url for run in runs], digits=0),
        spread([run.wall_s for run in runs]),
    )


def _share(these: Sequence[Run], those: Sequence[Run]) -> str:
    if these is those:
        return ""
    return spread(ratios([run.cpu_s for run in these], [run.cpu_s for run in those]))
