"""Refresh: where a page sends its visitors, and whether browsers go there."""

import pytest

from tests.workers.checks.cases import Case, findings, found_ids
from workers.checks.refresh import CHECK


def sent(name: str, *values: str, finds: tuple[str, ...] = (), url: str = "https://example.com/") -> Case:
    return Case(name, tuple(("Refresh", value) for value in values), finds, url=url)


CASES = (
    sent("none"),
    sent("itself again", "30"),
    sent("itself again, in a fraction", "1.5;"),
    sent("on after a while", "5; url=https://b.example/"),
    sent("at once", "0;url=/next", finds=("refresh-as-redirect",)),
    sent("at once, without url=", "0, /next", finds=("refresh-as-redirect",)),
    sent("at once, quoted", "0;URL='/next'", finds=("refresh-as-redirect",)),
    sent("to http", "5; url=http://b.example/", finds=("refresh-to-http",)),
    sent("to http, quoted", '0;url="http://b.example/"', finds=("refresh-to-http",)),
    sent("to http from http", "5; url=http://b.example/", url="http://a.example/"),
    sent("to a developer's own host", "5; url=http://localhost:3000/"),
    sent("a script", "1; url=javascript:alert(1)", finds=("refresh-target-blocked",)),
    sent("no seconds", "url=https://b.example/", finds=("refresh-malformed",)),
    sent("no separator", "5url=/x", finds=("refresh-malformed",)),
    sent("nothing of use", "soon", finds=("refresh-malformed",)),
    Case("on a redirect", (("Location", "/"), ("Refresh", "soon")), status=302),
    sent("seconds without end", "9" * 2_000 + ";url=/x"),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_finds_what_the_case_says(case: Case) -> None:
    assert found_ids(CHECK, case) == case.finds


@pytest.mark.parametrize(
    ("value", "fix"),
    [
        ("url=https://b.example/", "Refresh: 0; url=https://b.example/"),
        ("soon http://b.example/x", "Refresh: 0; url=https://b.example/x"),
        ("soon", "Remove the field Refresh"),
        ("url=javascript:alert(1)", "Remove the field Refresh"),
        ("7;url='http://b.example/x'", "Refresh: 7; url=https://b.example/x"),
    ],
)
def test_the_line_keeps_where_the_page_led(value: str, fix: str) -> None:
    (finding,) = findings(CHECK, sent("faulty", value))
    assert finding.fix == fix
