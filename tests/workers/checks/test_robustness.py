"""All checks together: nothing to say of well-kept sites, and no response that costs more than its size."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.workers.growth import is_linear
from workers.model import Finding
from workers.registry import all_checks
from workers.response import Response
from workers.syntax.head import Field
from workers.syntax.hosts import host_of, is_address, is_local

FIELDS = (
    "Accept-CH",
    "Access-Control-Allow-Credentials",
    "Access-Control-Allow-Headers",
    "Access-Control-Allow-Methods",
    "Access-Control-Allow-Origin",
    "Access-Control-Expose-Headers",
    "Access-Control-Max-Age",
    "Age",
    "Alt-Svc",
    "Cache-Control",
    "Cache-Status",
    "CDN-Cache-Control",
    "Clear-Site-Data",
    "Connection",
    "Content-Disposition",
    "Content-Encoding",
    "Content-Language",
    "Content-Length",
    "Content-Location",
    "Content-Range",
    "Content-Security-Policy",
    "Content-Security-Policy-Report-Only",
    "Content-Type",
    "Critical-CH",
    "Cross-Origin-Embedder-Policy",
    "Cross-Origin-Embedder-Policy-Report-Only",
    "Cross-Origin-Opener-Policy",
    "Cross-Origin-Opener-Policy-Report-Only",
    "Cross-Origin-Resource-Policy",
    "Date",
    "Document-Isolation-Policy",
    "Document-Policy",
    "ETag",
    "Expires",
    "Feature-Policy",
    "Integrity-Policy",
    "Last-Modified",
    "Link",
    "Location",
    "NEL",
    "Origin-Agent-Cluster",
    "P3P",
    "Permissions-Policy",
    "Permissions-Policy-Report-Only",
    "Pragma",
    "Proxy-Status",
    "Referrer-Policy",
    "Refresh",
    "Report-To",
    "Reporting-Endpoints",
    "Retry-After",
    "Server",
    "Server-Timing",
    "Set-Cookie",
    "SourceMap",
    "Speculation-Rules",
    "Strict-Transport-Security",
    "Surrogate-Control",
    "Timing-Allow-Origin",
    "Trailer",
    "Transfer-Encoding",
    "Upgrade",
    "Vary",
    "Via",
    "Warning",
    "WWW-Authenticate",
    "X-Backend-Server",
    "X-Content-Security-Policy",
    "X-Content-Type-Options",
    "X-Error",
    "X-Frame-Options",
    "X-Permitted-Cross-Domain-Policies",
    "X-Powered-By",
    "X-Robots-Tag",
    "X-WebKit-CSP",
    "X-XSS-Protection",
)
SIZE = 65_536
STRICT_POLICY = (
    "default-src 'none'; script-src 'nonce-8IBTHwOdqNKAWeKl7plt8g==' 'strict-dynamic' https: "
    "'unsafe-inline'; style-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'; "
    "require-trusted-types-for 'script'"
)
HSTS = ("Strict-Transport-Security", "max-age=63072000; includeSubDomains; preload")


def judge(*fields: Field, url: str = "https://example.com/", status: int = 200) -> list[Finding]:
    response = Response(url=url, status=status, fields=fields)
    return [finding for check in all_checks() for finding in check.run(response)]


@pytest.mark.parametrize(
    ("status", "fields"),
    [
        (
            200,
            (
                ("Server", "nginx"),
                ("Content-Type", "text/html; charset=utf-8"),
                HSTS,
                (
                    "Content-Security-Policy",
                    STRICT_POLICY,
                ),
                ("X-Frame-Options", "DENY"),
                ("X-Content-Type-Options", "nosniff"),
                ("Referrer-Policy", "strict-origin-when-cross-origin"),
                ("Cross-Origin-Opener-Policy", "same-origin"),
                ("Cross-Origin-Embedder-Policy", "require-corp"),
                ("Cross-Origin-Resource-Policy", "same-origin"),
                ("Permissions-Policy", 'camera=(), geolocation=(self "https://maps.example"), fullscreen=*'),
                ("Set-Cookie", "__Host-session=0123456789abcdef; Path=/; Secure; HttpOnly; SameSite=Lax"),
                ("Set-Cookie", "XSRF-TOKEN=abc; Path=/; Secure; SameSite=Strict"),
            ),
        ),
        (
            200,
            (
                ("Content-Type", "application/json"),
                HSTS,
                ("X-Content-Type-Options", "nosniff"),
                ("Access-Control-Allow-Origin", "*"),
            ),
        ),
        (301, (("Location", "https://www.example.com/"), HSTS)),
        (304, (("ETag", '"1"'), HSTS)),
        (200, (("Content-Type", "image/png"), HSTS)),
        (
            200,
            (
                ("Content-Type", "image/png"),
                ("Content-Length", "42"),
                ("Date", "Mon, 01 Jun 2026 00:00:00 GMT"),
                ("Last-Modified", "Sun, 31 May 2026 00:00:00 GMT"),
                ("ETag", '"1f"'),
                ("Cache-Control", "public, max-age=31536000, immutable"),
                ("Vary", "Accept"),
                ("Age", "60"),
                HSTS,
            ),
        ),
    ],
)
def test_a_well_kept_site_has_no_findings(status: int, fields: tuple[Field, ...]) -> None:
    assert judge(*fields, status=status) == []


@pytest.mark.parametrize("name", FIELDS)
@pytest.mark.parametrize(
    "unit",
    [
        "a",
        " ",
        ";",
        ",",
        "a;",
        "a,",
        "' ",
        "'a' ",
        "=",
        '"',
        "\\",
        "(",
        "a.",
        "1.",
        "1",
        "\xe4",
        "a b;",
        "http://a ",
    ],
)
def test_a_hostile_value_takes_linear_time(name: str, unit: str) -> None:
    def judge_twice_the_value(size: int) -> None:
        value = (unit * size)[:size]
        found = judge((name, value), (name, f"x{value}x"))
        assert sum(len(finding.message) + len(finding.fix or "") for finding in found) < 4 * SIZE

    assert is_linear(judge_twice_the_value, SIZE)


def test_a_thousand_fields_take_linear_time() -> None:
    def judge_cookies(count: int) -> None:
        judge(
            *(("Set-Cookie", f"sid{n}={count}; Expires=Thu, 01 Jan 2037 00:00:00 GMT") for n in range(count))
        )

    def judge_products(count: int) -> None:
        judge(*(("X-Powered-By", f"PHP/{n}.{count}") for n in range(count)))

    assert is_linear(judge_cookies, 1_000)
    assert is_linear(judge_products, 1_000)


VALUE = st.one_of(
    st.text(alphabet=st.characters(max_codepoint=255), max_size=40),
    st.text(alphabet=st.sampled_from("max-age=0;, 'self*\"/:.()1"), max_size=40),
)


@given(
    st.lists(st.tuples(st.sampled_from(FIELDS), VALUE), max_size=6),
    st.integers(100, 599),
    st.sampled_from(
        ["https://example.com/", "http://example.com/", "https://[2001:db8::1]/", "http://localhost/"]
    ),
)
def test_no_response_makes_a_check_fail(fields: list[Field], status: int, url: str) -> None:
    for finding in judge(*fields, url=url, status=status):
        assert finding.message


@pytest.mark.parametrize(
    ("url", "host", "address", "local"),
    [
        ("https://example.com/", "example.com", False, False),
        ("https://user:pass@example.com:8443/a@b:c", "example.com", False, False),
        ("https://example.com?q", "example.com", False, False),
        ("http://127.0.0.1:8000/", "127.0.0.1", True, True),
        ("http://192.0.2.1/", "192.0.2.1", True, False),
        ("http://127.example/", "127.example", False, False),
        ("https://[2001:db8::1]:8443/", "[2001:db8::1]", True, False),
        ("http://[::1]/", "[::1]", True, True),
        ("http://a.localhost/", "a.localhost", False, True),
        ("about:blank", "", False, False),
    ],
)
def test_the_host_of_a_url(url: str, host: str, address: bool, local: bool) -> None:
    assert (host_of(url), is_address(host), is_local(host)) == (host, address, local)
