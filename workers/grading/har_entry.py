"""One entry of a HAR file (HTTP Archive 1.2, http://www.softwareishard.com/blog/har-12-spec/).

Each entry is a request with its response, a redirect too: one record. A HAR tells nothing of preflights and
of the http:// entry, so those tests are left out; the page's content is judged where it was saved.
"""

import base64
import binascii
from collections.abc import Iterator
from datetime import datetime
from typing import Final, TypeVar

import msgspec
from msgspec import Struct, field
from msgspec.structs import replace

from workers.grading.case import (
    BODY_LIMIT,
    Case,
    MalformedResponse,
    Unusable,
    reached,
    read_url,
    read_version,
    unusable,
)
from workers.grading.given import Given
from workers.grading.halves import HALVES_REFUSED, NO_BYTE, to_text, to_url
from workers.grading.wire_text import to_wire
from workers.model import Hop, Timing
from workers.observatory import read_hops

T = TypeVar("T")

_NO_STATUS: Final = (0, -1)  # as Chromium and Firefox have it, and as Playwright does
# Final responses come behind them (RFC 9110 section 15.2). Behind a 101 another protocol does.
_INTERIM: Final = frozenset(range(100, 200)) - {101}


class _Unanswered(Unusable):
    """The request has no final response: the connection closed before, or nothing came of it."""

    def __init__(self, why: str) -> None:
        super().__init__("connection_closed", "exchange", f"the HAR has no response to this request{why}")


class _Pair(Struct):
    """Null is what is absent, here and below: many a tool writes it where HAR 1.2 has no such value."""

    name: str
    value: str | None = None


class _Content(Struct):
    text: str | None = None
    encoding: str | None = None


class _Request(Struct):
    url: object = None
    method: str | None = None


class _Response(Struct):
    """`error` is Chromium's own and `failure` Playwright's, of a request that got no response."""

    status: int | None = None
    reason: str | None = field(default=None, name="statusText")
    http_version: str | None = field(default=None, name="httpVersion")
    headers: tuple[_Pair, ...] | None = None
    content: _Content | None = None
    error: str | None = field(default=None, name="_error")
    failure: str | None = field(default=None, name="_failureText")


class _Timings(Struct):
    """Milliseconds; -1 is a phase that there was not. `connect` includes `ssl`."""

    dns: float | None = None
    connect: float | None = None
    ssl: float | None = None
    send: float | None = None
    wait: float | None = None


class _Entry(Struct):
    request: _Request
    response: _Response | None = None
    started: str | None = field(default=None, name="startedDateTime")
    time: float | None = None
    address: str | None = field(default=None, name="serverIPAddress")
    timings: _Timings | None = None


class _Outline(Struct):
    request: _Request


_entries: Final = msgspec.json.Decoder(_Entry)
_outlines: Final = msgspec.json.Decoder(_Outline)


def read_entry(given: Given) -> Case:
    """Read one entry, in which halves of surrogate pairs are marked. What cannot be read becomes a record
    that says so."""
    data = given.piece.parts[0]
    text, url = given.piece.where, None
    try:
        named = _decode(_outlines, data).request.url
        if isinstance(named, str):
            text = named = to_url(named)
        url = read_url(named)
        if NO_BYTE in data:
            raise MalformedResponse(HALVES_REFUSED)
        entry = _decode(_entries, data)
        hop = _read_hop(url, entry)
    except Unusable as error:
        return unusable(given, error, text, url)
    at_s = _read_start(entry)
    timed = replace(given, elapsed_ms=max(0.0, entry.time or 0.0))
    if at_s is not None:
        timed = replace(timed, started_at=at_s)
    record = reached(timed, url, (hop,), text=text)
    evidence = read_hops((hop,))
    body = _read_content(entry)
    return Case(record, evidence if body is None else replace(evidence, body=body), at_s=at_s)


def _decode(decoder: msgspec.json.Decoder[T], data: bytes) -> T:
    try:
        return decoder.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise MalformedResponse(f"expected an entry of HAR 1.2: {error}") from None


def _read_hop(url: str, entry: _Entry) -> Hop:
    response = entry.response
    if response is None or response.status is None or response.status in _NO_STATUS:
        raise _Unanswered("" if response is None else _read_why(response))
    if response.status in _INTERIM:
        raise _Unanswered(f" but the interim {response.status}{_read_why(response)}")
    if not 100 <= response.status <= 999:
        raise MalformedResponse(f"expected a status from 100 to 999, got {response.status}")
    return Hop(
        url,
        entry.request.method or "",
        response.status,
        to_wire(response.reason or ""),
        read_version(response.http_version),
        entry.address or "",
        tuple(_read_fields(response)),
        (),
        None,
        _read_timing(entry.timings or _Timings()),
    )


def _read_why(response: _Response) -> str:
    why = response.error or response.failure
    return f": {why}" if why else ""


def _read_fields(response: _Response) -> Iterator[tuple[str, str]]:
    """Without HTTP/2's pseudo-header fields (RFC 9113 section 8.3), which are none."""
    for pair in response.headers or ():
        if not pair.name.startswith(":"):
            name = to_wire(pair.name)
            for value in to_wire(pair.value or "").split("\n"):  # so tools write a field that came repeatedly
                yield name, value


def _read_timing(timings: _Timings) -> Timing:
    dns, connect, ssl = map(_phase, (timings.dns, timings.connect, timings.ssl))
    wait = _phase(timings.wait)
    return Timing(
        dns,
        connect if connect is None or ssl is None else max(0.0, connect - ssl),
        ssl,
        wait if wait is None else wait + (_phase(timings.send) or 0.0),
    )


def _phase(time_ms: float | None) -> float | None:
    return None if time_ms is None or time_ms < 0 else time_ms


def _read_start(entry: _Entry) -> float | None:
    try:
        return max(0.0, datetime.fromisoformat(entry.started or "").timestamp())
    except (ValueError, OverflowError):
        return None


def _read_content(entry: _Entry) -> str | None:
    """The content as text; None where it was not saved."""
    content = entry.response.content if entry.response else None
    if content is None or not content.text:
        return None
    if content.encoding != "base64":
        return to_text(content.text[:BODY_LIMIT])
    try:
        data = base64.b64decode(content.text)
    except (binascii.Error, ValueError):
        return None
    return data[:BODY_LIMIT].decode("utf-8-sig", "replace")
