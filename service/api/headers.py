"""The header fields of answers, for the document: what each says, and how it may read."""

from dataclasses import dataclass
from typing import Final

from service.api.cursor import JOBS, write_cursor
from service.api.envelope import REQUEST_ID_HEADER, SECURITY_HEADERS


@dataclass(frozen=True, slots=True)
class Header:
    description: str
    example: str


LINK: Final = f'</v1/jobs?cursor={write_cursor(JOBS, 100)}>; rel="next"'
HEADERS: Final = {
    REQUEST_ID_HEADER: Header("The request's, or one made for it; the log has it", "mine-1"),
    "Accept": Header("The media types that a body may have here", "application/json, text/plain"),
    "Accept-Encoding": Header("The content codings that a body may have here", "gzip, deflate, identity"),
    "Connection": Header("`close`: no further request is taken on this connection", "close"),
    "Link": Header('The next page, `rel="next"` (RFC 8288)', LINK),
    "Location": Header("Where the job is to be looked at", "/v1/jobs/5f3a9c04d1e2b7a688c0ffee"),
    "Retry-After": Header("Seconds to wait before the request is made again", "2"),
    "X-Accel-Buffering": Header("`no`: a proxy shall pass on each event as it comes", "no"),
    "WWW-Authenticate": Header("How to ask (RFC 6750)", "Bearer"),
} | {
    name: Header("The same in all answers but that of `/docs`, which may have its style", value)
    if name == "Content-Security-Policy"
    else Header("The same in all answers", value)
    for name, value in SECURITY_HEADERS.items()
}
