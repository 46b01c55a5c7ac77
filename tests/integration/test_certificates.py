"""Certificates that do not hold, each for one reason; and what `insecure` makes of them."""

import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from service.app import open_fetcher
from service.errors import UsageError
from service.settings import Settings
from tests.integration.authority import DAY, Authority, Certificate
from tests.integration.broken_server import BrokenServer, says, serve
from tests.integration.conftest import server_context
from tests.integration.inspecting import inspect, inspect_one
from tests.integration.name_server import answering, hosts

OK = says(b"HTTP/1.1 200 OK\r\nX-Seen: yes\r\n\r\n")
HOUR = timedelta(hours=1)

Issue = Callable[[Authority], Certificate]
BAD: dict[str, tuple[Issue, str]] = {
    "expired": (lambda ours: ours.issue("127.0.0.1", ends_in=-HOUR), "expired"),
    "not-yet-valid": (lambda ours: ours.issue("127.0.0.1", starts_in=DAY), "not yet valid"),
    "wrong-host": (lambda ours: ours.issue("elsewhere.test"), "mismatch"),
    "self-signed": (lambda ours: ours.issue("127.0.0.1", self_signed=True), "self-signed"),
}


@pytest.fixture(scope="session")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """An authority that nobody here trusts."""
    return Authority(tmp_path_factory.mktemp("stranger"), "A stranger")


@asynccontextmanager
async def presenting(certificate: Certificate) -> AsyncIterator[BrokenServer]:
    async with serve({"": OK}, server_context(certificate.certificate, certificate.key)) as server:
        yield server


@pytest.mark.parametrize("name", BAD)
async def test_a_certificate_that_does_not_hold_says_why(name: str, authority: Authority) -> None:
    issue, reason = BAD[name]
    async with presenting(issue(authority)) as server:
        record = await inspect_one(f"https://127.0.0.1:{server.port}/", ca_file=authority.file)
    assert record.error is not None
    assert (record.error.code, record.error.stage) == ("tls_certificate", "tls")
    assert reason in record.error.message.lower()
    assert server.requests == [], "a request went to a server that could not prove who it is"


@pytest.mark.parametrize("name", BAD)
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
async def test_the_hop_of_a_certificate_that_does_not_hold_shows_it(
    name: str, version: ssl.TLSVersion, authority: Authority
) -> None:
    certificate = BAD[name][0](authority)
    context = server_context(certificate.certificate, certificate.key)
    context.minimum_version = context.maximum_version = version
    async with serve({"": OK}, context) as server:
        record = await inspect_one(f"https://127.0.0.1:{server.port}/", ca_file=authority.file)
    (hop,) = record.hops
    assert (hop.url, hop.status, hop.headers) == (record.url, None, ())
    assert hop.address == f"127.0.0.1:{server.port}"
    assert hop.tls is not None
    assert (hop.tls.verified, hop.tls.version.replace(".", "_")) == (False, version.name)
    assert hop.tls.cipher
    assert (hop.tls.sha256, hop.tls.not_after) == (certificate.sha256, certificate.not_after)
    assert hop.timing_ms.connect is not None
    assert (hop.timing_ms.tls, hop.timing_ms.response) == (None, None)


@pytest.mark.parametrize("name", BAD)
async def test_insecure_reports_on_it_as_not_verified(name: str, authority: Authority) -> None:
    certificate = BAD[name][0](authority)
    async with presenting(certificate) as server:
        record = await inspect_one(f"https://127.0.0.1:{server.port}/", ca_file=authority.file, insecure=True)
    assert record.outcome == "ok"
    tls = record.hops[0].tls
    assert tls is not None
    assert not tls.verified
    assert (tls.sha256, tls.not_after, tls.sans) == (
        certificate.sha256,
        certificate.not_after,
        certificate.names,
    )


async def test_insecure_still_says_of_a_good_certificate_that_it_is_verified(
    certificate: Certificate, authority: Authority
) -> None:
    async with presenting(certificate) as server:
        record = await inspect_one(f"https://127.0.0.1:{server.port}/", ca_file=authority.file, insecure=True)
    assert record.hops[0].tls is not None
    assert record.hops[0].tls.verified
    assert server.seen == 1


async def test_an_authority_that_is_not_trusted_vouches_for_nobody(
    stranger: Authority, authority: Authority
) -> None:
    async with presenting(stranger.issue("127.0.0.1")) as server:
        record = await inspect_one(f"https://127.0.0.1:{server.port}/", ca_file=authority.file)
    assert record.error is not None
    assert record.error.code == "tls_certificate"


async def test_a_private_authority_is_not_trusted_without_ca_file(certificate: Certificate) -> None:
    async with presenting(certificate) as server:
        record = await inspect_one(f"https://127.0.0.1:{server.port}/")
    assert record.error is not None
    assert record.error.code == "tls_certificate"


async def test_a_redirect_to_a_bad_certificate_keeps_the_hop_before_it(authority: Authority) -> None:
    async with presenting(BAD["expired"][0](authority)) as bad:
        there = says(f"HTTP/1.1 301 Moved\r\nLocation: https://127.0.0.1:{bad.port}/\r\n\r\n".encode())
        async with serve({"": there}) as server:
            record = await inspect_one(f"http://127.0.0.1:{server.port}/", ca_file=authority.file)
    assert record.error is not None
    assert record.error.code == "tls_certificate"
    assert [(hop.status, hop.tls is not None) for hop in record.hops] == [(301, False), (None, True)]


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
async def test_the_version_that_was_agreed_on_is_recorded(
    version: ssl.TLSVersion, certificate: Certificate, authority: Authority
) -> None:
    context = server_context(certificate.certificate, certificate.key)
    context.minimum_version = context.maximum_version = version
    async with serve({"": OK}, context) as server:
        record = await inspect_one(f"https://127.0.0.1:{server.port}/", ca_file=authority.file)
    assert record.hops[0].tls is not None
    assert record.hops[0].tls.version == version.name.replace("_", ".")


async def test_each_name_gets_the_certificate_of_its_own_host(
    certificate: Certificate, authority: Authority
) -> None:
    """SNI: two names on one address and port."""
    second = authority.issue("two.test")
    context = server_context(certificate.certificate, certificate.key)
    by_name = {"two.test": server_context(second.certificate, second.key)}

    def choose(connection: ssl.SSLObject, name: str | None, _: ssl.SSLContext) -> None:
        connection.context = by_name.get(name or "", context)

    context.sni_callback = choose
    async with serve({"": OK}, context) as server, answering(**TWO_HOSTS) as names:
        records = await inspect(
            *(f"https://{name}:{server.port}/" for name in ("one.test", "two.test")),
            ca_file=authority.file,
            resolver=names.resolver,
        )
    assert [record.hops[0].tls and record.hops[0].tls.sha256 for record in records] == [
        certificate.sha256,
        second.sha256,
    ]


async def test_a_name_for_ascii_is_sent_for_an_international_one(authority: Authority) -> None:
    certificate = authority.issue("xn--bcher-kva.test")
    async with presenting(certificate) as server, answering(**{"xn--bcher-kva": hosts("127.0.0.1")}) as names:
        record = await inspect_one(
            f"https://bücher.test:{server.port}/", ca_file=authority.file, resolver=names.resolver
        )
    assert record.outcome == "ok", record.error
    assert record.url == f"https://xn--bcher-kva.test:{server.port}/"


async def test_a_roots_file_that_is_gone_is_told_before_anything_is_fetched(
    tmp_path: Path, authority: Authority
) -> None:
    roots = tmp_path / "roots.pem"
    roots.write_bytes(authority.file.read_bytes())
    settings = Settings(ca_file=roots)
    roots.unlink()
    with pytest.raises(UsageError, match="ca_file"):
        async with open_fetcher(settings):
            pass


TWO_HOSTS = {"one": hosts("127.0.0.1"), "two": hosts("127.0.0.1")}
