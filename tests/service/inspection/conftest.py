"""A fetcher of its own for each test, let through to loopback."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from service.inspection.fetch import Fetcher
from service.inspection.guard import Guard
from service.inspection.idle import IdleConnections
from service.inspection.pace import Pace
from service.inspection.readiness import Network
from service.inspection.resolve import Resolver
from service.inspection.tls import TlsPolicy

LOOPBACK = ("127.0.0.0/8", "::1/128")


@pytest.fixture
async def network() -> AsyncIterator[Network]:
    network = Network(asyncio.get_running_loop())
    yield network
    network.close()


@pytest.fixture
async def fetcher(network: Network) -> AsyncIterator[Fetcher]:
    hosts = {
        "two.test": ("127.0.0.2", "127.0.0.1"),
        "one.test": ("127.0.0.1",),
        "mixed.test": ("127.0.0.1", "10.0.0.1"),
    }
    resolver = Resolver(network, "127.0.0.1:1", 0.3, hosts)  # nothing listens there: no test leaves loopback
    idle = IdleConnections(network.deadlines)
    pace = Pace(network.loop, 1_000, 0.0)
    yield Fetcher(network, resolver, Guard.of(LOOPBACK, [], []), TlsPolicy.load(None), pace, pace, idle)
    idle.close()
    await resolver.close()
