"""A response head (RFC 9112 section 2 to 5), parsed tolerantly and recorded exactly.

A malformed header is this product's subject matter, so it is kept as it was sent and named in `defects`;
only a status line that no client would accept is refused. Bytes are read as Latin-1, which maps each byte
to one character and back.
"""

import re
from collections.abc import Callable
from typing import TypeVar

from msgspec import Struct

# RFC 9112 section 4, as tolerant as browsers: several spaces, no reason, no space before an absent reason.
STATUS_LINE = re.compile(r"HTTP/(\d\.\d)[ \t]+(\d{3})(?:[ \t](.*))?", re.DOTALL)
TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")  # RFC 9110 section 5.6.2
_CONTROL = re.compile(r"[\x01-\x08\x0b\x0c\x0e-\x1f\x7f]")  # RFC 9110 section 5.5, but for NUL, CR and LF
_OWS = " \t"

# A line without any deviation, which most are. Possessive, so linear.
_FIELD_LINE = re.compile(r"([!#$%&'*+\-.^_`|~0-9A-Za-z]++):([\t\x20-\x7e\x80-\xff]*+)")
_PLAIN_STATUS_LINE = re.compile(r"HTTP/(\d\.\d) (\d{3}) ([\t\x20-\x7e\x80-\xff]*+)")

# The same lines come again and again: over a fleet, and over the internet too. Reading one a second time is
# one look-up; dates and tokens that come once push the others out now and then, which costs little.
LINES_KEPT = 16_384  # some 8 MiB a worker: the lines of a thousand header sets
KEPT_LINE_LENGTH = 256

MINIMUM_STATUS = 100  # RFC 9110 section 15: below it no class of response is defined

Field = tuple[str, str]
K = TypeVar("K", bound=str | bytes)
V = TypeVar("V")


class MalformedHead(ValueError):  # noqa: N818 - a value of the parser's domain, named as the defect is
    """The bytes are no HTTP/1.x response: the message says what came in place of a status line."""


class Head(Struct, frozen=True):
    """A parsed head: fields in wire order, as spelt, repeats kept, outer white space of values removed.

    `defects` holds each kind of deviation once, in the order of the table in README.
    """

    version: str
    status: int
    reason: str
    fields: tuple[Field, ...]
    defects: tuple[str, ...]


def parse_status_line(line: str) -> tuple[str, int, str | None]:
    """Return version, status and reason (None where even the space before it is absent).

    Raises MalformedHead, with the line's beginning, for anything that is no HTTP/1.x status line.
    """
    match = STATUS_LINE.fullmatch(line)
    if match is None or int(match[2]) < MINIMUM_STATUS:
        raise MalformedHead(f"expected a status line such as 'HTTP/1.1 200 OK', got {line[:80]!r}")
    return match[1], int(match[2]), match[3]


def parse_head(raw: bytes) -> Head:
    """Parse one whole head, from the status line to its blank line.

    Raises MalformedHead where the status line is none. Never fails on a field line.
    """
    text = raw.decode("latin-1")
    lines = text.split("\r\n")
    if len(lines) < 3 or lines.pop() or lines.pop():  # not one status line and one blank line
        return _parse_tolerantly(text)
    try:
        version, status, reason = _status_lines[lines.pop(0)]
        fields = tuple(map(_fields.__getitem__, lines))
    except _Deviation:
        return _parse_tolerantly(text)
    return Head(version, status, reason, fields, ())


def read_plain_head(raw: bytes, fields: "Known[bytes, V]") -> tuple[str, int, str, list[V]] | None:
    """Version, status and reason of a head without any deviation, and what `fields` knows of each of its
    lines; None of any other, which is `parse_head`'s."""
    lines = raw.split(b"\r\n")
    if len(lines) < 3 or lines.pop() or lines.pop():
        return None
    try:
        version, status, reason = _status_lines[lines.pop(0).decode("latin-1")]
        return version, status, reason, list(map(fields.__getitem__, lines))
    except _Deviation:
        return None


class _Deviation(Exception):  # noqa: N818 - what was met, not what went wrong
    """A line that the tolerant way has to look at."""


class Known(dict[K, V]):
    """What lines mean, learnt as they come."""

    def __init__(self, learn: Callable[[K], V]) -> None:
        super().__init__()
        self._learn = learn

    def __missing__(self, line: K) -> V:
        meaning = self._learn(line)
        if len(line) <= KEPT_LINE_LENGTH:
            if len(self) >= LINES_KEPT:
                self.clear()
            self[line] = meaning
        return meaning


def _read_status_line(line: str) -> tuple[str, int, str]:
    match = _PLAIN_STATUS_LINE.fullmatch(line)
    if match is None or int(match[2]) < MINIMUM_STATUS:
        raise _Deviation
    return match[1], int(match[2]), match[3].strip(_OWS)


def read_plain_field(line: str) -> Field:
    """The field on a line without any deviation. Of any other it raises what `read_plain_head` expects."""
    match = _FIELD_LINE.fullmatch(line)
    if match is None:
        raise _Deviation
    return match[1], match[2].strip(_OWS)


_status_lines = Known(_read_status_line)
_fields = Known(read_plain_field)


def _parse_tolerantly(text: str) -> Head:
    stripped = text.lstrip("\r\n")
    line_ends = text.count("\r\n")
    found: dict[str, None] = {}
    if stripped is not text and len(stripped) != len(text):
        found["leading-blank-line"] = None
    if text.count("\n") != line_ends:
        found["bare-lf"] = None
    if text.count("\r") != line_ends:
        found["bare-cr"] = None
    if "\0" in text:
        found["nul"] = None
    if _CONTROL.search(text) is not None:
        found["control-character"] = None
    status_line, *lines = stripped.replace("\r\n", "\n").rstrip("\n").split("\n")
    version, status, reason = parse_status_line(status_line)
    if reason is None:
        found["missing-reason-space"] = None
    fields = _parse_fields(lines, found)
    return Head(version, status, (reason or "").strip(_OWS), fields, tuple(found))


def _parse_fields(lines: list[str], found: dict[str, None]) -> tuple[Field, ...]:
    fields: list[Field] = []
    folds: dict[int, list[str]] = {}
    is_token = TOKEN.fullmatch
    for line in lines:
        if line[:1] in ("", " ", "\t"):
            if fields:
                found["obs-fold"] = None
                folds.setdefault(len(fields) - 1, []).append(line.strip(_OWS))
            else:
                found["leading-white-space"] = None
                name, _, value = line.partition(":")
                fields.append((name.strip(_OWS), value.strip(_OWS)))
            continue
        name, colon, value = line.partition(":")
        if is_token(name) is None or not colon:
            name = _odd_name(name, colon, found)
        fields.append((name, value.strip(_OWS)))
    _unfold(fields, folds)
    return tuple(fields)


def _unfold(fields: list[Field], folds: dict[int, list[str]]) -> None:
    """RFC 9112 section 5.2: a recipient replaces each obs-fold by one or more spaces.

    All lines of a field at once: added one by one, tens of thousands of them would cost their square.
    """
    for index, parts in folds.items():
        name, value = fields[index]
        fields[index] = (name, " ".join(part for part in (value, *parts) if part))


def _odd_name(name: str, colon: str, found: dict[str, None]) -> str:
    if not colon:
        found["missing-colon"] = None
        return name
    trimmed = name.rstrip(_OWS)
    if trimmed != name:
        found["space-before-colon"] = None
    if not trimmed:
        found["empty-name"] = None
    elif TOKEN.fullmatch(trimmed) is None:
        found["invalid-name"] = None
    return trimmed
