"""A request that failed on a connection that stood: what was seen before it did."""

from typing import TYPE_CHECKING

from service.inspection.stream import Stream
from workers.model import Exchange, Timing

if TYPE_CHECKING:
    from service.inspection.fetch import Request


def tell_unanswered(request: "Request", stream: Stream, resolve_s: float) -> Exchange | None:
    """An exchange without a head: the peer, its TLS, and the phases that were over. None where no connection
    stood. `resolve_s` is what the name took."""
    if not stream.connected_at_s:
        return None
    tls = tls_ms = None
    if stream.secured is not None and stream.ready_at_s:
        tls, tls_ms = stream.secured.facts(), int((stream.ready_at_s - stream.connected_at_s) * 1e6) / 1e3
    elif stream.secured is not None:
        tls = stream.secured.shown()
    connect_ms = int((stream.connected_at_s - stream.began_at_s) * 1e6) / 1e3
    timing = Timing(int(resolve_s * 1e6) / 1e3, connect_ms, tls_ms)
    return Exchange(request.url.href, request.method, stream.peer, b"", tls, timing)
