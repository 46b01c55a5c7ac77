"""What holds for every check: each rule is shown by a case, can be looked up, and is mended by its fix."""

import importlib
import re
from pathlib import Path
from types import ModuleType

import pytest

from tests.workers.checks.cases import Case, findings, fixed
from workers.check import Check
from workers.model import SEVERITIES
from workers.registry import all_checks

KEBAB = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
REFERENCE = re.compile(r"https://[a-z0-9.-]+/\S*|RFC \d+(?:bis)?(?: section \d+(?:\.\d+)*)?")
SHARED = {
    "test_catalogue",
    "test_evidence",
    "test_fixes",
    "test_robustness",
}  # about all checks; every other module is about one
RULES = [rule for check in all_checks() for rule in check.rules]


def _modules() -> list[ModuleType]:
    names = sorted(path.stem for path in Path(__file__).parent.glob("test_*.py"))
    return [importlib.import_module(f"tests.workers.checks.{name}") for name in names if name not in SHARED]


TABLES: list[tuple[Check, Case]] = [(module.CHECK, case) for module in _modules() for case in module.CASES]


def test_every_check_has_a_table_of_cases() -> None:
    assert {check.id for check, _ in TABLES} == {check.id for check in all_checks()}


@pytest.mark.parametrize(
    "check", [check for check in all_checks() if check.needs], ids=lambda check: check.id
)
def test_without_the_fields_that_a_check_needs_it_finds_nothing(check: Check) -> None:
    needs = set(map(str.lower, check.needs))
    others = [case for _, case in TABLES if needs.isdisjoint(case.names)]
    assert [case for case in others if findings(check, case)] == []
    assert len(others) > len(TABLES) // 2


def test_every_rule_is_found_in_some_case() -> None:
    shown = {finding.id for check, case in TABLES for finding in findings(check, case)}
    assert {rule.id for rule in RULES} - shown == set()


@pytest.mark.parametrize(("check", "case"), TABLES, ids=[f"{check.id}: {case}" for check, case in TABLES])
def test_a_check_finds_only_what_it_declares(check: Check, case: Case) -> None:
    declared = {rule.id: rule for rule in check.rules}
    for finding in findings(check, case):
        rule = declared[finding.id]
        assert (finding.severity, finding.reference) == (rule.severity, rule.reference)
        assert "{" not in finding.message


@pytest.mark.parametrize(("check", "case"), TABLES, ids=[f"{check.id}: {case}" for check, case in TABLES])
def test_a_fix_that_is_a_header_line_makes_its_finding_disappear(check: Check, case: Case) -> None:
    for finding in findings(check, case):
        mended = fixed(case, finding)
        if mended is not None:
            assert finding.id not in {again.id for again in findings(check, mended)}, finding.fix


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_is_complete(rule) -> None:
    assert KEBAB.fullmatch(rule.id)
    assert rule.severity in SEVERITIES
    assert rule.message.endswith(".")
    assert rule.why.endswith(".")
    assert REFERENCE.fullmatch(rule.reference), rule.reference


@pytest.mark.parametrize("check", all_checks(), ids=lambda check: check.id)
def test_a_check_is_complete(check: Check) -> None:
    assert KEBAB.fullmatch(check.id)
    assert check.rules
    assert check.why.endswith(".")
    assert REFERENCE.fullmatch(check.reference), check.reference


def test_ids_are_unique() -> None:
    ids = [rule.id for rule in RULES]
    assert len(ids) == len(set(ids))
