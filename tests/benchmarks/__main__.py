"""`python -m tests.benchmarks [NAME…]`: all benchmarks, or those that are named."""

import sys

from tests.benchmarks import mixed, plain, workers

BENCHMARKS = {"mixed": mixed.main, "workers": workers.main, "plain": plain.main}


def main() -> None:
    names = sys.argv[1:] or list(BENCHMARKS)
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        raise SystemExit(f"expected benchmarks from: {', '.join(BENCHMARKS)}; got {', '.join(unknown)}")
    for name in names:
        BENCHMARKS[name]()


if __name__ == "__main__":
    main()
