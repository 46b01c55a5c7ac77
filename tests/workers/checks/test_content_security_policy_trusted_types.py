"""Content-Security-Policy: Trusted Types."""

import pytest

from tests.workers.checks.cases import PAGE, Case, findings, found_ids
from workers.checks.content_security_policy_trusted_types import CHECK

MISSING, VALUE = "csp-trusted-types-missing", "csp-trusted-types-value"
REQUIRE = "require-trusted-types-for 'script'"


def page(name: str, *policies: str, finds: tuple[str, ...] = (), url: str = "https://example.com/") -> Case:
    return Case(name, (PAGE, *(("Content-Security-Policy", policy) for policy in policies)), finds, url=url)


CASES = (
    page("no policy"),
    page("required", f"script-src 'self'; {REQUIRE}"),
    page("required of named policies", f"{REQUIRE}; trusted-types dompurify my-policy"),
    page("required of none", f"{REQUIRE}; trusted-types"),
    page("missing", "script-src 'self'", finds=(MISSING,)),
    page("missing by default", "default-src 'self'", finds=(MISSING,)),
    page("missing where scripts are free anyhow", "img-src 'self'"),
    page("missing where no script can run", "default-src 'none'"),
    page("missing where no source is listed", "script-src; trusted-types *"),
    page("missing where another policy lets none run", "script-src 'self'", "script-src 'NONE'"),
    page("missing where a slip lets none run", "script-src none 'slef' 'report-sample' 'unsafe-eval'"),
    page("missing where nothing begins the trust", "script-src 'strict-dynamic' https: 'unsafe-inline'"),
    page(
        "missing where scripts are let in by themselves",
        "default-src 'none'; script-src-elem 'self'",
        finds=(MISSING,),
    ),
    page(
        "missing where handlers run",
        "default-src 'none'; script-src-attr 'unsafe-inline'",
        finds=(MISSING,),
    ),
    page(
        "missing where handlers run by their hashes",
        f"default-src 'none'; script-src-attr 'unsafe-hashes' 'sha256-{'A' * 43}='",
        finds=(MISSING,),
    ),
    page(
        "missing where elements and handlers are kept out by one policy each",
        "script-src-elem 'none'; script-src-attr 'unsafe-inline'",
        "script-src-attr 'none'; script-src-elem 'self'",
    ),
    page(
        "missing where only handlers are kept out",
        "script-src 'self'; script-src-attr 'none'",
        finds=(MISSING,),
    ),
    page("missing in a sandbox", "sandbox; script-src 'self'"),
    page("required by the second policy", "script-src 'self'", REQUIRE),
    page("unquoted", "require-trusted-types-for script", finds=(VALUE,)),
    page("of nothing", "require-trusted-types-for", finds=(VALUE,)),
    page("of styles", "require-trusted-types-for 'script' 'style'", finds=(VALUE,)),
    page("any name", f"{REQUIRE}; trusted-types *", finds=("csp-trusted-types-loose",)),
    page("duplicates", f"{REQUIRE}; trusted-types a 'allow-duplicates'", finds=("csp-trusted-types-loose",)),
    page("any name in one of two", f"{REQUIRE}; trusted-types *", "trusted-types a"),
    page("not required", "script-src 'self'; trusted-types a", finds=("csp-trusted-types-unenforced",)),
    Case(
        "being tried",
        (
            PAGE,
            ("Content-Security-Policy", "script-src 'self'"),
            ("Content-Security-Policy-Report-Only", f"{REQUIRE}; report-uri /r"),
        ),
    ),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_finds_what_the_case_says(case: Case) -> None:
    assert found_ids(CHECK, case) == case.finds


def test_the_fix_writes_the_one_value() -> None:
    (finding,) = findings(CHECK, page("unquoted", "default-src 'self'; require-trusted-types-for script"))
    assert finding.fix == f"Content-Security-Policy: default-src 'self'; {REQUIRE}"
