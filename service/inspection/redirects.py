"""Where a URL leads: hop after hop along its redirects, GET in place of a HEAD that is refused.

Each hop's host has its turn, and what `-H` adds goes to the origin that it was given for.
"""

from contextlib import suppress
from time import monotonic
from typing import Final

from msgspec.structs import replace

from service.errors import Code, FetchFailed
from service.inspection.deadline import Deadline
from service.inspection.dispatch import Entry
from service.inspection.fetch import REDIRECTS, Fetcher, Request
from service.inspection.pace import Pace
from service.inspection.url import Url, parse_url
from workers.model import Exchange
from workers.syntax.head import parse_head

SEE_OTHER: Final = 303  # RFC 9110 section 15.4.4: by GET, whatever was asked with
HEAD_REFUSED: Final = frozenset({405, 501})
CHAIN_HEADS: Final = 4  # the heads of a chain together, in limits of one: what a URL in flight holds
_CLOSED: Final = frozenset({Code.CONNECTION_CLOSED, Code.CONNECTION_RESET})


async def follow(fetcher: Fetcher, entry: Entry, request: Request, exchanges: list[Exchange]) -> None:
    """Fetch the URL and where it leads, appending each hop as it is seen. Raises FetchFailed and Shortage."""
    options = request.options
    while True:
        try:
            status, exchange = await fetcher.fetch(request)
        except FetchFailed as error:
            if request.method != "HEAD" or options.method != "auto" or error.code not in _CLOSED:
                raise
            status, exchange = await fetcher.fetch(replace(request, method="GET"))
        else:
            if status in HEAD_REFUSED and request.method == "HEAD" and options.method == "auto":
                with suppress(FetchFailed):  # the refusal is an answer all the same
                    status, exchange = await fetcher.fetch(replace(request, method="GET"))
        exchanges.append(exchange)
        if status not in REDIRECTS or not options.follow:
            return
        location = _location(exchange.head)
        if location is None:
            return
        if len(exchanges) > options.max_redirects:
            raise FetchFailed(
                Code.TOO_MANY_REDIRECTS,
                f"expected at most {options.max_redirects} redirects, got one more, to {location[:200]!r}",
            )
        if sum(len(each.head) for each in exchanges) > CHAIN_HEADS * options.limits.head_bytes:
            limit = CHAIN_HEADS * options.limits.head_bytes
            message = f"expected at most {limit} bytes of response heads on the way to a URL's page, got more"
            raise FetchFailed(Code.RESPONSE_TOO_LARGE, message)
        url = _next_url(location, request.url, options.url_limit_bytes)
        if status == SEE_OTHER and request.method != "HEAD":
            request = replace(request, method="GET")
        # What -H adds, credentials above all, is for the origin that it was given for: lost on leaving it.
        stays = request.takes_fields_on or url.origin == request.url.origin
        request = replace(request, url=url, fields=request.fields if stays else ())
        if entry.host is not None and url.host != entry.host:
            await change_turns(fetcher.hosts, entry, url.host, request.deadline)


async def change_turns(hosts: Pace, entry: Entry, host: str, deadline: Deadline) -> None:
    """The next hop is another host's. Waiting for its turn is not in the URL's deadline."""
    assert entry.host is not None  # noqa: S101 - the caller has looked
    hosts.leave(entry.host)
    entry.host = None
    if not hosts.enter(host):
        began_at_s = monotonic()
        await hosts.wait(host)
        deadline.at_s += monotonic() - began_at_s
    entry.host = host


def _location(head: bytes) -> str | None:
    """The first Location's value, its bytes read as UTF-8 where they are that, as browsers do."""
    for name, value in parse_head(head).fields:
        if name.lower() == "location":
            raw = value.encode("latin-1")
            try:
                return raw.decode("utf-8")
            except UnicodeDecodeError:
                return value
    return None


def _next_url(location: str, base: Url, limit_bytes: int) -> Url:
    if len(location) > limit_bytes:
        raise FetchFailed(
            Code.REDIRECT_INVALID, f"expected at most {limit_bytes} bytes, got a longer Location"
        )
    try:
        url = parse_url(location, base.href)
    except FetchFailed as error:
        raise FetchFailed(Code.REDIRECT_INVALID, f"the redirect leads nowhere: {error}") from error
    if len(url.href) > limit_bytes:  # a relative one can grow from hop to hop
        raise FetchFailed(Code.REDIRECT_INVALID, f"expected at most {limit_bytes} bytes, got a longer URL")
    return url
