"""Content-Security-Policy: nonces and hashes."""

import pytest

from tests.workers.checks.cases import PAGE, Case, findings, found_ids
from workers.checks.content_security_policy_nonces import CHECK

WHOLE = "Zk3qT9vLxW0aB7nR5yUe2g=="
SHORT, GUESSABLE, WEAK = "csp-nonce-short", "csp-nonce-guessable", "csp-nonce-below-128-bits"
LENGTH = "csp-hash-length"


def page(name: str, *policies: str, finds: tuple[str, ...] = (), url: str = "https://example.com/") -> Case:
    return Case(name, (PAGE, *(("Content-Security-Policy", policy) for policy in policies)), finds, url=url)


CASES = (
    page("no policy"),
    page("good", f"script-src 'nonce-{WHOLE}'; style-src 'nonce-{WHOLE}'"),
    page("good in hexadecimal", "script-src 'nonce-8f4e1a9c27d05b63e1f0a4c8d2b7963e'"),
    page("good hashes", f"script-src 'sha256-{'a' * 43}=' 'sha384-{'a' * 64}' 'sha512-{'_' * 86}=='"),
    page("short", "script-src 'nonce-abc'", finds=(SHORT,)),
    page("short by default", "default-src 'nonce-zk3qT9v='", finds=(SHORT,)),
    page("short for styles", "style-src 'nonce-abc'", finds=(SHORT,)),
    page("short in capitals", "script-src 'NONCE-abc'", finds=(SHORT,)),
    page("96 bits", "script-src 'nonce-Zk3qT9vLxW0aB7nR'", finds=(WEAK,)),
    page("one letter", "script-src 'nonce-aaaaaaaaaaaaaaaaaaaaaaaa'", finds=(GUESSABLE,)),
    page("a manual's", "script-src 'nonce-EDNnf03nceIOfn39fn3e9h3sdfa'", finds=(GUESSABLE,)),
    page("a row of digits", "script-src 'nonce-123456789'", finds=(GUESSABLE,)),
    page("a time", "script-src 'nonce-1763990000'", finds=(GUESSABLE,)),
    page("two", f"script-src 'nonce-{WHOLE}' 'nonce-{WHOLE[::-1].strip('=')}'", finds=("csp-nonce-several",)),
    page("the same twice", f"script-src 'nonce-{WHOLE}' 'nonce-{WHOLE}'"),
    page("one in each policy", f"script-src 'nonce-{WHOLE}'", f"script-src 'nonce-{WHOLE.lower()}'"),
    page("a template's", "script-src 'nonce-%NONCE%'", finds=("csp-nonce-malformed",)),
    page("nothing", "script-src 'nonce-'", finds=("csp-nonce-malformed",)),
    page("a digest in hexadecimal", f"script-src 'sha256-{'a' * 64}'", finds=(LENGTH,)),
    page("a digest cut", "script-src 'sha512-abc='", finds=(LENGTH,)),
    page("a broken digest", "script-src 'sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk='", finds=("csp-hash-algorithm",)),
    page("a hyphen too many", "script-src 'sha-256-abc='", finds=("csp-hash-algorithm",)),
    Case(
        "a stylesheet's nonce",
        (("Content-Type", "text/css"), ("Content-Security-Policy", "script-src 'nonce-a'")),
    ),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_finds_what_the_case_says(case: Case) -> None:
    assert found_ids(CHECK, case) == case.finds


def test_no_fix_writes_a_nonce_down() -> None:
    (finding,) = findings(CHECK, page("short", "script-src 'nonce-abc'"))
    assert finding.fix is not None
    assert finding.fix.startswith("For each response write 16 random bytes")
