"""The only door into a worker process: a batch of what was gathered goes in, verdicts come out.

Both cross as MessagePack bytes, which pickle passes on as they are. No exception crosses (one that does
not pickle would break the pool): a check that fails on a response is that record's `analysis_failed`.
"""

import os
import signal
import threading
from multiprocessing import connection, parent_process
from time import perf_counter
from typing import Final

import msgspec

from workers.judge import judge, read_meta
from workers.memory import collect_rarely, settle_memory
from workers.model import Failure, Gathered, Hop, Verdict
from workers.observatory.preload import is_preloaded
from workers.record import join_record, read_hop, to_verdict
from workers.registry import all_checks

NICENESS: Final = 5  # the event loop shares the cores with us, and its lag is felt by every URL in flight

_encoder: Final = msgspec.msgpack.Encoder()
_batch_decoder: Final = msgspec.msgpack.Decoder(list[Gathered])


def start_worker() -> None:
    """Prepare a fresh worker process: leave signals to the parent, yield to the loop, end with the parent."""
    collect_rarely()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    os.nice(NICENESS)
    threading.Thread(target=_end_with_parent, name="end-with-parent", daemon=True).start()
    prepare()


def prepare() -> None:
    """Load what is loaded once: better now than in the first record's time."""
    all_checks()
    is_preloaded("example.com")  # reads the list: 50 ms
    settle_memory()


def judge_batch(batch: bytes) -> bytes:
    """MessagePack of `list[Gathered]` to MessagePack of `list[Verdict]`, one for one and in order."""
    return _encoder.encode([inspect(gathered) for gathered in _batch_decoder.decode(batch)])


def inspect(gathered: Gathered) -> Verdict:
    """Judge one URL's responses and write its record. Raises MemoryError alone: that is no fault of the
    response's, and the batch is done again by another process."""
    started = perf_counter()
    hops: tuple[Hop, ...] = ()
    try:
        hops = tuple(map(read_hop, gathered.exchanges))
        judged = None if gathered.failure else judge(gathered, hops)
        report = judged.report if judged else None
        meta = None if gathered.surroundings is None else read_meta(gathered, hops)
        record = join_record(gathered, hops, report, meta=meta)
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - a fault in a check must cost one report, never the batch
        message = f"the analysis raised {type(error).__name__}: {error}"[:500]
        failure = Failure(code="analysis_failed", stage="analyse", message=message)
        judged, record = None, join_record(gathered, hops, None, failure=failure)
    return to_verdict(record, judged, analysis_ms=(perf_counter() - started) * 1e3)


def _end_with_parent() -> None:
    """A killed parent closes no queue: without this its workers would wait for work for ever."""
    parent = parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)
