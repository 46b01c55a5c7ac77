"""What Debian's web servers send is what the record holds: the raw bytes, read independently, say so."""

import re
from collections.abc import Iterator
from email.utils import parsedate_to_datetime

import pytest

from tests.integration.authority import Authority, Certificate
from tests.integration.inspecting import inspect, inspect_one
from tests.integration.name_server import answering, hosts
from tests.integration.raw_client import RawHead, request_head
from tests.integration.real_servers import RealServer, find, running
from tests.integration.server_configurations import CONFIGURATIONS, COOKIES
from workers.model import Hop

TIMES = frozenset({"date", "expires", "last-modified"})  # may differ by a second between two requests


@pytest.fixture(scope="session")
def second_certificate(authority: Authority) -> Certificate:
    return authority.issue("two.test")


@pytest.fixture(scope="session", params=CONFIGURATIONS)
def server(
    request: pytest.FixtureRequest,
    certificate: Certificate,
    second_certificate: Certificate,
) -> Iterator[RealServer]:
    program = find(request.param)
    if program is None:
        pytest.skip(f"{request.param} is not installed (tests/integration/install_servers.sh)")
    with running(request.param, program, certificate, second_certificate) as started:
        yield started


@pytest.fixture(params=["http", "https"])
def scheme(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.mark.parametrize("method", ["head", "get"])
@pytest.mark.parametrize("path", ["/", "/missing", "/moved", "/no-head"])
async def test_every_header_is_recorded_in_order_as_spelt_and_as_often_as_sent(
    server: RealServer, scheme: str, path: str, method: str, authority: Authority
) -> None:
    port = server.port(scheme)
    url = f"{scheme}://127.0.0.1:{port}{path}"
    record = await inspect_one(url, ca_file=authority.file, method=method)
    roots = authority.file if scheme == "https" else None
    sent = request_head(method.upper(), f"127.0.0.1:{port}", path, port, ca_file=roots)
    assert_same(record.hops[0], sent)
    assert record.hops[0].defects == ()
    assert record.hops[0].address == f"127.0.0.1:{port}"


async def test_each_cookie_is_a_header_of_its_own(
    server: RealServer, scheme: str, authority: Authority
) -> None:
    record = await inspect_one(f"{scheme}://127.0.0.1:{server.port(scheme)}/", ca_file=authority.file)
    assert values(record.hops[0], "set-cookie") == list(COOKIES)
    assert values(record.hops[0], "x-repeat") == ["one", "two"]


async def test_a_redirect_is_followed_and_both_hops_are_recorded(
    server: RealServer, scheme: str, authority: Authority
) -> None:
    root = f"{scheme}://127.0.0.1:{server.port(scheme)}/"
    record = await inspect_one(f"{root}moved", ca_file=authority.file)
    assert [(hop.url, hop.status) for hop in record.hops] == [(f"{root}moved", 302), (root, 200)]
    assert (record.final_url, record.status, record.outcome) == (root, 200, "ok")


async def test_a_page_that_is_not_there_is_a_response_like_any_other(
    server: RealServer, scheme: str, authority: Authority
) -> None:
    record = await inspect_one(f"{scheme}://127.0.0.1:{server.port(scheme)}/missing", ca_file=authority.file)
    assert (record.outcome, record.status, record.error) == ("ok", 404, None)


async def test_get_takes_the_place_of_a_refused_head(
    server: RealServer, scheme: str, authority: Authority
) -> None:
    record = await inspect_one(f"{scheme}://127.0.0.1:{server.port(scheme)}/no-head", ca_file=authority.file)
    assert [(hop.method, hop.status) for hop in record.hops] == [("GET", 200)]


async def test_the_certificate_in_the_record_is_the_one_that_was_issued(
    server: RealServer, certificate: Certificate, authority: Authority
) -> None:
    record = await inspect_one(f"https://127.0.0.1:{server.https}/", ca_file=authority.file)
    tls = record.hops[0].tls
    assert tls is not None
    assert tls.version == "TLSv1.3"
    assert tls.cipher.startswith("TLS_")
    assert tls.verified
    assert tls.sha256 == certificate.sha256
    assert tls.not_after == certificate.not_after
    assert tls.sans == certificate.names
    assert (tls.subject, tls.issuer) == ("CN=one.test", "CN=Masthead's test authority")


async def test_each_virtual_host_presents_its_own_certificate(
    server: RealServer, certificate: Certificate, second_certificate: Certificate, authority: Authority
) -> None:
    """SNI: two names on one address and port."""
    async with answering(one=hosts("127.0.0.1"), two=hosts("127.0.0.1")) as names:
        records = await inspect(
            f"https://one.test:{server.https}/",
            f"https://two.test:{server.https}/",
            ca_file=authority.file,
            resolver=names.resolver,
        )
    presented = [record.hops[0].tls.sha256 for record in records if record.hops and record.hops[0].tls]
    assert presented == [certificate.sha256, second_certificate.sha256], [record.error for record in records]
    assert [record.status for record in records] == [200, 200]


@pytest.mark.parametrize("server", ["apache2"], indirect=True)
@pytest.mark.parametrize("method", ["head", "get"])
async def test_an_http_1_0_response_is_recorded_as_one(server: RealServer, method: str) -> None:
    record = await inspect_one(f"http://127.0.0.1:{server.http}/old", method=method)
    sent = request_head(method.upper(), f"127.0.0.1:{server.http}", "/old", server.http)
    assert_same(record.hops[0], sent)
    assert record.hops[0].http_version == "1.0"


async def test_plain_http_has_no_tls_facts(server: RealServer) -> None:
    record = await inspect_one(f"http://127.0.0.1:{server.http}/")
    assert record.hops[0].tls is None
    assert record.hops[0].timing_ms.tls is None


async def test_many_at_once_are_each_answered(server: RealServer, authority: Authority) -> None:
    roots = [f"http://127.0.0.1:{server.http}/", f"https://127.0.0.1:{server.https}/"]
    records = await inspect(*roots * 50, ca_file=authority.file, concurrency=20)
    assert [record.status for record in records] == [200] * 100
    for record in records:
        assert values(record.hops[0], "set-cookie") == list(COOKIES)


def assert_same(hop: Hop, sent: RawHead) -> None:
    assert f"HTTP/{hop.http_version} {hop.status} {hop.reason}".rstrip() == sent.status_line.rstrip()
    assert [stable(*pair) for pair in hop.headers] == [stable(*pair) for pair in sent.fields]


def stable(name: str, value: str) -> tuple[str, str]:
    """A field with what the clock puts in taken out, once it has been seen to be a date."""
    if name.lower() in TIMES:
        assert parsedate_to_datetime(value)
        return name, re.sub(r"\d", "0", re.sub(r"[A-Z][a-z]{2}", "Day", value))
    return name, value


def values(hop: Hop, name: str) -> list[str]:
    return [value for found, value in hop.headers if found.lower() == name]
