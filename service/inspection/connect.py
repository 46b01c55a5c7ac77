"""Opening a connection to one of a host's addresses, raced as RFC 8305 ("Happy Eyeballs") has it.

The addresses are tried in order. Each attempt gets a head start; if it has not succeeded by then, or has
failed, the next begins beside it. The first to succeed wins and the others are closed. A host with one
address, the usual case in a long list, pays for none of this.
"""

import asyncio
import errno
import os
import socket
from typing import Any, Final

from service.errors import Code, FetchFailed
from service.inspection.deadline import Limit
from service.inspection.resolve import Addresses
from service.inspection.stream import Network, Stream

HEAD_START_S: Final = 0.25  # RFC 8305 section 5's connection attempt delay
ATTEMPTS_LIMIT: Final = 8  # addresses of one host that are tried: a name can have thousands

_CODES: Final = {
    errno.ECONNREFUSED: Code.CONNECT_REFUSED,
    errno.ETIMEDOUT: Code.CONNECT_TIMEOUT,
    errno.ECONNRESET: Code.CONNECT_REFUSED,
}
# Ours, and so no verdict on the URL.
_SHORTAGES: Final = frozenset(
    {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM, errno.EADDRNOTAVAIL, errno.ENOSPC}
)


async def open_stream(network: Network, addresses: Addresses, port: int, limit: Limit) -> Stream:
    """A connected stream to the first address that answers.

    Raises FetchFailed with `connect_refused` or `connect_unreachable` (of the address that failed first,
    all failures in the message), or the limit's; `internal` where this machine had no room for a socket.
    """
    if len(addresses) == 1:
        return await _attempt(network, addresses[0], port, limit)
    return await _race(network, addresses[:ATTEMPTS_LIMIT], port, limit)


async def _race(network: Network, addresses: Addresses, port: int, limit: Limit) -> Stream:
    waiting = list(reversed(addresses))
    running: set[asyncio.Task[Stream]] = set()
    failures: list[FetchFailed] = []
    winner: Stream | None = None
    try:
        while winner is None and (waiting or running):
            if waiting:
                attempt = _attempt(network, address := waiting.pop(), port, limit)
                running.add(network.loop.create_task(attempt, name=f"connect {address}"))
            done, running = await asyncio.wait(
                running,
                timeout=HEAD_START_S if waiting else None,
                return_when=asyncio.FIRST_COMPLETED,
            )
            winner = _settle(done, failures)
        await _close_losers(running)
    except BaseException:
        if winner is not None:
            winner.close()
        await _close_losers(running)
        raise
    if winner is None:
        raise _sum_up(failures)
    return winner


def _settle(done: set[asyncio.Task[Stream]], failures: list[FetchFailed]) -> Stream | None:
    winner: Stream | None = None
    for task in done:
        error = task.exception()
        if error is None and winner is None:
            winner = task.result()
        elif error is None:
            task.result().close()
        elif isinstance(error, FetchFailed):
            failures.append(error)
        else:
            raise error
    return winner


async def _close_losers(running: set[asyncio.Task[Stream]]) -> None:
    for task in running:
        task.cancel()
    for result in await asyncio.gather(*running, return_exceptions=True):
        if isinstance(result, Stream):
            result.close()


def _sum_up(failures: list[FetchFailed]) -> FetchFailed:
    first = failures[0]
    return FetchFailed(first.code, "; ".join(map(str, failures))[:500], stage="connect")


async def _attempt(network: Network, address: str, port: int, limit: Limit) -> Stream:
    is_ipv6 = ":" in address
    peer = f"[{address}]:{port}" if is_ipv6 else f"{address}:{port}"
    stream: Stream | None = None
    try:
        connection = socket.socket(socket.AF_INET6 if is_ipv6 else socket.AF_INET, socket.SOCK_STREAM)
        stream = Stream(network, connection, peer)
        connection.setblocking(False)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        await stream.connect(_socket_address(address, port, is_ipv6), limit)
    except BaseException as error:
        if stream is not None:
            stream.close()
        if isinstance(error, OSError):
            raise _translate(error, peer) from error
        raise
    return stream


def _translate(error: OSError, peer: str) -> FetchFailed:
    number = error.errno or 0
    if number in _SHORTAGES:
        message = f"this machine had no room for a connection: {os.strerror(number).lower()}"
        return FetchFailed(Code.INTERNAL, message, stage="connect")
    code = _CODES.get(number, Code.CONNECT_UNREACHABLE)
    return FetchFailed(code, f"no connection to {peer}: {os.strerror(number).lower()}")


def _socket_address(address: str, port: int, is_ipv6: bool) -> tuple[Any, ...]:
    return (address, port, 0, 0) if is_ipv6 else (address, port)
