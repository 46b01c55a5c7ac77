"""Versions that redirects on the way tell."""

import pytest

from tests.workers.checks.cases import Case, findings, found_ids
from workers.checks.redirect_disclosure import CHECK
from workers.syntax.head import Field

SENT = ("Server", "nginx/1.22.1")
ON_REDIRECT = ("server-version-disclosed-on-redirect",)
MADE_ON_REDIRECT = ("technology-version-disclosed-on-redirect",)
WWW = "https://www.example.com/"


def on_the_way(
    name: str,
    *fields: Field,
    last: tuple[Field, ...] = (),
    finds: tuple[str, ...] = (),
    url: str = "https://example.com/",
    way: str = "http://example.com/",
) -> Case:
    """A redirect with the fields, and what it led to."""
    return Case(name, last, finds, url=url, way=((way, fields),))


CASES = (
    on_the_way("a version on the way", SENT, finds=ON_REDIRECT),
    on_the_way("both kinds", SENT, ("X-Powered-By", "PHP/5.3"), finds=(*ON_REDIRECT, *MADE_ON_REDIRECT)),
    on_the_way("names alone", ("Server", "nginx"), ("X-Powered-By", "PHP"), ("Via", "1.1 a")),
    on_the_way("the same at its end", SENT, last=(SENT,)),
    on_the_way("another at its end", SENT, last=(("Server", "nginx/1.18.0"),), finds=ON_REDIRECT),
    on_the_way("from another host of the site", SENT, url=WWW, finds=ON_REDIRECT),
    on_the_way("from another site", SENT, url="https://b.example/"),
    on_the_way(
        "from another that shares its suffix", SENT, url="https://b.github.io/", way="https://a.github.io/"
    ),
    on_the_way("from another address", SENT, url="https://192.0.2.1/", way="http://192.0.2.2/"),
    on_the_way("a number that years of patches share", ("Server", "Microsoft-IIS/10.0")),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_finds_what_the_case_says(case: Case) -> None:
    assert found_ids(CHECK, case) == case.finds


def test_what_was_told_on_the_way_says_where_and_is_told_once() -> None:
    fields = (("Server", "nginx/1.22.1"), ("X-Powered-By", "PHP/5.3"))
    case = Case("twice", (), way=(("http://example.com/", fields), ("https://example.com/", fields)), url=WWW)
    server, technology = findings(CHECK, case)
    assert server.message == (
        "The redirect at http://example.com/ tells the server that sent it to the version: nginx/1.22.1."
    )
    assert (technology.field, technology.evidence) == ("X-Powered-By", "PHP/5.3")
    assert "The redirect at http://example.com/ tells in X-Powered-By" in technology.message
