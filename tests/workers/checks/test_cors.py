"""Access-Control-*: the CORS protocol as WHATWG Fetch has it."""

import pytest

from tests.workers.checks.cases import Case, findings, found_ids
from workers.checks.cors import CHECK
from workers.response import Access
from workers.syntax.head import Field

ORIGIN, CREDENTIALS = "Access-Control-Allow-Origin", "Access-Control-Allow-Credentials"


def sent(
    name: str,
    *origins: str,
    finds: tuple[str, ...] = (),
    more: tuple[Field, ...] = (),
    url: str = "https://example.com/",
    preflight: Access | None = None,
) -> Case:
    return Case(name, (*((ORIGIN, origin) for origin in origins), *more), finds, url=url, preflight=preflight)


CASES = (
    sent("none"),
    sent("anyone", "*"),
    sent(
        "one origin with credentials",
        "https://app.example:8443",
        more=((CREDENTIALS, "true"), ("Vary", "Accept-Encoding, origin")),
    ),
    sent(
        "one origin with credentials, and nothing for caches",
        "https://app.example:8443",
        more=((CREDENTIALS, "true"), ("Cache-Control", "no-store")),
    ),
    sent(
        "one origin with credentials, for all that a cache knows",
        "https://app.example:8443",
        finds=("cors-vary-missing",),
        more=((CREDENTIALS, "true"), ("Vary", "Accept-Encoding")),
    ),
    sent("an extension's origin", "chrome-extension://abcdef"),
    sent("an address's origin", "https://[2001:db8::1]:8443"),
    sent(
        "anyone with credentials",
        "*",
        finds=("cors-wildcard-with-credentials",),
        more=((CREDENTIALS, "true"),),
    ),
    sent("null", "null", finds=("cors-null-origin",)),
    sent(
        "null with credentials",
        "null",
        finds=("cors-null-origin-with-credentials",),
        more=((CREDENTIALS, "true"),),
    ),
    sent("any in a preflight", finds=("cors-any-origin-reflected",), preflight="any"),
    sent(
        "any in a preflight with credentials",
        finds=("cors-any-origin-with-credentials",),
        preflight="any-with-credentials",
    ),
    sent(
        "* to requests without cookies, and any to a preflight",
        "*",
        finds=("cors-any-origin-with-credentials",),
        more=((CREDENTIALS, "true"),),
        preflight="any-with-credentials",
    ),
    sent("null in a preflight", finds=("cors-null-origin",), preflight="null"),
    sent("null in both", "null", finds=("cors-null-origin",), preflight="null"),
    sent(
        "null in both, in the preflight with credentials",
        "null",
        finds=("cors-null-origin-with-credentials",),
        preflight="null-with-credentials",
    ),
    sent(
        "null in both, in the response with credentials",
        "null",
        finds=("cors-null-origin-with-credentials",),
        more=((CREDENTIALS, "true"),),
        preflight="null",
    ),
    sent("two origins", "https://a.example, https://b.example", finds=("cors-several-origins",)),
    sent("two origins apart", "https://a.example", "https://b.example", finds=("cors-several-origins",)),
    sent("a slash at the end", "https://a.example/", finds=("cors-origin-invalid",)),
    sent("capitals", "https://A.example", finds=("cors-origin-invalid",)),
    sent("a pattern", "https://*.a.example", finds=("cors-origin-invalid",)),
    sent("no scheme", "a.example", finds=("cors-origin-invalid",)),
    sent("empty", "", finds=("cors-origin-invalid",)),
    sent("plain http", "http://a.example:80", finds=("cors-plain-http-origin",)),
    sent("plain http from plain http", "http://a.example", url="http://example.com/"),
    sent("a developer's own host", "http://localhost:3000"),
    sent("no credentials", "https://a.example", more=((CREDENTIALS, "false"),)),
    sent(
        "credentials in capitals",
        "https://a.example",
        finds=("cors-credentials-invalid",),
        more=((CREDENTIALS, "True"),),
    ),
    sent(
        "any header with credentials",
        "https://a.example",
        finds=("cors-wildcard-literal",),
        more=((CREDENTIALS, "true"), ("Access-Control-Expose-Headers", "*"), ("Vary", "*")),
    ),
    sent("a good max-age", more=(("Access-Control-Max-Age", "600"),)),
    sent("a preflight that is not kept", more=(("Access-Control-Max-Age", "-1"),)),
    sent("a bad max-age", finds=("cors-max-age-invalid",), more=(("Access-Control-Max-Age", "1d"),)),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_finds_what_the_case_says(case: Case) -> None:
    assert found_ids(CHECK, case) == case.finds


def test_the_finding_names_the_field_that_holds_the_wildcard() -> None:
    case = sent("any method", more=((CREDENTIALS, "true"), ("Access-Control-Allow-Methods", "*")))
    assert [finding.field for finding in findings(CHECK, case)] == ["Access-Control-Allow-Methods"]


@pytest.mark.parametrize(
    ("vary", "more", "fix"),
    [
        ((), (), "Vary: Origin"),
        (
            ("Accept", "accept-encoding"),
            (("Content-Encoding", "br"),),
            "Vary: Accept, accept-encoding, Origin",
        ),
        (("Accept",), (("Content-Encoding", "br"),), "Add Origin to Vary"),
        (("Cookie",), (), "Add Origin to Vary"),
    ],
)
def test_the_line_keeps_what_the_answer_varies_by(vary, more, fix) -> None:
    fields = ((CREDENTIALS, "true"), *(("Vary", value) for value in vary), *more)
    assert [finding.fix for finding in findings(CHECK, sent("one", "https://a.example", more=fields))] == [
        fix
    ]
