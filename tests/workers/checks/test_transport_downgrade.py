"""Redirects from https to http, as RFC 6797 section 2.3.1 has the threat."""

import pytest

from tests.workers.checks.cases import Case, findings, found_ids
from workers.checks.transport_downgrade import CHECK

FOUND = ("redirect-to-http",)


def chain(name: str, *urls: str, finds: tuple[str, ...] = ()) -> Case:
    *via, final = urls
    return Case(name, (), finds, url=final, via=tuple(via))


CASES = (
    chain("no redirect", "https://a.example/"),
    chain("no redirect over http", "http://a.example/"),
    chain("to https", "http://a.example/", "https://a.example/"),
    chain("within https", "https://a.example/", "https://b.example/"),
    chain("within http", "http://a.example/", "http://b.example/"),
    chain("to http", "https://a.example/", "http://a.example/", finds=FOUND),
    chain("to http and back", "https://a.example/", "http://a.example/x", "https://a.example/x", finds=FOUND),
    chain(
        "twice to http",
        "https://a.example/",
        "http://a.example/x",
        "https://a.example/x",
        "http://b.example/",
        finds=FOUND,
    ),
    chain("to the reader's own machine", "https://a.example/", "http://127.0.0.1:8080/callback"),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_finds_what_the_case_says(case: Case) -> None:
    assert found_ids(CHECK, case) == case.finds


def test_the_evidence_is_both_urls() -> None:
    case = chain("to http", "http://a.example/", "https://a.example/", "http://b.example/x")
    assert [(finding.evidence, finding.message) for finding in findings(CHECK, case)] == [
        (
            "https://a.example/ → http://b.example/x",
            "A redirect leads from https to plain http, at the host b.example.",
        )
    ]
