"""Certificates: how long they hold, and for which names."""

from datetime import UTC, datetime

import pytest

from tests.workers.checks.cases import Case, findings, found_ids
from workers.checks.tls_certificate import CHECK
from workers.model import Hop, Timing, Tls
from workers.response import Response

NOW_S = datetime(2026, 6, 1, tzinfo=UTC).timestamp()


def certificate(
    not_after: str = "2026-09-01T00:00:00Z",
    sans: tuple[str, ...] = ("example.com",),
    *,
    verified: bool = True,
    issuer: str = "CN=R3,O=Let's Encrypt",
) -> Tls:
    return Tls(
        "TLSv1.3", "TLS_AES_256_GCM_SHA384", None, verified, "example.com", issuer, not_after, sans, not_after
    )


def over(
    name: str, tls: Tls | None, *finds: str, url: str = "https://example.com/", at_s: float | None = NOW_S
) -> Case:
    return Case(name, (), finds, url=url, tls=tls, at_s=at_s)


UNVERIFIED, MISMATCH = "certificate-unverified", "certificate-name-mismatch"
CASES = (
    over("fresh", certificate()),
    over("over http", None, url="http://example.com/"),
    over("expired", certificate("2026-05-31T23:59:59Z"), "certificate-expired"),
    over("two days left", certificate("2026-06-03T00:00:00Z"), "certificate-expires-in-days"),
    over("ten days left", certificate("2026-06-11T00:00:00Z"), "certificate-expires-soon"),
    over("fifteen days left", certificate("2026-06-16T00:00:00Z")),
    over("nobody knows when", certificate("2026-05-31T00:00:00Z"), at_s=None),
    over("an odd date", certificate("never")),
    over("one that could not be read", certificate("", ())),
    over("without names", certificate(sans=()), "certificate-without-names"),
    over("verified, by another name", certificate(sans=("other.example",))),
    over("another's", certificate(sans=("other.example",), verified=False), MISMATCH, UNVERIFIED),
    over("a wildcard", certificate(sans=("*.example.com",), verified=False), UNVERIFIED, url="https://a.example.com/"),
    over(
        "a wildcard is one label",
        certificate(sans=("*.example.com",), verified=False),
        MISMATCH,
        UNVERIFIED,
        url="https://a.b.example.com/",
    ),
    over("in capitals", certificate(sans=("EXAMPLE.com",), verified=False), UNVERIFIED),
    over("an address", certificate(sans=("192.0.2.1",), verified=False), UNVERIFIED, url="https://192.0.2.1/"),
    over(
        "an address in IPv6", certificate(sans=("2001:db8::1",), verified=False), UNVERIFIED, url="https://[2001:db8::1]/"
    ),
    over(
        "its own issuer",
        certificate(issuer="CN=example.com", verified=False),
        "certificate-self-signed",
        UNVERIFIED,
    ),
)  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=str)
def test_finds_what_the_case_says(case: Case) -> None:
    assert found_ids(CHECK, case) == case.finds


def test_a_certificate_of_an_earlier_hop_is_judged_and_named_once() -> None:
    old = certificate("2026-05-01T00:00:00Z")
    hops = tuple(
        Hop(url, "GET", status, "", "1.1", "192.0.2.1", (), (), tls, Timing())
        for url, status, tls in (
            ("https://old.example/", 301, old),
            ("https://old.example/2", 301, old),
            ("https://example.com/", 200, certificate()),
        )
    )
    response = Response(url="https://example.com/", status=200, fields=(), hops=hops, at_s=NOW_S)
    assert [finding.message for finding in CHECK.run(response)] == [
        "The certificate of old.example expired on 2026-05-01."
    ]


def test_a_response_without_hops_is_judged_by_its_own_certificate() -> None:
    tls = certificate("2026-05-01T00:00:00Z")
    response = Response(url="https://example.com/", status=200, fields=(), tls=tls, at_s=NOW_S)
    assert [finding.id for finding in CHECK.run(response)] == ["certificate-expired"]


def test_the_evidence_is_the_date() -> None:
    (finding,) = findings(CHECK, over("expired", certificate("2026-05-31T23:59:59Z")))
    assert (finding.field, finding.evidence) == ("TLS", "2026-05-31T23:59:59Z")
