"""JSON lines: the record as it is. A worker has encoded it already, so that nothing is left to do."""

from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta, Struct

from service.output.format import Format, Held, Inverse
from workers.counted import write_counted
from workers.model import Depth, Failure, Severity, Verdict


class _Observatory(Struct):
    grade: str | None


class _Finding(Struct):
    id: str
    severity: Severity


class _Report(Struct):
    observatory: _Observatory | None
    findings: tuple[_Finding, ...]
    partial: bool = False


class _Record(Struct):
    """What is read back of a record: a tenth of the time that reading all of it takes."""

    schema: Literal[1]
    seq: Annotated[int, Meta(ge=1)]
    input: str
    outcome: Literal["ok", "error"]
    depth: Depth
    status: int | None
    report: _Report | None
    error: Failure | None
    elapsed_ms: float


_decode: Final = msgspec.json.Decoder(_Record).decode


def _write(verdict: Verdict) -> bytes:
    return verdict.line + b"\n"


def read_record(row: bytes) -> Held:
    """Raises ValueError for what is no record."""
    line = row.removesuffix(b"\n")
    try:
        record = _decode(line)
    except msgspec.DecodeError as error:
        raise ValueError(str(error)) from error
    report = record.report
    found = tuple((finding.id, finding.severity) for finding in report.findings) if report else ()
    verdict = Verdict(
        record.seq,
        line,
        record.error,
        record.status,
        report.observatory.grade if report and report.observatory else None,
        write_counted(found),
        record.elapsed_ms,
        0.0,
        report.partial if report else False,
    )
    return Held(record.input, verdict, report is not None, record.depth)


def _is_whole(_: bytes) -> bool:
    return True  # no line end stands in JSON as the records have it


def _spell(given: str) -> str:
    return given


JSONL: Final = Format(_write, inverse=Inverse(read_record, _is_whole, _spell))
