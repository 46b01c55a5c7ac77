"""From a host to its addresses: literals and the hosts file without a query, names by the name servers.

Answers are kept for their TTL, failures for a short time, and equal questions under way are asked once. A
question is no task: what the name servers tell goes to the futures of those who wait for it.
"""

import asyncio
import socket
from collections import OrderedDict, deque
from collections.abc import Callable, Mapping
from time import monotonic
from typing import TYPE_CHECKING, Final

from service.errors import Code, FetchFailed
from service.inspection.answer import FAILURE_TTL_S, Addresses, Answer, Kind, join
from service.inspection.deadline import Bucket, Limit
from service.inspection.readiness import Network
from service.inspection.transport import Shortage

if TYPE_CHECKING:
    from service.inspection.dns import NameServers

NAMES_KEPT: Final = 16_384  # answers in the cache: about 8 MiB when full; to ask again costs little
RESOLUTION_DELAY_S: Final = 0.05  # RFC 8305 section 3
QUERIES_LIMIT: Final = 512  # under way at once: what a resolver's socket buffer holds without loss


class Resolver:
    """Resolves hosts for one loop. `server` is ADDR or ADDR:PORT; the system's are used without it."""

    def __init__(
        self,
        network: Network,
        server: str | None,
        timeout_s: float,
        hosts: Mapping[str, Addresses],
        names_kept: int = NAMES_KEPT,
    ) -> None:
        self.network = network
        self._names_kept = names_kept
        self._hosts = hosts
        self.timeout_s = timeout_s
        self.has_ipv6 = has_ipv6_route()
        self._server = server
        self._servers: NameServers | None = None
        self._cache: OrderedDict[str, Answer] = OrderedDict()
        self._questions: dict[str, _Question] = {}
        self._queue: deque[_Question] = deque()  # bounded by the fetches under way
        self._under_way = 0

    def known(self, host: str) -> Addresses | None:
        """The host's addresses, where no name server must be asked for them; None where one must.

        Raises FetchFailed where it is known that there are none."""
        # WHATWG: a host whose last label is a number is IPv4; `web1` and `a.k8s1` are names all the same.
        if ":" in host or host.rpartition(".")[2].isdigit():
            return (host,)
        name = host.rstrip(".")
        addresses = self._hosts.get(name)
        if addresses is not None:
            return addresses
        if name == "localhost" or name.endswith(".localhost"):  # RFC 6761 section 6.3
            return ("127.0.0.1", "::1")
        answer = self._cache.get(name)
        if answer is None or answer.until_s <= monotonic():
            return None
        return _addresses(answer)

    async def resolve(self, host: str, limit: Limit) -> Addresses:
        """The host's addresses, IPv6 and IPv4 in turn (RFC 8305 section 4), at least one.

        The time for an answer runs from when it is asked for: waiting behind our other questions is not in
        it. Raises FetchFailed with `dns_not_found`, `dns_failed` or `dns_timeout`, or the limit's; Shortage.
        """
        known = self.known(host)
        if known is not None:
            return known
        waiter: asyncio.Future[Answer] = self.network.loop.create_future()
        self._join(host.rstrip("."), waiter)
        return _addresses(await self.network.deadlines.wait(waiter, limit))

    async def close(self) -> None:
        """Cancel those who wait; no question of theirs is answered any more."""
        if self._servers is not None:
            await self._servers.close()
        for question in self._questions.values():
            question.cancel()
        self._questions.clear()
        self._queue.clear()

    def ask(self, name: str, kind: Kind, told: Callable[[Answer], None]) -> None:
        if self._servers is None:
            # Loaded only here: it takes 15 ms, and many lists hold addresses alone.
            from service.inspection.dns import NameServers

            self._servers = NameServers(self.network.loop, self._server, self.timeout_s)
        self._servers.ask(name, kind, told)

    def _join(self, name: str, waiter: asyncio.Future[Answer]) -> None:
        question = self._questions.get(name)
        if question is not None:
            question.waiters.append(waiter)
            return
        question = self._questions[name] = _Question(self, name, waiter)
        if self._has_room():
            self._begin(question)
        else:
            self._queue.append(question)

    def _has_room(self) -> bool:
        return self._under_way < (QUERIES_LIMIT // 2 if self.has_ipv6 else QUERIES_LIMIT)

    def _begin(self, question: "_Question") -> None:
        self._under_way += 1
        question.begin()

    def _begin_next(self) -> None:
        """Ask what was queued and is still waited for, as far as there is room."""
        while self._queue and self._has_room():
            question = self._queue.popleft()
            if all(waiter.done() for waiter in question.waiters):
                del self._questions[question.name]
            else:
                self._begin(question)

    def end(self, question: "_Question", answer: Answer) -> None:
        """Tell those who wait. c-ares may be in the middle of its own work: more is asked from the loop."""
        self._under_way -= 1
        del self._questions[question.name]
        self.keep(question.name, answer)
        for waiter in question.waiters:
            if not waiter.done():
                waiter.set_result(answer)
        if self._queue:
            self.network.loop.call_soon(self._begin_next)

    def keep(self, name: str, answer: Answer) -> None:
        self._cache[name] = answer
        self._cache.move_to_end(name)
        if len(self._cache) > self._names_kept:
            self._cache.popitem(last=False)


class _Question:
    """A name that is asked for, once for all who wait, from its place in the queue to its answer."""

    __slots__ = ("_answers", "_awaited", "_bucket", "_is_over", "_resolver", "name", "waiters")

    def __init__(self, resolver: Resolver, name: str, waiter: asyncio.Future[Answer]) -> None:
        self._resolver = resolver
        self._answers: list[Answer] = []
        self._awaited = 0
        self._bucket: Bucket | None = None
        self._is_over = False
        self.name = name
        self.waiters = [waiter]

    def begin(self) -> None:
        resolver = self._resolver
        self._expire_at(monotonic() + resolver.timeout_s)
        kinds: tuple[Kind, ...] = ("AAAA", "A") if resolver.has_ipv6 else ("A",)
        self._awaited = len(kinds)
        for kind in kinds:
            resolver.ask(self.name, kind, self._take)

    def expire(self) -> None:
        """The end of the time for an answer, or of the moment that one family waits for the other."""
        if any(answer.addresses for answer in self._answers):
            self._end(join(self._answers))
        else:
            message = f"{self.name} cannot be resolved: no answer within {self._resolver.timeout_s:g} s"
            self._end(Answer(monotonic() + FAILURE_TTL_S, (), (Code.DNS_TIMEOUT, message)))

    def cancel(self) -> None:
        self._finish()
        for waiter in self.waiters:
            waiter.cancel()

    def _take(self, answer: Answer) -> None:
        self._answers.append(answer)
        self._awaited -= 1
        if self._is_over:
            if answer.addresses:  # too late for those who waited, in time for those to come
                self._resolver.keep(self.name, join(self._answers))
        elif self._awaited:
            # Once one family has addresses, the other gets a moment more and no longer: some name servers
            # never answer AAAA (RFC 4074 section 4.1).
            if answer.addresses:
                self._expire_at(monotonic() + RESOLUTION_DELAY_S)
        elif self._is_there_without(answer):
            self._awaited = 1
            self._resolver.network.loop.call_soon(self._ask_other_family)
        else:
            self._end(join(self._answers))

    def _is_there_without(self, answer: Answer) -> bool:
        """A name with IPv6 addresses alone is there all the same; connecting will say the rest."""
        if self._resolver.has_ipv6 or len(self._answers) > 1 or answer.failure is None:
            return False
        return answer.failure[0] is Code.DNS_NOT_FOUND and not answer.is_nowhere

    def _ask_other_family(self) -> None:
        if not self._is_over:
            self._resolver.ask(self.name, "AAAA", self._take)

    def _expire_at(self, at_s: float) -> None:
        if self._bucket is not None:
            self._bucket.discard(self)
        self._bucket = self._resolver.network.deadlines.add(self, at_s)

    def _end(self, answer: Answer) -> None:
        self._finish()
        self._resolver.end(self, answer)

    def _finish(self) -> None:
        self._is_over = True
        if self._bucket is not None:
            self._bucket.discard(self)


def _addresses(answer: Answer) -> Addresses:
    if answer.failure is not None:
        code, message = answer.failure
        raise Shortage(message) if code is Code.INTERNAL else FetchFailed(code, message)
    return answer.addresses


def has_ipv6_route() -> bool:
    """Whether this machine can reach IPv6 at all; connecting a datagram socket sends nothing."""
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as probe:
            probe.connect(("2001:4860:4860::8888", 53))
    except OSError:
        return False
    return True
