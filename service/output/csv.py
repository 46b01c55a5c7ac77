"""CSV (RFC 4180), one row a record, for spreadsheets: the columns in `COLUMNS`, in that order, header first.

A list or a server chooses what stands in text cells, so those that a spreadsheet would take for a formula
are preceded by an apostrophe (OWASP, "CSV Injection"). An absent value is an empty cell. Headers and single
findings are not in it: JSON lines have them.
"""

import csv
import io
from collections import Counter
from collections.abc import Callable
from typing import Final, cast, get_args

from service.output.format import Format, Held, Inverse
from workers.counted import write_counted
from workers.model import SEVERITIES, Failure, Record, Severity, Stage, Verdict
from workers.record import decode_record

Cell = str | int | float | None

_FORMULA_BEGINS: Final = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")  # the last four are of full width


def _count(severity: Severity) -> Callable[[Record], Cell]:
    def cell(record: Record) -> Cell:
        if record.report is None:
            return None
        return Counter(finding.severity for finding in record.report.findings)[severity]

    return cell


def _partial(record: Record) -> Cell:
    if record.report is None or record.report.observatory is None:
        return None
    return "true" if record.report.partial else "false"


COLUMNS: Final[dict[str, Callable[[Record], Cell]]] = {
    "seq": lambda record: record.seq,  # the URL's number in the input, from 1
    "input": lambda record: record.input,
    "url": lambda record: record.url,
    "outcome": lambda record: record.outcome,  # ok, error
    "error_stage": lambda record: record.error.stage if record.error else None,
    "error_code": lambda record: record.error.code if record.error else None,
    "error_message": lambda record: record.error.message if record.error else None,
    "status": lambda record: record.status,  # of the last response
    "final_url": lambda record: record.final_url,
    "hops": lambda record: len(record.hops),  # redirects included, and what failed once connected
    "address": lambda record: record.hops[-1].address if record.hops else None,
    "tls_version": lambda record: (
        record.hops[-1].tls.version if record.hops and record.hops[-1].tls else None
    ),
    "tls_not_after": lambda record: (
        record.hops[-1].tls.not_after if record.hops and record.hops[-1].tls else None
    ),
    "grade": lambda record: (
        record.report.observatory.grade if record.report and record.report.observatory else None
    ),
    "score": lambda record: (
        record.report.observatory.score if record.report and record.report.observatory else None
    ),
    "partial": _partial,  # true: the grade leaves tests out (they are not-tested)
    **{f"findings_{severity}": _count(severity) for severity in reversed(SEVERITIES)},
    "attempts": lambda record: record.attempts,
    "started_at": lambda record: record.started_at,
    "elapsed_ms": lambda record: record.elapsed_ms,
}


def _write(verdict: Verdict) -> bytes:
    record = decode_record(verdict.line)
    return _row([_defuse(cell(record)) for cell in COLUMNS.values()])


def _read(row: bytes) -> Held:
    try:
        cells = next(csv.reader([row.decode()], strict=True))
    except csv.Error as error:
        raise ValueError(str(error)) from error
    if len(cells) != len(COLUMNS):
        raise ValueError(f"expected {len(COLUMNS)} cells, got {len(cells)}")
    cell = dict(zip(COLUMNS, cells, strict=True))
    seq = int(cell["seq"])
    if seq < 1 or cell["outcome"] not in ("ok", "error"):
        raise ValueError("expected a seq from 1 and an outcome")
    failure = None
    if cell["outcome"] == "error":
        if cell["error_stage"] not in get_args(Stage):
            raise ValueError(f"expected a stage, got {cell['error_stage'][:40]!r}")
        failure = Failure(cell["error_code"], cast("Stage", cell["error_stage"]), cell["error_message"])
    found = [("", severity) for severity in SEVERITIES for _ in range(int(cell[f"findings_{severity}"] or 0))]
    verdict = Verdict(
        seq,
        b"",
        failure,
        int(cell["status"]) if cell["status"] else None,
        cell["grade"] or None,
        write_counted(tuple(found)),
        float(cell["elapsed_ms"]),
        0.0,
        cell["partial"] == "true",
    )
    return Held(cell["input"], verdict, is_judged=cell["findings_high"] != "")


def _is_whole(row: bytes) -> bool:
    """A line end within a cell stands between quotes, and quotes come in pairs."""
    return row.endswith(b"\r\n") and row.count(b'"') % 2 == 0


def _spell(given: str) -> str:
    return str(_defuse(given))


def _defuse(cell: Cell) -> Cell:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA_BEGINS) else cell


def _row(cells: list[Cell]) -> bytes:
    line = io.StringIO()
    csv.writer(line).writerow(cells)  # its default dialect is RFC 4180's: CRLF, quotes doubled
    return line.getvalue().encode()


CSV: Final = Format(_write, begin=_row(list(COLUMNS)), inverse=Inverse(_read, _is_whole, _spell))
