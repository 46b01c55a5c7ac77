import pytest

from tests.workers.observatory.sites import gathered
from workers.observatory import NO_ANSWER, NOT_GATHERED, NOT_TESTED, HttpsAnswer
from workers.observatory.strict_transport_security import judge

SIX_MONTHS = "implemented-max-age-at-least-six-months"
LESS = "implemented-max-age-less-than-six-months"


@pytest.mark.parametrize(
    ("value", "result"),
    [
        ("max-age=15552000", SIX_MONTHS),
        ("max-age=15551999", LESS),
        ("includeSubDomains; MAX-AGE=31536000; preload", SIX_MONTHS),
        ("max-age=0", LESS),
        ("max-age=-1", LESS),
        ("max-age= 300seconds", LESS),
        pytest.param("max-age=abc", SIX_MONTHS, id="no number is not less than any"),
        pytest.param('max-age="31536000"', SIX_MONTHS, id="a quoted number is none"),
        pytest.param("max-age=31536000; max-age=1", LESS, id="the last of several counts"),
        pytest.param("max-age = 31536000", "header-invalid", id="a space before the equals sign"),
        pytest.param("max-age=31536000, max-age=31536000", "header-invalid", id="sent twice"),
        ("includeSubDomains", "header-invalid"),
        pytest.param("", "header-invalid", id="an empty header is no absent one"),
        pytest.param(";" * 1024 + "max-age=31536000", "header-invalid", id="1024 characters are looked at"),
    ],
)
def test_value(value: str, result: str) -> None:
    assert judge(gathered(("Strict-Transport-Security", value))) == f"hsts-{result}"


def test_absent() -> None:
    assert judge(gathered()) == "hsts-not-implemented"


def test_the_certificate_is_not_valid() -> None:
    headers = (("Strict-Transport-Security", "max-age=31536000"),)
    assert judge(gathered(https=HttpsAnswer(headers, verified=False))) == "hsts-invalid-cert"


def test_port_443_does_not_answer() -> None:
    assert judge(gathered(https=NO_ANSWER)) == "hsts-not-implemented-no-https"


def test_not_tested_where_nobody_asked_port_443() -> None:
    assert judge(gathered(https=NOT_GATHERED)) == NOT_TESTED


def test_the_preload_list_overrules_header_and_certificate() -> None:
    https = HttpsAnswer((("Strict-Transport-Security", "max-age=0"),), verified=False)
    assert judge(gathered(url="https://name.dev/", https=https)) == "hsts-preloaded"


def test_the_site_asked_for_is_looked_up_not_the_page() -> None:
    assert (
        judge(gathered(url="https://name.dev/", site="https://site.example.com/")) == "hsts-not-implemented"
    )


def test_a_preloaded_site_without_https_is_still_without() -> None:
    assert judge(gathered(url="http://name.dev/", https=NO_ANSWER)) == "hsts-not-implemented-no-https"
