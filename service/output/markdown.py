"""The report as GitHub-flavoured Markdown, to be pasted into an issue or a pull request.

What a list or a server says stands in code, where it is no link, image, HTML, mention or reference, whatever
it is made of. Sentences are ours, but facts of the response are in them: each word that is not plainly a word
or a number is put into code too, without the sentence's punctuation around it.
"""

import re
from collections.abc import Iterator
from typing import Final

from service.output.escape import printable
from service.output.format import Format
from service.output.reference import address_of
from workers.check import is_line
from workers.model import Finding, Hop, Observatory, Record, Report, Verdict
from workers.record import decode_record

# Opening marks, a word or number, closing marks: nothing here can mean anything to Markdown, or to GitHub,
# which takes GH-1, user@host, #1 and www.site.test for links.
_PLAIN: Final = re.compile(
    r"""["'(]* (?: [A-Za-z]+(?:['’-][A-Za-z]+)* | [0-9]+(?:[.,][0-9]+)* )? ["')]* [.,;:?!]?""", re.VERBOSE
)
_PUNCTUATION: Final = ".,;:?!"
_BACKTICKS: Final = re.compile(r"`+")
_DOCUMENT: Final = re.compile(r"[A-Za-z0-9 .]+")  # RFC 6265bis section 5.6


def _write(verdict: Verdict) -> bytes:
    return "".join(f"{line}\n" for line in _report(decode_record(verdict.line))).encode()


MARKDOWN: Final = Format(_write)


def _report(record: Record) -> Iterator[str]:
    yield f"## {code(record.url or record.input)}"
    yield ""
    took = f"{record.elapsed_ms:,.0f} ms"
    if record.error is not None:
        yield f"**Not inspected** ({code(record.error.code)}): {prose(record.error.message)} · {took}"
    else:
        yield " · ".join((_status(record.hops[-1]), *_grade(record.report), took))
    yield ""
    if len(record.hops) > 1:
        for number, hop in enumerate(record.hops, 1):
            yield f"{number}. {code(hop.url)}: {_status(hop)}"
        yield ""
    report = record.report
    if report is None:
        return
    yield from _findings(report)
    if report.observatory is not None and report.observatory.tests:
        yield from _tests(report.observatory)


def _status(hop: Hop) -> str:
    if hop.status is None:
        return "no response"
    return f"{hop.status} {code(hop.reason)}" if hop.reason else str(hop.status)


def _grade(report: Report | None) -> Iterator[str]:
    if report is None:
        return
    if not report.gradable:
        yield f"no grade: {prose(report.reason or 'not gradable')}"
    elif report.observatory is not None:
        tests = report.observatory.tests.values()
        missing = sum(test.passed is None for test in tests)
        partial = f", partial: {missing} of {len(tests)} tests not tested" if report.partial else ""
        yield f"grade **{report.observatory.grade}** (score {report.observatory.score}{partial})"


def _findings(report: Report) -> Iterator[str]:
    yield f"### Findings ({len(report.findings)})"
    yield ""
    for finding in report.findings:
        yield from _finding(finding)
    if not report.findings:
        yield "None."
    yield ""


def _finding(finding: Finding) -> Iterator[str]:
    yield f"- **{finding.severity}** {prose(finding.message)} ({code(finding.id)})"
    if finding.evidence is not None:
        yield f"  - sent: {code(finding.evidence)}"
    if finding.fix is not None:
        yield f"  - fix: {remedy(finding.fix)}"
    yield f"  - see: {link(finding.reference)}"


def _tests(observatory: Observatory) -> Iterator[str]:
    yield "### MDN HTTP Observatory"
    yield ""
    yield "| | test | result | score |"
    yield "|---|---|---|---:|"
    for name, test in observatory.tests.items():
        mark = {True: "pass", False: "**fail**", None: "–"}[test.passed]
        cells = (mark, name, code(test.result), f"{test.modifier:+d}" if test.modifier else "")
        yield f"| {' | '.join(cells)} |"
    yield ""


def code(text: str) -> str:
    """A code span that holds the text whatever it is made of (CommonMark section 6.1). Not for cells of a
    table, where a pipe ends even code."""
    text = printable(text)
    if not text:
        return "(empty)"
    fence = "`" * (max(map(len, _BACKTICKS.findall(text)), default=0) + 1)
    # One space at each end is taken away where there is one at both, and keeps backticks from the fence.
    room = " " if text[0] in "` " or text[-1] in "` " else ""
    return f"{fence}{room}{text}{room}{fence}"


def prose(text: str) -> str:
    """A sentence, with what is no plain word of it in code."""
    return " ".join(
        word if _PLAIN.fullmatch(word) else _mark(word) for word in printable(text).split(" ") if word
    )


def remedy(fix: str) -> str:
    """A rule's or a finding's fix: a header line is code, and a sentence is one."""
    return code(fix) if is_line(fix) else prose(fix)


def link(reference: str) -> str:
    """A rule's reference, to be followed where it has an address."""
    address = address_of(reference)
    if address == reference:
        return f"<{address}>"
    return f"[{reference}]({address})" if address and _DOCUMENT.fullmatch(reference) else prose(reference)


def _mark(word: str) -> str:
    """The word as code, but for one mark behind it and parentheses around it that it does not need itself."""
    core, before, behind = word, "", ""
    if len(core) > 1 and core[-1] in _PUNCTUATION and core[0] != core[-1]:
        core, behind = core[:-1], core[-1]
    if len(core) > 1 and core[-1] == ")" and (core[0] == "(" or core.count(")") > core.count("(")):
        core, behind = core[:-1], f"){behind}"
    if len(core) > 1 and core[0] == "(" and core.count("(") > core.count(")"):
        core, before = core[1:], "("
    return f"{before}{code(core)}{behind}"
