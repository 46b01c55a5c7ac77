"""SARIF 2.1.0 (OASIS, with errata 01), for code scanning: a result a finding, at the URL's line of the list.

Results are written as they come. What SARIF puts in another array is kept for the end, on disk if there is
much of it: URLs that failed, or cannot be graded, are notifications. Theirs is the level `warning`, since an
`error` there says that the run itself failed (section 3.20.21), as it does where it was stopped.

Where no list is, a result's location is its URL. Messages cannot act in a viewer; properties hold values
exactly.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Final

from msgspec import json

from service.output.escape import printable
from service.output.format import Format
from service.output.place import ListPlace, to_uri
from service.output.sarif_rules import LEVELS, NOT_GRADED, describe_tool, message_text
from service.output.spool import Spool
from workers.model import Finding, Hop, Record, Verdict
from workers.record import decode_record
from workers.registry import select_checks

Json = dict[str, Any]

SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
BASE: Final = "%SRCROOT%"  # the name that GitHub and others give to the root of what was checked out
FINGERPRINT: Final = "primaryLocationLineHash"  # the only one that GitHub compares
FINGERPRINT_CHARACTERS: Final = 32


def sarif_format(checks: str, place: ListPlace | None) -> Format:
    """For one run with these checks; `place` is its list, None where the URLs were arguments."""
    log = _Log(checks, place)
    return Format(log.write, log.begin(), log.end)


class _Log:
    """One SARIF log. All but `begin` is called by the thread that writes."""

    def __init__(self, checks: str, place: ListPlace | None) -> None:
        self._place = place
        self._list = _list_location(place) if place is not None else None
        self._checks = select_checks(checks)
        self._indexes = {
            rule: index
            for index, rule in enumerate(rule.id for check in self._checks for rule in check.rules)
        }
        self._notifications = Spool()
        self._is_first = True
        self._began = datetime.now(UTC)
        self._outcomes: Counter[str] = Counter()
        self._grades: Counter[str] = Counter()
        self._partial = 0

    def begin(self) -> bytes:
        run: Json = {"tool": {"driver": describe_tool(self._checks)}}
        if self._list is not None:
            if "uriBaseId" in self._list:
                run["originalUriBaseIds"] = {
                    BASE: {"description": {"text": "The directory that masthead was run in."}}
                }
            run["artifacts"] = [{"location": self._list, "roles": ["analysisTarget"]}]
        head = json.encode({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]})
        return head.removesuffix(b"}]}") + b',"results":['

    def write(self, verdict: Verdict) -> bytes:
        record = decode_record(verdict.line)
        self._count(record)
        place = self._locate(record)
        if record.error is not None:
            self._notify(record, place, record.error.code, record.error.message)
        elif record.report is not None and not record.report.gradable:
            self._notify(record, place, NOT_GRADED, record.report.reason or "it cannot be graded")
        return b"".join(self._next(result) for result in self._results(record, place))

    def end(self, cut: str | None) -> Iterator[bytes]:
        invocation: Json = {
            "startTimeUtc": _rfc3339(self._began),
            "endTimeUtc": _rfc3339(datetime.now(UTC)),
            "executionSuccessful": cut is None,
        }
        properties: Json = {
            "urls": self._outcomes.total(),
            "failed": self._outcomes["error"],
            "grades": dict(self._grades),
            "partialGrades": self._partial,
        }
        if cut is not None:
            text = message_text(printable(f"The list was not inspected to its end: {cut}"))
            self._add_notification({"level": "error", "message": {"text": text}})
        yield b'\n],"invocations":['
        yield json.encode(invocation).removesuffix(b"}") + b',"toolExecutionNotifications":['
        yield from self._notifications.pieces()
        yield b'\n]}],"properties":' + json.encode(properties) + b"}]}\n"

    def _count(self, record: Record) -> None:
        self._outcomes[record.outcome] += 1
        if record.report is not None and record.report.observatory is not None:
            self._grades[record.report.observatory.grade or "none"] += 1
            self._partial += record.report.partial

    def _next(self, result: Json) -> bytes:
        comma, self._is_first = b"" if self._is_first else b",", False
        return comma + b"\n" + json.encode(result)

    def _locate(self, record: Record) -> Json:
        if self._list is None or self._place is None:
            return _location({"uri": to_uri(record.url or record.input)}, 1)
        return _location({**self._list, "index": 0}, self._place.line_of(record.seq))

    def _notify(self, record: Record, place: Json, code: str, message: str) -> None:
        self._add_notification(
            {
                "descriptor": {"id": code},
                "level": "warning",
                "message": {"text": message_text(printable(f"{record.url or record.input}: {message}"))},
                "locations": [place],
                "timeUtc": record.started_at,
                "properties": {
                    "url": record.url,
                    "input": record.input,
                    "seq": record.seq,
                    **({"stage": record.error.stage} if record.error else {}),
                },
            }
        )

    def _add_notification(self, notification: Json) -> None:
        comma = b"" if self._notifications.is_empty else b","
        self._notifications.add(comma + b"\n" + json.encode(notification))

    def _results(self, record: Record, place: Json) -> Iterator[Json]:
        if record.report is None:
            return
        observatory = record.report.observatory
        graded: Json = {"seq": record.seq, "url": record.url}
        if observatory is not None:
            graded |= {
                "grade": observatory.grade,
                "score": observatory.score,
                "partial": record.report.partial,
            }
        for finding, ordinal in _numbered(record.report.findings):
            yield self._result(finding, ordinal, record, place) | {"properties": graded | _facts(finding)}

    def _result(self, finding: Finding, ordinal: int, record: Record, place: Json) -> Json:
        final = record.hops[-1]
        fix = f"\n\nFix: {printable(finding.fix)}" if finding.fix else ""
        result: Json = {
            "ruleId": finding.id,
            "level": LEVELS[finding.severity],
            "message": {"text": message_text(f"{printable(finding.message)}{fix}\n\n{printable(final.url)}")},
            "locations": [place],
            "partialFingerprints": {FINGERPRINT: f"{_fingerprint(record, finding)}:{ordinal}"},
            "webRequest": _request(final),
            "webResponse": _response(final, finding.field),
        }
        if finding.id in self._indexes:
            result["ruleIndex"] = self._indexes[finding.id]
        return result


def _location(artifact: Json, line: int) -> Json:
    return {"physicalLocation": {"artifactLocation": artifact, "region": {"startLine": line}}}


def _numbered(findings: tuple[Finding, ...]) -> Iterator[tuple[Finding, int]]:
    """Each with its number, from 1, among those of its rule and field: one cookie's, say."""
    seen: Counter[tuple[str, str]] = Counter()
    for finding in findings:
        seen[finding.id, finding.field] += 1
        yield finding, seen[finding.id, finding.field]


def _fingerprint(record: Record, finding: Finding) -> str:
    """The same as long as the finding stands: it is made of neither the line nor the value, which change."""
    parts = (record.url or record.input, finding.id, finding.field)
    return sha256("\n".join(parts).encode()).hexdigest()[:FINGERPRINT_CHARACTERS]


def _facts(finding: Finding) -> Json:
    facts = {"severity": finding.severity, "field": finding.field, "reference": finding.reference}
    given = {"evidence": finding.evidence, "fix": finding.fix}
    return facts | {name: value for name, value in given.items() if value is not None}


def _request(hop: Hop) -> Json:
    """Of a response that was given nobody may know what it was asked for by."""
    request = {"protocol": "HTTP", "version": "1.1", "target": hop.url}
    return request | {"method": hop.method} if hop.method else request


def _response(hop: Hop, field: str) -> Json:
    """The response, with no more of its headers than the finding is about: repeats are lines of one value."""
    lines = [(name, value) for name, value in hop.headers if name.lower() == field.lower()]
    return {
        "protocol": "HTTP",
        "version": hop.http_version,
        "statusCode": hop.status,
        "reasonPhrase": hop.reason,
        "headers": {lines[0][0]: "\n".join(value for _, value in lines)} if lines else {},
    }


def _list_location(place: ListPlace) -> Json:
    reference = place.reference
    is_relative = place.is_file and not reference.startswith("file:")
    return {"uri": reference, **({"uriBaseId": BASE} if is_relative else {})}


def _rfc3339(time: datetime) -> str:
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")
