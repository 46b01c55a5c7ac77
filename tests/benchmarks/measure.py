"""One run of a command, as the system accounts for it, and the figures of several."""

import os
import subprocess
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter


@dataclass(frozen=True, slots=True)
class Run:
    """Seconds of one whole process, start-up included. `cpu_s` is its own and that of the processes that it
    waited for; masthead's workers are waited for by another."""

    wall_s: float
    cpu_s: float
    told: str


def run_masthead(*arguments: str, records: int, output: Path) -> Run:
    """Run `masthead batch` with these arguments; fails unless it wrote just so many records."""
    command = [sys.executable, "-m", "service", "batch", *arguments, "--output", str(output)]
    run = run_command(command)
    written = output.read_bytes().count(b"\n")
    if written != records:
        raise SystemExit(f"expected {records} records, got {written}:\n{run.told}")
    return run


def run_command(command: Sequence[str], *, standard_input: Path | None = None) -> Run:
    """Run a command to its end, and fail where it does; `told` is what it wrote on stdout and stderr."""
    with ExitStack() as stack:
        stdin = stack.enter_context(standard_input.open("rb")) if standard_input else subprocess.DEVNULL
        began = perf_counter()
        process = subprocess.Popen(
            command, stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        assert process.stdout is not None
        told = process.stdout.read()
        process.stdout.close()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        wall_s = perf_counter() - began
    if process.returncode:
        raise SystemExit(f"{command[0]} ended with {process.returncode}:\n{told}")
    return Run(wall_s, usage.ru_utime + usage.ru_stime, told)


def spread(values: Sequence[float], unit: str = "", digits: int = 2) -> str:
    """Median, with minimum and maximum behind it."""
    return f"{median(values):.{digits}f}{unit} ({min(values):.{digits}f}–{max(values):.{digits}f})"


def ratios(these: Sequence[float], those: Sequence[float]) -> list[float]:
    """Round by round, so that a machine whose speed drifts does not decide."""
    return [one / other for one, other in zip(these, those, strict=True)]


def machine() -> str:
    return f"{os.cpu_count()} cores, Python {sys.version.split()[0]}"
