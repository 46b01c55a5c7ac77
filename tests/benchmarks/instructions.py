"""User instructions a URL, as valgrind's callgrind counts them: a figure without the machine's noise.

A whole process over 2,000 URLs less one over 1,000: its start and its end are in both. What the kernel does
is not in it. It repeats to within a percent (how many events one wake-up brings is chance), and belongs to
one build of Python. With `--gate N` masthead alone is counted, and the command fails where a URL takes more;
with `--profile` the functions that masthead spends them in are listed.
"""

import re
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from statistics import median

from tests.benchmarks import peers
from tests.benchmarks.measure import Run, machine, run_command, run_in_rounds, spread
from tests.benchmarks.options import Options
from tests.benchmarks.peers import Peer, Work
from tests.benchmarks.programs import require
from tests.benchmarks.table import Table
from tests.benchmarks.targets import nginx, write_addresses

FEW, MANY = 1_000, 2_000
ROUNDS = 3
FUNCTIONS = 40  # in a profile
PATIENCE_S = "3600"  # valgrind is fifty times slower: no timeout is to play a part
PATIENT = tuple(word for phase in ("", "connect-", "response-") for word in (f"--{phase}timeout", PATIENCE_S))
COLLECTED = re.compile(r"^==\d+== Collected : (\d+)$", re.MULTILINE)
# "1,234 ( 0.56%)  FILE:FUNCTION'2 [OBJECT]": the digit is the depth of a recursion, an object may be missing.
FUNCTION = re.compile(r"^ *([\d,]+) \([ \d.]+%\) +\S*:([^'\s]+)", re.MULTILINE)


def patient_masthead(work: Work) -> Peer:
    """masthead, under valgrind's weight."""
    return peers.masthead(work, *PATIENT)


MAKERS: dict[str, Callable[[Work], Peer | None]] = {
    "masthead": patient_masthead,
    "limit in C": peers.limit,
    "curl": peers.curl,
    "asyncio streams": peers.memo,
}


def measure(options: Options) -> Table:
    rounds = options.rounds or ROUNDS
    wanted = ("masthead",) if options.gate else tuple(MAKERS)
    with tempfile.TemporaryDirectory() as name, nginx(Path(name)) as port:
        folder = Path(name)
        for count in (FEW, MANY):
            write_addresses(folder / f"urls.{count}", count, port)
        peers.masthead(_work(folder, FEW)).run()  # so that Python has compiled its modules
        counted = {who: a_url for who in wanted if (a_url := instructions_a_url(who, folder, rounds))}
        profile = _profile(folder) if options.profile else ()
    first = median(counted["masthead"])
    rows = [(who, spread(each, digits=0), f"{first / median(each):.2f}") for who, each in counted.items()]
    title = f"user instructions a URL, {MANY:,} URLs less {FEW:,}, plain HTTP, {rounds} rounds, {machine()}"
    fault = (
        f"expected at most {options.gate} instructions a URL, got {first:.0f}"
        if options.gate and first > options.gate
        else ""
    )
    return Table(title, ("client", "instructions", "masthead ÷ it"), rows, profile, fault)


def instructions_a_url(who: str, folder: Path, rounds: int) -> list[float]:
    """What one URL more takes of a client, `rounds` times counted; nothing where it is not installed."""
    counts: dict[int, list[int]] = {}
    for count in (FEW, MANY):
        peer = MAKERS[who](_work(folder, count, _callgrind(folder / "callgrind.%p")))
        if peer is None:
            return []
        counts[count] = [
            _collected(run) for run in run_in_rounds({f"{who}, {count}": peer.run}, rounds)[f"{who}, {count}"]
        ]
    return [(many - few) / (MANY - FEW) for few, many in zip(counts[FEW], counts[MANY], strict=True)]


def _profile(folder: Path) -> list[str]:
    """The functions of C that masthead's instructions are in, most first, with their share of one URL."""
    taken: dict[int, Counter[str]] = {}
    for count in (FEW, MANY):
        output = folder / f"callgrind.{count}"
        patient_masthead(_work(folder, count, _callgrind(output))).run()
        told = run_command([require("callgrind_annotate", "valgrind"), "--threshold=100", str(output)]).told
        taken[count] = Counter()
        for number, function in FUNCTION.findall(told):  # of several files, where it is inlined or has some
            taken[count][function] += int(number.replace(",", ""))
    taken[MANY].subtract(taken[FEW])
    return [f"{n / (MANY - FEW):>8,.0f}  {name}" for name, n in taken[MANY].most_common(FUNCTIONS)]


def _work(folder: Path, count: int, within: tuple[str, ...] = ()) -> Work:
    return Work(folder, folder / f"urls.{count}", count, within=within)


def _callgrind(output: Path) -> tuple[str, ...]:
    # With one seed for all, dictionaries of strings have the same collisions in every run.
    valgrind = (require("valgrind", "valgrind"), "--tool=callgrind", "--trace-children=yes")
    return ("env", "PYTHONHASHSEED=0", *valgrind, f"--callgrind-out-file={output}")


def _collected(run: Run) -> int:
    """The instructions of the process and of those that it started: curl's chunks are processes each."""
    return sum(map(int, COLLECTED.findall(run.told)))
