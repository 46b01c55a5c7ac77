import pytest

from tests.workers.observatory.sites import HTML, gathered, headers_only
from workers.observatory import NOT_TESTED
from workers.observatory.content_security_policy import judge

NONE = "implemented-with-no-unsafe-default-src-none"
NO_UNSAFE = "implemented-with-no-unsafe"
INLINE = "implemented-with-unsafe-inline"
META = '<meta http-equiv="Content-Security-Policy" content="{}">'


def policy(value: str) -> tuple[str, str]:
    return ("Content-Security-Policy", value)


@pytest.mark.parametrize(
    ("value", "result"),
    [
        ("default-src 'none'", NONE),
        ("default-src", NONE),
        ("default-src 'self'", NO_UNSAFE),
        ("default-src 'self'; script-src 'unsafe-inline'", INLINE),
        ("default-src 'self'; script-src data:", INLINE),
        ("default-src 'self'; object-src https:", INLINE),
        pytest.param("img-src 'self'", INLINE, id="scripts are allowed where no directive forbids them"),
        ("default-src 'self'; script-src 'unsafe-inline' 'nonce-a'", NO_UNSAFE),
        ("default-src 'self'; script-src 'strict-dynamic' 'nonce-a' https: 'unsafe-inline'", NO_UNSAFE),
        ("default-src 'self'; script-src 'strict-dynamic'", "header-invalid"),
        ("default-src 'self'; connect-src http://a.example", "implemented-with-insecure-scheme"),
        pytest.param(
            "default-src 'self'; report-uri http://a.example",
            "implemented-with-insecure-scheme",
            id="a report's address counts like a script's",
        ),
        ("default-src 'self'; style-src 'self' 'unsafe-eval'", "implemented-with-unsafe-eval"),
        (
            "default-src 'self'; img-src http://a.example",
            "implemented-with-insecure-scheme-in-passive-content-only",
        ),
        (
            "default-src 'self'; style-src 'unsafe-inline'",
            "implemented-with-unsafe-inline-in-style-src-only",
        ),
        ("default-src 'none'; report-uri /a; report-uri /b", "implemented-but-duplicate-directives"),
        ("default-src 'none'; default-src 'none'", "header-invalid"),
        pytest.param("", "header-invalid", id="an empty header is no absent one"),
        pytest.param("default-src 'none',", "header-invalid", id="nothing after a comma is a policy"),
        pytest.param(";;;;;;;", "not-implemented", id="a policy without directives"),
    ],
)
def test_header(value: str, result: str) -> None:
    assert judge(gathered(policy(value))) == f"csp-{result}"


def test_an_insecure_scheme_is_no_fault_of_an_http_site() -> None:
    site = gathered(policy("default-src 'self'; connect-src http://a.example"), url="http://a.example/")
    assert judge(site) == f"csp-{NO_UNSAFE}"


def test_absent() -> None:
    assert judge(gathered(HTML)) == "csp-not-implemented"


def test_reports_only() -> None:
    site = gathered(("Content-Security-Policy-Report-Only", "default-src 'none'"))
    assert judge(site) == "csp-not-implemented-but-reporting-enabled"


def test_a_meta_is_as_good_as_a_header() -> None:
    assert judge(gathered(HTML, body=META.format("default-src 'none'"))) == f"csp-{NONE}"


def test_a_meta_does_not_count_without_a_content_type() -> None:
    assert judge(gathered(body=META.format("default-src 'none'"))) == "csp-not-implemented"


def test_a_meta_of_what_only_a_header_may_say_is_none() -> None:
    assert judge(gathered(HTML, body=META.format("frame-ancestors 'none'"))) == "csp-not-implemented"


def test_a_header_and_a_meta_allow_what_both_allow() -> None:
    site = gathered(HTML, policy("default-src 'self' https:"), body=META.format("default-src 'self'"))
    assert judge(site) == f"csp-{NO_UNSAFE}"


def test_an_invalid_meta_makes_the_header_invalid() -> None:
    assert judge(gathered(HTML, policy("default-src 'none'"), body=META.format("x"))) == "csp-header-invalid"


def test_without_body_the_header_is_judged() -> None:
    assert judge(headers_only(HTML, policy("default-src 'none'"))) == f"csp-{NONE}"


def test_without_body_and_header_a_page_is_not_tested() -> None:
    assert judge(headers_only(HTML)) == NOT_TESTED


def test_without_body_what_is_no_html_has_no_meta() -> None:
    assert judge(headers_only(("Content-Type", "image/png"))) == "csp-not-implemented"


def test_without_body_a_status_that_has_none_has_no_meta() -> None:
    assert judge(headers_only(HTML, status=204)) == "csp-not-implemented"
