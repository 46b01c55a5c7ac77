"""Every misdeed of the hostile server, over plain and TLS: its record, and what all of them leave behind."""

import asyncio
import gc
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from service.errors import Code
from tests.integration.hostile_behaviours import ALL, Misdeed
from tests.integration.hostile_server import AUTHORITY, hostile_server
from tests.integration.inspecting import Inspect, one_inspector
from workers.model import Record

ROUNDS = int(os.environ.get("MASTHEAD_HOSTILE_ROUNDS", "1"))  # 100 for the whole of it
TIMEOUTS = (Code.RESPONSE_TIMEOUT, Code.TLS_TIMEOUT, Code.DEADLINE_EXCEEDED)
# Caches and pools fill first, whose bounds are their own modules' matter: none by what is waited out.
WARM_UP = tuple(row for row in ALL if row.code not in TIMEOUTS)
GROWTH_LIMIT_BYTES = 32 * 1024 * 1024
PHASE_S = 4.0  # for handshake and head: enough for an honest server on a loaded machine
PAGE_S = 8.0  # the same at full depth, where the server floods and has a processor to share
WHOLE_S = 10.0

Met = list[tuple[Misdeed, str, Record]]


@asynccontextmanager
async def hostile_world(folder: Path) -> AsyncIterator[tuple[dict[str, str], Inspect]]:
    async with hostile_server(folder) as places:
        settings = {
            "ca_file": folder / AUTHORITY,
            "concurrency": 64,
            "timeout": WHOLE_S,
            "response_timeout": PHASE_S,
            "tls_timeout": PHASE_S,
            "retry_wait": 0.1,  # for none that is asked for here, but for those of the past
            "workers": 1,
            "checks": "all",
        }
        async with one_inspector(**settings) as inspect:
            yield places, inspect


async def meet(misdeeds: Sequence[Misdeed], places: dict[str, str], inspect: Inspect) -> Met:
    met: Met = []
    for is_full in (False, True):
        rows = [(row, scheme) for row in misdeeds if row.is_full is is_full for scheme in row.schemes]
        urls = [places[f"{row.name} {scheme}"] for row, scheme in rows]
        more: dict[str, object] = {"depth": "headers"}
        if is_full:
            more = {"depth": "full", "tls_timeout": PAGE_S, "response_timeout": PAGE_S}
        records = await inspect(*urls, **more)
        met += [(row, scheme, record) for (row, scheme), record in zip(rows, records, strict=True)]
    return met


def faults(met: Met) -> list[str]:
    """What is not as its row says, a line each."""
    return [
        f"{row.name} over {scheme}: expected {expected}, got {got}; {record.error}"
        for row, scheme, record in met
        if (expected := _expected(row, record)) != (got := _got(row, record))
    ]


def _expected(row: Misdeed, record: Record) -> tuple[object, ...]:
    hops = answered(record) if row.hops is None else row.hops
    if row.code is not None:
        return ("error", row.code.value, row.stage, hops, True)
    return ("ok", row.status, row.defects, hops, True)


def _got(row: Misdeed, record: Record) -> tuple[object, ...]:
    is_in_time = record.elapsed_ms < (WHOLE_S + PHASE_S) * 1e3
    if record.error is not None:
        return (record.outcome, record.error.code, record.error.stage, answered(record), is_in_time)
    return (record.outcome, record.status, record.hops[0].defects, answered(record), is_in_time)


def answered(record: Record) -> int:
    return sum(hop.status is not None for hop in record.hops)


def resident_bytes() -> int:
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def test_the_table_has_what_was_promised() -> None:
    names = [row.name for row in ALL]
    assert len(names) == len(set(names))
    assert sum("http" in row.schemes for row in ALL) >= 60
    assert sum("https" in row.schemes for row in ALL) >= 60


async def test_each_misdeed_has_its_record_and_all_of_them_leave_nothing_behind(tmp_path: Path) -> None:
    async with hostile_world(tmp_path) as (places, inspect):
        assert not faults(await meet(WARM_UP, places, inspect))
        before = resident_bytes(), descriptors(), len(asyncio.all_tasks())
        for _ in range(ROUNDS):
            assert not faults(await meet(ALL, places, inspect))
        after = resident_bytes(), descriptors(), len(asyncio.all_tasks())
    grown_bytes = after[0] - before[0]
    print(f"{ROUNDS} rounds of {len(places)}: {grown_bytes / 2**20:.1f} MiB more")
    assert grown_bytes < GROWTH_LIMIT_BYTES
    assert after[1:] == before[1:]
