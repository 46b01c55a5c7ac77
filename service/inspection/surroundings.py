"""What the grade needs beyond a URL's own chain, at full depth: a preflight, and the site's other entry.

The Observatory asks for a site by http:// and by https://. What the URL's own chain does not tell of the two
is asked for here: the one at port 80, or the other at port 443.

One request after another, in the URL's deadline and its host's turn. What fails here fails nothing: the
evidence says that there was no answer, and why.
"""

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
    fetcher: Fetcher,
    entry: Entry,
    request: Request,
    exchanges: Sequence[Exchange],
    refused: Chain | None = None,
) -> Surroundings:
    """Ask for them, once `request` has led through `exchanges` to its page. Raises Shortage alone.

    `refused` is how https://, at its own port, has failed already.
    """
    page = parse_url(exchanges[-1].url)
    asked = replace(request, method="OPTIONS", url=page, fields=_PREFLIGHT, takes_fields_on=True)
    preflight = await _ask(fetcher, entry, asked)
    if request.url.scheme == "https":
        method = "GET" if request.options.method == "get" else "HEAD"  # where it leads is all that counts
        return Surroundings(await _enter(fetcher, entry, replace(request, method=method), "http"), preflight)
    if refused is not None:
        return Surroundings(None, preflight, refused)
    if _holds_https(request.url, exchanges):
        return Surroundings(None, preflight)
    return Surroundings(None, preflight, await _enter(fetcher, entry, request, "https"))


async def _enter(fetcher: Fetcher, entry: Entry, request: Request, scheme: str) -> Chain:
    """The chain from the scheme's own port, as the Observatory has it. A certificate on the way that does
    not verify is evidence, no failure."""
    url, options = _entry_of(request.url, scheme), replace(request.options, insecure=True)
    return await _ask(fetcher, entry, replace(request, url=url, fields=(), options=options))


async def _ask(fetcher: Fetcher, entry: Entry, request: Request) -> Chain:
    """Redirects are followed, a preflight's too: to a browser one is no answer to it, but the Observatory's
    client goes on."""
    options = replace(request.options, follow=True)
    exchanges: list[Exchange] = []
    try:
        if entry.host is not None and entry.host != request.url.host:
            await change_turns(fetcher.hosts, entry, request.url.host, request.deadline)
        await follow(fetcher, entry, replace(request, options=options, takes_page=False), exchanges)
    except FetchFailed as error:
        return Chain(tuple(exchanges), error.failure, error.unanswered)
    return Chain(tuple(exchanges))


def _holds_https(url: Url, exchanges: Sequence[Exchange]) -> bool:
    """Whether the chain came by the same host and path at https, as `workers.observatory` looks for it."""
    wanted = ("https", url.host, _path(url))
    hops = [parse_url(exchange.url) for exchange in exchanges]
    return any((hop.scheme, hop.host, _path(hop)) == wanted for hop in hops)


def _path(url: Url) -> str:
    return url.target.partition("?")[0]


def _entry_of(url: Url, scheme: str) -> Url:
    host = f"[{url.host}]" if ":" in url.host else url.host
    return parse_url(f"{scheme}://{host}:{DEFAULT_PORTS[scheme]}{url.target}")
