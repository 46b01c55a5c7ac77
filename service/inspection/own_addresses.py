"""The addresses of this host's interfaces, public ones too: what answers there was not meant for strangers.

A service on all interfaces, behind a firewall for others, answers this host by its public address. Read off
Linux's own tables (psutil takes 20 ms to load, a tenth of our start-up); elsewhere none are known.
"""

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path
from typing import Final

from service.inspection.guard import Address, Guard

REFRESH_S: Final = 60.0  # interfaces come and go: a VPN, a container's network
_IPV4: Final = Path("/proc/net/fib_trie")
_IPV6: Final = Path("/proc/net/if_inet6")


def read_own_addresses() -> frozenset[Address]:
    """Every address of every interface. A table that is not there is left out; raises OSError for one that
    cannot be read now."""
    return frozenset((*_read_ipv4(), *_read_ipv6()))


def _read_ipv4() -> Iterator[Address]:
    """The trie has an address on one line, and on the next what a route to it alone is: `/32 host LOCAL`."""
    address = ""
    for words in _read_lines(_IPV4):
        if words[0] == "|--":
            address = words[1]
        elif words == ["/32", "host", "LOCAL"]:
            yield IPv4Address(address)


def _read_ipv6() -> Iterator[Address]:
    for words in _read_lines(_IPV6):
        yield IPv6Address(int(words[0], 16))


def _read_lines(path: Path) -> Iterator[list[str]]:
    with suppress(FileNotFoundError, PermissionError):
        yield from filter(None, map(str.split, path.read_text().splitlines()))


class OwnAddresses:
    """Keeps a guard informed, from now until `close`."""

    def __init__(self, loop: asyncio.AbstractEventLoop, guard: Guard) -> None:
        self._loop = loop
        self._guard = guard
        self._timer: asyncio.TimerHandle | None = None
        guard.refuse_own(read_own_addresses())
        self._refresh_later()

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _refresh(self) -> None:
        with suppress(OSError):  # out of descriptors, say: those that are known stay refused
            self._guard.refuse_own(read_own_addresses())
        self._refresh_later()

    def _refresh_later(self) -> None:
        self._timer = self._loop.call_later(REFRESH_S, self._refresh)
