"""Content-Security-Policy: style sheets."""

import pytest

from tests.workers.checks.cases import PAGE, Case, found_ids
from workers.checks.content_security_policy_styles import CHECK

INLINE, ANYWHERE = "csp-styles-unsafe-inline", "csp-styles-from-anywhere"


def page(name: str, *policies: str, finds: tuple[str, ...] = (), url: str = "https://example.com/") -> Case:
    return Case(name, (PAGE, *(("Content-Security-Policy", policy) for policy in policies)), finds, url=url)


CASES = (
    page("no policy"),
    page("good", "style-src 'self' 'unsafe-hashes' https://fonts.example"),
    page("inline", "style-src 'self' 'unsafe-inline'", finds=(INLINE,)),
    page("inline by default", "default-src 'unsafe-inline'", finds=(INLINE,)),
    page("inline of attributes", "style-src 'self'; style-src-attr 'unsafe-inline'", finds=(INLINE,)),
    page("inline switched off", "style-src 'unsafe-inline' 'nonce-abc'"),
    page("inline forbidden by the second policy", "style-src 'unsafe-inline'", "style-src 'self'"),
    page("any host", "style-src https:", finds=(ANYWHERE,)),
    page("any host by default, named for styles", "default-src *; style-src 'self'"),
    page("nothing said", "script-src 'self'"),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_finds_what_the_case_says(case: Case) -> None:
    assert found_ids(CHECK, case) == case.finds
