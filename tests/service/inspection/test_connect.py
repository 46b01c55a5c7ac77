"""The race of addresses: who wins, and that nothing of the others is left."""

import asyncio
import errno

import pytest

from service.errors import Code, FetchFailed
from service.inspection.connect import Patience, race
from service.inspection.deadline import Deadline, Timeouts
from service.inspection.readiness import EpollReadiness, Network
from service.inspection.transport import Shortage
from tests.service.inspection.servers import HELLO, serve
from tests.service.inspection.shortage import no_descriptors


def within(seconds: float = 10.0) -> Patience:
    return Deadline.after(seconds), Timeouts(connect_s=seconds)


def watched(network: Network) -> int:
    assert isinstance(network.readiness, EpollReadiness)
    return len(network.readiness._watched)


async def test_the_first_that_answers_wins_and_the_others_are_closed(network: Network) -> None:
    async with serve(HELLO) as port:
        addresses = ("127.0.0.3", "127.0.0.1", "127.0.0.2")
        stream = await race(network, addresses, port, within())
        assert stream.peer == f"127.0.0.1:{port}"
        assert watched(network) == 1
        stream.close()


async def test_where_all_fail_every_failure_is_told(network: Network) -> None:
    async with serve(HELLO) as port:
        pass
    with pytest.raises(FetchFailed) as caught:
        await race(network, ("127.0.0.1", "127.0.0.2"), port, within())
    assert caught.value.code is Code.CONNECT_REFUSED
    assert "127.0.0.1" in str(caught.value)
    assert "127.0.0.2" in str(caught.value)
    assert watched(network) == 0


async def test_cancelling_at_any_moment_of_a_race_leaves_no_connection(network: Network) -> None:
    async with serve(HELLO) as port:
        for steps in range(12):
            addresses = ("127.0.0.1", "127.0.0.2", "127.0.0.3")
            opening = asyncio.create_task(race(network, addresses, port, within()))
            for _ in range(steps):
                await asyncio.sleep(0)
            opening.cancel()
            (result,) = await asyncio.gather(opening, return_exceptions=True)
            if not isinstance(result, BaseException):
                result.close()
            assert watched(network) == 0, f"cancelled after {steps} steps"


async def test_our_own_shortage_is_no_verdict_on_the_url(network: Network) -> None:
    with no_descriptors(), pytest.raises(Shortage, match="this machine had no room") as caught:
        await race(network, ("127.0.0.1", "127.0.0.2"), 80, within())
    assert isinstance(caught.value.__cause__, OSError)
    assert caught.value.__cause__.errno == errno.EMFILE
