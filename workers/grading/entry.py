"""The door into a worker process for what was given: pieces in, verdicts out, as `workers.entry` has it."""

from time import perf_counter
from typing import Final

import msgspec
from msgspec import UNSET, Raw, UnsetType
from msgspec.structs import asdict, replace

from workers.grading.case import Case, NoHeaderSet, unusable
from workers.grading.dump import read_dump
from workers.grading.given import Given
from workers.grading.har_entry import read_entry
from workers.grading.header_set import read_line
from workers.judge import judge
from workers.model import Failure, Record, Verdict
from workers.record import record_only, to_verdict
from workers.report import Judged

_READERS: Final = {"line": read_line, "entry": read_entry, "dump": read_dump}

_encoder: Final = msgspec.msgpack.Encoder()
_batch_decoder: Final = msgspec.msgpack.Decoder(list[Given])


class _Named(Record, frozen=True):
    """A record of a header set that had an `id`."""

    id: Raw | UnsetType = UNSET


def grade_batch(batch: bytes) -> bytes:
    """MessagePack of `list[Given]` to MessagePack of `list[Verdict]`, one for one and in order."""
    return _encoder.encode([inspect(given) for given in _batch_decoder.decode(batch)])


def inspect(given: Given) -> Verdict:
    """Read one piece, judge it and write its record. Raises MemoryError alone, as `workers.entry` does."""
    started = perf_counter()
    case: Case | None = None
    judged: Judged | None = None
    try:
        case = _read(given)
        record = case.record
        if record.error is None:
            judged = judge(given, record.hops, case.evidence, case.at_s)
            record = replace(record, report=judged.report if judged else None)
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - a fault in a check must cost one report, never the batch
        message = f"the analysis raised {type(error).__name__}: {error}"[:500]
        failure = Failure(code="analysis_failed", stage="analyse", message=message)
        if case is None:
            return record_only(given, failure)
        judged = None
        record = replace(
            case.record, outcome="error", final_url=None, status=None, report=None, error=failure
        )
    if case.id is not UNSET:
        record = _Named(**asdict(record), id=case.id)
    return to_verdict(record, judged, analysis_ms=(perf_counter() - started) * 1e3)


def _read(given: Given) -> Case:
    piece = given.piece
    if piece.fault is not None:
        return unusable(given, NoHeaderSet(piece.fault), piece.parts[0].decode("utf-8", "backslashreplace"))
    return _READERS[piece.form](given)
