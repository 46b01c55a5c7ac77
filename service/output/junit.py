"""JUnit's XML, as CI servers read it: a test case a URL.

A URL that was not inspected is an error; one that does not meet the run's gates is a failure, with what is
wrong and how to mend it. A gate over no URL at all is a case of its own, which fails: who reads nothing but
the report is not to take that for success. Without gates nothing else fails: findings are no more than told.
The suite's counts stand before its cases, so the cases are kept for the end, on disk if there are many.

There is no standard; element and attribute names are those that Jenkins and GitLab read, `file` and `line`
those that pytest and GitHub's reporters know.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from time import monotonic
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from service.output.escape import printable
from service.output.format import Format
from service.output.gate import NOTHING_JUDGED, Gate, Miss
from service.output.place import ListPlace
from service.output.spool import Spool
from workers.model import Finding, Record, Report, Verdict
from workers.record import decode_record

CLASS: Final = "masthead"
DECLARATION: Final = b'<?xml version="1.0" encoding="UTF-8"?>\n'


def junit_format(gate: Gate, place: ListPlace | None) -> Format:
    """For one run with these gates; `place` is its list, None where the URLs were arguments."""
    suite = _Suite(gate, place)
    return Format(suite.write, DECLARATION, suite.end)


class _Suite:
    """One report. All is called by the thread that writes."""

    def __init__(self, gate: Gate, place: ListPlace | None) -> None:
        self._gate = gate
        self._place = place
        self._cases = Spool()
        self._counts = {"tests": 0, "failures": 0, "errors": 0, "skipped": 0}
        self._began = monotonic()
        self._began_at = datetime.now(UTC)

    def write(self, verdict: Verdict) -> bytes:
        record = decode_record(verdict.line)
        attributes: dict[str, object] = {
            "classname": CLASS,
            "name": record.input,
            "time": f"{record.elapsed_ms / 1e3:.3f}",
        }
        if self._place is not None:
            attributes |= {"file": self._place.name, "line": self._place.line_of(record.seq)}
        inside = "\n".join(self._inside(record, self._gate.misses(verdict)))
        self._add(attributes, inside)
        return b""

    def end(self, cut: str | None) -> Iterator[bytes]:
        if not self._counts["tests"]:
            for gate in self._gate.names:
                self._counts["failures"] += 1
                about = {"type": "gate", "message": f"{gate}: {NOTHING_JUDGED}"}
                self._add({"classname": CLASS, "name": gate}, _element("failure", about, ""))
        name = self._place.name if self._place is not None else CLASS
        time = f"{monotonic() - self._began:.3f}"
        totals = {"name": name, **self._counts, "time": time}
        yield f"{_begin('testsuites', totals)}\n".encode()
        timestamp = self._began_at.strftime("%Y-%m-%dT%H:%M:%S")
        yield f"{_begin('testsuite', {**totals, 'timestamp': timestamp})}\n".encode()
        yield from self._cases.pieces()
        if cut is not None:
            told = f"the list was not inspected to its end: {cut}"
            yield f"{_element('system-err', {}, _text(told))}\n".encode()
        yield b"</testsuite>\n</testsuites>\n"

    def _add(self, attributes: Mapping[str, object], inside: str) -> None:
        self._counts["tests"] += 1
        self._cases.add(f"{_element('testcase', attributes, inside)}\n".encode())

    def _inside(self, record: Record, misses: dict[str, Miss]) -> Iterator[str]:
        if record.error is not None:
            self._counts["errors"] += 1
            about = {"type": record.error.code, "message": record.error.message}
            yield _element("error", about, _text(f"{record.error.stage}: {record.error.message}"))
            return
        findings = record.report.findings if record.report is not None else ()
        if misses:
            self._counts["failures"] += 1
            message = "; ".join(f"{gate}: {miss.found}" for gate, miss in misses.items())
            # A grade that is too low has no finding of its own: any may be its reason.
            told = [found for found in findings if self._gate.catches(found.severity)] or findings
            yield _element("failure", {"type": "gate", "message": message}, _lines(told))
        yield _element("system-out", {}, _text(_outcome(record)))


def _outcome(record: Record) -> str:
    return f"status {record.status}, {_grade(record.report)}, {record.final_url}"


def _grade(report: Report | None) -> str:
    if report is None or report.observatory is None:
        return "not graded"
    grade = f"grade {report.observatory.grade}{' (partial)' if report.partial else ''}"
    return f"{grade}, {len(report.findings)} finding{'' if len(report.findings) == 1 else 's'}"


def _lines(findings: Iterable[Finding]) -> str:
    lines: list[str] = []
    for finding in findings:
        lines.append(f"{finding.severity} {finding.id}: {finding.message}")
        details = {"sent": finding.evidence, "fix": finding.fix, "see": finding.reference}
        lines += [f"  {label}: {value}" for label, value in details.items() if value is not None]
    return "\n".join(map(_text, lines))


def _element(name: str, attributes: Mapping[str, object], inside: str) -> str:
    return f"{_begin(name, attributes)}{inside}</{name}>"


def _begin(name: str, attributes: Mapping[str, object]) -> str:
    written = "".join(f" {key}={quoteattr(printable(str(value)))}" for key, value in attributes.items())
    return f"<{name}{written}>"


def _text(text: str) -> str:
    """XML has no way to write most control characters, not even escaped: they are told as `\\x1b`."""
    return escape(printable(text))
