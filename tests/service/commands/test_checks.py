"""`masthead checks`: the catalogue."""

import pytest

from tests.service.commands.running import masthead
from workers.registry import all_checks


async def test_every_check_and_every_rule_is_listed() -> None:
    result = await masthead("checks")
    assert (result.status, result.err) == (0, "")
    lines = result.out.decode().splitlines()
    for check in all_checks():
        assert f"{check.id}  {check.title}" in lines
        for rule in check.rules:
            assert f"  {rule.severity:<6}  {rule.id}" in lines


@pytest.mark.parametrize("check", all_checks(), ids=lambda check: check.id)
def test_a_check_is_explained_with_all_its_rules(check: object) -> None:
    from click.testing import CliRunner

    from service.cli import masthead as command
    from workers.check import Check

    assert isinstance(check, Check)
    result = CliRunner().invoke(command, ["checks", check.id])
    assert result.exit_code == 0
    told = " ".join(result.output.split())
    for text in (check.title, check.why, check.reference):
        assert text in told
    for rule in check.rules:
        for text in (rule.id, rule.message, rule.why, rule.fix or "nothing need be done", rule.reference):
            assert " ".join(text.split()) in told


async def test_a_rule_is_explained_and_names_its_check() -> None:
    result = await masthead("checks", "hsts-missing")
    assert result.status == 0
    assert result.out.startswith(b"hsts-missing: medium, in Strict-Transport-Security\n")
    assert b"check strict-transport-security: " in result.out


async def test_an_unknown_id_gets_a_suggestion_and_exits_2() -> None:
    result = await masthead("checks", "hsts-mising")
    assert (result.status, result.out) == (2, b"")
    assert result.err.startswith(
        "masthead: there is no check or rule 'hsts-mising'; did you mean hsts-missing"
    )
