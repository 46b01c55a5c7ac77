"""Names: what needs no query, what is kept, and what is asked once. The DNS server is a real one, on UDP."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from time import monotonic

import pytest

from service.errors import Code, FetchFailed
from service.inspection import resolve
from service.inspection.deadline import Limit
from service.inspection.hosts_file import read_hosts
from service.inspection.readiness import Network
from service.inspection.resolve import Resolver
from tests.service.inspection.dns_server import (
    AAAA,
    NXDOMAIN,
    REFUSED,
    SERVFAIL,
    SILENT,
    A,
    Zone,
    serve_names,
)


@asynccontextmanager
async def serving(
    network: Network,
    zone: Zone,
    hosts: dict[str, tuple[str, ...]] | None = None,
    *,
    timeout_s: float = 1.0,
    has_ipv6: bool = False,
) -> AsyncIterator[Resolver]:
    async with serve_names(zone) as server:
        resolver = Resolver(network, server, timeout_s, hosts or {})
        resolver.has_ipv6 = has_ipv6
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
        assert resolver.known(host) == addresses
        assert await resolver.resolve(host, within()) == addresses
    assert not zone.asked


async def test_both_families_are_given_in_turn(network: Network) -> None:
    zone = Zone({"both.test": ["192.0.2.1", "192.0.2.2", "2001:db8::1"]})
    async with serving(network, zone, has_ipv6=True) as resolver:
        addresses = await resolver.resolve("both.test", within())
    assert [":" in address for address in addresses] == [True, False, False]
    assert set(addresses) == {"192.0.2.1", "192.0.2.2", "2001:db8::1"}


async def test_without_ipv6_a_name_with_ipv6_alone_is_still_there(network: Network) -> None:
    async with serving(network, Zone({"six.test": ["2001:db8::1"]})) as resolver:
        assert await resolver.resolve("six.test", within()) == ("2001:db8::1",)


async def test_an_answer_is_kept_for_its_ttl(network: Network) -> None:
    zone = Zone({"a.test": ["192.0.2.1"]})
    async with serving(network, zone) as resolver:
        assert resolver.known("a.test") is None
        await resolver.resolve("a.test", within())
        await resolver.resolve("a.test.", within())
        assert resolver.known("a.test") == ("192.0.2.1",)
        assert zone.asked["a.test"] == 1
        kept = resolver._cache["a.test"]
        assert 55 < kept.until_s - monotonic() <= 60


async def test_a_failure_is_kept_too(network: Network) -> None:
    zone = Zone({})
    async with serving(network, zone) as resolver:
        assert await failure_of(resolver, "no.test") == "dns_not_found"
        asked = zone.asked["no.test"]
        assert await failure_of(resolver, "no.test") == "dns_not_found"
        with pytest.raises(FetchFailed):
            resolver.known("no.test")
        assert zone.asked["no.test"] == asked


async def test_equal_questions_under_way_are_asked_once(network: Network) -> None:
    zone = Zone({"a.test": ["192.0.2.1"]})
    async with serving(network, zone) as resolver:
        await asyncio.gather(*(resolver.resolve("a.test", within()) for _ in range(50)))
    assert zone.asked["a.test"] == 1


@pytest.mark.parametrize("has_ipv6", [False, True])
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
async def test_what_went_wrong_is_told_apart(
    network: Network, answer: list[str] | int, code: str, has_ipv6: bool
) -> None:
    async with serving(network, Zone({"a.test": answer}), has_ipv6=has_ipv6) as resolver:
        began = monotonic()
        assert await failure_of(resolver, "a.test") == code
    assert monotonic() - began < 1.3


@pytest.mark.parametrize("name", [f"{'a' * 64}.test", f"{'a.' * 127}test"])
async def test_what_cannot_be_a_name_is_not_found_and_never_asked_for(network: Network, name: str) -> None:
    zone = Zone({})
    async with serving(network, zone) as resolver:
        assert await failure_of(resolver, name) == "dns_not_found"
    assert not zone.asked


async def test_a_name_that_is_not_there_is_asked_for_once_and_one_without_ipv4_twice(
    network: Network,
) -> None:
    zone = Zone({"six.test": ["2001:db8::1"]})
    async with serving(network, zone) as resolver:
        await failure_of(resolver, "no.test")
        await resolver.resolve("six.test", within())
    assert zone.asked == {"no.test": 1, "six.test": 2}


async def test_one_family_waits_a_moment_for_the_other_which_is_kept_when_it_comes(network: Network) -> None:
    zone = Zone({"a.test": ["192.0.2.1", "2001:db8::1"]})
    zone.held = {AAAA}
    async with serving(network, zone, has_ipv6=True) as resolver:
        assert await resolver.resolve("a.test", within()) == ("192.0.2.1",)
        zone.release()
        async with asyncio.timeout(5):
            while len(resolver.known("a.test") or ()) == 1:
                await asyncio.sleep(0.01)
        assert set(resolver.known("a.test") or ()) == {"192.0.2.1", "2001:db8::1"}
    assert zone.kinds == {A: 1, AAAA: 1}


async def test_an_answer_that_comes_too_late_serves_the_next(network: Network) -> None:
    zone = Zone({"a.test": ["192.0.2.1"]})
    zone.held = {A}
    async with serving(network, zone, timeout_s=0.1) as resolver:
        assert await failure_of(resolver, "a.test") == "dns_timeout"
        zone.release()
        async with asyncio.timeout(5):
            while await failure_or_none(resolver, "a.test"):
                await asyncio.sleep(0.01)
        assert resolver.known("a.test") == ("192.0.2.1",)


async def failure_or_none(resolver: Resolver, name: str) -> str | None:
    try:
        await resolver.resolve(name, within())
    except FetchFailed as error:
        return error.code
    return None


async def test_no_more_is_asked_at_once_than_may_be_and_the_queue_is_no_part_of_the_timeout(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resolve, "QUERIES_LIMIT", 2)
    names = [f"{number}.test" for number in range(8)]
    zone = Zone({name: ["192.0.2.1"] for name in names})
    zone.held = {A}
    async with serving(network, zone, timeout_s=0.8) as resolver:
        tasks = [asyncio.create_task(resolver.resolve(name, within())) for name in names]
        while not all(task.done() for task in tasks):
            await asyncio.sleep(0.3)
            assert len(zone.waiting) <= 2 * 2  # c-ares may have asked again
            zone.release()
    assert {task.result() for task in tasks} == {("192.0.2.1",)}


async def test_a_queued_name_that_nobody_waits_for_any_more_is_not_asked_for(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resolve, "QUERIES_LIMIT", 1)
    zone = Zone({f"{label}.test": ["192.0.2.1"] for label in "abc"})
    zone.held = {A}
    async with serving(network, zone) as resolver:
        first, second, third = (
            asyncio.create_task(resolver.resolve(f"{label}.test", within())) for label in "abc"
        )
        async with asyncio.timeout(5):
            while not zone.waiting:
                await asyncio.sleep(0.001)
        second.cancel()
        zone.held.clear()
        zone.release()
        assert await first == await third == ("192.0.2.1",)
        assert not resolver._questions
    assert zone.asked["b.test"] == 0


async def test_a_queue_of_impossible_names_is_worked_off(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each fails as it is asked for: that must not go deeper into the stack with every one."""
    monkeypatch.setattr(resolve, "QUERIES_LIMIT", 1)
    zone = Zone({"a.test": ["192.0.2.1"]})
    async with serving(network, zone) as resolver:
        names = ["a.test", *(f"{number}{'a' * 64}.test" for number in range(2_000))]
        asked = (resolver.resolve(name, within()) for name in names)
        results = await asyncio.gather(*asked, return_exceptions=True)
    assert results[0] == ("192.0.2.1",)
    assert {result.code for result in results[1:] if isinstance(result, FetchFailed)} == {"dns_not_found"}


async def test_a_crowd_of_names_is_resolved(network: Network) -> None:
    names = [f"{number}.test" for number in range(3_000)]
    zone = Zone({name: ["192.0.2.1"] for name in names})
    async with serving(network, zone, timeout_s=20.0, has_ipv6=True) as resolver:
        results = await asyncio.gather(*(resolver.resolve(name, within()) for name in names))
    assert set(results) == {("192.0.2.1",)}


async def test_closing_cancels_those_who_wait(network: Network) -> None:
    async with serving(network, Zone({"a.test": SILENT})) as resolver:
        waiting = asyncio.create_task(resolver.resolve("a.test", within()))
        await asyncio.sleep(0.05)
    with pytest.raises(asyncio.CancelledError):
        await waiting


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
