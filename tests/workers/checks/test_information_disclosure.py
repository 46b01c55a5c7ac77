"""What the headers give away."""

import pytest

from tests.workers.checks.cases import Case, findings, found_ids
from workers.checks.information_disclosure import CHECK
from workers.syntax.head import Field

VERSION = ("server-version-disclosed",)


def sent(name: str, *fields: Field, finds: tuple[str, ...] = ()) -> Case:
    return Case(name, fields, finds)


CASES = (
    sent("nothing"),
    sent("a name alone", ("Server", "nginx")),
    sent("a name and a platform", ("Server", "Apache (Ubuntu)")),
    sent("a major version", ("Server", "Apache/2")),
    sent("a comment with a node's name", ("Server", "ECS (dcb/7F84)")),
    sent("a version", ("Server", "nginx/1.18.0"), finds=VERSION),
    sent("several versions", ("Server", "Apache/2.4.41 (Ubuntu) OpenSSL/1.1.1f PHP/7.4.3"), finds=VERSION),
    sent("a version in brackets", ("Server", "Jetty(9.4.43.v20210629)"), finds=VERSION),
    sent("what made it", ("X-Powered-By", "Express"), finds=("technology-disclosed",)),
    sent(
        "what made it, to the version", ("X-Powered-By", "PHP/7.4.3"), finds=("technology-version-disclosed",)
    ),
    sent("an empty one", ("X-Powered-By", "")),
    sent(
        "what lies behind",
        ("X-Varnish-Backend", "web-3"),
        ("X-Envoy-Upstream-Service-Time", "7"),
        finds=("internals-disclosed",),
    ),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_finds_what_the_case_says(case: Case) -> None:
    assert found_ids(CHECK, case) == case.finds


@pytest.mark.parametrize(
    ("server", "mended"),
    [
        ("nginx/1.18.0", "nginx"),
        ("Apache/2.4.41 (Ubuntu) OpenSSL/1.1.1f PHP/7.4.3", "Apache OpenSSL PHP"),
        ("Jetty(9.4.43.v20210629)", "Jetty"),
    ],
)
def test_the_fix_keeps_the_products_and_drops_their_versions(server: str, mended: str) -> None:
    assert [finding.fix for finding in findings(CHECK, sent("server", ("Server", server)))] == [
        f"Server: {mended}"
    ]


def test_fields_from_behind_the_site_are_one_finding_that_names_the_first() -> None:
    case = sent("behind", ("X-B3-TraceId", "1"), ("X-B3-SpanId", "2"))
    assert [(finding.field, finding.evidence) for finding in findings(CHECK, case)] == [
        ("X-B3-TraceId", "X-B3-TraceId, X-B3-SpanId")
    ]
