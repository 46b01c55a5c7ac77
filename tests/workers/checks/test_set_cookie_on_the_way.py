"""Cookies of the redirects that led to a response (RFC 6265bis section 5.7)."""

import pytest

from tests.workers.checks.cases import PAGE, Case, findings, found_ids
from workers.checks.set_cookie import CHECK
from workers.syntax.head import Field

HTTP, HTTPS, SSO = "http://a.example/", "https://a.example/", "https://sso.a.example/in/"
GOOD = "Secure; HttpOnly; SameSite=Lax"
BARE = (
    "session-cookie-without-secure",
    "session-cookie-without-httponly",
    "session-cookie-without-samesite",
)


def cookies(*lines: str) -> tuple[Field, ...]:
    return tuple(("Set-Cookie", line) for line in lines)


def chain(
    name: str, *way: tuple[str, tuple[Field, ...]], last: tuple[str, ...] = (), finds: tuple[str, ...] = ()
) -> Case:
    """Redirects, and what they led to."""
    return Case(name, (PAGE, *cookies(*last)), finds, url=HTTPS, way=way)


CASES = (
    chain("none on the way", (HTTP, ())),
    chain("a good one", (HTTPS, cookies(f"sid=1; {GOOD}"))),
    chain("a session's, bare", (HTTPS, cookies("sid=1; Path=/")), finds=BARE),
    chain(
        "a session's with Domain",
        (HTTPS, cookies(f"sid=1; Domain=a.example; {GOOD}")),
        finds=("session-cookie-with-domain",),
    ),
    chain("over http, where Secure is not to be had", (HTTP, cookies("theme=dark"))),
    chain("Secure over http", (HTTP, cookies("a=1; Secure")), finds=("cookie-secure-over-http",)),
    chain(
        "kept off http by a policy of that hop",
        (HTTPS, (("Strict-Transport-Security", "max-age=31536000"), *cookies("theme=dark"))),
        finds=("cookie-secure-by-hsts-alone",),
    ),
    chain("at another host", (SSO, cookies("theme=dark")), finds=("cookie-without-secure",)),
    chain("a foreign one", (SSO, cookies("a=1; Domain=b.example; Secure")), finds=("cookie-domain-foreign",)),
    chain("set anew at the end", (HTTPS, cookies("sid=1; Path=/")), last=(f"sid=2; Path=/; {GOOD}",)),
    chain("set anew from http to https", (HTTP, cookies("a=1; Secure")), last=("a=1; Secure",)),
    chain("set anew on the way", (HTTPS, cookies("sid=1")), (HTTPS, cookies(f"sid=2; {GOOD}"))),
    chain(
        "set worse on the way",
        (HTTPS, cookies(f"a=1; {GOOD}")),
        (HTTPS, cookies("a=2")),
        finds=("cookie-without-secure",),
    ),
    chain("deleted at the end", (HTTPS, cookies("sid=1; Path=/")), last=("sid=; Path=/; Max-Age=0",)),
    chain("deleted on the way", (HTTPS, cookies("sid=1")), (HTTPS, cookies("sid=; Max-Age=0"))),
    chain(
        "another path's",
        (HTTPS, cookies("sid=1; Path=/")),
        last=(f"sid=2; Path=/app; {GOOD}",),
        finds=BARE,
    ),
    chain("the default path, spelt", (HTTPS, cookies("a=1")), last=("a=1; Path=/; Secure",)),
    chain(
        "another default path's",
        (f"{HTTPS}in/", cookies("a=1")),
        last=("a=1; Secure",),
        finds=("cookie-without-secure",),
    ),
    chain(
        "another host's",
        (SSO, cookies("a=1; Path=/")),
        last=("a=1; Secure",),
        finds=("cookie-without-secure",),
    ),
    chain(
        "both hosts', by Domain",
        (SSO, cookies("a=1; Path=/; Domain=a.example")),
        last=("a=1; Domain=a.example; Secure",),
    ),
    chain(
        "one that is refused at the end",
        (HTTPS, cookies("a=1")),
        last=("a=2; SameSite=None",),
        finds=("cookie-samesite-none-without-secure", "cookie-without-secure"),
    ),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_finds_what_the_case_says(case: Case) -> None:
    assert found_ids(CHECK, case) == case.finds


def test_a_finding_says_where_it_is_found_and_gives_no_line_for_the_response() -> None:
    (finding,) = findings(CHECK, chain("one", (HTTP, ()), (SSO, cookies("theme=dark"))))
    assert finding.message == (
        "The cookie theme lacks Secure: it is sent over plain http too "
        "(set on the way, at https://sso.a.example/in/)."
    )
    assert (finding.field, finding.fix) == ("Set-Cookie", "Add Secure")


def test_a_message_is_bounded_and_ends_with_the_place() -> None:
    case = chain("long", (SSO + "x" * 8_000, cookies("n" * 3_000 + "=1")))
    (finding,) = findings(CHECK, case)
    assert len(finding.message) == 500
    assert finding.message.endswith("xxx…).")


def test_what_is_found_on_the_way_is_told_in_the_order_of_the_chain_and_last() -> None:
    case = chain(
        "three", (HTTPS, cookies("a=1")), (SSO, cookies("b=1")), last=("c=1",)
    )  # fmt: skip
    assert [finding.message.split()[2] for finding in findings(CHECK, case)] == ["c", "a", "b"]


def test_no_more_is_told_of_a_chain_than_of_a_response() -> None:
    own = tuple(f"b{number}=1" for number in range(50))
    hops = tuple((f"https://{number}.a.example/", cookies("a=1", "b=1")) for number in range(20))
    assert len(findings(CHECK, chain("many", *hops, last=own))) == 60


def test_of_many_cookies_the_last_hops_are_judged() -> None:
    lines = cookies(*(f"a{number}=1" for number in range(10)))
    hops = tuple((f"https://{number}.a.example/", lines) for number in range(5))
    places = [finding.message.rpartition(" ")[2] for finding in findings(CHECK, chain("many", *hops))]
    counts = [places.count(f"https://{number}.a.example/).") for number in range(5)]
    assert counts == [0, 0, 5, 10, 10]
