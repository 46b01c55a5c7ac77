"""Certificates that are written by hand, byte for byte, and what is to be told of any."""

from functools import cache

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from service.inspection import certificate
from service.inspection.certificate import CertificateFacts, read_certificate
from service.inspection.der import read_plain


def is_plain(der: bytes) -> bool:
    try:
        read_plain(der)
    except (ValueError, IndexError):
        return False
    return True


def check(der: bytes) -> CertificateFacts:
    """What is told of a certificate: what `cryptography` says, unless it refuses the certificate, or all that
    it has of extensions, for what is not told."""
    told, said = read_certificate(der), certificate._read_at_length(der)
    if told == said:
        return told
    assert is_plain(der)
    if said.not_after:
        assert told._replace(sans=()) == said
        with pytest.raises(ValueError):
            _ = x509.load_der_x509_certificate(der).extensions
        return told
    assert said == CertificateFacts("", "", "", (), told.sha256)
    with pytest.raises(ValueError) as caught:
        x509.load_der_x509_certificate(der)
    assert not any(part in str(caught.value) for part in ("::issuer", '::subject"', "::not_after"))
    return told


def element(tag: int, *contents: bytes) -> bytes:
    inside = b"".join(contents)
    size = len(inside)
    if size < 0x80:
        return bytes([tag, size]) + inside
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + inside


def sequence(*contents: bytes) -> bytes:
    return element(0x30, *contents)


def name(value: bytes, tag: int = 0x0C, kind: bytes = b"\x55\x04\x03") -> bytes:
    return sequence(element(0x31, sequence(element(6, kind), element(tag, value))))


def extension(identifier: bytes, *contents: bytes) -> bytes:
    return sequence(element(6, identifier), *contents)


def sans(*names: bytes, critical: bytes = b"") -> bytes:
    return extension(b"\x55\x1d\x11", critical, element(4, sequence(*names)))


@cache
def public_key() -> bytes:
    return (
        ec.generate_private_key(ec.SECP256R1())
        .public_key()
        .public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    )


ALGORITHM = sequence(element(6, b"\x2a\x86\x48\xce\x3d\x04\x03\x02"))
SUBJECT, ISSUER = name(b"one.test"), name(b"Test, Inc.")
BEGINS, ENDS = element(0x17, b"250101000000Z"), element(0x17, b"300102030405Z")
HOST = element(0x82, b"one.test")
VERSION_3 = b"\xa0\x03\x02\x01\x02"
TOLD = ("CN=one.test", r"CN=Test\, Inc.", "2030-01-02T03:04:05Z")


def written(
    *extensions: bytes,
    version: bytes = VERSION_3,
    serial: bytes = b"\x02\x01\x01",
    subject: bytes = SUBJECT,
    before: bytes = BEGINS,
    after: bytes = ENDS,
    key: bytes | None = None,
    identifiers: bytes = b"",
) -> bytes:
    """A certificate by hand; its signature is none."""
    tail = element(0xA3, sequence(*extensions)) if extensions else b""
    head = (version, serial, ALGORITHM, ISSUER, sequence(before, after), subject, key or public_key())
    return sequence(sequence(*head, identifiers, tail), ALGORITHM, element(3, b"\0\1"))
