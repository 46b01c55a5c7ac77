"""Opening a connection to one of a host's addresses, raced as RFC 8305 ("Happy Eyeballs") has it.

The addresses are tried in order. Each attempt gets a head start; if it has not succeeded by then, or has
failed, the next begins beside it. The first to succeed wins and the others are closed. A host with one
address, the usual case in a long list, pays for none of this.
"""

import asyncio
from time import monotonic
from typing import Final

from service.errors import FetchFailed
from service.inspection.answer import Addresses
from service.inspection.deadline import Deadline, Timeouts
from service.inspection.readiness import Network
from service.inspection.stream import Stream
from service.inspection.transport import Shortage

HEAD_START_S: Final = 0.25  # RFC 8305 section 5's connection attempt delay
ATTEMPTS_LIMIT: Final = 8  # addresses of one host that are tried: a name can have thousands

Patience = tuple[Deadline, Timeouts]


async def race(network: Network, addresses: Addresses, port: int, patience: Patience) -> Stream:
    """A connected stream to the first address that answers, which began when the race did.

    Raises FetchFailed with `connect_refused` or `connect_unreachable` (of the address that failed first,
    all failures in the message), or the limit's; Shortage where this machine had no room for any socket.
    """
    waiting = list(reversed(addresses[:ATTEMPTS_LIMIT]))
    running: set[asyncio.Task[Stream]] = set()
    failures: list[FetchFailed | Shortage] = []
    winner: Stream | None = None
    began_at_s = monotonic()
    try:
        while winner is None and (waiting or running):
            if waiting:
                attempt = _attempt(network, address := waiting.pop(), port, patience)
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
    winner.began_at_s = began_at_s
    return winner


def _settle(done: set[asyncio.Task[Stream]], failures: list[FetchFailed | Shortage]) -> Stream | None:
    winner: Stream | None = None
    for task in done:
        error = task.exception()
        if error is None and winner is None:
            winner = task.result()
        elif error is None:
            task.result().close()
        elif isinstance(error, FetchFailed | Shortage):
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


def _sum_up(failures: list[FetchFailed | Shortage]) -> FetchFailed | Shortage:
    """What failed first names it; where some addresses could not even be tried, there is no verdict."""
    for failure in failures:
        if isinstance(failure, Shortage):
            return failure
    first = failures[0]
    assert isinstance(first, FetchFailed)  # noqa: S101 - there was no other
    return FetchFailed(first.code, "; ".join(map(str, failures))[:500], stage="connect")


async def _attempt(network: Network, address: str, port: int, patience: Patience) -> Stream:
    stream = Stream(network, address, port, *patience)
    try:
        await stream.connected()
    except BaseException:
        stream.close()
        raise
    return stream
