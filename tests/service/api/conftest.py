"""A daemon that only records, and an origin, for the tests that need no others."""

from collections.abc import AsyncIterator

import pytest

from tests.service.api.daemons import Daemon, Origin, run_daemon, run_origin


@pytest.fixture
async def daemon() -> AsyncIterator[Daemon]:
    async with run_daemon() as daemon:
        yield daemon


@pytest.fixture
async def origin() -> AsyncIterator[Origin]:
    async with run_origin() as origin:
        yield origin
