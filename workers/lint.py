"""httplint's notes as findings, beside our own: opt-in, since they cost more than all checks together.

httplint is the extra `lint`. Its notes of what is good or just so are left out; each kind is told once a
field, since a hostile value can have tens of thousands.
"""

import re
from collections.abc import Iterator
from importlib.util import find_spec
from typing import Any, Final

from workers.check import Check
from workers.model import Finding, Severity
from workers.response import Response

NAME: Final = "httplint"
VALUE_LIMIT: Final = 4_096  # characters: a longer value is not linted; httplint takes 7 µs a note
FIELDS_LIMIT: Final = 64  # the first of a response: a usual one has 20
NOTES_LIMIT: Final = 64  # kinds of notes told of one response
MESSAGE_LIMIT: Final = 500  # characters
EVIDENCE_LIMIT: Final = 300  # characters
REFERENCE: Final = "https://github.com/mnot/httplint"
_SEVERITIES: Final[dict[str, Severity]] = {"bad": "low", "warning": "info"}


def is_installed() -> bool:
    return find_spec(NAME) is not None


def run(response: Response) -> Iterator[Finding]:
    found: dict[tuple[str, str], Finding] = {}
    for note in _lint(response):
        severity = _SEVERITIES.get(note.level.value)
        if severity is None:
            continue
        field = str(note.vars.get("field_name") or "")
        kind = (type(note).__name__, field)
        if kind not in found and len(found) < NOTES_LIMIT:
            found[kind] = _finding(note, severity, field)
    yield from found.values()


def _lint(response: Response) -> Any:
    from httplint import HttpResponseLinter

    linter = HttpResponseLinter(no_content=True)
    linter.is_head_response = True  # whatever was asked for: the content is not looked at
    linter.process_response_topline(b"HTTP/1.1", b"%d" % response.status, b"")
    linter.process_headers(
        [
            (name.encode("latin-1"), value.encode("latin-1"))
            for name, value in response.fields[:FIELDS_LIMIT]
            if len(value) <= VALUE_LIMIT
        ]
    )
    linter.finish_content(True)
    return linter.notes


def _finding(note: Any, severity: Severity, field: str) -> Finding:
    value = note.vars.get("value")
    return Finding(
        id=f"{NAME}-{re.sub('[^a-z0-9]+', '-', type(note).__name__.lower())}",
        severity=severity,
        field=field,
        message=str(note.summary)[:MESSAGE_LIMIT],
        evidence=None if value is None else str(value)[:EVIDENCE_LIMIT],
        fix=None,
        reference=REFERENCE,
    )


CHECK: Final = Check(
    id=NAME,
    title="httplint's notes (the extra `lint`)",
    why="REDbot's linter has read these specifications for years: a second opinion on caching and syntax.",
    reference=REFERENCE,
    rules=(),
    run=run,
)
