"""Where the daemon listens, and where it will not."""

import pytest

from service.api.auth import Tokens
from service.api.endpoint import Endpoint, find_endpoint, refuse_exposure
from service.errors import UsageError
from tests.service.api.daemons import run_daemon

SOME = Tokens((("name", b"hash"),))


@pytest.mark.parametrize(
    ("listen", "endpoint"),
    [
        ("127.0.0.1:8080", Endpoint(("127.0.0.1",), 8080)),
        ("[::1]:0", Endpoint(("::1",), 0)),
        ("0.0.0.0:65535", Endpoint(("0.0.0.0",), 65535)),
    ],
)
async def test_host_and_port_are_read(listen: str, endpoint: Endpoint) -> None:
    assert await find_endpoint(listen) == endpoint


async def test_no_host_is_every_address() -> None:
    assert not (await find_endpoint(":8080")).is_loopback


async def test_a_host_without_an_address_is_refused() -> None:
    with pytest.raises(UsageError, match="has no address"):
        await find_endpoint(f"{'a' * 64}:80")


@pytest.mark.parametrize("address", ["127.0.0.1", "127.9.9.9", "::1"])
def test_loopback_needs_no_token(address: str) -> None:
    refuse_exposure(Endpoint((address,), 80), Tokens(), allow_anonymous=False)


@pytest.mark.parametrize("addresses", [("0.0.0.0",), ("::",), ("192.0.2.1",), ("127.0.0.1", "192.0.2.1")])
def test_any_other_address_needs_one_or_a_word(addresses: tuple[str, ...]) -> None:
    endpoint = Endpoint(addresses, 80)
    with pytest.raises(UsageError, match="allow-anonymous"):
        refuse_exposure(endpoint, Tokens(), allow_anonymous=False)
    refuse_exposure(endpoint, Tokens(), allow_anonymous=True)
    refuse_exposure(endpoint, SOME, allow_anonymous=False)


async def test_the_daemon_does_not_start_where_it_would_be_open() -> None:
    with pytest.raises(UsageError, match="there is no token"):
        async with run_daemon(listen="0.0.0.0:0"):
            pass


async def test_an_address_that_is_taken_is_a_fault_of_usage() -> None:
    async with run_daemon() as daemon:
        with pytest.raises(UsageError, match="cannot be bound"):
            async with run_daemon(listen=f"127.0.0.1:{daemon.port}"):
                pass
