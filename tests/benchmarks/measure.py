"""One run of a command, as the system accounts for it, and the figures of several."""

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Final

LAUNCH: Final = Path(__file__).with_name("launch.py")
OK: Final = b'"outcome":"ok"'


@dataclass(frozen=True, slots=True)
class Run:
    """One whole process from its start to its end, and what it `told` on stdout and stderr.

    User and system time are its own and that of the processes that it waited for; `children_s` is the part
    that was theirs. Masthead's workers are not in it: nobody waits for their parent, the fork server.
    """

    wall_s: float
    user_s: float
    sys_s: float
    children_s: float
    peak_bytes: float
    told: str

    @property
    def cpu_s(self) -> float:
        return self.user_s + self.sys_s

    @property
    def peak_mib(self) -> float:
        return self.peak_bytes / (1 << 20)


def run_masthead(
    *arguments: str, records: int, output: Path, ok: int | None = None, within: Sequence[str] = ()
) -> Run:
    """Run `masthead batch`; fails unless it wrote just so many records, `ok` of them of that outcome.

    `within` is a command that runs another one elsewhere, such as in a namespace.
    """
    run = run_command(
        [*within, sys.executable, "-m", "service", "batch", *arguments, "--output", str(output)]
    )
    with output.open("rb") as lines:  # never as a whole: there may be a gigabyte
        written = Counter(OK in line for line in lines)
    if written.total() != records or ok not in (None, written[True]):
        expected = f"{records} records" if ok is None else f"{records} records, {ok} ok"
        raise SystemExit(f"expected {expected}, got {written.total()}, {written[True]} ok:\n{run.told}")
    return run


def run_command(
    command: Sequence[str], *, standard_input: Path | None = None, standard_output: Path | None = None
) -> Run:
    """Run a command to its end, and fail where it does. With `standard_output` only stderr is `told`."""
    with ExitStack() as stack:
        stdin = stack.enter_context(standard_input.open("rb")) if standard_input else subprocess.DEVNULL
        stdout = stack.enter_context(standard_output.open("wb")) if standard_output else subprocess.PIPE
        reading, writing = os.pipe()
        # Python is to find its modules compiled, as where it is installed, whatever is set here.
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        report = stack.enter_context(os.fdopen(reading))
        process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(LAUNCH), str(writing), *command],
            stdin=stdin,
            stdout=stdout,
            stderr=subprocess.PIPE if standard_output else subprocess.STDOUT,
            pass_fds=[writing],
            env=environment,
            text=True,
        )
        os.close(writing)
        told = "".join(text for text in process.communicate() if text)
        figures = report.read().split()
    if not figures or figures[0] != "0":
        raise SystemExit(f"{command[0]} ended with {figures[0] if figures else 'nothing'}:\n{told}")
    wall_s, user_s, sys_s, children_s, peak_bytes = map(float, figures[1:])
    return Run(wall_s, user_s, sys_s, children_s, peak_bytes, told)


def run_in_rounds(runners: Mapping[str, Callable[[], Run]], rounds: int) -> dict[str, list[Run]]:
    """Run them all, `rounds` times over, each round beginning with another: who comes first, or after whom,
    is not to decide. Tells on stderr how far it is."""
    names = list(runners)
    runs: dict[str, list[Run]] = {name: [] for name in names}
    for turn in range(rounds):
        for name in names[turn % len(names) :] + names[: turn % len(names)]:
            print(f"  round {turn + 1} of {rounds}: {name}", file=sys.stderr)
            runs[name].append(runners[name]())
    return runs


def spread(values: Sequence[float], unit: str = "", digits: int = 2) -> str:
    """Median, with minimum and maximum behind it."""
    return f"{median(values):.{digits}f}{unit} ({min(values):.{digits}f}–{max(values):.{digits}f})"


def ratios(these: Sequence[float], those: Sequence[float]) -> list[float]:
    """Round by round, so that a machine whose speed drifts does not decide."""
    return [one / other for one, other in zip(these, those, strict=True)]


def machine() -> str:
    return f"{os.cpu_count()} cores, Python {sys.version.split()[0]}"
