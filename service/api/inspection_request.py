"""The body of `POST /v1/inspections`, read: every place where it is wrong is told at once."""

from dataclasses import dataclass
from typing import Any, Final

from msgspec.structs import replace
from pydantic import ValidationError
from pydantic_core import from_json

from service.api.faults import fault_of, find_repeats
from service.api.problems import LONGER_LISTS, Fault, Kind, Problem
from service.api.request_model import Body, Options
from service.inspection.fetch import FetchOptions
from service.inspection.lines import BYTE_ORDER_MARKS, UTF8_MARK, read_block
from service.model import RequestField, Target, parse_request_field
from service.settings import Settings

FAULTS_LIMIT: Final = 1_000  # told of one body: a small body with many faults must not make a large answer


@dataclass(frozen=True, slots=True)
class InspectionRequest:
    """What a client asks for, checked."""

    targets: list[Target]
    options: FetchOptions


def read_json(body: bytes, settings: Settings, base: FetchOptions) -> InspectionRequest:
    """Raises a Problem: 400 where it is no JSON, 413 for too many URLs, 422 with each place that is wrong."""
    text = body.removeprefix(UTF8_MARK)  # RFC 8259 section 8.1 lets a reader ignore it
    try:
        document = from_json(text, allow_inf_nan=False)
    except ValueError as error:
        fault = Fault(str(error), location=_position(str(error)))
        raise Problem(400, f"expected JSON: {error}", Kind.MALFORMED_BODY, [fault]) from error
    if isinstance(document, dict) and isinstance(document.get("urls"), list):
        check_count(len(document["urls"]), settings.request_urls)  # before each of a million is looked at
    faults = find_repeats(text.decode())
    try:
        asked = Body.model_validate(document, context=settings)
    except ValidationError as error:
        faults += [fault_of(detail, document) for detail in error.errors(include_url=False)]
        raise invalid(faults) from error
    if faults:
        raise invalid(faults)
    targets = [Target(seq, url) for seq, url in enumerate(asked.urls, 1)]
    return InspectionRequest(targets, apply_options(asked.options, base))


def read_text(body: bytes, settings: Settings, base: FetchOptions) -> InspectionRequest:
    """A URL a line; blank lines and `#` comments are none, and a line that is no text is a URL that is none.

    Raises a Problem as `read_json` does.
    """
    encoding = BYTE_ORDER_MARKS.get(body[:2])
    if encoding is not None:
        fault = Fault(f"expected UTF-8 text, got {encoding}", location="line 1, byte 0")
        raise Problem(400, fault.detail, Kind.MALFORMED_BODY, [fault])
    targets = read_block(body, 1, 1, 0)
    check_count(len(targets), settings.request_urls)
    if not targets:
        raise invalid([Fault("expected at least 1 URL, got none", location="body")])
    return InspectionRequest(targets, base)


def check_count(count: int, limit: int) -> None:
    """Raise a 413 Problem, which names the way for long lists."""
    if count > limit:
        detail = f"expected at most {limit} URLs in one request, got {count}; {LONGER_LISTS}"
        raise Problem(413, detail, Kind.TOO_MANY_URLS)


def invalid(faults: list[Fault]) -> Problem:
    """422 (RFC 9110 section 15.5.21): it could be read, and says what cannot be done."""
    told = faults[:FAULTS_LIMIT]
    more = "" if len(told) == len(faults) else f" ({len(faults) - len(told)} more are not listed)"
    plural = "" if len(faults) == 1 else "s"
    return Problem(422, f"{len(faults)} fault{plural} in the request{more}", Kind.INVALID_REQUEST, told)


def apply_options(asked: Options, base: FetchOptions) -> FetchOptions:
    """What a request asks for in place of the daemon's own."""
    lines = (
        [f"{name}:{value}" for name, value in asked.headers.items()]
        if isinstance(asked.headers, dict)
        else asked.headers
    )
    changes: dict[str, Any] = {
        "timeout_s": asked.timeout,
        "method": asked.method,
        "max_redirects": asked.max_redirects,
        "depth": asked.depth,
        "checks": ",".join(asked.checks) if isinstance(asked.checks, list) else asked.checks,
    }
    given = {name: value for name, value in changes.items() if value is not None}
    return replace(base, fields=_join(base.fields, tuple(map(parse_request_field, lines))), **given)


def _join(ours: tuple[RequestField, ...], theirs: tuple[RequestField, ...]) -> tuple[RequestField, ...]:
    """The client's fields take the place of the daemon's of the same name."""
    replaced = {name.lower() for name, _ in theirs}
    return tuple(entry for entry in ours if entry[0].lower() not in replaced) + theirs


def _position(message: str) -> str | None:
    """The parser ends its messages with 'at line 1 column 9'."""
    _, found, position = message.rpartition(" at ")
    return position.replace(" column", ", column") if found else None
