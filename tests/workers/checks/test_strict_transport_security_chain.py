"""Strict-Transport-Security along redirects, and what only the preload list's reader refuses."""

import pytest

from tests.workers.checks.cases import Case, findings, found_ids, response_of
from workers.checks.strict_transport_security_chain import CHECK
from workers.model import Hop, Timing
from workers.response import Response

POLICY = "max-age=31536000; includeSubDomains"
HOST, WWW = "example.com", "www.example.com"


def led(name: str, *urls: str, finds: tuple[str, ...] = (), value: str | None = POLICY) -> Case:
    fields = () if value is None else (("Strict-Transport-Security", value),)
    return Case(name, fields, finds, url=urls[-1], via=urls[:-1])


CASES = (
    led("no redirect", f"https://{HOST}/"),
    led("http to https on the host", f"http://{HOST}/", f"https://{HOST}/"),
    led("no policy at all", f"https://{HOST}/", f"https://{WWW}/", value=None),
    led("without a policy", f"https://{HOST}/", f"https://{WWW}/", finds=("hsts-missing-on-redirect",)),
    led("covered by the last host's", f"https://{WWW}/", f"https://{HOST}/"),
    led(
        "covered by nobody's",
        f"https://{WWW}/",
        f"https://{HOST}/",
        finds=("hsts-missing-on-redirect",),
        value="max-age=31536000",
    ),
    led("twice on one host", f"https://{HOST}/", f"https://{HOST}/a", f"https://{WWW}/",
        finds=("hsts-missing-on-redirect",)),
    led("left over http", f"http://{HOST}/", f"https://{WWW}/", finds=("hsts-host-left-over-http",)),
    led("left over http, and covered", f"http://{WWW}/", f"https://{HOST}/"),
    led("an address", "https://192.0.2.1/", f"https://{HOST}/"),
    led("this machine", "http://localhost/", f"https://{HOST}/"),
    led("ended over http", f"https://{HOST}/", f"http://{WWW}/"),
    led("a host of the preload list", "https://www.google.dev/", f"https://{HOST}/"),
    led("preload", f"https://{HOST}/", value=f"{POLICY}; preload"),
    led(
        "preload with quotes",
        f"https://{HOST}/",
        value='max-age="31536000"; includeSubDomains; preload',
        finds=("hsts-preload-unreadable",),
    ),
    led(
        "preload with spaces",
        f"https://{HOST}/",
        value="max-age = 31536000; includeSubDomains; preload",
        finds=("hsts-preload-unreadable",),
    ),
    led("preload without a max-age", f"https://{HOST}/", value="preload"),
)  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=str)
def test_finds_what_the_case_says(case: Case) -> None:
    assert found_ids(CHECK, case) == case.finds


def test_the_preload_line_is_written_as_the_list_reads_it() -> None:
    (finding,) = findings(CHECK, led("quoted", f"https://{HOST}/", value='max-age="63072000"; preload'))
    assert finding.fix == "Strict-Transport-Security: max-age=63072000; includeSubDomains; preload"


def test_a_redirect_with_a_policy_of_its_own_is_well() -> None:
    last = response_of(led("two", f"https://{WWW}/")).hops[-1]
    policy = (("strict-transport-security", POLICY), ("Location", f"https://{WWW}/"))
    first = Hop(f"https://{HOST}/", "GET", 301, "", "HTTP/1.1", "192.0.2.1", policy, (), None, Timing())
    response = Response(url=last.url, status=200, fields=last.headers, hops=(first, last))
    assert list(CHECK.run(response)) == []
