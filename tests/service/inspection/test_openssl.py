"""TLS connections by themselves: what OpenSSL's calls are trusted with, and what they leave behind."""

import asyncio
import socket
import ssl
import struct
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from OpenSSL.crypto import FILETYPE_PEM, load_certificate

from service.errors import Code, FetchFailed
from service.inspection import binding, openssl, tls
from service.inspection.certificate import CertificateFacts, read_certificate
from service.inspection.deadline import Deadline, Timeouts
from service.inspection.readiness import EpollReadiness, LoopReadiness, Network
from service.inspection.stream import Stream
from service.inspection.tls import TlsPolicy
from service.inspection.wire import HeadLimits
from tests.service.inspection.certificates import Authority, make_authority
from tests.service.inspection.servers import HELLO, Answer, serve
from workers.model import Tls

QUESTION = b"HEAD / HTTP/1.1\r\n\r\n"
VERSIONS = [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3]


@pytest.fixture(params=[EpollReadiness, LoopReadiness])
async def network(request: pytest.FixtureRequest) -> AsyncIterator[Network]:
    loop = asyncio.get_running_loop()
    network = Network(loop, request.param(loop))
    yield network
    network.close()


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return make_authority(tmp_path)


@pytest.fixture
def policy(authority: Authority) -> TlsPolicy:
    return TlsPolicy.load(authority.ca_file)


async def ask(
    network: Network, policy: TlsPolicy, port: int, name: str = "one.test", *, verify: bool = True
) -> Tls:
    with closing(Stream(network, "127.0.0.1", port, Deadline.after(10), Timeouts())) as stream:
        stream.start_tls(policy.towards(name, port, verify=verify))
        stream.write(QUESTION)
        assert await stream.read_head(HeadLimits()) == (200, HELLO)
        assert stream.secured is not None
        return stream.secured.facts()


async def failure(network: Network, policy: TlsPolicy, port: int, name: str = "one.test") -> tuple[Code, str]:
    with pytest.raises(FetchFailed) as caught:
        await ask(network, policy, port, name)
    return caught.value.code, str(caught.value)


def counting(resumed: list[bool]) -> Answer:
    """Answers, and notes of each connection whether it resumed a session."""

    async def answer(_: bytes, __: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        resumed.append(writer.get_extra_info("ssl_object").session_reused)
        writer.write(HELLO)
        await writer.drain()

    return answer


def server_tls(authority: Authority, *names: str, version: ssl.TLSVersion) -> ssl.SSLContext:
    context = authority.server_context(*names)
    context.minimum_version = context.maximum_version = version
    return context


def test_what_is_used_of_the_binding_exists() -> None:
    """A release of `cryptography` may drop what pyOpenSSL has no use for: it fails here, and not at a URL."""
    calls = {name: call for name, call in vars(binding).items() if name.startswith(("SSL_", "X509_", "BIO_"))}
    assert len(calls) > 30
    assert all(callable(call) for call in calls.values())


def test_http_urls_load_neither_openssl_nor_cryptography(tmp_path: Path) -> None:
    (tmp_path / "urls").write_text("http://127.0.0.1:1/\n")
    command = [sys.executable, "-X", "importtime", "-m", "service", "batch", tmp_path / "urls"]
    done = subprocess.run([*command, "--checks", "none"], capture_output=True, text=True, check=True)
    imported = {line.rpartition("|")[2].strip().partition(".")[0] for line in done.stderr.splitlines()}
    assert "service" in imported
    assert not {"OpenSSL", "cryptography"} & imported


@pytest.mark.parametrize(
    ("certified", "name"),
    [
        ("*.one.test", "a.one.test"),
        ("127.0.0.1", "127.0.0.1"),
        ("::1", "::1"),
        ("a_b.test", "a_b.test"),
        ("a.k8s1", "a.k8s1"),  # a name, though it ends like an address
    ],
)
async def test_names_and_addresses_are_compared_as_what_they_are(
    network: Network, policy: TlsPolicy, authority: Authority, certified: str, name: str
) -> None:
    async with serve(HELLO, tls=authority.server_context(certified)) as port:
        facts = await ask(network, policy, port, name)
    assert (facts.verified, facts.sans) == (True, (certified,))


@pytest.mark.parametrize(
    ("certified", "name", "reason"),
    [
        ("one.test", "two.test", "hostname mismatch"),
        ("a*.one.test", "ab.one.test", "hostname mismatch"),
        ("*.test", "a.one.test", "hostname mismatch"),
        ("one.test", "127.0.0.1", "IP address mismatch"),
        ("127.0.0.2", "127.0.0.1", "IP address mismatch"),
        ("127.0.0.1", "one.test", "hostname mismatch"),
    ],
)
async def test_a_certificate_for_another_is_refused(
    network: Network, policy: TlsPolicy, authority: Authority, certified: str, name: str, reason: str
) -> None:
    async with serve(HELLO, tls=authority.server_context(certified)) as port:
        told = await failure(network, policy, port, name)
    assert told == (Code.TLS_CERTIFICATE, f"the certificate of {name} does not verify: {reason}")


@pytest.mark.parametrize("name", ["a." * 126 + "test", "a" * 70_000])
async def test_a_name_that_is_too_long_for_tls_is_told(
    network: Network, policy: TlsPolicy, name: str
) -> None:
    async with serve(HELLO) as port:
        told = await failure(network, policy, port, name)
    assert told == (Code.TLS_FAILED, f"no TLS with {name}: it can be told names of up to 255 bytes")


@pytest.mark.parametrize("name", ["a" * 64 + ".test", "-a.test", "a!b.test"])
async def test_a_name_that_no_certificate_can_be_for_is_only_good_without_verification(
    network: Network, policy: TlsPolicy, authority: Authority, name: str
) -> None:
    async with serve(HELLO, tls=authority.server_context("one.test")) as port:
        code, message = await failure(network, policy, port, name)
        assert (code, "in no certificate" in message) == (Code.TLS_CERTIFICATE, True)
        assert (await ask(network, policy, port, name, verify=False)).sans == ("one.test",)


async def test_a_failure_leaves_nothing_to_the_next_connection(
    network: Network, policy: TlsPolicy, authority: Authority
) -> None:
    """OpenSSL's queue of errors is the thread's: what stays in it is told of the next connection."""
    expired = authority.server_context("one.test", lasts=timedelta(days=-1))
    async with serve(HELLO, tls=expired) as bad, serve(b"no TLS", hasty=True) as none:
        for port, code in ((bad, Code.TLS_CERTIFICATE), (none, Code.TLS_FAILED)) * 2:
            assert (await failure(network, policy, port))[0] is code
            assert binding.take_reason() == "no reason given"
            async with serve(HELLO, tls=authority.server_context("one.test")) as good:
                assert (await ask(network, policy, good)).verified


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (b"SSH-2.0-OpenSSH_9.2\r\n", "wrong version number"),
        (b"\x15\x03\x03\x00\x02\x02\x28", "handshake failure"),
        (b"\x15\x03\x03\x00\x02\x02\x70", "unrecognized name"),
        (b"", "the connection closed during the handshake"),
    ],
)
async def test_what_is_no_tls_is_told_in_words(
    network: Network, policy: TlsPolicy, answer: bytes, told: str
) -> None:
    async with serve(answer, hasty=True) as port:
        code, message = await failure(network, policy, port)
    assert code is Code.TLS_FAILED
    assert message.startswith("no TLS with one.test: ")
    assert message.endswith(told)


async def test_old_versions_are_refused(network: Network, policy: TlsPolicy, authority: Authority) -> None:
    context = authority.server_context("one.test")
    with pytest.deprecated_call():
        context.minimum_version, context.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")
    async with serve(HELLO, tls=context) as port:
        assert (await failure(network, policy, port))[0] is Code.TLS_FAILED


@pytest.mark.parametrize(
    ("ending", "code"), [("reset", Code.CONNECTION_RESET), ("end", Code.CONNECTION_CLOSED)]
)
async def test_a_reset_during_the_response_is_told_from_an_end(
    network: Network, policy: TlsPolicy, authority: Authority, ending: str, code: Code
) -> None:
    async def answer(_: bytes, __: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n")
        await writer.drain()
        await asyncio.sleep(0.05)
        if ending == "end":
            writer.get_extra_info("socket").shutdown(socket.SHUT_RDWR)
        else:
            linger_not = struct.pack("ii", 1, 0)
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger_not)
            writer.transport.abort()

    async with serve(answer, tls=authority.server_context("one.test")) as port:
        assert (await failure(network, policy, port))[0] is code


async def test_a_request_beyond_all_buffers_arrives_whole_and_once(
    network: Network, policy: TlsPolicy, authority: Authority
) -> None:
    size = 8_000_000

    async def answer(_: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.1)  # until nothing more can be sent
        assert await reader.readexactly(size) == b"x" * size
        writer.write(HELLO)

    async with serve(answer, tls=authority.server_context("one.test")) as port:
        with closing(Stream(network, "127.0.0.1", port, Deadline.after(10), Timeouts())) as stream:
            stream.start_tls(policy.towards("one.test", port))
            stream.write(b"\r\n\r\n" + b"x" * size)
            assert await stream.read_head(HeadLimits()) == (200, HELLO)


async def test_a_head_beyond_one_record_is_read_whole(
    network: Network, policy: TlsPolicy, authority: Authority
) -> None:
    head = b"HTTP/1.1 200 OK\r\nX-Long: " + b"x" * 100_000 + b"\r\n\r\n"
    async with serve(head, tls=authority.server_context("one.test")) as port:
        with closing(Stream(network, "127.0.0.1", port, Deadline.after(10), Timeouts())) as stream:
            stream.start_tls(policy.towards("one.test", port))
            stream.write(QUESTION)
            limits = HeadLimits(line_bytes=200_000)
            assert await stream.read_head(limits) == (200, head)


@pytest.mark.parametrize("version", VERSIONS)
async def test_an_origin_that_comes_again_resumes_its_session(
    network: Network, policy: TlsPolicy, authority: Authority, version: ssl.TLSVersion
) -> None:
    resumed: list[bool] = []
    context = server_tls(authority, "one.test", version=version)
    async with serve(counting(resumed), tls=context) as port:
        facts = [await ask(network, policy, port) for _ in range(5)]
    # Of the first no session is kept: most origins come once.
    assert resumed == [False, False, True, True, True]
    assert facts[0].verified
    assert facts.count(facts[0]) == 5


async def test_a_session_is_of_one_name_and_one_way_to_verify(
    network: Network, policy: TlsPolicy, authority: Authority
) -> None:
    """One that is resumed is not verified again."""
    resumed: list[bool] = []
    context = server_tls(authority, "one.test", "two.test", version=ssl.TLSVersion.TLSv1_3)
    async with serve(counting(resumed), tls=context) as port:
        for _ in range(3):
            assert not (await ask(network, policy, port, verify=False)).verified
        for _ in range(3):
            assert (await ask(network, policy, port)).verified
        assert (await ask(network, policy, port, "two.test")).verified
        assert (await failure(network, policy, port, "three.test"))[0] is Code.TLS_CERTIFICATE
    assert resumed == [False, False, True, False, False, True, False]


async def test_no_session_is_kept_of_a_connection_without_a_response(
    network: Network, policy: TlsPolicy, authority: Authority
) -> None:
    async with serve(b"", tls=authority.server_context("one.test")) as port:
        for _ in range(3):
            assert (await failure(network, policy, port))[0] is Code.CONNECTION_CLOSED
    assert policy._verifying is not None
    assert policy._verifying._sessions == {}


async def test_what_is_kept_is_bounded_and_the_eldest_goes_first(
    network: Network, policy: TlsPolicy, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tls, "ORIGINS_KEPT", 3)
    monkeypatch.setattr(tls, "SESSIONS_KEPT", 2)
    names = [f"{letter}.one.test" for letter in "abc"]
    async with serve(HELLO, tls=authority.server_context("*.one.test")) as port:
        for name in [*names, *names, "a.one.test", "d.one.test"]:
            await ask(network, policy, port, name)
    trust = policy._verifying
    assert trust is not None
    assert [name for name, _ in trust._sessions] == ["c.one.test", "a.one.test"]
    assert [name for name, _ in trust._origins] == ["c.one.test", "a.one.test", "d.one.test"]


@pytest.mark.parametrize("turns", range(8))
async def test_cancelling_in_mid_handshake_frees_what_is_openssl_s(
    network: Network, policy: TlsPolicy, monkeypatch: pytest.MonkeyPatch, turns: int
) -> None:
    alive: set[object] = set()
    free, new = binding.SSL_free, binding.SSL_new

    def make(context: object) -> object:
        made = new(context)
        alive.add(made)
        return made

    monkeypatch.setattr(binding, "SSL_new", make)
    monkeypatch.setattr(binding, "SSL_free", lambda made: (alive.remove(made), free(made)))
    with socket.create_server(("127.0.0.1", 0)) as silent:  # the system accepts, and nobody answers
        asking = asyncio.create_task(ask(network, policy, silent.getsockname()[1]))
        for _ in range(turns):
            await asyncio.sleep(0)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
    assert not alive


async def test_the_system_s_roots_are_those_that_its_variables_name(
    network: Network, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serve(HELLO, tls=authority.server_context("one.test")) as port:
        assert (await failure(network, TlsPolicy.load(None), port))[0] is Code.TLS_CERTIFICATE
        monkeypatch.setenv("SSL_CERT_FILE", str(authority.ca_file))
        assert (await ask(network, TlsPolicy.load(None), port)).verified


async def test_the_system_s_roots_may_be_in_several_directories(
    network: Network, authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pem = authority.ca_file.read_bytes()
    name = f"{load_certificate(FILETYPE_PEM, pem).subject_name_hash():08x}.0"  # by which OpenSSL finds it
    (tmp_path / "roots").mkdir()
    (tmp_path / "roots" / name).write_bytes(pem)
    monkeypatch.setenv("SSL_CERT_DIR", f"{tmp_path / 'absent'}:{tmp_path / 'roots'}")
    async with serve(HELLO, tls=authority.server_context("one.test")) as port:
        assert (await ask(network, TlsPolicy.load(None), port)).verified


async def test_system_roots_that_cannot_be_read_are_told_at_each_url(
    network: Network, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "roots.pem").write_text("nothing")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "roots.pem"))
    policy = TlsPolicy.load(None)
    async with serve(HELLO) as port:
        for _ in range(2):
            code, message = await failure(network, policy, port)
            assert code is Code.TLS_FAILED
            assert message.startswith("the system's root certificates cannot be used: no certificates in PEM")


@pytest.mark.parametrize("file", ["none.pem", "."])
def test_a_roots_file_that_cannot_be_read_is_told_in_the_system_s_words(tmp_path: Path, file: str) -> None:
    with pytest.raises(OSError, match=r"No such file|Is a directory"):
        TlsPolicy.load(tmp_path / file)


def test_what_is_no_certificate_has_no_facts_but_its_digest() -> None:
    digest = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert read_certificate(b"") == CertificateFacts("", "", "", (), digest)


def test_closing_twice_frees_once(policy: TlsPolicy) -> None:
    with socket.socket() as connection:
        secured = policy.towards("one.test", 443).secure(connection)
        assert isinstance(secured, openssl.TlsConnection)
        secured.close()
        secured.close()
