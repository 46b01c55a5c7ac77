"""CSV (RFC 4180), one row a record, for spreadsheets: the columns in `COLUMNS`, in that order, header first.

A list or a server chooses what stands in text cells, so those that a spreadsheet would take for a formula
are preceded by an apostrophe (OWASP, "CSV Injection"). An absent value is an empty cell. Headers and single
findings are not in it: JSON lines have them.
"""

import csv
import io
from collections import Counter
from collections.abc import Callable
from typing import Final

from service.output.format import Format
from workers.model import SEVERITIES, Record, Severity, Verdict
from workers.record import decode_record

Cell = str | int | float | None

_FORMULA_BEGINS: Final = ("=", "+", "-", "@", "\t", "\r", "\n")


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
    "hops": lambda record: len(record.hops),  # responses seen, redirects included
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


def _defuse(cell: Cell) -> Cell:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA_BEGINS) else cell


def _row(cells: list[Cell]) -> bytes:
    line = io.StringIO()
    csv.writer(line).writerow(cells)  # its default dialect is RFC 4180's: CRLF, quotes doubled
    return line.getvalue().encode()


CSV: Final = Format(_write, begin=_row(list(COLUMNS)))
