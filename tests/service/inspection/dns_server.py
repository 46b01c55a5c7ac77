"""A small real DNS server on UDP and TCP, for tests: it answers from a table and counts what it was asked."""

import asyncio
import socket
import struct
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from ipaddress import ip_address

A, AAAA, NOERROR, SERVFAIL, NXDOMAIN, REFUSED = 1, 28, 0, 2, 3, 5
SILENT = -1
DATAGRAM_BYTES = 512  # RFC 1035 section 4.2.1: what is longer comes truncated, and whole by TCP


class Zone:
    """Answers from a table of names to addresses, or to a response code; counts what it was asked.

    The first `lost` datagrams get no answer, nor do the kinds of question it is `deaf_to`. Questions of the
    kinds in `held` are answered by `release`.
    """

    def __init__(self, names: dict[str, list[str] | int], ttl: int = 60) -> None:
        self.names = names
        self.ttl = ttl
        self.asked: Counter[str] = Counter()
        self.kinds: Counter[int] = Counter()
        self.by_tcp = 0
        self.lost = 0
        self.deaf_to: set[int] = set()
        self.held: set[int] = set()
        self.waiting: list[tuple[bytes, tuple[str, int]]] = []

    def serve_udp(self, connection: socket.socket) -> None:
        """Answer all that has come. One a turn of the loop is too few: where a test's other servers are busy,
        the others would find the socket's buffer full, and be lost."""
        self.udp = connection
        with suppress(BlockingIOError):
            while True:
                self._answer_udp(*connection.recvfrom(DATAGRAM_BYTES))

    def _answer_udp(self, data: bytes, source: tuple[str, int]) -> None:
        kind, reply = self.answer(data)
        if self.lost:
            self.lost -= 1
        elif reply is not None and kind not in self.deaf_to:
            if len(reply) > DATAGRAM_BYTES:
                reply = _truncated(data)
            if kind in self.held:
                self.waiting.append((reply, source))
            else:
                self.udp.sendto(reply, source)

    def release(self) -> None:
        for reply, source in self.waiting:
            self.udp.sendto(reply, source)
        self.waiting.clear()

    def answer(self, data: bytes) -> tuple[int, bytes | None]:
        """The kind of a question, and the answer to it."""
        labels, at = [], 12
        while data[at]:
            labels.append(data[at + 1 : at + 1 + data[at]].decode())
            at += 1 + data[at]
        name, question = ".".join(labels).lower(), data[12 : at + 5]
        kind = struct.unpack("!H", data[at + 1 : at + 3])[0]
        self.asked[name] += 1
        self.kinds[kind] += 1
        found = self.names.get(name, NXDOMAIN)
        if found == SILENT:
            return kind, None
        code, addresses = (found, []) if isinstance(found, int) else (NOERROR, found)
        packed = [
            address.packed for address in map(ip_address, addresses) if (address.version == 4) == (kind == A)
        ]
        answers = [b"\xc0\x0c" + struct.pack("!HHIH", kind, 1, self.ttl, len(raw)) + raw for raw in packed]
        head = data[:2] + struct.pack("!HHHHH", 0x8180 | code, 1, len(answers), 0, 0)
        return kind, head + question + b"".join(answers)

    async def serve_tcp(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                (length,) = struct.unpack("!H", await reader.readexactly(2))
                _, reply = self.answer(await reader.readexactly(length))
                self.by_tcp += 1
                if reply is not None:
                    writer.write(struct.pack("!H", len(reply)) + reply)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()


def _truncated(query: bytes) -> bytes:
    return query[:2] + struct.pack("!HHHHH", 0x8380, 1, 0, 0, 0) + query[12:]


@asynccontextmanager
async def serve_names(zone: Zone) -> AsyncIterator[str]:
    """Serve the zone on a free port of loopback for the block's time; yields ADDR:PORT."""
    listener = await asyncio.start_server(zone.serve_tcp, "127.0.0.1", 0)
    address = listener.sockets[0].getsockname()
    loop = asyncio.get_running_loop()
    with socket.socket(type=socket.SOCK_DGRAM) as connection:
        connection.setblocking(False)
        connection.bind(address)
        loop.add_reader(connection, zone.serve_udp, connection)
        try:
            yield f"127.0.0.1:{address[1]}"
        finally:
            loop.remove_reader(connection)
            listener.close()
