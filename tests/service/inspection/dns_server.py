"""A small real DNS server on UDP, for tests: it answers from a table and counts what it was asked."""

import asyncio
import struct
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from ipaddress import ip_address

A, NOERROR, SERVFAIL, NXDOMAIN, REFUSED = 1, 0, 2, 3, 5
SILENT = -1


class Zone(asyncio.DatagramProtocol):
    """Answers from a table of names to addresses, or to a response code; counts what it was asked."""

    def __init__(self, names: dict[str, list[str] | int], ttl: int = 60) -> None:
        self.names = names
        self.ttl = ttl
        self.asked: Counter[str] = Counter()

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # type: ignore[override]  # as documented
        self.transport = transport

    def datagram_received(self, data: bytes, source: tuple[str, int]) -> None:
        labels, at = [], 12
        while data[at]:
            labels.append(data[at + 1 : at + 1 + data[at]].decode())
            at += 1 + data[at]
        name, question = ".".join(labels).lower(), data[12 : at + 5]
        self.asked[name] += 1
        kind = struct.unpack("!H", data[at + 1 : at + 3])[0]
        found = self.names.get(name, NXDOMAIN)
        if found == SILENT:
            return
        code, addresses = (found, []) if isinstance(found, int) else (NOERROR, found)
        packed = [
            address.packed for address in map(ip_address, addresses) if (address.version == 4) == (kind == A)
        ]
        answers = [b"\xc0\x0c" + struct.pack("!HHIH", kind, 1, self.ttl, len(raw)) + raw for raw in packed]
        head = data[:2] + struct.pack("!HHHHH", 0x8180 | code, 1, len(answers), 0, 0)
        self.transport.sendto(head + question + b"".join(answers), source)


@asynccontextmanager
async def serve_names(zone: Zone) -> AsyncIterator[str]:
    """Serve the zone on a free port of loopback for the block's time; yields ADDR:PORT."""
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: zone, local_addr=("127.0.0.1", 0)
    )
    try:
        yield f"127.0.0.1:{transport.get_extra_info('sockname')[1]}"
    finally:
        transport.close()
