"""Strict-Transport-Security: RFC 6797, and the preload list's rules."""

import pytest

from tests.workers.checks.cases import Case, findings, found_ids
from workers.checks.strict_transport_security import CHECK

GOOD = "max-age=63072000; includeSubDomains; preload"


def sent(name: str, *values: str, finds: tuple[str, ...] = (), url: str = "https://example.com/") -> Case:
    return Case(name, tuple(("Strict-Transport-Security", value) for value in values), finds, url=url)


CASES = (
    Case("not sent again with what has not changed", (("ETag", '"1"'),), status=304),
    sent("good", GOOD),
    sent("names in any case", "MAX-AGE=31536000; INCLUDESUBDOMAINS"),
    sent("white space around everything", " max-age = 31536000 ;includeSubDomains ; "),
    sent("a quoted max-age", 'max-age="31536000"; includeSubDomains'),
    sent("empty directives", ";;max-age=31536000;; includeSubDomains;"),
    sent("missing", finds=("hsts-missing",)),
    sent("missing on a redirect's target by address", url="https://192.0.2.1/"),
    sent("missing on an IPv6 address", url="https://[2001:db8::1]:8443/"),
    sent("a name that only begins like an address", finds=("hsts-missing",), url="https://1.2.3.4.example/"),
    sent("missing over http", url="http://example.com/"),
    sent("over http", GOOD, finds=("hsts-over-http",), url="http://example.com/"),
    sent("a list", "max-age=31536000, max-age=0", finds=("hsts-malformed",)),
    sent("an open quote", 'max-age="31536000', finds=("hsts-malformed",)),
    sent("empty", "", finds=("hsts-max-age-missing",)),
    sent("no max-age", "includeSubDomains", finds=("hsts-max-age-missing",)),
    sent("a max-age of letters", "max-age=abc; includeSubDomains", finds=("hsts-max-age-invalid",)),
    sent("a negative max-age", "max-age=-1", finds=("hsts-max-age-invalid",)),
    sent("a max-age without value", "max-age; includeSubDomains", finds=("hsts-max-age-invalid",)),
    sent("zero", "max-age=0; includeSubDomains", finds=("hsts-max-age-zero",)),
    sent("zero, at length", "max-age=000", finds=("hsts-max-age-zero",)),
    sent("five minutes", "max-age=300; includeSubDomains", finds=("hsts-max-age-short",)),
    sent("180 days less a second", "max-age=15551999; includeSubDomains", finds=("hsts-max-age-short",)),
    sent("180 days", "max-age=15552000; includeSubDomains"),
    sent("a number without end", "max-age=" + "9" * 20_000 + "; includeSubDomains"),
    sent("leading zeros", "max-age=000000000000031536000; includeSubDomains"),
    sent(
        "short and alone",
        "max-age=300",
        finds=("hsts-max-age-short", "hsts-subdomains-unprotected"),
    ),
    sent("no subdomains", "max-age=31536000", finds=("hsts-subdomains-unprotected",)),
    sent(
        "preload for half a year",
        "max-age=15768000; includeSubDomains; preload",
        finds=("hsts-preload-ineligible",),
    ),
    sent("preload without subdomains", "max-age=31536000; preload", finds=("hsts-preload-ineligible",)),
    sent("sent twice", GOOD, "max-age=0", finds=("hsts-field-repeated",)),
    sent("a directive twice", f"{GOOD}; max-age=1", finds=("hsts-directive-repeated",)),
    sent(
        "a misspelt directive",
        "max-age=31536000; includeSubDomain",
        finds=("hsts-directive-unknown", "hsts-subdomains-unprotected"),
    ),
    sent("a value for a flag", "max-age=31536000; includeSubDomains=0", finds=("hsts-directive-with-value",)),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_finds_what_the_case_says(case: Case) -> None:
    assert found_ids(CHECK, case) == case.finds


@pytest.mark.parametrize(
    ("value", "mended"),
    [
        ("max-age=300", "max-age=31536000; includeSubDomains"),
        ("max-age=300; includeSubDomains", "max-age=31536000; includeSubDomains"),
        ("max-age=15768000", "max-age=15768000; includeSubDomains"),
        ("max-age=63072000; includeSubDomain; preload", "max-age=63072000; includeSubDomains; preload"),
        ("max-age=15768000; preload; preload", "max-age=31536000; includeSubDomains; preload"),
    ],
)
def test_one_line_mends_all_that_is_found_and_keeps_what_was_right(value: str, mended: str) -> None:
    fixes = {finding.fix for finding in findings(CHECK, sent("faulty", value))}
    assert fixes == {f"Strict-Transport-Security: {mended}"}
