"""What a worker spends on a record: CPU from raw heads to the finished line, of one process by itself.

Over real responses (the conformance sets' `real_headers`, which `MASTHEAD_CONFORMANCE` leads to), each at the
moment that its Date tells and as if none like it had come before; and over a long list whose sites share
header sets, in the batches that the pool sends. There each site has a host name and a certificate of its own,
and the dates are of its moment: Date (less Age, as a cache leaves it), and Expires as far from it as it was.
Best of three, of each response and of each stretch of the list, each time by a worker that has met none:
what disturbs the machine is no cost. Batches are made ahead, for a worker has one after the other.
"""

import gzip
import json
import os
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import thread_time
from typing import Any, Final

import msgspec

from service.inspection.analyse import BATCH_LIMIT
from tests.benchmarks.measure import machine
from tests.benchmarks.options import Options
from tests.benchmarks.table import Table
from workers.entry import inspect, judge_batch, prepare
from workers.judge import forget
from workers.model import Exchange, Gathered, Timing, Tls, Verdict
from workers.syntax.cache_control import parse_seconds
from workers.syntax.http_date import format_http_date, parse_http_date

SETS_FOLDER: Final = "MASTHEAD_CONFORMANCE"
SITES, SETS = 100_000, 1_000
TRIES: Final = 3
TIMING: Final = Timing(1.234, 10.456, 22.012, 30.123)
EPOCH_S: Final = 1_767_225_600.0
YEAR_S: Final = 31_536_000
STRETCH: Final = 32 * BATCH_LIMIT
RATE: Final = 1_000  # records that come in one second, and share their Date

_encode: Final = msgspec.msgpack.Encoder().encode
_decode: Final = msgspec.msgpack.Decoder(list[Verdict]).decode


def measure(options: Options) -> Table:
    rows = list(_real_headers())
    prepare()
    single = [_gathered(seq, row, row["url"]) for seq, row in enumerate(rows, 1)]
    for gathered in single:  # what is loaded and compiled once
        inspect(gathered)
    passes = [[_cpu_of(gathered) for gathered in single] for _ in range(TRIES)]
    alone = sorted(map(min, *passes))
    sites = options.hosts or SITES
    repeated = _run_repeated(rows[:SETS], sites)
    at = [alone[len(alone) // 2], alone[len(alone) * 99 // 100], alone[-1]]
    shown = [f"{seconds * 1e6:,.0f} µs" for seconds in at]
    return Table(
        f"CPU a record in a worker, {len(rows):,} real responses, all checks, {machine()}",
        ("what", "median", "p99", "most"),
        (
            ("each by itself, best of three", *shown),
            (
                f"{sites:,} sites that share {SETS:,} header sets, mean, best of three",
                f"{repeated * 1e6:,.0f} µs",
                "",
                "",
            ),
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


def _gathered(seq: int, row: dict[str, Any], url: str, at_s: float | None = None) -> Gathered:
    """The row's response when it was sent, or one of a site that sends the same at another time."""
    fields = row["headers"]
    if at_s is None:
        at_s = _sent_at(fields)
    else:
        fields = _moved(fields, at_s)
    lines = [f"HTTP/1.1 {row['status']} OK", *(f"{name}: {value}" for name, value in fields)]
    head = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace")
    tls = _certificate(seq, url, at_s) if url.startswith("https:") else None
    exchange = Exchange(url, "HEAD", "192.0.2.1:443", head, tls, TIMING)
    return Gathered(seq, url, url, (exchange,), None, at_s, 64.123)


def _sent_at(fields: list[list[str]]) -> float:
    """When the responses came, which are of ten years: in seconds since the epoch, by Date and Age."""
    sent = {name.lower(): value for name, value in reversed(fields)}
    date = parse_http_date(sent.get("date", ""))
    return EPOCH_S if date is None else float(date.epoch_s + _age(sent))


def _age(sent: dict[str, str]) -> int:
    return min(parse_seconds(sent.get("age", "0")) or 0, YEAR_S)


def _moved(fields: list[list[str]], at_s: float) -> list[list[str]]:
    sent = {name.lower(): value for name, value in reversed(fields)}
    date = datetime.fromtimestamp(at_s, UTC) - timedelta(seconds=_age(sent))
    before, expires = parse_http_date(sent.get("date", "")), parse_http_date(sent.get("expires", ""))
    moved = {"date": format_http_date(date)}
    if before and expires and abs((expires.moment - before.moment).total_seconds()) < YEAR_S:
        moved["expires"] = format_http_date(date + (expires.moment - before.moment))
    return [[name, moved.get(name.lower(), value)] for name, value in fields]


def _certificate(seq: int, url: str, at_s: float) -> Tls:
    host = url.split("/")[2]
    ends = format(datetime.fromtimestamp(at_s + YEAR_S + seq, UTC), "%Y-%m-%dT%H:%M:%SZ")
    digest = format(seq, "064x")
    return Tls("TLSv1.3", "TLS_AES_256_GCM_SHA384", None, True, host, "R11", ends, (host,), digest)


def _cpu_of(gathered: Gathered) -> float:
    """CPU seconds of a record by a worker that knows none like it; what lines and dates mean it may know."""
    forget()
    began_s = thread_time()
    inspect(gathered)
    return thread_time() - began_s


def _run_repeated(rows: Sequence[dict[str, Any]], sites: int) -> float:
    """CPU seconds a record, decoding and encoding of the batches included."""
    passes = [list(_stretches(rows, sites)) for _ in range(TRIES)]
    return sum(map(min, *passes)) / sites


def _stretches(rows: Sequence[dict[str, Any]], sites: int) -> Iterator[float]:
    """CPU seconds of a worker that has met none of them, stretch by stretch."""
    forget()
    for begin in range(0, sites, STRETCH):
        end = min(begin + STRETCH, sites)
        batches = list(_batches(rows, begin, end))
        began_s = thread_time()
        judged = [judge_batch(batch) for batch in batches]
        yield thread_time() - began_s
        records = sum(len(_decode(verdicts)) for verdicts in judged)
        if records != end - begin:
            raise SystemExit(f"analysis: expected {end - begin} records, got {records}")


def _batches(rows: Sequence[dict[str, Any]], begin: int, end: int) -> Iterator[bytes]:
    for first in range(begin, end, BATCH_LIMIT):
        yield _encode(
            [
                _gathered(n, rows[n % len(rows)], f"https://site-{n}.example/", EPOCH_S + n // RATE)
                for n in range(first, min(first + BATCH_LIMIT, end))
            ]
        )
