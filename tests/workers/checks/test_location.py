"""Location."""

import pytest

from tests.workers.checks.cases import Case, findings, found_ids
from workers.checks.location import CHECK
from workers.model import Hop, Timing
from workers.response import Response


def to(name: str, *values: str, finds: tuple[str, ...] = (), status: int = 302) -> Case:
    return Case(name, tuple(("Location", value) for value in values), finds, status=status)


BAD = ("location-invalid-character",)
CASES = (
    to("absolute", "https://www.example.com/a?b=c#d"),
    to("relative", "../a%20b"),
    to("without a scheme", "//cdn.example/"),
    to("an address in IPv6", "https://[2001:db8::1]/"),
    to("to an app", "itms-apps://apps.example/id1"),
    to("an @ in the path", "https://example.com/@anna"),
    to("an @ in the query", "https://example.com?to=a@b"),
    to("created", "/orders/7", status=201),
    to("a choice", "/en/", status=300),
    to("unchanged", status=304),
    to("the same twice", "/a", "/a"),
    to("missing", finds=("location-missing",)),
    to("empty", "", finds=("location-empty",)),
    to("two places", "/a", "/b", finds=("location-conflicting",)),
    to("a password", "https://anna:s3cret@example.com/", finds=("location-with-userinfo",)),
    to("a name, without a scheme", "//anna@example.com/", finds=("location-with-userinfo",)),
    to("a space", "/a b", finds=BAD),
    to("UTF-8", "/caf\xc3\xa9", finds=BAD),
    to("half a percent", "/100%", finds=BAD),
    to("a backslash", "https:\\\\example.com", finds=BAD),
    to("both", "//a@example.com/<b>", finds=("location-with-userinfo", *BAD)),
    to("a script", "javascript:alert(1)", finds=("location-unfetchable-scheme",)),
    to("content", "DATA:text/html,x", finds=("location-unfetchable-scheme",)),
    to("a session", "/cart;jsessionid=0A1B2C3D4E5F", finds=("session-id-in-location",)),
    to("a short number", "/cart?sessionid=7"),
    to("a token", "https://a.example/?access_token=eyJhbGciOi", finds=("secret-in-location",)),
    to("a token in the fragment", "https://a.example/#access_token=eyJhbGciOi"),
    to("with a page", "/a", status=200, finds=("location-without-meaning",)),
    to("with an error", "/a", status=404, finds=("location-without-meaning",)),
    to("no redirect and none", status=200),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_finds_what_the_case_says(case: Case) -> None:
    assert found_ids(CHECK, case) == case.finds


@pytest.mark.parametrize(
    ("value", "fix"),
    [
        ("/a b", "Location: /a%20b"),
        ("/caf\xc3\xa9", "Location: /caf%C3%A9"),
        ("/100%", "Location: /100%25"),
        ("https://anna:x@a.example/<b>", "Location: https://a.example/%3Cb%3E"),
        ("https:\\\\a.example", "Percent-encode what a URI cannot hold"),
    ],
)
def test_the_fix_says_the_same_in_a_uri(value: str, fix: str) -> None:
    assert {finding.fix for finding in findings(CHECK, to("bad", value))} == {fix}


def test_an_earlier_hop_is_judged_too_and_given_no_line() -> None:
    earlier = Hop("http://a.example/", "GET", 301, "", "1.1", "", (("location", "/a b"),), (), None, Timing())
    final = Hop("http://a.example/a%20b", "GET", 200, "", "1.1", "", (), (), None, Timing())
    response = Response(url=final.url, status=200, fields=(), hops=(earlier, final))
    assert [(finding.id, finding.fix) for finding in CHECK.run(response)] == [
        ("location-invalid-character", "Percent-encode what a URI cannot hold")
    ]
