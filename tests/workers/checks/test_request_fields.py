"""Fields of requests that come back in a response."""

import pytest

from tests.workers.checks.cases import Case, findings, found_ids
from workers.checks.request_fields import CHECK

CASES = (
    Case("none", (("Sec-WebSocket-Accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="),), status=101),
    Case("an origin", (("Origin", "https://a.example"),), ("request-field-in-response",)),
    Case(
        "a preflight's",
        (("Access-Control-Request-Method", "PUT"), ("Access-Control-Request-Headers", "x")),
        ("request-field-in-response",),
    ),
    Case("fetch metadata", (("sec-fetch-site", "none"),), ("request-field-in-response",)),
    *(
        Case(f"{name} alone", ((name, "x"),), ("request-field-in-response",))
        for name in (
            *("Accept-Charset", "Accept-Language", "Expect", "From", "Host", "If-Match", "If-Modified-Since"),
            *("If-None-Match", "If-Range", "If-Unmodified-Since", "Max-Forwards", "Range", "Referer", "TE"),
            *("User-Agent", "Authorization", "Proxy-Authorization"),
        )
    ),
    Case("what responses have, too", (("Accept", "image/avif"), ("Accept-Encoding", "gzip"))),
    Case("what responses alone have", (("Accept-Ranges", "bytes"), ("Allow", "GET"), ("Server", "x"))),
    Case("a token", (("authorization", "Bearer abc"),), ("credentials-in-response",)),
    Case("a token without its scheme", (("Authorization", "eyJhbGciOiJub25lIn0.e30."),),
         ("credentials-in-response",)),
    Case("a password for a proxy", (("Proxy-Authorization", "Basic YTpi"),), ("credentials-in-response",)),
    Case("who asks, and of whom", (("Authorization", 'Digest username="a", realm="b"'),),
         ("credentials-in-response",)),
    Case("a challenge by the wrong name", (("Authorization", 'Basic realm="shop"'),),
         ("request-field-in-response",)),
    Case("a scheme without credentials", (("Authorization", "Bearer"),), ("request-field-in-response",)),
    Case("a token and a host", (("Host", "a.example"), ("Authorization", "Bearer abc")),
         ("credentials-in-response", "request-field-in-response")),
    Case("a cookie", (("Cookie", "sid=1"),), ("cookie-field-in-response",)),
    Case("no cookie", (("Cookie", ""),)),
)  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=str)
def test_finds_what_the_case_says(case: Case) -> None:
    assert found_ids(CHECK, case) == case.finds


def test_the_evidence_leaves_the_secret_out() -> None:
    (finding,) = findings(CHECK, Case("", (("Authorization", "Bearer abc"),)))
    assert (finding.evidence, finding.severity) == ("Bearer", "high")
    (finding,) = findings(CHECK, Case("", (("Proxy-Authorization", "eyJhbGciOiJub25lIn0.e30."),)))
    assert (finding.evidence, finding.fix) == ("eyJ", "Remove the field Proxy-Authorization")


def test_all_that_is_to_go_is_named() -> None:
    (finding,) = findings(CHECK, Case("", (("User-Agent", "x"), ("Host", "a.example"))))
    assert (finding.field, finding.fix) == ("Host", "Remove the fields Host, User-Agent")
