"""The record of one URL: what was gathered, its heads parsed, joined with what the judges say."""

from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

import msgspec

from workers.model import Exchange, Failure, Gathered, Hop, Record, Report
from workers.syntax.head import parse_head

SCHEMA: Final = 1

_encoder: Final = msgspec.json.Encoder()
_decoder: Final = msgspec.json.Decoder(Record)


def build_record(gathered: Gathered, report: Report | None, *, failure: Failure | None = None) -> Record:
    """Join the parts. `failure` is one that arose after the fetch (in the analysis, say)."""
    hops = tuple(map(read_hop, gathered.exchanges))
    return join_record(gathered, hops, report, failure=failure)


def join_record(
    gathered: Gathered, hops: tuple[Hop, ...], report: Report | None, *, failure: Failure | None = None
) -> Record:
    """`build_record` for heads that are parsed already."""
    failure = failure or gathered.failure
    final = None if failure else hops[-1]
    return Record(
        schema=SCHEMA,
        seq=gathered.seq,
        input=gathered.input,
        url=gathered.url,
        outcome="error" if failure else "ok",
        depth=gathered.depth,
        final_url=final.url if final else None,
        status=final.status if final else None,
        hops=hops,
        report=report,
        error=failure,
        attempts=gathered.attempts,
        started_at=_rfc3339(gathered.started_at),
        elapsed_ms=gathered.elapsed_ms,
    )


def encode_record(record: Record) -> bytes:
    """The record as one line of JSON, without its newline."""
    return _encoder.encode(record)


def decode_record(line: bytes) -> Record:
    """The inverse of `encode_record`. Raises msgspec.ValidationError for anything but a record."""
    return _decoder.decode(line)


def read_hop(exchange: Exchange) -> Hop:
    """Parse one exchange's head. The reader on the wire has accepted its status line already."""
    head = parse_head(exchange.head)
    return Hop(
        url=exchange.url,
        method=exchange.method,
        status=head.status,
        reason=head.reason,
        http_version=head.version,
        address=exchange.address,
        headers=head.fields,
        defects=head.defects,
        tls=exchange.tls,
        timing_ms=exchange.timing_ms,
    )


def _rfc3339(epoch_s: float) -> str:
    second, millisecond = divmod(int(epoch_s * 1_000), 1_000)
    return f"{_format_second(second)}.{millisecond:03d}Z"


@lru_cache(maxsize=64)  # thousands of records begin in one second
def _format_second(epoch_s: int) -> str:
    return datetime.fromtimestamp(epoch_s, UTC).strftime("%Y-%m-%dT%H:%M:%S")
