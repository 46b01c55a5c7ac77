"""The memo's `print_http_headers`, grown up: open a stream, write a request, read the head, close."""

import asyncio
from collections.abc import Awaitable
from contextlib import suppress
from time import monotonic
from typing import Final, Literal

from msgspec import Struct, field
from msgspec.structs import replace

from service.errors import Code, FetchFailed
from service.inspection.answer import Addresses
from service.inspection.body import PAGE_LIMIT_BYTES
from service.inspection.connect import race
from service.inspection.content import read_content
from service.inspection.cut import CutShort
from service.inspection.deadline import Deadline, Timeouts
from service.inspection.guard import Guard
from service.inspection.idle import IdleConnections, Origin
from service.inspection.pace import Pace
from service.inspection.ports import Resolves, Shakes
from service.inspection.readiness import Network
from service.inspection.stream import Stream
from service.inspection.transport import Shortage, find_shortage
from service.inspection.unanswered import tell_unanswered
from service.inspection.url import URL_LIMIT_BYTES, Url
from service.inspection.wire import HeadLimits, format_request
from service.model import RequestField
from workers.model import Content, Depth, Exchange, Timing

Method = Literal["auto", "head", "get"]

REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})  # RFC 9110 section 15.4: those with a Location
# Statuses after which the same origin is often asked at once: redirects, and HEAD refused.
ASKED_ON: Final = REDIRECTS | {405, 501}
REUSE_PATIENCE_S: Final = (
    1.0  # for a server that lets a connection stand, and answers no second request on it
)
USER_AGENT: Final = "masthead"


class FetchOptions(Struct, frozen=True, kw_only=True):
    """How URLs are to be fetched. Times are seconds; each phase's limit lies inside the whole `timeout_s`.

    `measures_content`: the content of a response to GET that leads no further is read as well, up to the
    limit of a page, for its length and its time. `patient`: nobody waits for each of these URLs, and those of
    others go first.
    """

    method: Method = "auto"
    fields: tuple[RequestField, ...] = ()
    user_agent: str = USER_AGENT
    timeout_s: float = 15.0
    timeouts: Timeouts = field(default_factory=Timeouts)
    max_redirects: int = 10
    retries: int = 1
    retry_wait_s: float = 30.0
    follow: bool = True
    insecure: bool = False
    checks: str = "all"
    depth: Depth = "headers"
    patient: bool = False
    page_limit_bytes: int = PAGE_LIMIT_BYTES
    measures_content: bool = False
    url_limit_bytes: int = URL_LIMIT_BYTES
    limits: HeadLimits = field(default_factory=HeadLimits)


class Request(Struct, frozen=True):
    """One request to be made: of one hop, within the whole URL's deadline. `takes_page`: where it is answered
    with a page of HTML, that is wanted too. `body` is a small one to be sent, as webhooks have it.
    `takes_fields_on`: `fields` are no secret of an origin's, and go along to all that redirects lead to."""

    method: str
    url: Url
    fields: tuple[RequestField, ...]
    options: FetchOptions
    deadline: Deadline
    verify: bool = True
    takes_page: bool = False
    body: bytes | None = None
    takes_fields_on: bool = False


class Fetcher(Struct, frozen=True):
    """Fetches heads on one loop, with what all fetches share."""

    network: Network
    resolver: Resolves
    guard: Guard
    tls: Shakes
    hosts: Pace
    addresses: Pace
    idle: IdleConnections

    def fetch(self, request: Request) -> Awaitable[tuple[int, Exchange]]:
        """Await it for one exchange: its final status and what was seen. Raises FetchFailed, and Shortage."""
        url = request.url
        self.guard.check_port(url.port)
        addresses = self.resolver.known(url.host)
        if addresses is None or addresses[0] != url.host or self.idle.count or url.scheme != "http":
            return self._prepare(request, addresses)
        # An address by itself, whose turn is the host's: there is nothing to wait for before the connection.
        self.guard.check_addresses(url.host, addresses)
        return self._exchange(request, addresses, 0.0)

    async def _prepare(self, request: Request, addresses: Addresses | None) -> tuple[int, Exchange]:
        """Whatever there is to do before a connection, or in place of one."""
        url = request.url
        if self.idle.count:
            stream = self.idle.take(_origin(request))
            if stream is not None:
                # The server may have closed it just now, or answer once only: a new one is opened then.
                with suppress(FetchFailed):
                    return await self._exchange_again(request, stream)
                self.idle.spurn(_origin(request))
        if url.scheme == "https" and not self.tls.is_ready:
            await self.tls.prepare()
        resolve_s = 0.0
        if addresses is None:
            began_at_s = monotonic()
            try:
                addresses = await self.resolver.resolve(url.host, request.deadline.whole("resolve"))
            except asyncio.CancelledError:
                raise CutShort("resolve") from None
            resolve_s = monotonic() - began_at_s
        self.guard.check_addresses(url.host, addresses)  # these, and no others, are then connected to
        address = addresses[0]
        if address == url.host:
            return await self._exchange(request, addresses, resolve_s)
        if not self.addresses.enter(address):
            began_at_s = monotonic()
            await self.addresses.wait(address)
            request.deadline.at_s += monotonic() - began_at_s
        try:
            return await self._exchange(request, addresses, resolve_s)
        finally:
            self.addresses.leave(address)

    async def _exchange(
        self, request: Request, addresses: Addresses, resolve_s: float
    ) -> tuple[int, Exchange]:
        """The memo's program: open a stream, write the request, read the head, close."""
        url, options = request.url, request.options
        if len(addresses) == 1:
            stream = Stream(self.network, addresses[0], url.port, request.deadline, options.timeouts)
        else:
            stream = await race(self.network, addresses, url.port, (request.deadline, options.timeouts))
        # Whoever closes first pays for it: over http the server, but where the host is asked again. A second
        # handshake would cost more, and many redirects of https stay at their origin. Only HEAD has no body.
        is_http = url.scheme == "http"
        is_last = request.method != "HEAD" or (is_http and not self.hosts.is_awaited(url.host))
        try:
            if not is_http:
                # RFC 6066 section 3: the name is sent, and compared, without a trailing dot.
                stream.start_tls(self.tls.towards(url.host.rstrip("."), url.port, verify=request.verify))
            stream.write(_format(request, is_last))
            status, head = await stream.read_head(options.limits)
            ended_at_s = monotonic()
            tls = None if stream.secured is None else stream.secured.facts()
            body = content = None
            if request.takes_page or options.measures_content:
                body, content = await _read_content(stream, request)
        except FetchFailed as error:
            if error.code is Code.TLS_CERTIFICATE and (reason := find_shortage()):
                # The roots may be in a folder, whose files are opened as they are needed.
                raise Shortage(f"this machine had no room to look up a root: {reason}") from error
            if error.code is not Code.TLS_CERTIFICATE or not (options.insecure and request.verify):
                error.unanswered = tell_unanswered(request, stream, resolve_s)
                raise
            # Reported all the same: asked again on a new connection, without verification.
            stream.close()
            return await self._exchange(replace(request, verify=False), addresses, resolve_s)
        except asyncio.CancelledError:
            raise CutShort(stream.stage, tell_unanswered(request, stream, resolve_s)) from None
        finally:
            if is_last:
                stream.close(is_ending=stream.is_clean)
            else:
                self._let_go(stream, request)
        connected_at_s, ready_at_s = stream.connected_at_s, stream.ready_at_s
        # To the microsecond: `round` was a tenth of a fetch, and `int` costs four times what `//` does.
        timing = Timing(
            resolve_s * 1e6 // 1 / 1e3 if resolve_s else 0.0,
            (connected_at_s - stream.began_at_s) * 1e6 // 1 / 1e3,
            None if tls is None else (ready_at_s - connected_at_s) * 1e6 // 1 / 1e3,
            (ended_at_s - ready_at_s) * 1e6 // 1 / 1e3,
        )
        return status, Exchange(url.href, request.method, stream.peer, head, tls, timing, body, content)

    async def _exchange_again(self, request: Request, stream: Stream) -> tuple[int, Exchange]:
        """The same on a connection that stands."""
        url, options = request.url, request.options
        patience_s = min(options.timeouts.response_s, REUSE_PATIENCE_S)
        stream.renew(request.deadline, replace(options.timeouts, response_s=patience_s))
        try:
            stream.write(_format(request, request.method != "HEAD"))
            status, head = await stream.read_head(options.limits)
            timing = Timing(response=int((monotonic() - stream.ready_at_s) * 1e6) / 1e3)
            tls = None if stream.secured is None else stream.secured.facts()
            body = content = None
            if request.takes_page or options.measures_content:
                body, content = await _read_content(stream, request)
        finally:
            self._let_go(stream, request)
        return status, Exchange(url.href, request.method, stream.peer, head, tls, timing, body, content)

    def _let_go(self, stream: Stream, request: Request) -> None:
        """Close the connection, or keep it where its origin's next request is at hand."""
        # GET's body comes behind its head, and would be taken for the next one's.
        if request.method == "HEAD" and self._is_wanted(request, *stream.head):
            self.idle.keep(_origin(request), stream)
        else:
            stream.close()

    def _is_wanted(self, request: Request, status: int, head: bytes) -> bool:
        if status not in ASKED_ON and not self.hosts.is_awaited(request.url.host):
            return False
        # RFC 9112 section 9.3, with more caution: 1.0 may keep it, and `close` may stand elsewhere.
        return head.startswith(b"HTTP/1.1") and b"close" not in head.lower()


async def _read_content(stream: Stream, request: Request) -> tuple[bytes | None, Content | None]:
    if stream.head[0] in REDIRECTS or request.method == "HEAD":
        return None, None
    options = request.options
    limits = options.page_limit_bytes, options.limits
    return await read_content(
        stream, limits, wants_page=request.takes_page, wants_measure=options.measures_content
    )


def _format(request: Request, is_last: bool) -> bytes:
    agent = request.options.user_agent
    return format_request(request.method, request.url, request.fields, agent, is_last, request.body)


def _origin(request: Request) -> Origin:
    return request.url.scheme, request.url.host, request.url.port, request.verify
