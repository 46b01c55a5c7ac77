"""The catalogue of checks."""

from tests.service.api.daemons import Daemon
from workers.registry import all_checks


async def test_every_check_and_rule_is_listed(daemon: Daemon) -> None:
    async with daemon.client.get("/v1/checks") as answer:
        assert (answer.status, answer.content_type) == (200, "application/json")
        listed = (await answer.json())["checks"]
    assert [check["id"] for check in listed] == [check.id for check in all_checks()]
    rules = [(rule["id"], rule["severity"], rule["fix"]) for check in listed for rule in check["rules"]]
    assert rules == [(rule.id, rule.severity, rule.fix) for check in all_checks() for rule in check.rules]


async def test_it_is_json_only(daemon: Daemon) -> None:
    async with daemon.client.get("/v1/checks", headers={"Accept": "text/csv"}) as answer:
        assert (answer.status, answer.content_type) == (406, "application/problem+json")
