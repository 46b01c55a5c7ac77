"""TLS version and cipher suite."""

import pytest

from tests.workers.checks.cases import Case, found_ids, response_of
from workers.checks.tls_version import CHECK
from workers.model import Tls
from workers.response import Response


def agreed(version: str, cipher: str, *finds: str) -> Case:
    tls = Tls(version, cipher, None, True, "a", "b", "2027-01-01T00:00:00Z", ("example.com",), "0")
    return Case(f"{version} {cipher}", (), finds, tls=tls)


STATIC = "cipher-without-forward-secrecy"
CASES = (
    Case("none", ()),
    agreed("TLSv1.3", "TLS_AES_256_GCM_SHA384"),
    agreed("TLSv1.3", "TLS_CHACHA20_POLY1305_SHA256"),
    agreed("TLSv1.2", "ECDHE-RSA-AES128-GCM-SHA256"),
    agreed("TLSv1.2", "DHE-RSA-CHACHA20-POLY1305"),
    agreed("TLSv1.2", "ECDHE-RSA-AES256-SHA384", "cipher-without-authentication"),
    agreed("TLSv1.2", "AES256-GCM-SHA384", STATIC),
    agreed("TLSv1.2", "AES128-SHA", "cipher-without-authentication", STATIC),
    agreed("TLSv1.2", "DES-CBC3-SHA", "cipher-triple-des", STATIC),
    agreed("TLSv1.2", "ECDHE-RSA-RC4-SHA", "cipher-broken"),
    agreed("TLSv1.2", "ADH-AES256-GCM-SHA384", "cipher-broken"),
    agreed("TLSv1", "ECDHE-RSA-AES128-SHA", "tls-version-broken", "cipher-without-authentication"),
    agreed("TLSv1.1", "ECDHE-RSA-AES128-SHA", "tls-version-obsolete", "cipher-without-authentication"),
    agreed("TLSv1.2", ""),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_finds_what_the_case_says(case: Case) -> None:
    assert found_ids(CHECK, case) == case.finds


def test_a_response_without_hops_is_judged_by_its_own_connection() -> None:
    full = response_of(agreed("TLSv1.1", "ECDHE-RSA-AES128-GCM-SHA256"))
    response = Response(url=full.url, status=200, fields=(), tls=full.tls)
    assert [finding.id for finding in CHECK.run(response)] == ["tls-version-obsolete"]
