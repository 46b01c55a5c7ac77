"""The record of one URL: what was gathered, its heads parsed, joined with what the judges say."""

from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import msgspec
from msgspec import Raw
from msgspec.structs import replace

from workers.counted import NO_FINDINGS
from workers.model import (
    Chain,
    Exchange,
    Failure,
    Followed,
    Gathered,
    Hop,
    Meta,
    Record,
    Report,
    Verdict,
)
from workers.syntax.head import Known, read_plain_field, read_plain_head
from workers.syntax.known_heads import read_head
from workers.syntax.outline import Fields

if TYPE_CHECKING:  # the process of the loop, which only records, is not to load what judges
    from workers.report import Judged

SCHEMA: Final = 1
_MILLISECONDS: Final = tuple(f".{number:03d}Z" for number in range(1_000))  # a format's price, paid once

_decoder: Final = msgspec.json.Decoder(Record)


def build_record(gathered: Gathered, report: Report | None, *, failure: Failure | None = None) -> Record:
    """Join the parts. `failure` is one that arose after the fetch (in the analysis, say)."""
    hops = tuple(map(read_hop, gathered.exchanges))
    return join_record(gathered, hops, report, failure=failure)


def join_record(
    gathered: Gathered,
    hops: tuple[Hop, ...],
    report: Report | None,
    *,
    failure: Failure | None = None,
    meta: Meta | None = None,
) -> Record:
    """`build_record` for heads that are parsed already, and a page whose `meta` has been read."""
    failure = failure or gathered.failure
    final = None if failure else hops[-1]
    second, millisecond = divmod(int(gathered.started_at * 1_000), 1_000)
    # Without names, in the order of the struct: half of the cost of making it.
    record = Record(
        SCHEMA,
        gathered.seq,
        gathered.input,
        gathered.url,
        "error" if failure else "ok",
        gathered.depth,
        final.url if final else None,
        final.status if final else None,
        hops,
        report,
        failure,
        gathered.attempts,
        _format_second(second) + _MILLISECONDS[millisecond],
        gathered.elapsed_ms,
    )
    surroundings = gathered.surroundings
    if surroundings is None:
        return record
    return replace(
        record,
        http_entry=surroundings.http_entry and _followed(surroundings.http_entry),
        https_entry=surroundings.https_entry and _followed(surroundings.https_entry),
        preflight=_followed(surroundings.preflight),
        meta=meta,
    )


def record_only(gathered: Gathered, failure: Failure | None = None) -> Verdict:
    """The verdict on what is not to be judged: a failed fetch, or any fetch with `--checks none`."""
    hops = tuple(map(_write_hop, gathered.exchanges))
    if gathered.unanswered is not None:
        hops = (*hops, read_hop(gathered.unanswered))
    return to_verdict(join_record(gathered, hops, None, failure=failure), None, analysis_ms=0.0)


def to_verdict(record: Record, judged: "Judged | None", *, analysis_ms: float) -> Verdict:
    """`judged` is what the record's report was written as."""
    _, grade, counted, partial = (None, None, NO_FINDINGS, False) if judged is None else judged
    return Verdict(
        record.seq,
        _encoder.encode(record),
        record.error,
        record.status,
        grade,
        counted,
        record.elapsed_ms,
        analysis_ms,
        partial,
    )


def encode_record(record: Record) -> bytes:
    """The record as one line of JSON, without its newline."""
    return _encoder.encode(record)


def decode_record(line: bytes) -> Record:
    """The inverse of `encode_record`. Raises msgspec.ValidationError for anything but a record."""
    return _decoder.decode(line)


def read_hop(exchange: Exchange) -> Hop:
    """Parse one exchange's head. The reader on the wire has accepted its status line already, if one came."""
    if not exchange.head:
        return Hop(
            exchange.url,
            exchange.method,
            None,
            None,
            None,
            exchange.address,
            (),
            (),
            exchange.tls,
            exchange.timing_ms,
        )
    fields: Any  # they stand for the tuple that the record has
    head, fields = read_head(exchange.head)
    return Hop(
        exchange.url,
        exchange.method,
        head.status,
        head.reason,
        head.version,
        exchange.address,
        fields,
        head.defects,
        exchange.tls,
        exchange.timing_ms,
    )


def _write_hop(exchange: Exchange) -> Hop:
    """`read_hop` for a record that nobody reads before it is written: its headers are JSON already. Most
    lines have been met before, and need not be encoded again."""
    plain = read_plain_head(exchange.head, _json_fields)
    if plain is None:
        return read_hop(exchange)
    version, status, reason, fields = plain
    headers: Any = Raw(b"[%b]" % b",".join(fields))  # which the encoder writes as it is
    return Hop(
        exchange.url,
        exchange.method,
        status,
        reason,
        version,
        exchange.address,
        headers,
        (),
        exchange.tls,
        exchange.timing_ms,
    )


def _encode_field(line: bytes) -> bytes:
    return _encoder.encode(read_plain_field(line.decode("latin-1")))


_json_fields: Final = Known(_encode_field)


def _write_fields(fields: object) -> Raw:
    """What the encoder asks for where it meets a head's fields as they were read."""
    if not isinstance(fields, Fields):
        raise NotImplementedError
    return Raw(fields.write())


_encoder: Final = msgspec.json.Encoder(enc_hook=_write_fields)


def _followed(chain: Chain) -> Followed:
    hops = tuple(map(read_hop, chain.exchanges))
    if chain.unanswered is not None:
        hops = (*hops, read_hop(chain.unanswered))
    return Followed(hops, chain.failure)


@lru_cache(maxsize=64)  # thousands of records begin in one second
def _format_second(epoch_s: int) -> str:
    return datetime.fromtimestamp(epoch_s, UTC).strftime("%Y-%m-%dT%H:%M:%S")
