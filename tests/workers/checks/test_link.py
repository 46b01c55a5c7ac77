"""Link: what browsers can fetch early, and what they cannot."""

import pytest

from tests.workers.checks.cases import PAGE, Case, findings, found_ids
from workers.checks.link import CHECK


def sent(name: str, *values: str, finds: tuple[str, ...] = (), url: str = "https://example.com/") -> Case:
    return Case(name, (PAGE, *(("Link", value) for value in values)), finds, url=url)


CASES = (
    sent("none"),
    sent("a script", "</app.js>; rel=preload; as=script"),
    sent("a connection", "<https://fonts.example>; rel=preconnect; crossorigin"),
    sent("an interface", '<https://a.example/wp-json/>; rel="https://api.w.org/"'),
    sent("a canonical page on http", '<http://a.example/>; rel="canonical"'),
    sent("a comma in an address", "</a,b.css>; rel=preload; as=style"),
    sent("a font", "</f.woff2>; rel=preload; as=font; crossorigin"),
    sent("no brackets", "/app.js; rel=preload; as=script", finds=("link-malformed",)),
    sent("an open quote", '</a>; rel="next', finds=("link-malformed",)),
    sent("no relation", "</app.js>; as=script", finds=("link-relation-missing",)),
    sent("no destination", "</app.js>; rel=preload", finds=("link-preload-without-as",)),
    sent("a media type", "</app.js>; rel=preload; as=text/javascript", finds=("link-preload-as-unknown",)),
    sent("a font without mode", "</f.woff2>; rel=preload; as=font", finds=("link-font-without-crossorigin",)),
    sent("plain http", "<http://a.example/s.css>; rel=stylesheet", finds=("link-insecure-target",)),
    sent("plain http from plain http", "<http://a.example/s.css>; rel=stylesheet", url="http://a.example/"),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_finds_what_the_case_says(case: Case) -> None:
    assert found_ids(CHECK, case) == case.finds


@pytest.mark.parametrize(
    ("value", "fix"),
    [
        ("</a.css>; rel=preload, </b>; rel=preload, x", "Link: </a.css>; rel=preload; as=style"),
        (
            '<http://a.b/f.woff>; rel="preload"; as=woff, </c>; rel="next"; title="a,b"',
            'Link: <https://a.b/f.woff>; rel=preload; as=font; crossorigin, </c>; rel=next; title="a,b"',
        ),
        ("</b>; rel=preload", "Remove the field Link"),
    ],
)  # fmt: skip
def test_one_fix_keeps_what_was_right(value: str, fix: str) -> None:
    assert {finding.fix for finding in findings(CHECK, sent("faulty", value))} == {fix}
