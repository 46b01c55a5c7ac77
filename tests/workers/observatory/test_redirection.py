import pytest

from tests.workers.observatory.sites import gathered
from workers.observatory import NO_ANSWER, NOT_GATHERED, NOT_TESTED, HttpEntry, Step
from workers.observatory.redirection import judge


def entry(*urls: str, verified: bool = True) -> HttpEntry:
    return HttpEntry(tuple(Step(url, 301) for url in urls), verified)


def test_not_tested_without_the_http_entry() -> None:
    assert judge(gathered(http_entry=NOT_GATHERED)) == NOT_TESTED


def test_port_80_does_not_answer() -> None:
    assert judge(gathered(http_entry=NO_ANSWER)) == "redirection-not-needed-no-http"


def test_a_certificate_on_the_way_is_not_valid() -> None:
    chain = entry("http://a.example/", "https://a.example/", verified=False)
    assert judge(gathered(http_entry=chain)) == "redirection-invalid-cert"


@pytest.mark.parametrize(
    ("urls", "result"),
    [
        (["http://a.example/"], "missing"),
        (["http://a.example/", "https://a.example/"], "to-https"),
        (["http://a.example/", "https://a.example:8443/", "https://b.example/"], "to-https"),
        (["http://a.example/", "https://www.a.example/"], "off-host-from-http"),
        (
            ["http://a.example/", "http://a.example/x", "https://a.example/"],
            "not-to-https-on-initial-redirection",
        ),
        (["http://a.example/", "https://a.example/", "http://a.example/"], "not-to-https"),
        pytest.param(["http://a.dev/"], "all-redirects-preloaded", id="a preloaded host needs no redirect"),
        pytest.param(
            ["http://a.dev/", "http://a.example/"], "not-to-https", id="one preloaded host is not all"
        ),
        pytest.param([], "all-redirects-preloaded", id="an empty chain has no host that is not"),
    ],
)
def test_route(urls: list[str], result: str) -> None:
    assert judge(gathered(http_entry=entry(*urls))) == f"redirection-{result}"
