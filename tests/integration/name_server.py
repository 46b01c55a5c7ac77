"""A small DNS server (RFC 1035): it answers from a table, tells what it was asked, and can be silent.

It exists beside dnsmasq because a test must know every question that was put, and when to say nothing.
"""

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from ipaddress import ip_address

TYPES = {"A": 1, "CNAME": 5, "AAAA": 28}
NAMES_OF_TYPES = {number: name for name, number in TYPES.items()}
NOERROR, SERVFAIL, NXDOMAIN, REFUSED = 0, 2, 3, 5


@dataclass(frozen=True, slots=True)
class Reply:
    """What a name gets: records of (type, value), or an error; `silent` sends nothing at all."""

    records: tuple[tuple[str, str], ...] = ()
    code: int = NOERROR
    ttl_s: int = 300
    silent: bool = False
    deaf_to: tuple[str, ...] = ()  # types of question that get no answer


def hosts(*addresses: str, ttl_s: int = 300) -> Reply:
    records = tuple(("AAAA" if ":" in address else "A", address) for address in addresses)
    return Reply(records, ttl_s=ttl_s)


@dataclass(slots=True)
class NameServer(asyncio.DatagramProtocol):
    """`asked` lists the questions in order, as ("one.test", "A")."""

    table: dict[str, Reply]
    asked: list[tuple[str, str]] = field(default_factory=list)
    held: asyncio.Event | None = None  # where there is one, answers wait until it is set
    transport: asyncio.DatagramTransport | None = None
    waiting: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def resolver(self) -> str:
        """ADDR:PORT, for masthead's setting."""
        assert self.transport is not None
        address, port = self.transport.get_extra_info("sockname")
        return f"{address}:{port}"

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # type: ignore[override]  # as asyncio calls it
        self.transport = transport

    def datagram_received(self, data: bytes, peer: tuple[str, int]) -> None:
        name, kind, question = read_question(data)
        self.asked.append((name, kind))
        reply = self.table.get(name, Reply(code=NXDOMAIN))
        if not reply.silent and kind not in reply.deaf_to:
            task = asyncio.get_running_loop().create_task(self._answer(data, question, kind, reply, peer))
            self.waiting.add(task)
            task.add_done_callback(self.waiting.discard)

    async def _answer(
        self, query: bytes, question: bytes, kind: str, reply: Reply, peer: tuple[str, int]
    ) -> None:
        if self.held is not None:
            await self.held.wait()
        assert self.transport is not None
        self.transport.sendto(format_reply(query, question, kind, reply), peer)


@asynccontextmanager
async def answering(**replies: Reply) -> AsyncIterator[NameServer]:
    """Serve `one=hosts(...)` as `one.test`; every other name is NXDOMAIN."""
    table = {f"{label}.test": reply for label, reply in replies.items()}
    loop = asyncio.get_running_loop()
    transport, server = await loop.create_datagram_endpoint(
        lambda: NameServer(table), local_addr=("127.0.0.1", 0)
    )
    try:
        yield server
    finally:
        for task in tuple(server.waiting):
            task.cancel()
        transport.close()


def read_question(query: bytes) -> tuple[str, str, bytes]:
    """Name, type and the raw question of a query: labels after the twelve bytes of the header."""
    labels, at = [], 12
    while query[at]:
        labels.append(query[at + 1 : at + 1 + query[at]].decode("ascii").lower())
        at += 1 + query[at]
    kind = struct.unpack_from("!H", query, at + 1)[0]
    return ".".join(labels), NAMES_OF_TYPES.get(kind, str(kind)), query[12 : at + 5]


def format_reply(query: bytes, question: bytes, kind: str, reply: Reply) -> bytes:
    """All aliases, and the addresses of the type that was asked for; each belongs to the name before it."""
    owner, answers = b"\xc0\x0c", []  # a pointer to the question's name
    for found, value in reply.records:
        if found == "CNAME":
            data = _name(value)
        elif found == kind:
            data = ip_address(value).packed
        else:
            continue
        answers.append(owner + struct.pack("!HHIH", TYPES[found], 1, reply.ttl_s, len(data)) + data)
        owner = data if found == "CNAME" else owner
    flags = 0x8580 | reply.code  # a response, authoritative, recursion desired and available
    return query[:2] + struct.pack("!HHHHH", flags, 1, len(answers), 0, 0) + question + b"".join(answers)


def _name(text: str) -> bytes:
    return b"".join(bytes([len(label)]) + label.encode("ascii") for label in text.split(".")) + b"\0"
