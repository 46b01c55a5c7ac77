"""The report that people read on a terminal: one record a block, laid out by rich.

What lists and servers say goes in as `Text` of printable characters, never as markup: nothing of it acts.
"""

import io
from collections.abc import Iterable, Iterator
from typing import Final

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from service.output.escape import printable
from service.output.format import Format
from service.output.report_colours import GRADE_COLOURS, SEVERITY_COLOURS, status_colour
from workers.model import Finding, Hop, Observatory, Record, Timing, Tls, Verdict
from workers.record import decode_record

INDENT: Final = 2
HEADING: Final = "bold"
QUIET: Final = "dim"


def table_format(width: int, *, colour: bool) -> Format:
    """Reports `width` columns wide, an empty line after each."""

    def write(verdict: Verdict) -> bytes:
        return _render(_report(decode_record(verdict.line)), width, colour=colour)

    return Format(write)


def _render(report: RenderableType, width: int, *, colour: bool) -> bytes:
    page = io.StringIO()
    console = Console(
        file=page,
        width=width,
        force_terminal=colour,
        color_system="standard" if colour else None,
        no_color=not colour,
        highlight=False,
        legacy_windows=False,
    )
    console.print(report)
    # Rich fills cells up with spaces, which a selection or a diff would then have.
    return "".join(f"{line.rstrip()}\n" for line in page.getvalue().split("\n")).encode()


def _report(record: Record) -> RenderableType:
    return Group(*_sections(record))


def _sections(record: Record) -> Iterator[RenderableType]:
    yield _text(record.url or record.input, HEADING)
    yield _indented(_outcome(record))
    if record.hops:
        yield _section("Responses", _hops(record.hops))
        if record.hops[-1].tls is not None:
            yield _section("TLS", _tls(record.hops[-1].tls))
    report = record.report
    if report is None:
        return
    if not report.gradable:
        yield _section("Grade", _text(f"none: {report.reason or 'not gradable'}"))
    if report.observatory is not None and report.observatory.tests:
        missing = ", without the tests that need more than headers" if report.partial else ""
        yield _section(f"MDN HTTP Observatory{missing}", _observatory(report.observatory))
    if report.findings:
        yield _section(f"Findings ({len(report.findings)})", _findings(report.findings))
    else:
        yield _section("Findings", _text("none"))


def _outcome(record: Record) -> Text:
    took = f"  {record.elapsed_ms:,.0f} ms"
    if record.error is not None:
        return Text.assemble((record.error.code, "bold red"), " ", _text(record.error.message), (took, QUIET))
    line = Text.assemble(_status(record.hops[-1]))
    observatory = record.report.observatory if record.report else None
    if observatory is not None and observatory.grade is not None:
        line.append("  grade ")
        line.append(observatory.grade, f"bold {GRADE_COLOURS.get(observatory.grade[:1], '')}")
        line.append(f" (score {observatory.score})")
    return line.append(took, QUIET)


def _hops(hops: Iterable[Hop]) -> RenderableType:
    table = _grid()
    for hop in hops:
        table.add_row(_text(hop.method), _status(hop), Group(_text(hop.url), *_hop_notes(hop)))
    return table


def _hop_notes(hop: Hop) -> Iterator[Text]:
    for name, value in hop.headers:
        if name.lower() == "location":
            yield _text(f"to {value}", "cyan")
    yield _text(f"{hop.address}, HTTP/{hop.http_version}, {len(hop.headers)} header lines", QUIET)
    yield _text(_times(hop.timing_ms), QUIET)
    if hop.defects:
        yield _text(f"malformed: {', '.join(hop.defects)}", "yellow")


def _times(timing: Timing) -> str:
    phases = {
        "resolve": timing.resolve,
        "connect": timing.connect,
        "TLS": timing.tls,
        "response": timing.response,
    }
    return ", ".join(f"{name} {took:,.1f} ms" for name, took in phases.items() if took is not None)


def _status(hop: Hop) -> Text:
    return _text(f"{hop.status} {hop.reason}".rstrip(), status_colour(hop.status))


def _tls(tls: Tls) -> RenderableType:
    verified = _text("verified", "green") if tls.verified else _text("not verified", "bold red")
    table = _grid()
    table.add_row(
        "connection", _text(f"{tls.version}, {tls.cipher}" + (f", ALPN {tls.alpn}" if tls.alpn else ""))
    )
    table.add_row("certificate", Text.assemble(verified, f", valid until {printable(tls.not_after)}"))
    table.add_row("subject", _text(tls.subject or "(empty)"))
    table.add_row("issuer", _text(tls.issuer or "(empty)"))
    table.add_row("names", _text(", ".join(tls.sans) or "(none)"))
    return table


def _observatory(observatory: Observatory) -> RenderableType:
    table = _grid()
    for name, test in observatory.tests.items():
        mark, colour = {True: ("pass", "green"), False: ("fail", "red"), None: ("–", QUIET)}[test.passed]
        table.add_row(
            _text(mark, colour),
            _text(f"{test.modifier:+4d}" if test.modifier else "", colour),
            _text(name),
            _text(test.result, QUIET if test.passed is None else ""),
        )
    return table


def _findings(findings: Iterable[Finding]) -> RenderableType:
    table = _grid()
    for finding in findings:
        heading = Text.assemble(_text(finding.message), "  ", _text(finding.id, QUIET))
        table.add_row(
            _text(finding.severity, SEVERITY_COLOURS[finding.severity]), Group(heading, _details(finding))
        )
    return table


def _details(finding: Finding) -> RenderableType:
    table = _grid()
    if finding.evidence is not None:
        table.add_row(Text("sent", QUIET), _text(finding.evidence, "cyan"))
    if finding.fix is not None:
        table.add_row(Text("fix", QUIET), _text(finding.fix))
    table.add_row(Text("see", QUIET), _text(finding.reference, QUIET))
    return table


def _section(title: str, body: RenderableType) -> RenderableType:
    return Group(Text(), _indented(_text(title, HEADING)), _indented(_indented(body)))


def _indented(body: RenderableType) -> RenderableType:
    return Padding(body, (0, 0, 0, INDENT))


def _grid() -> Table:
    return Table.grid(padding=(0, 2, 0, 0))


def _text(text: str, style: str = "") -> Text:
    return Text(printable(text), style, overflow="fold")
