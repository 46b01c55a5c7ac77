"""Rates: what a client may spend, who is one client, and that the table does not grow."""

import pytest

from service.api import rate
from service.api.problems import Problem
from service.api.rate import Rate, client_of
from tests.service.api.daemons import run_daemon


class Clock:
    now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def spent(limit: Rate, client: str, times: int) -> int:
    """How many of so many requests are let through."""
    passed = 0
    for _ in range(times):
        try:
            limit.spend(client)
        except Problem:
            continue
        passed += 1
    return passed


def test_a_burst_then_the_rate() -> None:
    clock = Clock()
    limit = Rate(10, "token", clock)
    assert spent(limit, "a", 50) == 20
    assert spent(limit, "b", 1) == 1
    clock.now_s += 1
    assert spent(limit, "a", 50) == 10
    clock.now_s += 60
    assert spent(limit, "a", 50) == 20


def test_a_slow_rate_lets_one_through_and_says_when_the_next_may_come() -> None:
    clock = Clock()
    limit = Rate(0.1, "address", clock)
    limit.spend("a")
    with pytest.raises(Problem) as caught:
        limit.spend("a")
    assert (caught.value.status, caught.value.headers["Retry-After"]) == (429, "10")
    clock.now_s += 10
    limit.spend("a")


def test_no_rate_is_no_limit() -> None:
    assert spent(Rate(0, "token"), "a", 1_000) == 1_000


def test_the_table_forgets_who_has_not_asked_for_the_longest_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate, "CLIENTS_LIMIT", 3)
    limit = Rate(0.5, "address", Clock())
    assert [spent(limit, client, 1) for client in "abc"] == [1, 1, 1]
    assert spent(limit, "d", 1) == 1
    assert len(limit) == 3
    assert [spent(limit, client, 1) for client in "bcd"] == [0, 0, 0]
    assert spent(limit, "a", 1) == 1


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.1", "192.0.2.2", False),
        ("192.0.2.1", "::ffff:192.0.2.1", True),
        ("2001:db8::1", "2001:db8::ffff:1", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("fe80::1%eth0", "fe80::1", True),
    ],
)
def test_who_is_one_client(one: str, other: str, *, same: bool) -> None:
    assert (client_of(one) == client_of(other)) is same


async def test_too_many_of_one_token_are_told_to_wait_and_others_are_not() -> None:
    async with run_daemon(token="a:one b:two", token_rate=0.01) as daemon:
        statuses = []
        for token in ("one", "one", "two"):
            headers = {"Authorization": f"Bearer {token}"}
            async with daemon.client.get("/v1/checks", headers=headers) as answer:
                statuses.append(answer.status)
                if answer.status == 429:
                    assert int(answer.headers["Retry-After"]) > 0
                    assert (await answer.json())["type"].endswith(":too-often")
        assert statuses == [200, 429, 200]


async def test_guessing_tokens_is_held_to_the_address_s_rate_and_health_is_not() -> None:
    async with run_daemon(token="opens", address_rate=0.01) as daemon:
        for path, status in (("/v1/checks", 401), ("/v1/checks", 429), ("/livez", 200), ("/metrics", 200)):
            headers = {"Authorization": "Bearer guess"}
            async with daemon.client.get(path, headers=headers) as answer:
                assert answer.status == status
