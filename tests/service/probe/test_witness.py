"""Which of a target's addresses is asked, and what is kept of the lookup."""

from dataclasses import dataclass
from typing import Any, cast

import pytest

from service.errors import FetchFailed
from service.inspection.answer import Addresses
from service.inspection.deadline import Deadline, Limit
from service.inspection.fetch import Fetcher
from service.probe.module import HttpProbe, TlsConfig
from service.probe.tls import ProbeTls
from service.probe.witness import Lookup, Witness

BOTH = ("192.0.2.1", "2001:db8::1", "192.0.2.2", "2001:db8::2")
SIX = ("2001:db8::1", "2001:db8::2")


@dataclass(frozen=True)
class Names:
    """A resolver, and what else of a fetcher a witness asks."""

    addresses: Addresses

    @property
    def resolver(self) -> "Names":
        return self

    async def resolve(self, _: str, __: Limit) -> Addresses:
        return self.addresses


def witness(addresses: Addresses, **module: Any) -> Witness:
    http = HttpProbe(**module)
    return Witness(http, cast("Fetcher", Names(addresses)), ProbeTls(TlsConfig(), None), "a.test", "a.test")


def lookups(seen: Witness) -> list[Lookup]:
    return [one for one in seen.seen if isinstance(one, Lookup)]


LIMIT = Deadline(0.0, 1.0).whole("resolve")


@pytest.mark.parametrize(
    ("family", "found", "chosen"),
    [
        ("ip6", BOTH, "2001:db8::1"),
        ("ip4", BOTH, "192.0.2.1"),
        ("ip4", SIX, "2001:db8::2"),  # blackbox_exporter falls back to the last
        ("ip6", ("192.0.2.1",), "192.0.2.1"),
    ],
)
async def test_the_target_gets_one_address_of_the_preferred_family(
    family: str, found: Addresses, chosen: str
) -> None:
    seen = witness(found, preferred_ip_protocol=family)
    assert await seen.resolve("a.test", LIMIT) == (chosen,)
    assert [lookup._replace(spent_s=0.0) for lookup in lookups(seen)] == [
        Lookup("a.test", found, (chosen,), 0.0)
    ]


async def test_without_a_fallback_the_other_family_will_not_do() -> None:
    seen = witness(SIX, preferred_ip_protocol="ip4", ip_protocol_fallback=False)
    with pytest.raises(FetchFailed, match=r"a\.test has no IPv4 address"):
        await seen.resolve("a.test", LIMIT)
    assert lookups(seen)[0].found == SIX
    assert lookups(seen)[0].chosen == ()


async def test_a_host_that_is_redirected_to_has_all_of_its_addresses() -> None:
    assert await witness(BOTH).resolve("b.test", LIMIT) == BOTH


async def test_nothing_is_known_before_it_is_asked_for() -> None:
    assert witness(BOTH).known("a.test") is None
