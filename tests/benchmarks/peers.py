"""The clients that are measured beside one another, each in its best form.

A peer reads the same list of URLs, with as many connections at once, and its run fails where it did not see
every head. What each of them does with a head differs, and is said beside its figures.
"""

import re
import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from tests.benchmarks.measure import Run, run_command, run_masthead
from tests.benchmarks.programs import compile_c, compile_go

CONCURRENCY = 256
# URLs a curl: its caches of connections and names are searched, which is quadratic in them, and each start
# costs some. Of 100 to 2,000, by address and by name, 500 takes the least CPU.
CHUNK = 500


@dataclass(frozen=True, slots=True)
class Work:
    """A list of `count` URLs in a file, and a folder for what comes of it. `within` is a command that runs
    another one elsewhere, such as in a namespace."""

    folder: Path
    urls: Path
    count: int
    concurrency: int = CONCURRENCY
    within: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Peer:
    """`prints` is what it makes of a response."""

    name: str
    prints: str
    run: Callable[[], Run]


def masthead(work: Work, *options: str, name: str = "masthead", checks: str = "none") -> Peer:
    """The whole command, start-up included. Unless it has checks it judges nothing, and starts no worker."""
    arguments = (
        str(work.urls),
        "--checks",
        checks,
        "--concurrency",
        str(work.concurrency),
        "--quiet",
        *options,
    )
    network = ("--allow-net", "127.0.0.0/8")
    output = work.folder / "masthead.jsonl"

    def run() -> Run:
        return run_masthead(
            *arguments, *network, records=work.count, ok=work.count, output=output, within=work.within
        )

    prints = "records as JSON: headers, timings, address"
    return Peer(name, prints if checks == "none" else f"{prints}, grade, findings", run)


def limit(work: Work, source: str = "limit.c", *arguments: str, libraries: Sequence[str] = ()) -> Peer:
    """What the system calls cost, and no more."""
    program = compile_c(source, work.folder, *libraries)
    return _counting("limit in C", "a count of heads", [program, str(work.concurrency), *arguments], work)


def go(work: Work) -> Peer | None:
    """net/http, which parses heads as masthead does. None where Go is not installed."""
    program = compile_go("client.go", work.folder)
    if program is None:
        print("Go is not installed: skipped", file=sys.stderr)
        return None
    return _counting("Go net/http", "a count of heads, parsed", [program, str(work.concurrency)], work)


def curl(work: Work, *options: str) -> Peer | None:
    """Parallel, in chunks. None where curl is not installed."""
    program = shutil.which("curl")
    if program is None:
        print("curl is not installed: skipped", file=sys.stderr)
        return None
    version = run_command([program, "--version"]).told.split()[1]
    flags = f"--disable --silent --head --parallel --parallel-immediate --parallel-max {work.concurrency}"
    script = work.folder / "curl.sh"
    with script.open("w") as lines:
        for chunk in _write_chunks(work):
            lines.write(
                f"{program} {flags} {' '.join(options)} --write-out '%{{http_code}}\\n' --config {chunk}\n"
            )
    output = work.folder / "curl.out"

    def run() -> Run:
        done = run_command([*work.within, "sh", str(script)], standard_output=output)
        return expect_heads(done, "curl", work.count, output.read_bytes().count(b"200\n"))

    return Peer(f"curl {version}", f"the status; {CHUNK} URLs a process", run)


def memo(work: Work) -> Peer:
    """The program that masthead grew from: asyncio's streams, a task a URL."""
    program = str(Path(__file__).with_name("memo.py"))
    command = [*work.within, sys.executable, program, str(work.urls), str(work.concurrency)]
    output = work.folder / "memo.out"

    def run() -> Run:
        done = run_command(command, standard_output=output)
        heads = output.read_bytes().count(b"HTTP header> HTTP/1.1 200 OK\n")
        return expect_heads(done, "the memo", work.count, heads)

    return Peer("asyncio streams", "header lines (the memo as it was written)", run)


def expect_heads(run: Run, who: str, expected: int, seen: int) -> Run:
    """The run, if it saw all that it was to see."""
    if seen != expected:
        raise SystemExit(f"{who} was to see {expected} heads and saw {seen}:\n{run.told[-1_000:]}")
    return run


def _counting(name: str, prints: str, command: Sequence[str], work: Work) -> Peer:
    """A program that reads URLs from stdin and says how many heads it saw."""

    def run() -> Run:
        done = run_command([*work.within, *command], standard_input=work.urls)
        told = re.search(r"^(\d+) heads", done.told, re.MULTILINE)
        return expect_heads(done, name, work.count, int(told[1]) if told else 0)

    return Peer(name, prints, run)


def _write_chunks(work: Work) -> list[Path]:
    chunks: list[Path] = []
    with work.urls.open() as lines:
        while chunk := list(islice(lines, CHUNK)):
            path = work.folder / f"curl.{len(chunks)}"
            path.write_text("".join(f'url = "{url.strip()}"\noutput = /dev/null\n' for url in chunk))
            chunks.append(path)
    return chunks
