"""What follows a response's head, where it was asked for: a page of HTML, and the measure of any content."""

from time import monotonic
from typing import Final

from service.errors import Code, FetchFailed
from service.inspection.body import BodyReader
from service.inspection.stream import Stream
from service.inspection.wire import HeadLimits
from workers.model import Content
from workers.syntax.head import Field, parse_head

NOT_MODIFIED: Final = 304  # RFC 9110 section 15.4.5: there is a page, and it does not come
HTML_TYPES: Final = frozenset({"text/html", "application/xhtml+xml"})

Limits = tuple[int, HeadLimits]
"""Bytes of content, and what holds for heads."""


async def read_content(
    stream: Stream, limits: Limits, *, wants_page: bool, wants_measure: bool
) -> tuple[bytes | None, Content | None]:
    """The page and the measure, as far as the limits let them come; None for what is not wanted, and for the
    page where the response is none, which one without a Content-Type may be, or broke off: the Observatory's
    client has none then either, and to judge what came would be to guess the rest."""
    status, head = stream.head
    fields = parse_head(head).fields
    is_page = wants_page and status != NOT_MODIFIED and _may_be_page(fields)
    if not (is_page or wants_measure):
        return None, None
    body = BodyReader(status, fields, limits[0])
    began_at_s = monotonic()
    failure = None
    try:
        await stream.read_body(body, limits[1])
    except FetchFailed as error:  # the head is an answer all the same
        failure = error.failure
    if failure is None and body.is_cut:
        message = "the connection closed before the content's end"
        failure = FetchFailed(Code.CONNECTION_CLOSED, message).failure
    if failure is None and body.nonsense:
        failure = FetchFailed(Code.RESPONSE_MALFORMED, body.nonsense).failure
    spent_ms = int((monotonic() - began_at_s) * 1e6) / 1e3
    measure = Content(len(body.content), spent_ms, failure) if wants_measure else None
    return body.content if is_page and failure is None else None, measure


def _may_be_page(fields: tuple[Field, ...]) -> bool:
    media_type = next((value for name, value in fields if name.lower() == "content-type"), "")
    return not media_type or media_type.partition(";")[0].strip(" \t").lower() in HTML_TYPES
