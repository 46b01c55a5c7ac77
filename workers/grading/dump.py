"""Heads as `curl -sD -` prints them, and the body behind them where curl printed it too."""

import re
from typing import Final

import ada_url
from msgspec.structs import replace

from workers.grading.case import BODY_LIMIT, Case, MalformedResponse, Unusable, reached, read_url, unusable
from workers.grading.given import Given
from workers.model import Hop, Timing
from workers.observatory import read_hops
from workers.syntax.head import MalformedHead, parse_head
from workers.syntax.statuses import SUCCESS

UNKNOWN_URL: Final = "https://unknown.invalid/"  # RFC 2606 section 2: nobody's, for when nothing tells whose
HEAD_LIMIT_BYTES: Final = 262_144  # as much of a head as masthead itself would read

# curl writes HTTP/2 and HTTP/3 heads as if they were lines, with a version that has no minor number.
_LATER_VERSION: Final = re.compile(rb"\AHTTP/([2-9])(?=[ \t])")
_ABSOLUTE_LOCATION: Final = re.compile(rb"(?i)\nlocation[ \t]*:[ \t]*(https?://[^/?#\s]+)")
CONNECTED: Final = "connection established"  # what proxies say to CONNECT, by custom
TUNNEL_VERSIONS: Final = ("1.0", "1.1")
SWITCHING_PROTOCOLS: Final = 101  # the only 1xx status that nothing follows in HTTP
_NO_TIMING: Final = Timing()


def read_dump(given: Given) -> Case:
    """Read one response with the redirects that led to it. What cannot be read becomes a record that says so.

    Only the beginning of the chain, or its end, has a URL beside it: the others follow from `Location`.
    """
    piece = given.piece
    *heads, body = piece.parts
    text, url = piece.url or _guess_url(heads, piece.final_url), None
    try:
        url = read_url(text)
        hops = _read_hops(url, heads)
        _refuse_interim(hops[-1])
        if piece.final_url:
            hops[-1] = replace(hops[-1], url=read_url(piece.final_url))
    except Unusable as error:
        return unusable(given, error, text, url)
    evidence = read_hops(hops)
    page = _read_page(body)
    record = reached(given, hops[0].url, tuple(hops), text=text)
    return Case(record, evidence if page is None else replace(evidence, body=page))


def _refuse_interim(last: Hop) -> None:
    """Raise Unusable for the end of what only comes before a response (RFC 9110 sections 15.2 and 9.3.6)."""
    status, reason = last.judged_status, last.reason or ""
    is_tunnel = status // 100 == 2 and reason.lower() == CONNECTED and last.http_version in TUNNEL_VERSIONS
    if is_tunnel or (status < SUCCESS and status != SWITCHING_PROTOCOLS):
        message = f"expected a final response, got only {status} {reason}".rstrip()
        raise Unusable("connection_closed", "exchange", message)


def _guess_url(heads: list[bytes], final_url: str | None) -> str:
    """The first URL where nothing names it: a lone response's is the final one, and a redirect is taken to
    have come from the site that it leads to."""
    if len(heads) == 1:
        return final_url or UNKNOWN_URL
    for head in heads[:-1]:
        if location := _ABSOLUTE_LOCATION.search(head):
            return f"{location[1].decode('latin-1')}/"
    try:
        return str(ada_url.join_url(final_url or UNKNOWN_URL, "/"))
    except ValueError:
        return UNKNOWN_URL


def _read_hops(url: str, heads: list[bytes]) -> list[Hop]:
    hops: list[Hop] = []
    for head in heads:
        if hops:
            url = _follow(hops[-1])
        hops.append(_read_hop(url, head))
    return hops


def _read_hop(url: str, head: bytes) -> Hop:
    if len(head) > HEAD_LIMIT_BYTES:
        message = f"expected a head of at most {HEAD_LIMIT_BYTES} bytes, got more"
        raise Unusable("response_too_large", "exchange", message)
    if b"\r\n" not in head:  # what a text editor or a pipe has made of it, not what the server sent
        head = head.replace(b"\n", b"\r\n")
    head = head.rstrip(b"\r\n") + b"\r\n\r\n"
    version = _LATER_VERSION.match(head)
    try:
        parsed = parse_head(_LATER_VERSION.sub(rb"HTTP/\1.0", head) if version else head)
    except MalformedHead as error:
        raise MalformedResponse(str(error)) from None
    shown = version[1].decode() if version else parsed.version
    return Hop(
        url, "", parsed.status, parsed.reason, shown, "", parsed.fields, parsed.defects, None, _NO_TIMING
    )


def _follow(redirect: Hop) -> str:
    """Where a redirect led. One that leads nowhere leaves the URL as it was: curl went on, so it was none."""
    target = next((value for name, value in redirect.headers if name.lower() == "location"), "")
    try:
        return read_url(ada_url.join_url(redirect.url, target))
    except (ValueError, Unusable):
        return redirect.url


def _read_page(body: bytes) -> str | None:
    """The body as text. None where curl printed none, or what is no page: a coded one, or words of `-w`."""
    if b"<" not in body or b"\0" in body:
        return None
    return body[:BODY_LIMIT].decode("utf-8-sig", "replace")
