"""From the one chain that `--depth headers` fetches to evidence: what it shows, and nothing beyond."""

from collections.abc import Sequence

from workers.model import Hop
from workers.observatory.evidence import NOT_GATHERED, Evidence, HttpEntry, HttpsAnswer, Step, read_address


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
    route = tuple(Step(hop.url, hop.status) for hop in hops)
    return Evidence(
        url=page.url,
        status=page.status,
        headers=page.headers,
        site=hops[start or 0].url,
        earlier=tuple((hop.url, hop.headers) for hop in hops[start or 0 : -1]),
        https=https,
        http_entry=HttpEntry(route, _is_verified(hops)) if is_entry else NOT_GATHERED,
    )


def _https_start(hops: Sequence[Hop]) -> int | None:
    first = read_address(hops[0].url)
    for index, hop in enumerate(hops):
        address = read_address(hop.url)
        if address.scheme == "https" and (address.host, address.path) == (first.host, first.path):
            return index
    return None


def _is_verified(hops: Sequence[Hop]) -> bool:
    return all(hop.tls is None or hop.tls.verified for hop in hops)
