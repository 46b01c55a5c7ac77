"""What the grade needs beyond a URL's own chain, at full depth: a preflight, and the site's http:// entry.

One after the other, in the URL's deadline and its host's turn. What fails here fails nothing: the evidence
says that there was no answer, and why.
"""

import dataclasses
from collections.abc import Sequence
from typing import Final

from msgspec.structs import replace

from service.errors import FetchFailed
from service.inspection.dispatch import Entry
from service.inspection.fetch import Fetcher, Request
from service.inspection.redirects import change_turns, follow
from service.inspection.url import DEFAULT_PORTS, Url, parse_url
from workers.model import FOREIGN_ORIGIN, Chain, Exchange, Surroundings

# Fetch section 4.8: what a browser asks before a script of another origin may read the page.
_PREFLIGHT: Final = (("Origin", FOREIGN_ORIGIN), ("Access-Control-Request-Method", "GET"))


async def gather_surroundings(
    fetcher: Fetcher, entry: Entry, request: Request, exchanges: Sequence[Exchange]
) -> Surroundings:
    """Ask for them, once `request` has led through `exchanges` to its page. Raises Shortage alone."""
    page = parse_url(exchanges[-1].url)
    preflight = await _ask(fetcher, replace(request, method="OPTIONS", url=page, fields=_PREFLIGHT))
    if request.url.scheme != "https":
        return Surroundings(None, preflight)
    return Surroundings(await _enter(fetcher, entry, request), preflight)


async def _ask(fetcher: Fetcher, request: Request) -> Chain:
    """Redirects are not followed: to a browser one is no answer to a preflight."""
    try:
        _, exchange = await fetcher.fetch(replace(request, takes_page=False))
    except FetchFailed as error:
        return Chain((), error.failure)
    return Chain((exchange,))


async def _enter(fetcher: Fetcher, entry: Entry, request: Request) -> Chain:
    """The chain from http://, at its own port as the Observatory has it. A certificate on the way that does
    not verify is evidence, no failure."""
    options = dataclasses.replace(request.options, follow=True, insecure=True)
    url = _http_entry(request.url)
    method = "GET" if options.method == "get" else "HEAD"
    again = replace(request, method=method, url=url, fields=(), options=options, takes_page=False)
    exchanges: list[Exchange] = []
    try:
        if entry.host is not None and entry.host != url.host:
            await change_turns(fetcher.hosts, entry, url.host, request.deadline)
        await follow(fetcher, entry, again, exchanges)
    except FetchFailed as error:
        return Chain(tuple(exchanges), error.failure)
    return Chain(tuple(exchanges))


def _http_entry(url: Url) -> Url:
    host = f"[{url.host}]" if ":" in url.host else url.host
    return parse_url(f"http://{host}:{DEFAULT_PORTS['http']}{url.target}")
