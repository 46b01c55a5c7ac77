"""Cross-Origin-Opener-Policy, as WHATWG HTML and web-platform-tests have it."""

import pytest

from tests.workers.checks.cases import PAGE, Case, found_ids
from workers.checks.cross_origin_opener_policy import CHECK

INVALID = ("opener-policy-invalid",)


def page(name: str, *values: str, finds: tuple[str, ...] = (), url: str = "https://example.com/") -> Case:
    return Case(name, (PAGE, *(("Cross-Origin-Opener-Policy", value) for value in values)), finds, url=url)


CASES = (
    page("good", "same-origin"),
    page("good with a report", 'same-origin-allow-popups; report-to="coop"'),
    page("the default, said aloud", "unsafe-none"),
    page("spaces around it", " same-origin "),
    page("a parameter of the same name", "same-origin;same-origin"),
    page("missing", finds=("opener-policy-missing",)),
    page("missing over http", url="http://example.com/"),
    page("a semicolon too many", "same-origin;", finds=INVALID),
    page("a capital", "Same-origin", finds=INVALID),
    page("a string", '"same-origin"', finds=INVALID),
    page("a list", "same-origin,same-origin", finds=INVALID),
    page("twice", "same-origin", "same-origin", finds=INVALID),
    page("unknown", "cross-origin", finds=INVALID),
    page("a number", "1", finds=INVALID),
    page("over http", "same-origin", finds=("opener-policy-over-http",), url="http://example.com/"),
    page("over http on loopback", "same-origin", url="http://127.0.0.1:8000/"),
    Case("missing on JSON", (("Content-Type", "application/json"),)),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_finds_what_the_case_says(case: Case) -> None:
    assert found_ids(CHECK, case) == case.finds
