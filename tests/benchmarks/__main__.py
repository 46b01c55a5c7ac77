"""`python -m tests.benchmarks [NAME…]`: all benchmarks, or those that are named."""

import sys
from collections.abc import Callable

from tests.benchmarks import (
    analysis,
    delayed,
    guard,
    inflight,
    instructions,
    jobs,
    judged,
    loops,
    million,
    mixed,
    names,
    plain,
    plot,
    submission,
    tls,
    workers,
)
from tests.benchmarks.options import Options, parse_options
from tests.benchmarks.table import Table

BENCHMARKS: dict[str, Callable[[Options], Table]] = {
    "plain": plain.measure,
    "tls": tls.measure,
    "names": names.measure,
    "judged": judged.measure,
    "analysis": analysis.measure,
    "delayed": delayed.measure,
    "inflight": inflight.measure,
    "loops": loops.measure,
    "million": million.measure,
    "mixed": mixed.measure,
    "jobs": jobs.measure,
    "submission": submission.measure,
    "workers": workers.measure,
    "instructions": instructions.measure,
    "guard": guard.measure,
    "plot": plot.measure,
}


def main() -> None:
    options = parse_options(sys.argv[1:])
    unknown = [name for name in options.names if name not in BENCHMARKS]
    if unknown:
        raise SystemExit(f"expected benchmarks from: {', '.join(BENCHMARKS)}; got {', '.join(unknown)}")
    faults = []
    for name in options.names or BENCHMARKS:
        table = BENCHMARKS[name](options)
        print(table.markdown() if options.markdown else table.text(), end="\n\n", flush=True)
        if table.fault:
            faults.append(f"{name}: {table.fault}")
    if faults:
        raise SystemExit("\n".join(faults))


if __name__ == "__main__":
    main()
