"""The report that people read on a terminal: one record a block."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from rich.text import Text

from service.output.escape import printable
from service.output.format import Format
from service.output.layout import GLUE, Page, plain
from service.output.report_colours import GRADE_COLOURS, SEVERITY_COLOURS, status_colour
from workers.model import Finding, Hop, Observatory, Record, Report, Timing, Tls, Verdict
from workers.record import decode_record

TITLE_INDENT: Final = 2
BODY_INDENT: Final = 4
TLS_LABEL: Final = 13  # columns
SEVERITY_LABEL: Final = 8
DETAIL_LABEL: Final = 6
RESULT_LABEL: Final = 12
HOPS_SHOWN_FIRST: Final = 3  # of a loop: then they repeat themselves

HEADING: Final = "bold"
QUIET: Final = "dim"


def table_format(width: int, *, colour: bool) -> Format:
    """Reports `width` columns wide, an empty line after each."""

    def write(verdict: Verdict) -> bytes:
        page = Page(width, colour=colour)
        _lay_out(page, decode_record(verdict.line))
        page.skip()
        return page.render()

    return Format(write)


def _lay_out(page: Page, record: Record) -> None:
    page.add(plain(record.url or record.input, HEADING))
    page.add(_outcome(record), TITLE_INDENT)
    if record.hops:
        _title(page, "Responses")
        _add_hops(page, record.hops)
        if record.hops[-1].tls is not None:
            _title(page, "TLS")
            _add_tls(page, record.hops[-1].tls)
    report = record.report
    if report is None:
        return
    if not report.gradable:
        _title(page, "Grade")
        page.add(plain(f"none: {report.reason or 'not gradable'}"), BODY_INDENT)
    if report.observatory is not None and report.observatory.tests:
        missing = ", without the tests that need more than was gathered" if report.partial else ""
        _title(page, f"MDN HTTP Observatory{missing}")
        _add_tests(page, report.observatory)
    _title(page, f"Findings ({len(report.findings)})" if report.findings else "Findings")
    _add_findings(page, report.findings)


def _title(page: Page, title: str) -> None:
    page.skip()
    page.add(Text(title, HEADING), TITLE_INDENT)


def _outcome(record: Record) -> Text:
    took = (f"  {record.elapsed_ms:,.0f}{GLUE}ms", QUIET)
    if record.error is not None:
        return Text.assemble((record.error.code, "bold red"), " ", plain(record.error.message), took)
    line = _status(record.hops[-1])
    if record.report is not None:
        line.append_text(_grade(record.report))
    return Text.assemble(line, took)


def _grade(report: Report) -> Text:
    observatory = report.observatory
    if observatory is None or observatory.grade is None:
        return Text()
    tests = observatory.tests.values()
    missing = sum(test.passed is None for test in tests)
    partial = f", partial: {missing} of {len(tests)} tests not tested" if report.partial else ""
    colour = f"bold {GRADE_COLOURS.get(observatory.grade[:1], '')}"
    return Text.assemble("  grade ", (observatory.grade, colour), f" (score {observatory.score}{partial})")


def _add_hops(page: Page, hops: Sequence[Hop]) -> None:
    for hop in _shorten(hops):
        if isinstance(hop, int):
            page.add(Text(f"… {hop} more …", QUIET), BODY_INDENT)
            continue
        # The URL goes to the next line where it does not fit.
        page.add(
            Text.assemble(hop.method, "  ", _status(hop), "  ", plain(hop.url)),
            BODY_INDENT,
            hang=TITLE_INDENT,
        )
        for note in _hop_notes(hop, is_last=hop is hops[-1]):
            page.add(note, BODY_INDENT + TITLE_INDENT)


def _shorten(hops: Sequence[Hop]) -> Iterator[Hop | int]:
    """The hops, and how many were left out of a loop's because they say the same as those before them."""
    first, middle = hops[:HOPS_SHOWN_FIRST], hops[HOPS_SHOWN_FIRST:-1]
    shown = {_said_by(hop) for hop in first}
    if len(middle) > 1 and all(_said_by(hop) in shown for hop in middle):
        yield from first
        yield len(middle)
        yield hops[-1]
    else:
        yield from hops


def _said_by(hop: Hop) -> tuple[object, ...]:
    return (hop.method, hop.url, hop.status, *_locations(hop))


def _locations(hop: Hop) -> list[str]:
    return [value for name, value in hop.headers if name.lower() == "location"]


def _hop_notes(hop: Hop, *, is_last: bool) -> Iterator[Text]:
    for value in _locations(hop):
        yield plain(f"to {value}", "cyan")
    answer = f", HTTP/{hop.http_version}, {len(hop.headers)} header lines" if hop.status is not None else ""
    yield plain(f"{hop.address}{answer}", QUIET)
    if hop.tls is not None and not is_last:  # the last one's has a section
        tls = hop.tls
        yield Text.assemble(
            plain(f"{tls.version}, {tls.cipher}, certificate ", QUIET),
            _certificate(tls),
            plain(f", {tls.subject or '(empty)'}", QUIET),
        )
    yield Text(_times(hop.timing_ms), QUIET)
    if hop.defects:
        yield plain(f"malformed: {', '.join(hop.defects)}", "yellow")


def _times(timing: Timing) -> str:
    phases = {
        "resolve": timing.resolve,
        "connect": timing.connect,
        "TLS": timing.tls,
        "response": timing.response,
    }
    return ", ".join(f"{name}{GLUE}{took:,.1f}{GLUE}ms" for name, took in phases.items() if took is not None)


def _status(hop: Hop) -> Text:
    if hop.status is None:
        return Text("no response", "bold red")
    return plain(f"{hop.status} {hop.reason}".rstrip(), status_colour(hop.status))


def _certificate(tls: Tls) -> Text:
    verified = Text("verified", "green") if tls.verified else Text("not verified", "bold red")
    return Text.assemble(verified, f", valid until {printable(tls.not_after)}")


def _add_tls(page: Page, tls: Tls) -> None:
    rows = {
        "connection": plain(f"{tls.version}, {tls.cipher}" + (f", ALPN {tls.alpn}" if tls.alpn else "")),
        "certificate": _certificate(tls),
        "subject": plain(tls.subject or "(empty)"),
        "issuer": plain(tls.issuer or "(empty)"),
        "names": plain(", ".join(tls.sans) or "(none)"),
    }
    for label, text in rows.items():
        page.add(text, BODY_INDENT, label=Text(label), hang=TLS_LABEL)


def _add_tests(page: Page, observatory: Observatory) -> None:
    longest = max(map(len, observatory.tests))
    for name, test in observatory.tests.items():
        mark, colour = {True: ("pass", "green"), False: ("fail", "red"), None: ("–", QUIET)}[test.passed]
        label = Text(f"{mark:<4}  {f'{test.modifier:+4d}' if test.modifier else ''}", colour)
        # The result goes to the next line where it does not fit.
        line = Text.assemble(
            plain(f"{name:<{longest}}  "), plain(test.result, QUIET if test.passed is None else "")
        )
        page.add(line, BODY_INDENT, label=label, hang=RESULT_LABEL)


def _add_findings(page: Page, findings: Iterable[Finding]) -> None:
    if not findings:
        page.add(Text("none"), BODY_INDENT)
    indent = BODY_INDENT + SEVERITY_LABEL
    for finding in findings:
        severity = Text(finding.severity, SEVERITY_COLOURS[finding.severity])
        page.add(plain(finding.message), BODY_INDENT, label=severity, hang=SEVERITY_LABEL)
        page.add(plain(finding.id, QUIET), indent)
        details = {
            "sent": plain(finding.evidence, "cyan") if finding.evidence is not None else None,
            "fix": plain(finding.fix) if finding.fix is not None else None,
            "see": plain(finding.reference, QUIET),
        }
        for label, text in details.items():
            if text is not None:
                page.add(text, indent, label=Text(label, QUIET), hang=DETAIL_LABEL)
