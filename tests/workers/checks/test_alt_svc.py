"""Alt-Svc: RFC 7838, and the drafts that HTTP/3 left behind."""

import pytest

from tests.workers.checks.cases import PAGE, Case, findings, found_ids
from workers.checks.alt_svc import CHECK


def sent(name: str, *values: str, finds: tuple[str, ...] = (), url: str = "https://example.com/") -> Case:
    return Case(name, (PAGE, *(("Alt-Svc", value) for value in values)), finds, url=url)


CASES = (
    sent("none"),
    sent("HTTP/3", 'h3=":443"; ma=86400'),
    sent("two hosts", 'h3="alt.example.com:8443"; ma=2592000; persist=1, h2="[2001:db8::1]:443"'),
    sent("taken back", "clear"),
    sent("an unknown protocol", 'w%3Dx%3Ay=":443"'),
    sent("empty", ""),
    sent("no quotes", "h3=:443", finds=("alt-svc-malformed",)),
    sent("no port", 'h3="alt.example.com"', finds=("alt-svc-malformed",)),
    sent("a port that there is not", 'h3=":70000"', finds=("alt-svc-malformed",)),
    sent("spaces for semicolons", 'h3=":443" ma=60', finds=("alt-svc-malformed",)),
    sent("taken back and given", 'clear, h3=":443"', finds=("alt-svc-clear-in-list",)),
    sent("taken back in capitals", "Clear", finds=("alt-svc-clear-in-list",)),
    sent("a draft", 'h3-29=":443"; ma=60', finds=("alt-svc-protocol-obsolete",)),
    sent("Google's QUIC", 'quic=":443"; ma=60; v="46,43"', finds=("alt-svc-protocol-obsolete",)),
    sent("words for seconds", 'h3=":443"; ma=1d', finds=("alt-svc-max-age-invalid",)),
    sent("two fields", 'h3=":443"', 'h3-27=":443"', finds=("alt-svc-protocol-obsolete",)),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_finds_what_the_case_says(case: Case) -> None:
    assert found_ids(CHECK, case) == case.finds


@pytest.mark.parametrize(
    ("value", "fix"),
    [
        ('h3=":443"; ma=60,h3-29=":443"; ma=60', 'Alt-Svc: h3=":443"; ma=60'),
        ('h3=":443"; ma=1d, h2=oops, quic=":443"', 'Alt-Svc: h3=":443"; ma=86400'),
        ('quic=":443"; v="46"', "Remove the field Alt-Svc"),
        ('Clear, quic=":443"', "Alt-Svc: clear"),
    ],
)  # fmt: skip
def test_one_fix_keeps_what_was_right(value: str, fix: str) -> None:
    assert {finding.fix for finding in findings(CHECK, sent("faulty", value))} == {fix}
