"""One URL's chain of hops: GET where HEAD is refused, redirects, http where a bare host has no https.

All of it lies within one deadline, which starts here.
"""

from time import monotonic, time
from typing import Final

from msgspec.structs import replace

from service.errors import Code, FetchFailed
from service.inspection.deadline import Deadline
from service.inspection.fetch import Fetcher, FetchOptions, Request
from service.inspection.url import Url, parse_input, parse_url
from service.model import Target
from workers.model import Exchange, Gathered
from workers.syntax.head import parse_head

REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})  # RFC 9110 section 15.4: those with a Location
HEAD_REFUSED: Final = frozenset({405, 501})
_CLOSED: Final = frozenset({Code.CONNECTION_CLOSED, Code.CONNECTION_RESET})
_NO_TLS: Final = frozenset({Code.TLS_FAILED, Code.TLS_TIMEOUT})
_UNREACHED: Final = frozenset({Code.CONNECT_REFUSED, Code.CONNECT_UNREACHABLE, Code.CONNECT_TIMEOUT})


async def fetch_chain(fetcher: Fetcher, target: Target, options: FetchOptions) -> Gathered:
    """All hops of one URL. An expected failure is in the result; only bugs and cancelling raise."""
    started_at, began = time(), monotonic()
    url: Url | None = None
    exchanges: list[Exchange] = []
    failure = None
    try:
        url = _read_target(target, options)
        request = Request(
            _first_method(options), url, options.fields, options, Deadline.after(options.timeout_s)
        )
        try:
            await _follow(fetcher, request, exchanges)
        except FetchFailed as error:
            if exchanges or not _may_fall_back(url, error):
                raise
            url = url.as_http()
            await _follow(fetcher, replace(request, url=url, fields=()), exchanges)
    except FetchFailed as error:
        failure = error.failure
    return Gathered(
        seq=target.seq,
        input=target.input,
        url=url.href if url else None,
        exchanges=tuple(exchanges),
        failure=failure,
        started_at=started_at,
        elapsed_ms=round((monotonic() - began) * 1e3, 3),
        checks=options.checks,
    )


async def _follow(fetcher: Fetcher, request: Request, exchanges: list[Exchange]) -> None:
    """Fetch the URL and where it leads, appending each hop as it is seen."""
    options = request.options
    while True:
        status, exchange = await _ask(fetcher, request)
        exchanges.append(exchange)
        location = _location(exchange.head) if status in REDIRECTS and options.follow else None
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


async def _ask(fetcher: Fetcher, request: Request) -> tuple[int, Exchange]:
    """One hop: with `auto`, GET takes the place of a HEAD that the server will not answer."""
    if request.options.method != "auto":
        return await fetcher.fetch(request)
    refusal: tuple[int, Exchange] | None = None
    try:
        status, exchange = await fetcher.fetch(request)
    except FetchFailed as error:
        if error.code not in _CLOSED:
            raise
    else:
        if status not in HEAD_REFUSED:
            return status, exchange
        refusal = status, exchange
    try:
        return await fetcher.fetch(replace(request, method="GET"))
    except FetchFailed:
        if refusal is None:
            raise
        return refusal  # an answer all the same: the server was reached


def _read_target(target: Target, options: FetchOptions) -> Url:
    if target.fault is not None:
        raise FetchFailed(Code.INVALID_URL, target.fault)
    return parse_input(target.input, options.url_limit_bytes)


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
