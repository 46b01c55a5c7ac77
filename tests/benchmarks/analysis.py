"""What a worker spends on a record: CPU from raw heads to the finished line, of one process by itself.

Over real responses (the conformance sets' `real_headers`, which `MASTHEAD_CONFORMANCE` leads to), each alone;
and over a long list whose sites share header sets, in the batches that the pool sends, host names and dates
all different, as a fleet's are. Best of three for the single ones: what disturbs the machine is no cost.
"""

import gzip
import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from time import thread_time
from typing import Any, Final

import msgspec

from service.inspection.analyse import BATCH_LIMIT
from tests.benchmarks.measure import machine
from tests.benchmarks.options import Options
from tests.benchmarks.table import Table
from workers.entry import inspect, judge_batch
from workers.model import Exchange, Gathered, Timing, Verdict
from workers.registry import all_checks

SETS_FOLDER: Final = "MASTHEAD_CONFORMANCE"
SITES, SETS = 100_000, 1_000
TRIES: Final = 3
TIMING: Final = Timing(1.234, 10.456, 22.012, 30.123)
EPOCH_S: Final = 1_767_225_600.0

_encode: Final = msgspec.msgpack.Encoder().encode
_decode: Final = msgspec.msgpack.Decoder(list[Verdict]).decode


def measure(options: Options) -> Table:
    rows = list(_real_headers())
    all_checks()
    single = [_gathered(seq, row, row["url"]) for seq, row in enumerate(rows, 1)]
    for gathered in single:  # what is loaded and compiled once
        inspect(gathered)
    alone = sorted(_best_of(gathered) for gathered in single)
    sites = options.hosts or SITES
    repeated = _run_repeated(rows[:SETS], sites)
    at = [alone[len(alone) // 2], alone[len(alone) * 99 // 100], alone[-1]]
    shown = [f"{seconds * 1e6:,.0f} µs" for seconds in at]
    return Table(
        f"CPU a record in a worker, {len(rows):,} real responses, all checks, {machine()}",
        ("what", "median", "p99", "most"),
        (
            ("each by itself, best of three", *shown),
            (f"{sites:,} sites that share {SETS:,} header sets, mean", f"{repeated * 1e6:,.0f} µs", "", ""),
        ),
    )


def _real_headers() -> Iterator[dict[str, Any]]:
    folder = os.environ.get(SETS_FOLDER)
    path = Path(folder or ".") / "real_headers.jsonl.gz"
    if not folder or not path.is_file():
        raise SystemExit(f"analysis: expected {SETS_FOLDER} to name the conformance sets' folder")
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            if not (row["url"] or "").startswith("http"):
                row["url"] = "https://example.com/"
            yield row


def _gathered(seq: int, row: dict[str, Any], url: str, date: str | None = None) -> Gathered:
    lines = [f"HTTP/1.1 {row['status']} OK"]
    for name, value in row["headers"]:
        lines.append(f"{name}: {date if date and name.lower() == 'date' else value}")
    head = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace")
    exchange = Exchange(url, "HEAD", "192.0.2.1:443", head, None, TIMING)
    return Gathered(seq, url, url, (exchange,), None, EPOCH_S + seq / 1_000, 64.123)


def _best_of(gathered: Gathered) -> float:
    taken = []
    for _ in range(TRIES):
        began_s = thread_time()
        inspect(gathered)
        taken.append(thread_time() - began_s)
    return min(taken)


def _run_repeated(rows: Sequence[dict[str, Any]], sites: int) -> float:
    """CPU seconds a record, decoding and encoding of the batches included."""
    spent = []
    for begin in range(0, sites, BATCH_LIMIT):
        batch = [
            _gathered(n, rows[n % len(rows)], f"https://site-{n}.example/", _date(n))
            for n in range(begin, min(begin + BATCH_LIMIT, sites))
        ]
        data = _encode(batch)
        began_s = thread_time()
        judged = judge_batch(data)
        spent.append(thread_time() - began_s)
        if len(_decode(judged)) != len(batch):
            raise SystemExit("analysis: a record was lost")
    return sum(spent) / sites


def _date(n: int) -> str:
    """A date that a thousand records share, as in a scan of a thousand a second."""
    return f"Thu, 01 Jan 2026 00:{n // 60_000 % 60:02d}:{n // 1_000 % 60:02d} GMT"
