"""The fleet's own name server: whatever is under `DOMAIN` lives on loopback, but for one name that does not
exist. So the demonstration resolves names, and needs no network for it.

It understands just what RFC 1035 section 4 calls a standard query with one question.
"""

import asyncio
import ipaddress
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

DOMAIN: Final = "masthead.test"  # RFC 6761 section 6.2: `test` is nobody's
ABSENT: Final = f"nowhere.{DOMAIN}"
ADDRESS: Final = "127.0.0.1"

_HEADER_BYTES: Final = 12
_TYPE_A: Final = 1
_ANSWERED: Final = 0x8580  # a response, authoritative, recursion desired and available
_NOT_FOUND: Final = 3
_POINTER_TO_QUESTION: Final = b"\xc0\x0c"


@asynccontextmanager
async def open_name_server() -> AsyncIterator[str]:
    """Serve for the block's time; yields ADDR:PORT."""
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(_NameServer, local_addr=(ADDRESS, 0))
    try:
        host, port = transport.get_extra_info("sockname")
        yield f"{host}:{port}"
    finally:
        transport.close()


class _NameServer(asyncio.DatagramProtocol):
    def connection_made(self, transport: Any) -> None:
        self._transport: asyncio.DatagramTransport = transport

    def datagram_received(self, data: bytes, addr: Any) -> None:
        reply = answer(data)
        if reply is not None:
            self._transport.sendto(reply, addr)


def answer(query: bytes) -> bytes | None:
    """The reply to one query's bytes; None for what is no query."""
    question = _read_question(query)
    if question is None:
        return None
    name, kind, end = question
    found = name.endswith(f".{DOMAIN}") and name != ABSENT
    record = b""
    if found and kind == _TYPE_A:
        fixed = _TYPE_A.to_bytes(2, "big") + b"\0\1" + (60).to_bytes(4, "big") + b"\0\4"
        record = _POINTER_TO_QUESTION + fixed + ipaddress.IPv4Address(ADDRESS).packed
    flags = _ANSWERED if found else _ANSWERED | _NOT_FOUND
    counts = (1, 1 if record else 0, 0, 0)
    header = query[:2] + flags.to_bytes(2, "big") + b"".join(count.to_bytes(2, "big") for count in counts)
    return header + query[_HEADER_BYTES:end] + record


def _read_question(query: bytes) -> tuple[str, int, int] | None:
    """The name in lower case, the type, and where the question ends."""
    labels: list[str] = []
    at = _HEADER_BYTES
    while at < len(query) and query[at]:
        labels.append(query[at + 1 : at + 1 + query[at]].decode("ascii", "replace").lower())
        at += 1 + query[at]
    end = at + 5
    if end > len(query) or not labels:
        return None
    return ".".join(labels), int.from_bytes(query[at + 1 : at + 3], "big"), end
