"""How long a daemon that is away is waited for, and what is said."""

from time import monotonic

import aiohttp
import pytest

from service.patience import DaemonAway, Later, Patience, describe
from tests.integration.ports import free_port


async def test_an_outage_is_told_once() -> None:
    said: list[str] = []
    patience = Patience("http://x", 60, said.append)
    await patience.wait(TimeoutError())
    await patience.wait(TimeoutError())
    patience.renew()
    await patience.wait(Later("503: busy"))
    assert said == ["http://x: no answer in time; trying again", "http://x: 503: busy; trying again"]


@pytest.mark.parametrize(("limit_s", "delay_s"), [(0, 0), (60, 61)])
async def test_what_would_take_too_long_is_given_up(limit_s: float, delay_s: float) -> None:
    patience = Patience("http://x", limit_s, lambda _: None)
    with pytest.raises(DaemonAway, match="http://x: 503: busy; given up after 0 s"):
        await patience.wait(Later("503: busy", delay_s))


async def test_the_last_try_is_made_when_the_time_is_over() -> None:
    """The delays before it add up to less; the next of them would end beyond it."""
    began = monotonic()
    patience = Patience("http://x", 0.6, lambda _: None)
    for _ in range(2):
        await patience.wait(TimeoutError())
    with pytest.raises(DaemonAway, match="given up after"):
        await _wait_in_vain(patience)
    assert monotonic() - began >= 0.6  # no sooner: that is what is promised


async def _wait_in_vain(patience: Patience) -> None:
    while True:
        await patience.wait(TimeoutError())


async def test_what_broke_is_told_in_words() -> None:
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.ClientConnectorError) as refused:
            await session.get(f"http://127.0.0.1:{free_port()}/")
    assert describe(refused.value) == "it cannot be reached: Connection refused"
    assert describe(aiohttp.ClientPayloadError("400, …")) == "the answer broke off"
    assert describe(aiohttp.ServerDisconnectedError()) == "Server disconnected"
    assert describe(OSError()) == "OSError"
