"""One of Masthead's own records, to be judged anew by what it holds of the responses."""

from collections.abc import Iterator
from datetime import datetime

import msgspec
from msgspec.structs import replace

from workers.grading.case import Case, Id, MalformedResponse, NoHeaderSet, Unusable, read_id, unusable
from workers.grading.given import Given
from workers.grading.surroundings import read_surroundings
from workers.model import Followed, Hop, Record
from workers.observatory import read_hops
from workers.record import SCHEMA, decode_record


def read_own_record(given: Given, line: bytes, line_id: Id) -> Case:
    """All is kept but the report, and `seq`, which counts this input. A failed fetch stays so."""
    where = given.piece.where
    try:
        line_id = read_id(line_id)
        record = decode_record(line)
    except (msgspec.DecodeError, UnicodeDecodeError, Unusable) as error:
        message = f"expected a record as masthead writes them: {error}"
        return unusable(given, NoHeaderSet(message), where)
    if record.schema != SCHEMA or not (record.hops or record.error):
        got = f"schema {record.schema} with {len(record.hops)} hops"
        wrong = MalformedResponse(f"expected a record of schema {SCHEMA} with hops, got {got}")
        return unusable(given, wrong, record.input, record.url, line_id)
    is_judged = record.error is None or record.error.stage == "analyse"
    if is_judged and any(hop.status is None for hop in _answers(record)):
        wrong = MalformedResponse("expected a status in each hop of a record without an error, got null")
        return unusable(given, wrong, record.input, record.url, line_id)
    record = replace(record, seq=given.seq, report=None)
    if record.error is not None:
        if not (is_judged and record.hops):
            return Case(record, id=line_id)
        final = record.hops[-1]
        record = replace(record, outcome="ok", error=None, final_url=final.url, status=final.status)
    evidence = read_surroundings(record, read_hops(record.hops))
    return Case(record, evidence, line_id, _read_time(record))


def _answers(record: Record) -> Iterator[Hop]:
    """The hops that are judged: all of a chain that ended without an error."""
    yield from record.hops
    for chain in (record.http_entry, record.https_entry, record.preflight):
        if isinstance(chain, Followed) and chain.error is None:
            yield from chain.hops


def _read_time(record: Record) -> float | None:
    """When the response came. Of one that was itself given, and not fetched, nobody knows."""
    try:
        return datetime.fromisoformat(record.started_at).timestamp() if record.hops[-1].address else None
    except (ValueError, OverflowError):
        return None
