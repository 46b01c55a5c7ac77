"""From a host to its addresses: literals and the hosts file without a query, names by aiodns.

Answers are kept for their TTL, failures for a short time, and equal questions under way are asked once.
Names are asked for as they stand: no search domains, since the list means what it says.
"""

import asyncio
import ipaddress
import socket
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain, zip_longest
from pathlib import Path
from time import monotonic
from typing import Final

import aiodns
import pycares

from service.errors import Code, FetchFailed
from service.inspection.deadline import Limit
from service.inspection.stream import Network

Addresses = tuple[str, ...]

NAMES_KEPT: Final = 65_536  # answers in the cache: about 30 MiB when full
MINIMUM_TTL_S: Final = 1.0  # a TTL of 0 still serves the redirects of the same URL
MAXIMUM_TTL_S: Final = 3_600.0  # a daemon should see a site move within the hour
NEGATIVE_TTL_S: Final = 30.0  # aiodns does not pass on the SOA that RFC 2308 would take this from
FAILURE_TTL_S: Final = 1.0  # RFC 9520 section 3.2's least: it may be our own trouble, and pass
TRIES: Final = 4  # a lost datagram is no verdict; c-ares waits 0.25 s for the first where a server is quick
RESOLUTION_DELAY_S: Final = 0.05  # RFC 8305 section 3
QUERIES_LIMIT: Final = 512  # under way at once: what a resolver's socket buffer holds without loss
HOSTS_FILE: Final = Path("/etc/hosts")


@dataclass(frozen=True, slots=True)
class Answer:
    """What is known of a name until `until_s` (monotonic): addresses, or the failure to raise."""

    until_s: float
    addresses: Addresses
    failure: tuple[Code, str] | None = None


class Resolver:
    """Resolves hosts for one loop. `server` is ADDR or ADDR:PORT; the system's are used without it."""

    def __init__(
        self, network: Network, server: str | None, timeout_s: float, hosts: Mapping[str, Addresses]
    ) -> None:
        self._network = network
        self._hosts = hosts
        self._cache: OrderedDict[str, Answer] = OrderedDict()
        self._asked: dict[str, asyncio.Task[Answer]] = {}
        self._slots = asyncio.Semaphore(QUERIES_LIMIT)
        self._has_ipv6 = has_ipv6_route()
        self._timeout_s = timeout_s
        self._dns = aiodns.DNSResolver(
            nameservers=[server] if server else None,
            loop=network.loop,
            timeout=timeout_s / TRIES,
            tries=TRIES,
        )

    async def resolve(self, host: str, limit: Limit) -> Addresses:
        """The host's addresses, IPv6 and IPv4 in turn (RFC 8305 section 4), at least one.

        The time for an answer runs from when it is asked for: waiting behind our other questions is not in
        it. Raises FetchFailed with `dns_not_found`, `dns_failed` or `dns_timeout`, or the limit's.
        """
        known = self._known(host)
        if known is not None:
            return known
        name = host.rstrip(".")
        answer = self._cache.get(name)
        if answer is None or answer.until_s <= monotonic():
            answer = await self._ask_once(name, limit)
        if answer.failure is not None:
            raise FetchFailed(*answer.failure)
        return answer.addresses

    async def close(self) -> None:
        for task in self._asked.values():
            task.cancel()
        await asyncio.gather(*self._asked.values(), return_exceptions=True)
        await self._dns.close()

    def _known(self, host: str) -> Addresses | None:
        # WHATWG: a host whose last label is a number is IPv4; `web1` and `a.k8s1` are names all the same.
        if ":" in host or host.rpartition(".")[2].isdigit():
            return (host,)
        name = host.rstrip(".")
        known = self._hosts.get(name)
        if known is None and (name == "localhost" or name.endswith(".localhost")):  # RFC 6761 section 6.3
            return ("127.0.0.1", "::1")
        return known

    async def _ask_once(self, name: str, limit: Limit) -> Answer:
        task = self._asked.get(name)
        if task is None:
            task = self._asked[name] = self._network.loop.create_task(self._ask(name), name=f"resolve {name}")
            task.add_done_callback(lambda _: self._asked.pop(name, None))
        waiter = self._network.loop.create_future()

        def tell(done: asyncio.Task[Answer]) -> None:
            if not waiter.done():
                waiter.set_result(None)

        task.add_done_callback(tell)
        try:
            await self._network.deadlines.wait(waiter, limit)
        finally:
            task.remove_done_callback(tell)
        return task.result()

    async def _ask(self, name: str) -> Answer:
        async with self._slots:
            try:
                async with asyncio.timeout(self._timeout_s):
                    answer = _join(await self._ask_families(name))
            except TimeoutError:
                message = f"{name} cannot be resolved: no answer within {self._timeout_s:g} s"
                answer = Answer(monotonic() + FAILURE_TTL_S, (), (Code.DNS_TIMEOUT, message))
        self._cache[name] = answer
        self._cache.move_to_end(name)
        if len(self._cache) > NAMES_KEPT:
            self._cache.popitem(last=False)
        return answer

    async def _ask_families(self, name: str) -> list[Answer]:
        if self._has_ipv6:
            return await self._ask_both(name)
        # A name with IPv6 addresses alone is there all the same; connecting will say the rest.
        results = [await self._query(name, "A")]
        if results[0].failure and results[0].failure[0] is Code.DNS_NOT_FOUND:
            results.append(await self._query(name, "AAAA"))
        return results

    async def _ask_both(self, name: str) -> list[Answer]:
        """Both families at once. Once one has addresses, the other gets a moment more and no longer: some
        name servers never answer AAAA (RFC 4074 section 4.1)."""
        create_task = self._network.loop.create_task
        tasks = [create_task(self._query(name, kind), name=f"ask {kind} {name}") for kind in ("AAAA", "A")]
        try:
            done, waiting = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            if waiting:
                has_addresses = any(task.result().addresses for task in done)
                await asyncio.wait(waiting, timeout=RESOLUTION_DELAY_S if has_addresses else None)
            return [task.result() for task in tasks if task.done()]
        finally:
            for task in tasks:
                task.cancel()

    async def _query(self, name: str, kind: str) -> Answer:
        try:
            result = await self._dns.query_dns(name, kind)
        except aiodns.error.DNSError as error:
            code = _CODES.get(error.args[0], Code.DNS_FAILED)
            if code is Code.DNS_NOT_FOUND:
                return Answer(monotonic() + NEGATIVE_TTL_S, (), (code, f"there is no address of {name}"))
            message = f"{name} cannot be resolved: {str(error.args[1]).lower()}"
            return Answer(monotonic() + FAILURE_TTL_S, (), (code, message))
        addresses = tuple(
            record.data.addr
            for record in result.answer
            if isinstance(record.data, pycares.ARecordData | pycares.AAAARecordData)
        )
        if not addresses:
            message = f"there is no address of {name}"
            return Answer(monotonic() + NEGATIVE_TTL_S, (), (Code.DNS_NOT_FOUND, message))
        # The CNAMEs on the way have TTLs too: the shortest counts.
        ttl_s = min(max(min(record.ttl for record in result.answer), MINIMUM_TTL_S), MAXIMUM_TTL_S)
        return Answer(monotonic() + ttl_s, addresses)


_CODES: Final = {
    pycares.errno.ARES_ENOTFOUND: Code.DNS_NOT_FOUND,
    pycares.errno.ARES_ENODATA: Code.DNS_NOT_FOUND,
    pycares.errno.ARES_EBADNAME: Code.DNS_NOT_FOUND,
    pycares.errno.ARES_ETIMEOUT: Code.DNS_TIMEOUT,
}


def _join(answers: list[Answer]) -> Answer:
    """One answer of both families'. A failure counts only where no family has an address, and "there is
    no such name" only where every family says so."""
    found = [answer for answer in answers if answer.addresses]
    if found:
        in_turn = chain.from_iterable(zip_longest(*(answer.addresses for answer in found)))
        return Answer(min(answer.until_s for answer in found), tuple(a for a in in_turn if a is not None))
    return max(answers, key=lambda answer: answer.failure is not None and answer.failure[0] in _TROUBLE)


_TROUBLE: Final = frozenset({Code.DNS_FAILED, Code.DNS_TIMEOUT})


def read_hosts(path: Path = HOSTS_FILE) -> dict[str, Addresses]:
    """The hosts file's names, lower case; lines that are none are passed over, as resolvers do."""
    hosts: dict[str, Addresses] = {}
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return hosts
    for line in lines:
        address, *names = line.split("#", 1)[0].split() or [""]
        try:
            ipaddress.ip_address(address)
        except ValueError:
            continue
        for name in names:
            key = name.lower()
            hosts[key] = (*hosts.get(key, ()), address)
    return hosts


def has_ipv6_route() -> bool:
    """Whether this machine can reach IPv6 at all; connecting a datagram socket sends nothing."""
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as probe:
            probe.connect(("2001:4860:4860::8888", 53))
    except OSError:
        return False
    return True
