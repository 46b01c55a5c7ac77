"""`masthead checks`: the catalogue."""

import os
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from service.commands.checks import command
from tests.service.commands.running import masthead
from workers.check import Check
from workers.registry import all_checks


async def test_output_that_cannot_be_written_exits_4() -> None:
    with Path("/dev/full").open("wb") as full:
        result = await masthead("checks", stdout=full)
    assert result.status == 4
    assert result.err == "masthead: stdout: the output cannot be written: No space left on device\n"


async def test_a_reader_that_has_seen_enough_is_no_error_to_tell() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    result = await masthead("checks", stdout=writer)
    os.close(writer)
    assert (result.status, result.err) == (4, "")


async def test_every_check_and_every_rule_is_listed() -> None:
    result = await masthead("checks")
    assert (result.status, result.err) == (0, "")
    lines = result.out.decode().splitlines()
    for check in all_checks():
        assert f"{check.id}  {check.title}" in lines
        for rule in check.rules:
            assert f"  {rule.severity:<6}  {rule.id}" in lines


@pytest.mark.parametrize("check", all_checks(), ids=lambda check: check.id)
def test_a_check_is_explained_with_all_its_rules(check: Check) -> None:
    result = CliRunner().invoke(command, [check.id])
    assert result.exit_code == 0
    told = " ".join(result.output.split())
    for text in (check.title, check.why, check.reference):
        assert text in told
    for rule in check.rules:
        message = re.sub(r"\{(\w+)\}", r"<\1>", rule.message)
        for text in (rule.id, message, rule.why, rule.fix or "nothing need be done", rule.reference):
            assert " ".join(text.split()) in told


async def test_facts_of_a_response_are_named_and_no_template_is_shown() -> None:
    result = await masthead("checks", "session-cookie-without-httponly")
    assert b"finds The cookie <name> looks like" in result.out
    assert b"{" not in result.out


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
