"""Throughput and memory against the concurrency and against the list's length, drawn as an SVG.

masthead, the limit in C and the memo, each as a whole process against the nginx of `plain`. curl is not among
them: it takes at most 300 at once, and its best form is chunks, whatever the list's length.
`--hosts` is the longest list, `--output` the picture's file; the figures are printed as a table too.
"""

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from tests.benchmarks import peers
from tests.benchmarks.measure import machine, run_in_rounds
from tests.benchmarks.options import Options
from tests.benchmarks.peers import Peer, Work
from tests.benchmarks.table import Table
from tests.benchmarks.targets import nginx, write_addresses

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ROUNDS = 3
CONCURRENCIES = (10, 30, 100, 300, 1_000, 3_000, 10_000)
CONCURRENCIES_HOSTS = 20_000
LENGTHS = (1_000, 3_000, 10_000, 30_000, 100_000, 200_000, 500_000, 1_000_000)
LONGEST = 200_000
OUTPUT = Path("out/scaling.svg")
AT_ONCE, LENGTH = "at once", "URLs in the list"
ALL_DESCRIPTORS = ("sh", "-c", 'ulimit -n "$(ulimit -Hn)" && exec "$@"', "sh")  # the memo does not see to it
MAKERS: dict[str, Callable[[Work], Peer]] = {
    "masthead": peers.masthead,
    "limit in C": peers.limit,
    "asyncio streams (the memo)": peers.memo,
}


@dataclass(frozen=True, slots=True)
class Point:
    """One client at one place of an axis, `AT_ONCE` or `LENGTH`: medians of the rounds."""

    axis: str
    client: str
    place: int
    rate: float
    peak_mib: float


def measure(options: Options) -> Table:
    draw = drawing()
    rounds, longest, output = options.rounds or ROUNDS, options.hosts or LONGEST, options.output or OUTPUT
    with tempfile.TemporaryDirectory() as name, nginx(Path(name)) as port:
        of = partial(_points, Path(name), port, rounds)
        hosts = min(longest, CONCURRENCIES_HOSTS)
        points = [point for many in CONCURRENCIES for point in of(AT_ONCE, many, hosts, many)]
        lengths = [length for length in LENGTHS if length <= longest]
        points += [point for many in lengths for point in of(LENGTH, many, many, peers.CONCURRENCY)]
    output.parent.mkdir(parents=True, exist_ok=True)
    draw(points, output)
    rows = [
        (point.axis, f"{point.place:,}", point.client, f"{point.rate:,.0f}", f"{point.peak_mib:.1f}")
        for point in points
    ]
    title = (
        f"plain HTTP: {hosts:,} hosts by concurrency, and by length at {peers.CONCURRENCY} at once,"
        f" {rounds} rounds, {machine()}"
    )
    columns = ("by", "", "client", "URLs a second", "peak MiB")
    return Table(title, columns, rows, (f"The picture is in {output}.",))


def drawing() -> Callable[[Sequence[Point], Path], None]:
    """What draws, looked for before anything is measured."""
    try:
        import matplotlib
        from matplotlib.figure import Figure
        from matplotlib.ticker import StrMethodFormatter
    except ImportError as error:
        raise SystemExit("the plot needs the extra `bench`: make bench installs it") from error
    matplotlib.rcParams.update({"svg.hashsalt": "masthead", "svg.fonttype": "none", "font.size": 9})

    def draw(points: Sequence[Point], output: Path) -> None:
        figure = Figure(figsize=(9, 6), layout="constrained")
        for row, (label, value) in enumerate((("URLs a second", "rate"), ("peak memory, MiB", "peak_mib"))):
            for column, axis in enumerate((AT_ONCE, LENGTH)):
                axes = figure.add_subplot(2, 2, 1 + 2 * row + column)
                _draw_lines(axes, [point for point in points if point.axis == axis], value)
                axes.set(xscale="log", xlabel=axis, ylabel=label)
                axes.set_ylim(bottom=0)
                axes.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
                axes.yaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
                axes.grid(alpha=0.3)
        figure.axes[0].legend()
        figure.savefig(output, format="svg", metadata={"Date": None, "Creator": None})

    return draw


def _points(
    folder: Path, port: int, rounds: int, axis: str, place: int, hosts: int, concurrency: int
) -> list[Point]:
    work = Work(folder, folder / "urls", hosts, concurrency, ALL_DESCRIPTORS)
    write_addresses(work.urls, hosts, port)
    runs = run_in_rounds({client: make(work).run for client, make in MAKERS.items()}, rounds)
    return [
        Point(
            axis,
            client,
            place,
            hosts / median(run.wall_s for run in done),
            median(run.peak_mib for run in done),
        )
        for client, done in runs.items()
    ]


def _draw_lines(axes: "Axes", points: Sequence[Point], value: str) -> None:
    for client in MAKERS:
        own = [point for point in points if point.client == client]
        axes.plot(
            [point.place for point in own], [getattr(point, value) for point in own], "o-", label=client
        )
