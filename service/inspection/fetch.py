"""The memo's `print_http_headers`, grown up: open a stream, write a request, read the head, close."""

from dataclasses import dataclass, field
from itertools import pairwise
from time import monotonic
from typing import Final, Literal

from msgspec import Struct

from service.errors import Code, FetchFailed
from service.inspection.connect import open_stream
from service.inspection.deadline import Deadline, Limit
from service.inspection.guard import Guard
from service.inspection.resolve import Addresses, Resolver
from service.inspection.stream import Network, Stream
from service.inspection.tls import TlsPolicy
from service.inspection.url import URL_LIMIT_BYTES, Url
from service.inspection.wire import HeadLimits, HeadReader, format_request
from service.model import RequestField
from workers.model import Exchange, Timing, Tls

Method = Literal["auto", "head", "get"]

USER_AGENT: Final = "masthead"


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchOptions:
    """How URLs are to be fetched. Times are seconds; each phase's limit lies inside the whole `timeout_s`."""

    method: Method = "auto"
    fields: tuple[RequestField, ...] = ()
    user_agent: str = USER_AGENT
    timeout_s: float = 15.0
    connect_timeout_s: float = 5.0
    tls_timeout_s: float = 5.0
    response_timeout_s: float = 10.0
    max_redirects: int = 10
    follow: bool = True
    insecure: bool = False
    checks: str = "all"
    url_limit_bytes: int = URL_LIMIT_BYTES
    limits: HeadLimits = field(default_factory=HeadLimits)


class Request(Struct, frozen=True):
    """One request to be made: of one hop, within the whole URL's deadline."""

    method: str
    url: Url
    fields: tuple[RequestField, ...]
    options: FetchOptions
    deadline: Deadline


@dataclass(frozen=True, slots=True)
class Fetcher:
    """Fetches heads on one loop, with what all fetches share."""

    network: Network
    resolver: Resolver
    guard: Guard
    tls: TlsPolicy

    async def fetch(self, request: Request) -> tuple[int, Exchange]:
        """One exchange: its final status and what was seen. Raises FetchFailed."""
        url, options = request.url, request.options
        clock = [monotonic()]
        addresses = await self._resolve(request)
        clock.append(monotonic())
        stream = await self._connect(request, addresses)
        try:
            clock.append(monotonic())
            tls = None
            if url.scheme == "https":
                stream, tls = await self._secure(request, addresses, stream)
                clock.append(monotonic())
            limit = request.deadline.phase(options.response_timeout_s, Code.RESPONSE_TIMEOUT, "exchange")
            await stream.send(format_request(request.method, url, request.fields, options.user_agent), limit)
            status, head = await _read_head(stream, HeadReader(options.limits), limit)
            clock.append(monotonic())
        finally:
            stream.close()
        return status, Exchange(url.href, request.method, stream.peer, head, tls, _timing(clock, tls))

    async def _resolve(self, request: Request) -> Addresses:
        """The addresses that the guard lets through: those, and no others, are then connected to."""
        url = request.url
        self.guard.check_port(url.port)
        addresses = await self.resolver.resolve(url.host, request.deadline.whole("resolve"))
        self.guard.check_addresses(url.host, addresses)
        return addresses

    async def _connect(self, request: Request, addresses: Addresses) -> Stream:
        limit = request.deadline.phase(request.options.connect_timeout_s, Code.CONNECT_TIMEOUT, "connect")
        return await open_stream(self.network, addresses, request.url.port, limit)

    async def _secure(self, request: Request, addresses: Addresses, stream: Stream) -> tuple[Stream, Tls]:
        """Shake hands over `stream`, which is closed where that fails. With `insecure`, a certificate that
        does not verify is reported: the handshake is done again, without verification, on a new stream."""
        try:
            return stream, await self._shake_hands(request, stream, verify=True)
        except FetchFailed as error:
            if error.code is not Code.TLS_CERTIFICATE or not request.options.insecure:
                raise
        stream.close()
        again = await self._connect(request, addresses)
        try:
            return again, await self._shake_hands(request, again, verify=False)
        except BaseException:
            again.close()
            raise

    async def _shake_hands(self, request: Request, stream: Stream, *, verify: bool) -> Tls:
        limit = request.deadline.phase(request.options.tls_timeout_s, Code.TLS_TIMEOUT, "tls")
        context = self.tls.verifying if verify else self.tls.trusting
        # RFC 6066 section 3: the name is sent, and compared with the certificate's, without a trailing dot.
        name = request.url.host.rstrip(".")
        return self.tls.facts(await stream.start_tls(context, name, limit))


async def _read_head(stream: Stream, reader: HeadReader, limit: Limit) -> tuple[int, bytes]:
    while True:
        data = await stream.receive(limit)
        if not data:
            came = "nothing" if reader.is_empty else "a part of it"
            raise FetchFailed(
                Code.CONNECTION_CLOSED, f"expected a response head, got {came} before the connection closed"
            )
        found = reader.feed(data)
        if found is not None:
            return found


def _timing(clock: list[float], tls: Tls | None) -> Timing:
    """`clock` holds the moments between which the phases lie."""
    phases = [round((end - begin) * 1e3, 3) for begin, end in pairwise(clock)]
    if tls is not None:
        return Timing(*phases)
    resolve, connect, response = phases
    return Timing(resolve, connect, None, response)
