import pytest

from tests.workers.observatory.sites import HTML, gathered, headers_only
from workers.observatory.x_frame_options import judge

META = '<meta http-equiv="Content-Security-Policy" content="{}">'


@pytest.mark.parametrize(
    ("value", "result"),
    [
        ("DENY", "sameorigin-or-deny"),
        ("sameorigin", "sameorigin-or-deny"),
        ("ALLOW-FROM https://example.com/", "allow-from-origin"),
        ("SAMEORIGIN, SAMEORIGIN", "header-invalid"),
        ("", "not-implemented"),
    ],
)
def test_value(value: str, result: str) -> None:
    assert judge(gathered(("X-Frame-Options", value))) == f"x-frame-options-{result}"


def test_frame_ancestors_overrules_the_header() -> None:
    site = gathered(("X-Frame-Options", "rubbish"), ("Content-Security-Policy", "frame-ancestors *"))
    assert judge(site) == "x-frame-options-implemented-via-csp"


def test_frame_ancestors_of_an_invalid_policy_does_not_count() -> None:
    site = gathered(("Content-Security-Policy", "img-src a; img-src b; frame-ancestors 'none'"))
    assert judge(site) == "x-frame-options-not-implemented"


def test_frame_ancestors_alone_in_a_meta_does_not_count() -> None:
    site = gathered(HTML, body=META.format("frame-ancestors 'none'"))
    assert judge(site) == "x-frame-options-not-implemented"


def test_frame_ancestors_in_a_meta_counts_beside_another_directive() -> None:
    site = gathered(HTML, body=META.format("frame-ancestors 'none'; img-src 'self'"))
    assert judge(site) == "x-frame-options-implemented-via-csp"


def test_needs_no_body() -> None:
    assert judge(headers_only(HTML)) == "x-frame-options-not-implemented"
