"""What one probe sees on its way and no record tells: where names lead, and what servers show of themselves.

A witness stands before the resolver and the TLS of the daemon's fetcher, for one probe. It also chooses: the
target's own host, which can be called by another name, gets one address of the family that the module
prefers, as in blackbox_exporter; hosts that it redirects to are raced for as anywhere.
"""

from dataclasses import dataclass, field
from time import monotonic
from typing import Final, NamedTuple

from msgspec.structs import replace

from service.errors import Code, FetchFailed
from service.inspection.answer import Addresses
from service.inspection.deadline import Limit
from service.inspection.fetch import Fetcher
from service.inspection.idle import IdleConnections
from service.inspection.transport import Security
from service.probe.module import HttpProbe
from service.probe.tls import ProbeTls, Shown

_FAMILIES: Final = {"ip4": "IPv4", "ip6": "IPv6"}


class Lookup(NamedTuple):
    """One host's addresses as they were found, and those of them that were chosen."""

    host: str
    found: Addresses
    chosen: Addresses
    spent_s: float


@dataclass(slots=True)
class Witness:
    """One probe's. What is called `target_host` is `looked_up`. `seen` is in the order in which it
    came: each hop begins with a look-up, unless it goes on with the connection of the one before."""

    module: HttpProbe
    fetcher: Fetcher
    tls: ProbeTls
    target_host: str | None
    looked_up: str | None
    seen: list[Lookup | Shown] = field(default_factory=list)

    def observed(self, idle: IdleConnections) -> Fetcher:
        """The daemon's fetcher with this witness before it, and none of other fetches' connections."""
        return replace(self.fetcher, resolver=self, tls=self, idle=idle)

    # What a fetcher asks of its resolver

    def known(self, host: str) -> Addresses | None:
        """Nothing is known before it is asked for: a probe measures that."""
        return None

    async def resolve(self, host: str, limit: Limit) -> Addresses:
        is_target = host == self.target_host
        name = self.looked_up if is_target and self.looked_up is not None else host
        began_at_s = monotonic()
        found: Addresses = ()
        chosen: Addresses = ()
        try:
            found = await self.fetcher.resolver.resolve(name, limit)
            chosen = self._choose(found) if is_target else found
        finally:
            self.seen.append(Lookup(name, found, chosen, monotonic() - began_at_s))
        return chosen

    def _choose(self, found: Addresses) -> Addresses:
        wanted = self.module.preferred_ip_protocol
        fitting = [address for address in found if (":" in address) == (wanted == "ip6")]
        if fitting:
            return (fitting[0],)
        if not self.module.ip_protocol_fallback:
            message = f"{self.target_host} has no {_FAMILIES[wanted]} address, and there is no fallback"
            raise FetchFailed(Code.DNS_NOT_FOUND, message)
        return (found[-1],)

    # What a fetcher asks of its TLS

    @property
    def is_ready(self) -> bool:
        return self.tls.is_ready

    async def prepare(self) -> None:
        await self.tls.prepare()

    def towards(self, name: str, port: int, *, verify: bool = True) -> Security:
        """`server_name` is the target's; another host that a redirect leads to has its own."""
        if self.module.tls_config.server_name is not None and name == self.target_host:
            name = self.module.tls_config.server_name
        return self.tls.towards(name, self.seen.append)
