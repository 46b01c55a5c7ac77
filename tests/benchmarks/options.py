"""What a benchmark can be told on its command line."""

from argparse import ArgumentParser
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Options:
    """A benchmark takes its own default where an option was not given, and ignores those of the others."""

    names: tuple[str, ...] = ()
    rounds: int | None = None
    hosts: int | None = None
    markdown: bool = False
    gate: int | None = None
    profile: bool = False
    output: Path | None = None


def parse_options(arguments: Sequence[str]) -> Options:
    parser = ArgumentParser(
        "python -m tests.benchmarks", description="measure masthead, and its peers beside it"
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="a benchmark [default: all]")
    parser.add_argument("--rounds", type=int, metavar="N", help="how often each is run, for a quick look 2")
    parser.add_argument("--hosts", type=int, metavar="N", help="length of the list, for a quick look 2000")
    parser.add_argument("--markdown", action="store_true", help="print tables as Markdown")
    parser.add_argument("--gate", type=int, metavar="N", help="of instructions: the most a URL may take")
    parser.add_argument("--profile", action="store_true", help="of instructions: by function, too")
    parser.add_argument("--output", type=Path, metavar="FILE", help="of plot: the picture [out/scaling.svg]")
    given = parser.parse_args(arguments)
    return Options(
        tuple(given.names), given.rounds, given.hosts, given.markdown, given.gate, given.profile, given.output
    )
