"""TLS over own sockets: verification, SNI and the facts that a record tells."""

import asyncio
import socket
import ssl
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from msgspec.structs import replace

from service.inspection.chain import fetch_chain
from service.inspection.deadline import Timeouts
from service.inspection.dispatch import read_entry
from service.inspection.fetch import Fetcher, FetchOptions
from service.inspection.tls import TlsPolicy
from service.model import Target
from tests.service.inspection.certificates import Authority, make_authority
from tests.service.inspection.servers import HELLO, serve
from workers.model import Gathered

OPTIONS = FetchOptions(timeout_s=10)


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return make_authority(tmp_path)


@pytest.fixture
def trusting(fetcher: Fetcher, authority: Authority) -> Fetcher:
    return replace(fetcher, tls=TlsPolicy.load(authority.ca_file))


async def fetch(fetcher: Fetcher, url: str, options: FetchOptions = OPTIONS) -> Gathered:
    return await fetch_chain(fetcher, read_entry(Target(1, url)), options)


async def test_a_verified_connection_tells_its_facts(trusting: Fetcher, authority: Authority) -> None:
    async with serve(HELLO, tls=authority.server_context("one.test", "127.0.0.1")) as port:
        gathered = await fetch(trusting, f"https://one.test:{port}/")
    (exchange,) = gathered.exchanges
    assert exchange.head == HELLO
    assert exchange.timing_ms.tls is not None
    tls = exchange.tls
    assert tls is not None
    assert (tls.version, tls.verified, tls.alpn) == ("TLSv1.3", True, None)
    assert (tls.subject, tls.issuer) == ("CN=one.test", "CN=Test Authority")
    assert tls.sans == ("one.test", "127.0.0.1")
    pem = (authority.folder / "one.test.pem").read_text()
    der = ssl.PEM_cert_to_DER_cert(pem[pem.index("-----BEGIN CERTIFICATE") :])
    assert tls.sha256 == sha256(der).hexdigest()


async def test_an_address_is_verified_as_an_address(trusting: Fetcher, authority: Authority) -> None:
    async with serve(HELLO, tls=authority.server_context("127.0.0.1")) as port:
        assert (await fetch(trusting, f"https://127.0.0.1:{port}/")).failure is None


@pytest.mark.parametrize(
    ("name", "lasts", "reason"),
    [("one.test", timedelta(days=-1), "expired"), ("other.test", timedelta(days=1), "mismatch")],
)
async def test_a_certificate_that_does_not_verify_is_refused_with_its_reason(
    trusting: Fetcher, authority: Authority, name: str, lasts: timedelta, reason: str
) -> None:
    async with serve(HELLO, tls=authority.server_context(name, lasts=lasts)) as port:
        failure = (await fetch(trusting, f"https://one.test:{port}/")).failure
    assert failure is not None
    assert (failure.code, failure.stage) == ("tls_certificate", "tls")
    assert reason in failure.message


async def test_an_unknown_authority_is_refused_or_with_insecure_reported(
    fetcher: Fetcher, authority: Authority
) -> None:
    async with serve(HELLO, tls=authority.server_context("one.test")) as port:
        refused = await fetch(fetcher, f"https://one.test:{port}/")
        reported = await fetch(fetcher, f"https://one.test:{port}/", replace(OPTIONS, insecure=True))
    assert refused.failure is not None
    assert refused.failure.code == "tls_certificate"
    assert reported.failure is None
    assert reported.exchanges[0].tls is not None
    assert (reported.exchanges[0].tls.verified, reported.exchanges[0].tls.subject) == (False, "CN=one.test")


async def test_a_handshake_that_stalls_is_a_tls_timeout(trusting: Fetcher) -> None:
    async def keep_silent(_: bytes, reader: asyncio.StreamReader, __: asyncio.StreamWriter) -> None:
        await reader.read()

    async with serve(keep_silent, hasty=True) as port:
        options = replace(OPTIONS, timeouts=Timeouts(tls_s=0.1))
        failure = (await fetch(trusting, f"https://one.test:{port}/", options)).failure
    assert failure is not None
    assert failure.code == "tls_timeout"


@pytest.mark.parametrize(
    "answer", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\x15\x03\x03\x00\x02\x02\x28", b""]
)
async def test_a_port_without_tls_is_tls_failed(trusting: Fetcher, answer: bytes) -> None:
    async with serve(answer, hasty=True) as port:
        failure = (await fetch(trusting, f"https://one.test:{port}/")).failure
    assert failure is not None
    assert failure.code == "tls_failed"


async def test_an_end_without_close_notify_after_the_head_is_no_failure(
    trusting: Fetcher, authority: Authority
) -> None:
    async def answer(_: bytes, __: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(HELLO)
        await writer.drain()
        writer.get_extra_info("socket").shutdown(socket.SHUT_RDWR)

    async with serve(answer, tls=authority.server_context("one.test")) as port:
        assert (await fetch(trusting, f"https://one.test:{port}/")).failure is None


def test_roots_that_are_no_pem_are_refused(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("nothing")
    with pytest.raises(OSError, match="no certificates in PEM"):
        TlsPolicy.load(tmp_path / "ca.pem")


async def test_roots_are_loaded_once_and_one_url_s_end_is_not_the_others() -> None:
    policy = TlsPolicy.load(None)
    assert not policy.is_ready
    first, second = (asyncio.create_task(policy.prepare()) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    await second
    assert first.cancelled()
    assert policy.is_ready
