"""TLS that lies: servers' contexts that no client should take, and TLS 1.3's records written by hand.

A TLS library does not let its user flood a peer with key updates or tickets, nor go on after its own
close_notify. So the handshake is OpenSSL's, and the records after it are ours (RFC 8446 section 5 and 7).
"""

import ssl
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from struct import pack

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from OpenSSL import SSL

from tests.integration.authority import Authority, Certificate
from tests.integration.broken_server import Behaviour, Peer

ALERT, HANDSHAKE, DATA = 21, 22, 23
CLOSE_NOTIFY = b"\x01\x00"
KEY_UPDATE = b"\x18\x00\x00\x01\x01"  # ours is to be updated, too: each asks for an answer
TICKET = b"\x04" + (13 + 64).to_bytes(3, "big") + pack(">IIB", 60, 0, 0) + b"\0\x40" + b"t" * 64 + b"\0\0"
HELLO_REQUEST = b"\x16\x03\x03\x00\x04\x00\x00\x00\x00"
_EXTENSIONS = b"\xff\x01\x00\x01\x00"  # renegotiation_info, without which OpenSSL goes no further
_HELLO = b"\x03\x03" + b"r" * 32 + b"\x00" + b"\xc0\x2b" + b"\x00" + pack(">H", 5) + _EXTENSIONS
_NOTHING_RIGHT = b"\x30\x82\x01\x00" + b"\xff" * 256

Says = Callable[["Records", Peer], Awaitable[None]]


def contexts(authority: Authority, stranger: Authority) -> dict[str, ssl.SSLContext]:
    """Servers by the name of what is wrong with them."""
    names = ("127.0.0.1", "localhost")
    day = timedelta(days=1)
    weak = _context(authority.issue(*names))
    weak.minimum_version, weak.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    weak.set_ciphers("ALL:@SECLEVEL=0")
    uncommon = _context(authority.issue(*names))
    uncommon.maximum_version = ssl.TLSVersion.TLSv1_2
    uncommon.set_ciphers("ECDHE-ECDSA-AES128-SHA")
    return {
        "tls-expired": _context(authority.issue(*names, starts_in=-9 * day, ends_in=-day)),
        "tls-not-yet-valid": _context(authority.issue(*names, starts_in=day)),
        "tls-self-signed": _context(authority.issue(*names, self_signed=True)),
        "tls-other-host": _context(authority.issue("other.test")),
        "tls-unknown-authority": _context(stranger.issue(*names)),
        "tls-weak-version": weak,
        "tls-no-common-cipher": uncommon,
        "tls-long-chain": _context(authority.issue(*names), authority, 50),
        "tls-huge-chain": _context(authority.issue(*names), authority, 400),
    }


def _context(certificate: Certificate, more_of: Authority | None = None, count: int = 0) -> ssl.SSLContext:
    """`count` certificates that nobody needs follow the server's own."""
    if more_of is not None:
        needless = more_of.issue("needless.test").certificate.read_bytes()
        certificate.certificate.write_bytes(certificate.certificate.read_bytes() + needless * count)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate.certificate, certificate.key)
    return context


def hello_with_garbage() -> bytes:
    """TLS 1.2's first flight with a certificate that is no DER."""
    listed = len(_NOTHING_RIGHT).to_bytes(3, "big") + _NOTHING_RIGHT
    messages = _message(2, _HELLO) + _message(11, len(listed).to_bytes(3, "big") + listed)
    return b"\x16\x03\x03" + pack(">H", len(messages)) + messages


def server_hello() -> bytes:
    """A hello alone, in TLS 1.2, which a client takes."""
    message = _message(2, _HELLO)
    return b"\x16\x03\x03" + pack(">H", len(message)) + message


def _message(kind: int, content: bytes) -> bytes:
    return bytes([kind]) + len(content).to_bytes(3, "big") + content


@dataclass(slots=True)
class Records:
    """The server's side of TLS 1.3 after its handshake, with AES-128-GCM and SHA-256."""

    secret: bytes
    number: int = 0

    def seal(self, kind: int, content: bytes) -> bytes:
        """One record, as RFC 8446 section 5.2 has it."""
        inner = content + bytes([kind])
        head = b"\x17\x03\x03" + pack(">H", len(inner) + 16)
        iv = int.from_bytes(self._expand(b"iv", 12), "big")
        sealed = AESGCM(self._expand(b"key", 16)).encrypt((iv ^ self.number).to_bytes(12, "big"), inner, head)
        self.number += 1
        return head + sealed

    def update(self) -> bytes:
        """A KeyUpdate, after which the next secret holds (section 7.2)."""
        record = self.seal(HANDSHAKE, KEY_UPDATE)
        self.secret, self.number = self._expand(b"traffic upd", 32), 0
        return record

    def _expand(self, label: bytes, length: int) -> bytes:
        info = pack(">HB", length, 6 + len(label)) + b"tls13 " + label + b"\0"
        return HKDFExpand(hashes.SHA256(), length, info).derive(self.secret)


def after_handshake(folder: Path, says: Says) -> Behaviour:
    """Shake hands with the certificate in `folder`, take the request, and go on by hand."""
    secrets: dict[SSL.Connection, bytes] = {}

    def learn(connection: SSL.Connection, line: bytes) -> None:
        label, _, secret = line.split()
        if label == b"SERVER_TRAFFIC_SECRET_0":
            secrets[connection] = bytes.fromhex(secret.decode())

    context = SSL.Context(SSL.TLS_SERVER_METHOD)
    context.set_min_proto_version(SSL.TLS1_3_VERSION)
    context.set_tls13_ciphersuites(b"TLS_AES_128_GCM_SHA256")
    context.use_certificate_chain_file(str(folder / "server.pem"))
    context.use_privatekey_file(str(folder / "server.key"))
    context.set_keylog_callback(learn)

    async def behave(peer: Peer) -> None:
        connection = SSL.Connection(context, None)
        connection.set_accept_state()
        try:
            while not await _is_shaken(connection, peer):
                connection.bio_write(await peer.reader.read(65_536) or b"\0")
            await says(Records(secrets[connection]), peer)
        finally:
            secrets.pop(connection, None)

    return behave


async def _is_shaken(connection: SSL.Connection, peer: Peer) -> bool:
    """Go on; whether it is done. Tickets that OpenSSL would send then stay with it."""
    try:
        connection.do_handshake()
    except SSL.WantReadError:
        with suppress(SSL.WantReadError):
            await peer.send(connection.bio_read(65_536))
        return False
    except SSL.Error as error:
        raise ConnectionError("no handshake") from error
    return True


async def updates_keys_for_ever(records: Records, peer: Peer) -> None:
    while not peer.writer.is_closing():
        await peer.send(b"".join(records.update() for _ in range(100)))


async def sends_tickets_for_ever(records: Records, peer: Peer) -> None:
    while not peer.writer.is_closing():
        await peer.send(b"".join(records.seal(HANDSHAKE, TICKET) for _ in range(100)))


async def sends_empty_records_for_ever(records: Records, peer: Peer) -> None:
    while not peer.writer.is_closing():
        await peer.send(b"".join(records.seal(DATA, b"") for _ in range(100)))


def seals(*contents: tuple[int, bytes], then: bytes = b"") -> Says:
    """Send these records, then bytes that are none, and leave the connection open."""

    async def say(records: Records, peer: Peer) -> None:
        await peer.send(b"".join(records.seal(*content) for content in contents) + then)
        await peer.hold()

    return say
