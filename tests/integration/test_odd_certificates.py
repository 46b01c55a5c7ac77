"""Certificates that are odd rather than bad: what can be told of them is, and none breaks the inspection."""

import ssl
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.integration.authority import DAY, Authority, Certificate, now
from tests.integration.broken_server import Peer, at_connection, says, serve
from tests.integration.conftest import server_context
from tests.integration.inspecting import inspect_one

OK = says(b"HTTP/1.1 200 OK\r\n\r\n")
FIRST, SECOND = x509.ObjectIdentifier("1.2.3.4"), x509.ObjectIdentifier("1.2.3.5")


def self_signed(*extensions: x509.ExtensionType, subject: x509.Name | None = None) -> tuple[bytes, bytes]:
    """A certificate's DER and its key's PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = subject or x509.Name([])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now() - DAY)
        .not_valid_after(now() + DAY)
    )
    for extension in extensions:
        builder = builder.add_extension(extension, critical=False)
    der = builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)
    return der, key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def extension_twice() -> tuple[bytes, bytes]:
    """The builder refuses to add one extension twice, so the second's identifier is changed afterwards."""
    der, key = self_signed(x509.UnrecognizedExtension(FIRST, b"1"), x509.UnrecognizedExtension(SECOND, b"2"))
    return der.replace(b"\x06\x03\x2a\x03\x05", b"\x06\x03\x2a\x03\x04"), key


def name_of_an_odd_kind() -> tuple[bytes, bytes]:
    """A subjectAltName of kind x400Address (3), which `cryptography` does not read."""
    names = x509.UnrecognizedExtension(x509.ObjectIdentifier("2.5.29.17"), b"\x30\x02\xa3\x00")
    return self_signed(names)


def version_six() -> tuple[bytes, bytes]:
    """X.509 ends with version 3, which is written as 2."""
    der, key = self_signed()
    return der.replace(b"\xa0\x03\x02\x01\x02", b"\xa0\x03\x02\x01\x05"), key


ODD = {
    "version-six": version_six,
    "extension-twice": extension_twice,
    "odd-name": name_of_an_odd_kind,
    "nothing-in-it": self_signed,
}


@pytest.mark.parametrize("name", ODD)
async def test_an_odd_certificate_is_reported_as_far_as_it_can_be_read(name: str, tmp_path: Path) -> None:
    der, key = ODD[name]()
    (tmp_path / "odd.pem").write_text(ssl.DER_cert_to_PEM_cert(der))
    (tmp_path / "odd.key").write_bytes(key)
    async with serve({"": OK}, server_context(tmp_path / "odd.pem", tmp_path / "odd.key")) as server:
        record = await inspect_one(f"https://127.0.0.1:{server.port}/", insecure=True)
    assert record.outcome == "ok", record.error
    tls = record.hops[0].tls
    assert tls is not None
    assert not tls.verified
    assert len(tls.sha256) == 64
    assert tls.sans == ()


async def test_a_server_that_demands_a_certificate_of_ours_is_a_failure_of_tls(
    certificate: Certificate, authority: Authority
) -> None:
    """In TLS 1.3 our side of the handshake is done before the server's alert about it comes."""
    context = server_context(certificate.certificate, certificate.key)
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(authority.file)

    async def shakes_hands(peer: Peer) -> None:
        """By hand: asyncio's server throws the alert away with the connection."""
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = context.wrap_bio(incoming, outgoing, server_side=True)
        while True:
            try:
                tls.do_handshake()
            except ssl.SSLWantReadError:
                await peer.send(outgoing.read())
                incoming.write(await peer.reader.read(65_536))
            except ssl.SSLError:
                await peer.send(outgoing.read())
                peer.writer.write_eof()
                return await peer.hold()

    async with at_connection(shakes_hands) as server:
        record = await inspect_one(f"https://127.0.0.1:{server.port}/", ca_file=authority.file)
    assert record.error is not None
    assert (record.error.code, record.error.stage) == ("tls_failed", "tls"), record.error
