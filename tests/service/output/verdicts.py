"""Records to write, as short as a test needs them."""

from typing import Any

from workers.counted import write_counted
from workers.model import Exchange, Failure, Gathered, Record, Report, Timing, Verdict
from workers.record import build_record, decode_record, record_only, to_verdict
from workers.report import Judged

HEAD = b"HTTP/1.1 200 OK\r\nServer: x\r\n\r\n"


def reached(seq: int = 1, url: str = "http://site.test/", head: bytes = HEAD, **changes: Any) -> Gathered:
    exchange = Exchange(url, "HEAD", "192.0.2.1:80", head, None, Timing(1.0, 2.0, None, 30.0))
    fields = {
        "seq": seq,
        "input": url,
        "url": url,
        "exchanges": (exchange,),
        "failure": None,
        "started_at": 0.0,
        "elapsed_ms": 33.0,
        **changes,
    }
    return Gathered(**fields)


def failed(seq: int = 1, code: str = "connect_refused", message: str = "nobody listens") -> Gathered:
    return reached(seq, exchanges=(), failure=Failure(code=code, stage="connect", message=message))


def verdict(gathered: Gathered | None = None) -> Verdict:
    return record_only(gathered or reached())


def judged(report: Any, gathered: Gathered | None = None) -> Verdict:
    record = build_record(gathered or reached(), report)
    return to_verdict(record, _counted(report) if report else None, analysis_ms=0.0)


def record(gathered: Gathered) -> Record:
    return decode_record(verdict(gathered).line)


def _counted(report: Report) -> Judged:
    return Judged(
        report,
        report.observatory.grade if report.observatory else None,
        write_counted(tuple((found.id, found.severity) for found in report.findings)),
        report.partial,
    )
