"""From what was fetched to evidence: what it shows, and nothing beyond.

`--depth headers` fetches one chain; `--depth full` its page, a preflight and the other entry as well: http://
of an https URL, https:// of an http one.
"""

from collections.abc import Sequence
from typing import Final, Literal

from msgspec.structs import replace

from workers.model import FOREIGN_ORIGIN, Chain, Exchange, Failure, Gathered, Hop
from workers.observatory.evidence import (
    NO_ANSWER,
    NOT_GATHERED,
    Absent,
    Evidence,
    HttpEntry,
    HttpsAnswer,
    Preflight,
    Step,
    join_fields,
    read_address,
)
from workers.page import read_text
from workers.syntax.head import parse_head
from workers.syntax.outline import with_outline

# Failures that say nothing of the site: it was not asked, or not long enough.
_UNASKED: Final = frozenset({"policy", "input"})
_UNFINISHED: Final = frozenset({"deadline_exceeded", "internal", "cancelled"})


def read_gathered(gathered: Gathered, hops: Sequence[Hop]) -> Evidence:
    """The evidence of one URL, whose chain of at least one hop has been parsed already."""
    evidence = read_hops(hops)
    surroundings = gathered.surroundings
    if surroundings is None:
        return evidence
    changed = replace(
        evidence, body=_read_body(gathered.exchanges[-1]), preflight=_read_preflight(surroundings.preflight)
    )
    if surroundings.http_entry is not None:
        changed = replace(changed, http_entry=_read_entry(surroundings.http_entry))
    if surroundings.https_entry is not None:
        changed = replace(changed, https=_read_https(surroundings.https_entry))
    return changed


def read_hops(hops: Sequence[Hop]) -> Evidence:
    """The evidence in a chain of at least one hop, the page last.

    The Observatory asks for http://site/ and https://site/ by themselves. A chain that begins at https is
    the second of them. One that begins at http is the first, and holds the second where it came by https to
    the same host and path; what the https site says otherwise was not gathered.
    """
    page = hops[-1]
    start = _https_start(hops)
    https = HttpsAnswer(page.headers, _is_verified(hops[start:])) if start is not None else NOT_GATHERED
    is_entry = read_address(hops[0].url).scheme == "http"
    return Evidence(
        url=page.url,
        status=page.judged_status,
        headers=with_outline(page.headers),
        site=hops[start or 0].url,
        earlier=tuple([(hop.url, hop.headers) for hop in hops[start or 0 : -1]]),
        https=https,
        http_entry=_entry(hops) if is_entry else NOT_GATHERED,
    )


def _entry(hops: Sequence[Hop]) -> HttpEntry:
    return HttpEntry(tuple([Step(hop.url, hop.judged_status) for hop in hops]), _is_verified(hops))


def _read_body(exchange: Exchange) -> str | Literal[Absent.NOT_GATHERED]:
    if exchange.body is None:
        return NOT_GATHERED
    codings = join_fields(parse_head(exchange.head).fields).get("content-encoding", "")
    text = read_text(exchange.body, codings)
    return NOT_GATHERED if text is None else text


def _read_preflight(chain: Chain) -> Preflight | Absent:
    if chain.failure is not None or not chain.exchanges:
        return absence(chain.failure)
    head = parse_head(chain.exchanges[-1].head)
    return Preflight(head.status, head.fields, FOREIGN_ORIGIN)


def _read_entry(chain: Chain) -> HttpEntry | Absent:
    """Where it broke off on the way, the Observatory has no answer either (session.js)."""
    if chain.failure is not None:
        return absence(chain.failure)
    route = tuple(Step(one.url, parse_head(one.head).status) for one in chain.exchanges)
    return HttpEntry(route, _is_verified(chain.exchanges))


def _read_https(chain: Chain) -> HttpsAnswer | Absent:
    """Where https://site/ leads: to what https:// says of the site, while the page is that of the URL."""
    if chain.failure is not None or not chain.exchanges:
        return absence(chain.failure)
    return HttpsAnswer(parse_head(chain.exchanges[-1].head).fields, _is_verified(chain.exchanges))


def absence(failure: Failure | None) -> Absent:
    """What a chain without a response or an end means: silence is an answer, a limit of ours is none."""
    unknown = failure is None or failure.stage in _UNASKED or failure.code in _UNFINISHED
    return NOT_GATHERED if unknown else NO_ANSWER


def _https_start(hops: Sequence[Hop]) -> int | None:
    first = read_address(hops[0].url)
    for index, hop in enumerate(hops):
        address = read_address(hop.url)
        if address.scheme == "https" and (address.host, address.path) == (first.host, first.path):
            return index
    return None


def _is_verified(hops: Sequence[Hop | Exchange]) -> bool:
    return all(hop.tls is None or hop.tls.verified for hop in hops)
