"""The egress guard: which addresses and ports may be connected to. Judges only; opens nothing.

Refused is what is not globally reachable by IANA's special-purpose address registries, multicast, the cloud
metadata services, and this host's own addresses. Python's `ipaddress.is_global` is no policy (it differs
between versions and calls many such addresses global), so the tables are ours, read off the registries as of
2026-11.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from socket import AF_INET, AF_INET6, inet_pton
from typing import Final

from service.errors import Code, FetchFailed

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
Ranges = tuple[list[bytes], list[str | None]]
"""Where each range of addresses begins (network byte order), and why addresses in it are refused."""

# https://www.iana.org/assignments/iana-ipv4-special-registry and the multicast and reserved space above it
_REFUSED_V4: Final = sorted(
    IPv4Network(block)
    for block in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # shared, carrier-grade NAT
        "127.0.0.0/8",  # loopback
        "169.254.0.0/16",  # link-local; most clouds' metadata
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # IETF protocol assignments
        "192.0.2.0/24",  # documentation
        "192.31.196.0/24",  # AS112
        "192.52.193.0/24",  # AMT
        "192.88.99.0/24",  # 6to4 relay anycast, deprecated
        "192.168.0.0/16",  # private
        "192.175.48.0/24",  # AS112
        "198.18.0.0/15",  # benchmarking
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and limited broadcast
        "168.63.129.16/32",  # Azure's platform address: global by number, local by routing
    )
)
_STARTS_V4: Final = [int(network.network_address) for network in _REFUSED_V4]  # no block overlaps another
# For IPv6 an allow list is safer: global unicast (RFC 4291 section 2.4) less its special blocks.
_GLOBAL_V6: Final = IPv6Network("2000::/3")
_REFUSED_V6: Final = tuple(
    IPv6Network(block)
    for block in (
        "2001::/23",  # IETF protocol assignments: Teredo, ORCHID, benchmarking and others
        "2001:db8::/32",  # documentation
        "2620:4f:8000::/48",  # AS112
        "3fff::/20",  # documentation
    )
)
_NAT64: Final = IPv6Network("64:ff9b::/96")  # RFC 6052: the IPv4 address is in the last 32 bits
# What is in these carries an IPv4 address: compatible, mapped, NAT64, Teredo, 6to4.
_CARRIERS: Final = (
    *(IPv6Network("::/96"), IPv6Network("::ffff:0:0/96"), _NAT64),
    *(IPv6Network("2001::/32"), IPv6Network("2002::/16")),
)
_ISATAP: Final = frozenset({bytes.fromhex("00005efe"), bytes.fromhex("02005efe")})  # RFC 5214 section 6.1
# Where connecting to these leads. Of any other address, it is the connection's peer: no name is looked up for
# it, and nothing that the system does on the way (translation, redirection) shows in what it calls the peer.
_UNSPECIFIED: Final[dict[Address, Address]] = {
    IPv4Address("0.0.0.0"): IPv4Address("127.0.0.1"),  # noqa: S104 - nothing is bound to it
    IPv6Address("::"): IPv6Address("::1"),
    IPv6Address("::ffff:0.0.0.0"): IPv4Address("127.0.0.1"),
}
_BY_ITSELF: Final = ""  # in place of a reason: each address of the range is judged by itself

# https://fetch.spec.whatwg.org/#port-blocking, as of 2026-11
BAD_PORTS: Final = frozenset(
    {0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103}
    | {104, 109, 110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513}
    | {514, 515, 526, 530, 531, 532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720}
    | {1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080}
)


class Guard:
    """The policy in force. `deny` outweighs `allow`, and `allow` the table; `ports` are let through."""

    __slots__ = ("_own", "_ranges_v4", "_ranges_v6", "allow", "deny", "ports")

    def __init__(
        self,
        allow: tuple[Network, ...] = (),
        deny: tuple[Network, ...] = (),
        ports: frozenset[int] = frozenset(),
    ) -> None:
        self.allow, self.deny, self.ports = allow, deny, ports
        self._own: frozenset[Address] = frozenset()
        # Worked out when the first address of each comes: a list may have none of IPv6.
        self._ranges_v4: Ranges | None = None
        self._ranges_v6: Ranges | None = None

    def refuse_own(self, addresses: frozenset[Address]) -> None:
        """From now on these are this host's addresses."""
        if addresses != self._own:
            self._own = addresses
            self._ranges_v4 = self._ranges_v6 = None

    @classmethod
    def of(cls, allow: Iterable[str], deny: Iterable[str], ports: Iterable[int]) -> "Guard":
        """Build from CIDR strings. Raises ValueError for one that is no network."""
        return cls(tuple(map(ip_network, allow)), tuple(map(ip_network, deny)), frozenset(ports))

    def check_port(self, port: int) -> None:
        """Raise FetchFailed with `blocked_port` for a port that browsers refuse too."""
        if port in BAD_PORTS and port not in self.ports:
            raise FetchFailed(
                Code.BLOCKED_PORT, f"port {port} is refused (WHATWG bad port); --allow-port {port} lets it be"
            )

    def check_addresses(self, host: str, addresses: Iterable[str]) -> None:
        """Raise FetchFailed with `blocked_address` where any of a host's addresses is refused.

        One refused address refuses the host: a name with mixed answers is how the guard is got round.
        """
        for text in addresses:
            if ":" in text:
                reason = self._look_up_v6(text)
            else:
                if self._ranges_v4 is None:
                    self._ranges_v4 = self._ranges(4, _REFUSED_V4)
                starts, reasons = self._ranges_v4
                reason = reasons[bisect_right(starts, inet_pton(AF_INET, text)) - 1]
            if reason is not None:
                named = text if host == text else f"{host} has the address {text}, which"
                raise FetchFailed(Code.BLOCKED_ADDRESS, f"{named} is refused: {reason}")

    def refusal(self, address: Address) -> str | None:
        """Why the address is refused; None where it may be connected to."""
        named = (address, *carried_ipv4(address))
        if any(candidate in network for network in self.deny for candidate in named):
            return "it is in a denied network"
        if address in _UNSPECIFIED:
            return self.refusal(_UNSPECIFIED[address])
        if any(address in network for network in self.allow):
            return None
        left = [each for each in named if not any(each in network for network in self.allow)]
        if any(candidate in self._own for candidate in left):
            return "it is an address of this host"
        reasons = (_refusal(each) for each in left if each is not address or _is_judged_itself(address))
        return next(filter(None, reasons), None)

    def _look_up_v6(self, text: str) -> str | None:
        """`refusal`, at a tenth of its cost for an address that carries none."""
        if "%" in text:  # a zone id
            return self.refusal(ip_address(text))
        packed = inet_pton(AF_INET6, text)
        if self._ranges_v6 is None:
            self._ranges_v6 = self._ranges(6, (*_REFUSED_V6, _GLOBAL_V6, *_CARRIERS))
        starts, reasons = self._ranges_v6
        reason = reasons[bisect_right(starts, packed) - 1]
        if reason is _BY_ITSELF or packed[8:12] in _ISATAP:
            return self.refusal(IPv6Address(packed))
        return reason

    def _ranges(self, version: int, blocks: Sequence[Network]) -> Ranges:
        """`refusal` of every address: it changes only where a network begins, or behind its end."""
        networks = [each for each in (*self.allow, *self.deny, *blocks) if each.version == version]
        alone = [int(each) for each in (*self._own, *_UNSPECIFIED) if each.version == version]
        begins = {*alone, *(int(network.network_address) for network in networks)}
        ends = {number + 1 for number in (*alone, *(int(each.broadcast_address) for each in networks))}
        bits = networks[0].max_prefixlen
        starts = [start.to_bytes(bits // 8) for start in sorted({0, *begins, *ends} - {1 << bits})]
        addresses = map(ip_address, starts)
        return starts, [_BY_ITSELF if _is_carrier(each) else self.refusal(each) for each in addresses]


def carried_ipv4(address: Address) -> tuple[IPv4Address, ...]:
    """The IPv4 addresses in an IPv6 one: mapped, compatible, NAT64, 6to4, Teredo (its server's and its
    client's), ISATAP. An ISATAP interface may be behind any prefix, 6to4's too."""
    if isinstance(address, IPv4Address):
        return ()
    carried: list[IPv4Address] = []
    number = int(address)
    if address.ipv4_mapped is not None:
        carried.append(address.ipv4_mapped)
    elif address in _NAT64 or (number >> 32 == 0 and number > 1):
        carried.append(IPv4Address(number & 0xFFFFFFFF))
    elif address.sixtofour is not None:
        carried.append(address.sixtofour)
    elif address.teredo is not None:
        carried.extend(address.teredo)
    if _is_isatap(address):
        carried.append(IPv4Address(number & 0xFFFFFFFF))
    return tuple(carried)


def _is_isatap(address: IPv6Address) -> bool:
    return address.packed[8:12] in _ISATAP


def _is_carrier(address: Address) -> bool:
    return isinstance(address, IPv6Address) and any(address in network for network in _CARRIERS)


def _is_judged_itself(address: Address) -> bool:
    """A carrier's prefix says nothing but that it carries. Any other, ISATAP's too, is one to be judged; and
    so are the unspecified and the loopback address, which are compatible ones by their form alone."""
    has_zone = isinstance(address, IPv6Address) and address.scope_id is not None
    return has_zone or int(address) <= 1 or not _is_carrier(address)


def _refusal(address: Address) -> str | None:
    return _refusal_v4(address) if isinstance(address, IPv4Address) else _refusal_v6(address)


def _refusal_v4(address: IPv4Address) -> str | None:
    number = int(address)
    found = _REFUSED_V4[bisect_right(_STARTS_V4, number) - 1]  # the first block starts at 0
    return f"{found} is not globally reachable" if number <= int(found.broadcast_address) else None


def _refusal_v6(address: IPv6Address) -> str | None:
    if address.scope_id is not None:
        return "it has a zone id"
    if address not in _GLOBAL_V6:
        return f"it is outside {_GLOBAL_V6}, the global unicast space"
    for network in _REFUSED_V6:
        if address in network:
            return f"{network} is not globally reachable"
    return None
