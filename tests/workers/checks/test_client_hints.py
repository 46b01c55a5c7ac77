"""Accept-CH and Critical-CH: hints that browsers know."""

import pytest

from tests.workers.checks.cases import PAGE, Case, findings, found_ids
from workers.checks.client_hints import CHECK


def sent(name: str, *values: str, finds: tuple[str, ...] = (), url: str = "https://example.com/") -> Case:
    return Case(name, (PAGE, *(("Accept-CH", value) for value in values)), finds, url=url)


def critical(name: str, accepted: str, wanted: str, finds: tuple[str, ...] = ()) -> Case:
    return Case(f"critical {name}", (("Accept-CH", accepted), ("Critical-CH", wanted)), finds)


CASES = (
    sent("none"),
    sent("hints", "Sec-CH-UA-Model, sec-ch-ua-arch", "DPR"),
    sent("nothing asked for", ""),
    sent("a parameter", "Sec-CH-UA;a=b"),
    sent("quotes", '"Sec-CH-UA-Model"', finds=("client-hints-malformed",)),
    sent("no commas", "Sec-CH-UA DPR", finds=("client-hints-malformed",)),
    sent("names of a draft", "UA, Platform, Arch, Model, Mobile", finds=("client-hint-unknown",)),
    sent("over http", "Sec-CH-UA", finds=("client-hints-over-http",), url="http://example.com/"),
    critical("accepted", "sec-ch-ua-model", "Sec-CH-UA-Model"),
    critical("not accepted", "DPR", "Sec-CH-UA-Model, DPR", finds=("critical-hint-not-accepted",)),
    critical("in quotes", "DPR", '"DPR"', finds=("client-hints-malformed",)),
    Case("critical alone", (("Critical-CH", "DPR"),), ("critical-hint-not-accepted",)),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_finds_what_the_case_says(case: Case) -> None:
    assert found_ids(CHECK, case) == case.finds


@pytest.mark.parametrize(
    ("value", "fix"),
    [
        ("UA, Platform, Lang", "Accept-CH: Sec-CH-UA, Sec-CH-UA-Platform"),
        ('"DPR", "Arch"', "Accept-CH: DPR, Sec-CH-UA-Arch"),
        ("Lang", "Remove the field Accept-CH"),
    ],
)  # fmt: skip
def test_one_fix_keeps_what_was_right(value: str, fix: str | None) -> None:
    assert {finding.fix for finding in findings(CHECK, sent("faulty", value))} == {fix}


@pytest.mark.parametrize(
    ("wanted", "fix"),
    [("Sec-CH-UA-Model, DPR", "Critical-CH: DPR"), ("Sec-CH-UA", "Remove the field Critical-CH")],
)
def test_critical_hints_are_those_that_are_accepted(wanted: str, fix: str) -> None:
    (finding,) = findings(CHECK, critical("faulty", "DPR", wanted))
    assert finding.fix == fix
