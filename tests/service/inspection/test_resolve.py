"""Names: what needs no query, what is kept, and what is asked once. The DNS server is a real one, on UDP."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from time import monotonic

import pytest

from service.errors import Code, FetchFailed
from service.inspection.deadline import Limit
from service.inspection.resolve import Resolver, read_hosts
from service.inspection.stream import Network
from tests.service.inspection.dns_server import NXDOMAIN, REFUSED, SERVFAIL, SILENT, Zone, serve_names


@asynccontextmanager
async def serving(
    network: Network, zone: Zone, hosts: dict[str, tuple[str, ...]] | None = None
) -> AsyncIterator[Resolver]:
    async with serve_names(zone) as server:
        resolver = Resolver(network, server, 1.0, hosts or {})
        try:
            yield resolver
        finally:
            await resolver.close()


def within(seconds: float = 10.0) -> Limit:
    return Limit(monotonic() + seconds, Code.DNS_TIMEOUT, "resolve", 5.0)


async def failure_of(resolver: Resolver, name: str) -> str:
    with pytest.raises(FetchFailed) as caught:
        await resolver.resolve(name, within())
    return caught.value.failure.code


@pytest.mark.parametrize(
    ("host", "addresses"),
    [
        ("192.0.2.1", ("192.0.2.1",)),
        ("2001:db8::1", ("2001:db8::1",)),
        ("localhost", ("127.0.0.1", "::1")),
        ("a.localhost.", ("127.0.0.1", "::1")),
        ("known.test", ("192.0.2.7",)),
    ],
)
async def test_literals_localhost_and_the_hosts_file_need_no_query(
    network: Network, host: str, addresses: tuple[str, ...]
) -> None:
    zone = Zone({})
    async with serving(network, zone, {"known.test": ("192.0.2.7",)}) as resolver:
        assert await resolver.resolve(host, within()) == addresses
    assert not zone.asked


async def test_both_families_are_given_in_turn(network: Network) -> None:
    zone = Zone({"both.test": ["192.0.2.1", "192.0.2.2", "2001:db8::1"]})
    async with serving(network, zone) as resolver:
        resolver._has_ipv6 = True
        addresses = await resolver.resolve("both.test", within())
    assert [":" in address for address in addresses] == [True, False, False]
    assert set(addresses) == {"192.0.2.1", "192.0.2.2", "2001:db8::1"}


async def test_without_ipv6_a_name_with_ipv6_alone_is_still_there(network: Network) -> None:
    async with serving(network, Zone({"six.test": ["2001:db8::1"]})) as resolver:
        resolver._has_ipv6 = False
        assert await resolver.resolve("six.test", within()) == ("2001:db8::1",)


async def test_an_answer_is_kept_for_its_ttl(network: Network) -> None:
    zone = Zone({"a.test": ["192.0.2.1"]})
    async with serving(network, zone) as resolver:
        resolver._has_ipv6 = False
        await resolver.resolve("a.test", within())
        await resolver.resolve("a.test.", within())
        assert zone.asked["a.test"] == 1
        kept = resolver._cache["a.test"]
        assert 55 < kept.until_s - monotonic() <= 60


async def test_a_failure_is_kept_too(network: Network) -> None:
    zone = Zone({})
    async with serving(network, zone) as resolver:
        assert await failure_of(resolver, "no.test") == "dns_not_found"
        asked = zone.asked["no.test"]
        assert await failure_of(resolver, "no.test") == "dns_not_found"
        assert zone.asked["no.test"] == asked


async def test_equal_questions_under_way_are_asked_once(network: Network) -> None:
    zone = Zone({"a.test": ["192.0.2.1"]})
    async with serving(network, zone) as resolver:
        resolver._has_ipv6 = False
        await asyncio.gather(*(resolver.resolve("a.test", within()) for _ in range(50)))
    assert zone.asked["a.test"] == 1


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (NXDOMAIN, "dns_not_found"),
        ([], "dns_not_found"),
        (SERVFAIL, "dns_failed"),
        (REFUSED, "dns_failed"),
        (SILENT, "dns_timeout"),
    ],
    ids=["no such name", "no address", "server failure", "refused", "silence"],
)
async def test_what_went_wrong_is_told_apart(network: Network, answer: list[str] | int, code: str) -> None:
    async with serving(network, Zone({"a.test": answer})) as resolver:
        assert await failure_of(resolver, "a.test") == code


async def test_one_waiter_s_limit_or_cancelling_does_not_end_the_others_query(network: Network) -> None:
    zone = Zone({"a.test": ["192.0.2.1"]})
    async with serving(network, zone) as resolver:
        impatient = asyncio.create_task(resolver.resolve("a.test", within(0)))
        cancelled = asyncio.create_task(resolver.resolve("a.test", within()))
        patient = asyncio.create_task(resolver.resolve("a.test", within()))
        await asyncio.sleep(0)
        cancelled.cancel()
        assert await patient == ("192.0.2.1",)
        with pytest.raises(asyncio.CancelledError):
            await cancelled
        await asyncio.gather(impatient, return_exceptions=True)


def test_the_hosts_file_is_read_leniently(tmp_path: Path) -> None:
    file = tmp_path / "hosts"
    file.write_text("# c\n127.0.0.1 localhost\n::1\tlocalhost  Loop # x\nnonsense here\n\n192.0.2.1\n")
    assert read_hosts(file) == {"localhost": ("127.0.0.1", "::1"), "loop": ("::1",)}
    assert read_hosts(tmp_path / "absent") == {}
