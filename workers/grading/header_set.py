"""A line of JSON: a header set, or one of Masthead's own records, which has hops.

In a header set an absent member (or null) means that it was gathered and is empty, unless the line says
`"depth": "headers"`. Where no `redirects` are named, `http://host/` is taken to redirect to an https URL.
"""

import re
from typing import Annotated, Final, Literal

import msgspec
from msgspec import UNSET, Meta, Raw, Struct, UnsetType

from workers.grading.case import (
    BODY_LIMIT,
    Case,
    Id,
    MalformedResponse,
    NoHeaderSet,
    Unusable,
    reached,
    read_id,
    read_url,
    read_version,
    shorten,
    unusable,
)
from workers.grading.given import Given
from workers.grading.halves import HALVES_REFUSED, NO_BYTE, to_text, to_url, with_marks
from workers.grading.own_record import read_own_record
from workers.grading.surroundings import show_surroundings
from workers.grading.wire_text import to_wire, to_wire_fields
from workers.model import Depth, Hop, Timing
from workers.observatory import (
    NO_ANSWER,
    NOT_GATHERED,
    Absent,
    Evidence,
    HttpEntry,
    HttpsAnswer,
    Preflight,
    Step,
)
from workers.observatory.evidence import read_address
from workers.syntax.outline import with_outline

Fields = tuple[tuple[str, str], ...]
Status = Annotated[int, Meta(ge=100, le=999)]

# All that there could be, for a line that was meant for none of it: curl's `-w '%{json}'` has a `url`, too.
_EXPECTED: Final = "expected a header set (`url`, `status`, `headers`: [[name, value], …]), a record or a HAR"
_NO_TIMING: Final = Timing()


class _Step(Struct):
    url: str
    status: Status


class _Cors(Struct):
    status: Status
    headers: Fields = ()
    origin: str | None = None


class _Line(Struct):
    """All that a line may have; what else is in it is ignored. `hops` are those of a record."""

    url: object = None
    headers: Fields | None = None
    status: Status | None = None
    id: Raw | UnsetType = UNSET
    reason: str | None = None
    http_version: str | None = None
    body: str | None = None
    redirects: tuple[_Step, ...] | None = None
    http: bool | None = None
    https_headers: Fields | None = None
    verified: bool | None = None
    cors: _Cors | None = None
    depth: Depth | None = None
    hops: Raw | UnsetType = UNSET


class _Outline(Struct):
    """What is still known of a line whose other members are not what they should be."""

    url: object = None
    id: Raw | UnsetType = UNSET


_NOUNS: Final = {
    "array": "a list",
    "bool": "true or false",
    "float": "a number",
    "int": "a whole number",
    "null": "null",
    "object": "an object",
    "str": "a string",
}
_TYPES: Final = re.compile(rf"`({'|'.join(_NOUNS)})(?: \| null)?`")
_PAIRS: Final = re.compile(r"(https_|cors\.)?headers")
_PAIR: Final = re.compile(rf"{_PAIRS.pattern}\[\d+\]")
_LIST: Final = re.compile(r"a list( of length 2)?")

_lines: Final = msgspec.json.Decoder(_Line)
_outlines: Final = msgspec.json.Decoder(_Outline)


def read_line(given: Given) -> Case:
    """Read one line. What cannot be read becomes a record that says so."""
    text = _show(given)
    data = with_marks(given.piece.parts[0])
    try:
        line = _lines.decode(data)
        line.url = _without_marks(line.url)
    except msgspec.ValidationError as error:
        return _read_outline(given, data, _told(error))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        message = f"{_EXPECTED} as one JSON object, got {shorten(text, 60)!r}: {error}"
        return unusable(given, NoHeaderSet(message), shorten(text))
    if line.hops is not UNSET:
        return read_own_record(given, given.piece.parts[0], line.id)
    if NO_BYTE in data:
        return _read_outline(given, data, HALVES_REFUSED)
    return _read_set(given, line, shorten(text))


def _read_outline(given: Given, data: bytes, message: str) -> Case:
    """A member is of another type than it must be: say so under the line's URL, if it has one."""
    text = shorten(_show(given))
    try:
        outline = _outlines.decode(data)
        outline.url = _without_marks(outline.url)
        line_id = read_id(outline.id)
    except (msgspec.DecodeError, UnicodeDecodeError, Unusable):  # not even an object
        return unusable(given, NoHeaderSet(message), text)
    written = _written(outline.url, text)
    try:
        url = read_url(outline.url)
    except Unusable as error:
        return unusable(given, error, written, given_id=line_id)
    return unusable(given, MalformedResponse(message), written, url, line_id)


def _read_set(given: Given, line: _Line, text: str) -> Case:
    written = _written(line.url or given.piece.url, text)
    line_id: Id = UNSET
    url = None
    try:
        line_id = read_id(line.id)
        named = given.piece.url if line.url is None else line.url
        if named is None:
            raise NoHeaderSet(f"{_EXPECTED}, got no `url`")
        url = read_url(named)
        if line.headers is None:
            raise MalformedResponse(f"{_EXPECTED}, got no `headers`")
    except Unusable as error:
        return unusable(given, error, written, url, line_id)
    hop = Hop(
        url,
        "",  # nobody says how it was asked for
        line.status or 200,
        to_wire(line.reason or ""),
        read_version(line.http_version),
        "",
        to_wire_fields(line.headers),
        (),
        None,
        _NO_TIMING,
    )
    record = reached(given, url, (hop,), depth=line.depth or "full", text=written)
    evidence = _read_evidence(line, hop)
    return Case(record if line.depth == "headers" else show_surroundings(record, evidence), evidence, line_id)


def _read_evidence(line: _Line, page: Hop) -> Evidence:
    empty = NOT_GATHERED if line.depth == "headers" else NO_ANSWER
    address = read_address(page.url)
    https: HttpsAnswer | Absent = empty
    if line.https_headers is not None or address.scheme == "https":
        headers = page.headers if line.https_headers is None else to_wire_fields(line.https_headers)
        https = HttpsAnswer(headers, line.verified is not False)
    preflight: Preflight | Absent = empty
    if line.cors is not None:
        preflight = Preflight(line.cors.status, to_wire_fields(line.cors.headers), line.cors.origin)
    return Evidence(
        url=page.url,
        status=page.judged_status,
        headers=with_outline(page.headers),
        https=https,
        http_entry=_read_entry(line, page),
        preflight=preflight,
        body=_read_body(line),
    )


def _read_body(line: _Line) -> str | Literal[Absent.NOT_GATHERED]:
    if line.body is not None:
        return to_text(line.body[:BODY_LIMIT])
    return NOT_GATHERED if line.depth == "headers" else ""


def _read_entry(line: _Line, page: Hop) -> HttpEntry | Absent:
    if line.http is False:
        return NO_ANSWER
    address = read_address(page.url)
    final = Step(page.url, page.judged_status)
    if line.redirects:
        route = tuple(Step(to_url(step.url), step.status) for step in line.redirects)
    elif address.scheme == "http":
        route = (final,)
    elif line.depth == "headers":
        return NOT_GATHERED
    else:
        route = (Step(f"http://{address.host}/", 301), final)
    is_secured = any(read_address(step.url).scheme == "https" for step in route)
    return HttpEntry(route, not is_secured or line.verified is not False)


def _show(given: Given) -> str:
    return given.piece.parts[0][:BODY_LIMIT].decode("utf-8", "backslashreplace")


def _without_marks(url: object) -> object:
    return to_url(url) if isinstance(url, str) else url


def _written(url: object, text: str) -> str:
    """What the record shows as its input: the URL as it was written, or the line's beginning."""
    return url if isinstance(url, str) else text


def _told(error: msgspec.ValidationError) -> str:
    """msgspec's own words name Python's types, and end with the member's place as a JSON path."""
    message, _, place = str(error).partition(" - at `$")
    place = place.rstrip("`").removeprefix(".")
    message = _TYPES.sub(lambda match: _NOUNS[match[1]], message)
    if _PAIRS.fullmatch(place):
        message = message.replace("a list", "a list of [name, value] pairs", 1)
    elif _PAIR.fullmatch(place):
        message = _LIST.sub("a [name, value] pair", message, count=1)
    message = message[:1].lower() + message[1:]
    if not place:
        return message
    expected, got, came = message.partition(", got ")
    return f"{expected} at {place}{got}{came}"
