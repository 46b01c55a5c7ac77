"""Cache-Status (RFC 9211) and Proxy-Status (RFC 9209)."""

import pytest

from tests.workers.checks.cases import Case, found_ids
from workers.checks.cache_status import CHECK


def sent(name: str, field: str, value: str, *finds: str) -> Case:
    return Case(name, ((field, value),), finds)


CASES = (
    Case("none", ()),
    sent("two caches", "Cache-Status", '"Edge 1";hit;ttl=30, Origin;fwd=uri-miss;stored'),
    sent("a word alone", "Cache-Status", "HIT"),
    sent("no list", "Cache-Status", "HIT from cache.example", "cache-status-malformed"),
    sent("a number for a cache", "Cache-Status", "1;hit", "cache-status-malformed"),
    sent("caches in brackets", "Cache-Status", "(a b);hit", "cache-status-malformed"),
    sent("a gateway", "Proxy-Status", "gateway.example;error=dns_timeout"),
    sent("an open quote", "Proxy-Status", 'gateway;details="', "proxy-status-malformed"),
    sent("longer than anybody writes", "Cache-Status", "?" * 3_000),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_finds_what_the_case_says(case: Case) -> None:
    assert found_ids(CHECK, case) == case.finds
