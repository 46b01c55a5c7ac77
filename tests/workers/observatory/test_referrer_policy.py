import pytest

from tests.workers.observatory.sites import HTML, gathered, headers_only
from workers.observatory import NOT_TESTED
from workers.observatory.referrer_policy import judge

META = '<meta name="referrer" content="{}">'


@pytest.mark.parametrize(
    ("value", "result"),
    [
        ("no-referrer", "private"),
        ("Strict-Origin", "private"),
        ("unsafe-url", "unsafe"),
        ("no-referrer-when-downgrade", "unsafe"),
        pytest.param("unsafe-url, no-referrer", "private", id="the last counts"),
        pytest.param("no-referrer, whimsy", "private", id="what is not known is passed over"),
        ("whimsy", "header-invalid"),
        pytest.param("", "header-invalid", id="an empty header is no absent one"),
    ],
)
def test_value(value: str, result: str) -> None:
    assert judge(gathered(("Referrer-Policy", value))) == f"referrer-policy-{result}"


def test_absent() -> None:
    assert judge(gathered(HTML)) == "referrer-policy-not-implemented"


def test_meta_overrules_the_header() -> None:
    site = gathered(HTML, ("Referrer-Policy", "no-referrer"), body=META.format("unsafe-url"))
    assert judge(site) == "referrer-policy-unsafe"


def test_the_last_meta_counts() -> None:
    site = gathered(HTML, body=META.format("unsafe-url") + META.format("same-origin"))
    assert judge(site) == "referrer-policy-private"


def test_without_body_the_header_is_judged() -> None:
    assert judge(headers_only(HTML, ("Referrer-Policy", "no-referrer"))) == "referrer-policy-private"


def test_without_body_and_header_a_page_is_not_tested() -> None:
    assert judge(headers_only(HTML)) == NOT_TESTED


def test_without_body_what_is_no_html_has_no_meta() -> None:
    assert judge(headers_only(("Content-Type", "image/png"))) == "referrer-policy-not-implemented"
