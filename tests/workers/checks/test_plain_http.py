"""Answers over plain http, by what is known of the site's https."""

import pytest

from tests.workers.checks.cases import PAGE, Case, findings, found_ids
from workers.checks.plain_http import CHECK

HTTP = "http://a.example/"
REDIRECT = (("Location", "https://a.example/"),)
UNKNOWN, MISSING = ("answered-over-http",), ("https-missing",)
OTHER_PORT = ("https-missing-beside-port",)

CASES = (
    Case("https", (PAGE,)),
    Case("whether there is https was not asked", (PAGE,), UNKNOWN, url=HTTP),
    Case("no https", (PAGE,), MISSING, url=HTTP, https="none"),
    Case("https that nobody can trust", (PAGE,), MISSING, url=HTTP, https="untrusted"),
    Case("https that http does not lead to", (PAGE,), ("http-not-redirected",), url=HTTP, https="trusted"),
    Case("no page", (("Content-Type", "application/json"),), UNKNOWN, url=HTTP),
    Case("a redirect", REDIRECT, url=HTTP, status=301),
    Case("a redirect to nowhere", (), UNKNOWN, url=HTTP, status=301),
    *[
        Case(f"a refusal, {status}", (PAGE,), url=HTTP, status=status, https="none")
        for status in (400, 403, 421, 426)
    ],
    *[
        Case(f"an error that refuses nothing, {status}", (PAGE,), finds, url=HTTP, status=status, https=https)
        for status in (401, 404, 500, 503)
        for https, finds in ((None, UNKNOWN), ("none", MISSING), ("trusted", ("http-not-redirected",)))
    ],
    Case("by way of http", (PAGE,), UNKNOWN, url=HTTP, via=("http://b.example/",)),
    Case("by way of https, which is told elsewhere", (PAGE,), url=HTTP, via=("https://a.example/x",)),
    *[
        Case(
            f"from {host}", (PAGE,), ("answered-over-http-on-loopback",), url=f"http://{host}/", https="none"
        )
        for host in ("localhost", "127.0.0.1:8080", "[::1]")
    ],
    *[
        Case(f"at port {port}, and no https", (PAGE,), finds, url=f"http://{host}:{port}/", https=https)
        for host, port, https, finds in (
            ("a.example", "80", "none", MISSING),
            ("a.example", "8080", "none", OTHER_PORT),
            ("a.example", "8080", "untrusted", OTHER_PORT),
            ("a.example", "8080", "trusted", ("http-not-redirected",)),
            ("a.example", "8080", None, UNKNOWN),
            ("[2001:db8::1]", "8080", "none", OTHER_PORT),
            ("localhost", "8080", "none", ("answered-over-http-on-loopback",)),
        )
    ],
    Case(
        "from port 80 to another",
        (PAGE,),
        MISSING,
        url="http://a.example:8080/",
        https="none",
        via=("http://a.example/",),
    ),
    Case(
        "from one such port to another",
        (PAGE,),
        OTHER_PORT,
        url="http://a.example:8080/",
        https="none",
        via=("http://a.example:81/",),
    ),
    Case("from a private network", (PAGE,), MISSING, url="http://192.168.0.1/", https="none"),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_finds_what_the_case_says(case: Case) -> None:
    assert found_ids(CHECK, case) == case.finds


def test_the_lack_is_told() -> None:
    (silent,) = findings(CHECK, Case("silent", (), url=HTTP, https="none"))
    (untrusted,) = findings(CHECK, Case("untrusted", (), url=HTTP, https="untrusted"))
    (beside,) = findings(CHECK, Case("beside", (), url="http://a.example:8080/x?y=:9", https="none"))
    assert silent.message.endswith("the site has no https: nothing answered for https at port 443.")
    assert untrusted.message.endswith("no https: the certificate of https at port 443 is not valid.")
    assert "at port 8080, and nothing answered for https at port 443:" in beside.message
