"""One URL's chain of hops: GET where HEAD is refused, redirects, http where a bare host has no https.

All of it lies within one deadline, which starts here.
"""

import asyncio
from contextlib import suppress
from time import monotonic, time
from typing import Final

from msgspec.structs import replace

from service.errors import Code, FetchFailed
from service.inspection.deadline import Deadline
from service.inspection.dispatch import Entry
from service.inspection.fetch import Fetcher, FetchOptions, Request
from service.inspection.pace import Pace
from service.inspection.transport import Shortage
from service.inspection.url import Url, parse_url
from workers.model import Exchange, Failure, Gathered, Stage
from workers.syntax.head import parse_head

SHORTAGE_PAUSE_S: Final = 0.05  # doubled each time
SHORTAGE_LIMIT_S: Final = 60.0  # the last pause: a port can be kept for a minute; then it is `internal`
REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})  # RFC 9110 section 15.4: those with a Location
HEAD_REFUSED: Final = frozenset({405, 501})
_CLOSED: Final = frozenset({Code.CONNECTION_CLOSED, Code.CONNECTION_RESET})
_NO_TLS: Final = frozenset({Code.TLS_FAILED, Code.TLS_TIMEOUT})
_UNREACHED: Final = frozenset({Code.CONNECT_REFUSED, Code.CONNECT_UNREACHABLE, Code.CONNECT_TIMEOUT})


async def fetch_patiently(fetcher: Fetcher, entry: Entry, options: FetchOptions) -> Gathered:
    """`fetch_chain`, begun again with its whole deadline where this machine has no descriptor or port left.
    That is no verdict on the URL: what is waited for are the connections that others close."""
    pause_s = SHORTAGE_PAUSE_S
    while True:
        try:
            return await fetch_chain(fetcher, entry, options)
        except Shortage as error:
            if pause_s > SHORTAGE_LIMIT_S:
                return give_up(entry, str(error), "connect")
            await asyncio.sleep(pause_s)
            pause_s *= 2


async def fetch_chain(fetcher: Fetcher, entry: Entry, options: FetchOptions) -> Gathered:
    """All hops of one URL, whose host's turn the caller has taken. An expected failure is in the result; what
    raises is Shortage (nothing was learnt: to be begun again), bugs and cancelling."""
    started_at, began_at_s = time(), monotonic()
    deadline = Deadline(began_at_s + options.timeout_s, options.timeout_s)
    url, failure = entry.url, entry.failure
    exchanges: list[Exchange] = []
    if url is not None:
        request = Request(_first_method(options), url, options.fields, options, deadline)
        try:
            try:
                await _follow(fetcher, entry, request, exchanges)
            except FetchFailed as error:
                if exchanges or not _may_fall_back(url, error):
                    raise
                url = url.as_http()
                await _follow(fetcher, entry, replace(request, url=url, fields=()), exchanges)
        except FetchFailed as error:
            failure = error.failure
    waited_s = deadline.at_s - options.timeout_s - began_at_s
    return Gathered(
        entry.target.seq,
        entry.target.input,
        url.href if url else None,
        tuple(exchanges),
        failure,
        started_at,
        int((monotonic() - began_at_s - waited_s) * 1e6) / 1e3,
        entry.attempts,
        checks=options.checks,
    )


async def _follow(fetcher: Fetcher, entry: Entry, request: Request, exchanges: list[Exchange]) -> None:
    """Fetch the URL and where it leads, appending each hop as it is seen."""
    options = request.options
    while True:
        try:
            status, exchange = await fetcher.fetch(request)
        except FetchFailed as error:
            if options.method != "auto" or error.code not in _CLOSED:
                raise
            status, exchange = await fetcher.fetch(replace(request, method="GET"))
        else:
            if status in HEAD_REFUSED and options.method == "auto":
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
        url = _next_url(location, request.url, options.url_limit_bytes)
        # What -H adds, credentials above all, is for the origin that it was given for: lost on leaving it.
        request = replace(request, url=url, fields=request.fields if url.origin == request.url.origin else ())
        if entry.host is not None and url.host != entry.host:
            await _change_turns(fetcher.hosts, entry, url.host, request.deadline)


async def _change_turns(hosts: Pace, entry: Entry, host: str, deadline: Deadline) -> None:
    """The next hop is another host's. Waiting for its turn is not in the URL's deadline."""
    assert entry.host is not None  # noqa: S101 - the caller has looked
    hosts.leave(entry.host)
    entry.host = None
    if not hosts.enter(host):
        began_at_s = monotonic()
        await hosts.wait(host)
        deadline.at_s += monotonic() - began_at_s
    entry.host = host


def _first_method(options: FetchOptions) -> str:
    return "GET" if options.method == "get" else "HEAD"


def _may_fall_back(url: Url, error: FetchFailed) -> bool:
    """A bare host means https; and http where its port cannot be reached, or where a port that was given
    answers, but not with TLS."""
    if not url.bare or url.scheme != "https":
        return False
    return error.code in _UNREACHED or (error.code in _NO_TLS and url.port != 443)


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
        return parse_url(location, base.href)
    except FetchFailed as error:
        raise FetchFailed(Code.REDIRECT_INVALID, f"the redirect leads nowhere: {error}") from error


def give_up(entry: Entry, message: str, stage: Stage) -> Gathered:
    """What is recorded of a URL that a fault of ours has kept from being fetched."""
    failure = Failure(Code.INTERNAL.value, stage, message)
    return Gathered(entry.target.seq, entry.target.input, None, (), failure, time(), 0.0, entry.attempts)
