"""How often a client may ask: so many requests a second, with a burst, by token and by address.

The generic cell rate algorithm (ITU-T I.371): of each client one moment is kept, up to which it has spent
what it may. Knows nothing of requests. The table is bounded: where it is full, whoever has not asked for the
longest time is forgotten, who has most probably all of the burst again.
"""

from collections import OrderedDict
from collections.abc import Callable
from ipaddress import ip_address
from math import ceil
from time import monotonic
from typing import Final

from service.api.operation import Refusal
from service.api.problems import Kind, Problem

BURST_S: Final = 2.0  # of its rate, that a client may spend at once: a page of a program's first calls
CLIENTS_LIMIT: Final = 16_384  # some 3 MB; at 50 a second all but the busiest have their burst again
IPV6_CLIENT_BITS: Final = 64  # one subscriber has at least so many addresses (RFC 6177)
REFUSALS: Final = (
    Refusal(
        429,
        "expected at most 50 requests a second from one token; try again",
        Kind.TOO_OFTEN,
        ["Retry-After"],
    ),
)


class Rate:
    """One limit, for many clients. `per_s` is requests a second; 0 is no limit."""

    def __init__(self, per_s: float, of: str, clock: Callable[[], float] = monotonic) -> None:
        self._interval_s = 1 / per_s if per_s else 0.0
        self._tolerance_s = max(0.0, BURST_S - self._interval_s)
        self._per_s = per_s
        self._of = of
        self._clock = clock
        self._spent_until: OrderedDict[str, float] = OrderedDict()

    def __len__(self) -> int:
        return len(self._spent_until)

    def spend(self, client: str) -> None:
        """Count a request. Raises a 429 Problem, and counts nothing, where there were too many."""
        if not self._interval_s:
            return
        now = self._clock()
        spent_until = max(now, self._spent_until.get(client, now))
        ahead_s = spent_until - now - self._tolerance_s
        if ahead_s > 1e-9:  # sums of intervals are not exact
            raise self._too_many(ahead_s)
        self._spent_until[client] = spent_until + self._interval_s
        self._spent_until.move_to_end(client)
        if len(self._spent_until) > CLIENTS_LIMIT:
            self._spent_until.popitem(last=False)

    def _too_many(self, ahead_s: float) -> Problem:
        detail = f"expected at most {self._per_s:g} requests a second from one {self._of}; try again"
        return Problem(429, detail, Kind.TOO_OFTEN, headers={"Retry-After": str(max(1, ceil(ahead_s)))})


def client_of(peer: str | None) -> str:
    """Whom an address stands for: an IPv4 address itself, an IPv6 address its /64."""
    try:
        address = ip_address((peer or "").partition("%")[0])
    except ValueError:
        return ""  # no address (a Unix socket): all of them are one client
    if address.version == 4:
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return f"{int(address) >> (128 - IPV6_CLIENT_BITS):x}::/{IPV6_CLIENT_BITS}"
