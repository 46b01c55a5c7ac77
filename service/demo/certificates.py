"""Certificates for the fleet, made anew each time: an authority to trust for the run, and two servers.

Keys are never meant to last: they are written to a directory that goes away with the run.
"""

import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

LIFE: Final = timedelta(days=30)
CLOCK_SKEW: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Certificates:
    """`authority` is a PEM file of the root that signed `trusted`; nothing vouches for `untrusted`."""

    authority: Path
    trusted: ssl.SSLContext
    untrusted: ssl.SSLContext


@dataclass(frozen=True, slots=True)
class _Signed:
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey


def make_certificates(directory: Path, host_pattern: str) -> Certificates:
    """For servers whose names `host_pattern` (such as *.example.test) matches. Files go to `directory`."""
    root = _sign("Masthead demo authority", None)
    authority = directory / "authority.pem"
    authority.write_bytes(_pem(root.certificate))
    return Certificates(
        authority,
        _server_context(directory / "trusted.pem", _sign(host_pattern, root)),
        _server_context(
            directory / "untrusted.pem", _sign(host_pattern, _sign("Nobody in particular", None))
        ),
    )


def _sign(name: str, issuer: _Signed | None) -> _Signed:
    """A server's certificate for `name` by `issuer`; without one, an authority's own."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    signer = issuer.key if issuer else key
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - CLOCK_SKEW)
        .not_valid_after(now + LIFE)
        # Python 3.13 verifies strictly by RFC 5280, which wants the two key identifiers.
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
    )
    if issuer is None:
        builder = builder.add_extension(_key_usage(signs_certificates=True), critical=True)
    else:
        builder = (
            builder.add_extension(_key_usage(signs_certificates=False), critical=True)
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        )
    return _Signed(builder.sign(signer, hashes.SHA256()), key)


def _key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _server_context(file: Path, signed: _Signed) -> ssl.SSLContext:
    key = signed.key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(key + _pem(signed.certificate))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(file)
    return context


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)
