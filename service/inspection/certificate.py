"""What a record tells of a server's certificate."""

from functools import lru_cache
from hashlib import sha256
from typing import Final, NamedTuple

from cryptography import x509

from service.inspection.der import common_name, read_plain

CERTIFICATES_KEPT: Final = 1_024  # some 3 MiB: a fleet's hosts share wildcard certificates
ISSUERS_KEPT: Final = 512  # the world's that are in use are some hundreds
KEPT_BYTES: Final = 8_192  # some 300 names; of a larger one nothing is kept, for it is anyone's to send

# `cryptography` reads extensions strictly: OpenSSL lets a certificate pass that has one twice, say.
_NO_NAMES: Final = (
    x509.ExtensionNotFound,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
    ValueError,
    TypeError,
)


class CertificateFacts(NamedTuple):
    subject: str
    issuer: str
    not_after: str
    sans: tuple[str, ...]
    sha256: str


def read_certificate(der: bytes) -> CertificateFacts:
    """The certificate's facts. Never fails on an odd one: it tells what can be read."""
    return _read(der) if len(der) <= KEPT_BYTES else _read_at_length(der)


@lru_cache(maxsize=CERTIFICATES_KEPT)
def _read(der: bytes) -> CertificateFacts:
    try:
        plain = read_plain(der)
        subject = common_name(plain.subject) or _write_name(plain.subject)
        issuer = _write_issuer(plain.issuer)
    except (ValueError, IndexError, TypeError):  # the last is cryptography's, of odd strings in names
        return _read_at_length(der)
    return CertificateFacts(subject, issuer, plain.not_after, plain.sans, sha256(der).hexdigest())


def _write_name(der: bytes) -> str:
    return x509.Name.from_bytes(der).rfc4514_string()


_write_issuer = lru_cache(maxsize=ISSUERS_KEPT)(_write_name)


def _read_at_length(der: bytes) -> CertificateFacts:
    """By `cryptography`, which can read what is not plain."""
    digest = sha256(der).hexdigest()
    try:
        certificate = x509.load_der_x509_certificate(der)
        not_after = certificate.not_valid_after_utc.isoformat().replace("+00:00", "Z")
        subject, issuer = certificate.subject.rfc4514_string(), certificate.issuer.rfc4514_string()
    except (ValueError, TypeError, x509.InvalidVersion):  # OpenSSL took it, and cryptography does not
        return CertificateFacts("", "", "", (), digest)
    return CertificateFacts(subject, issuer, not_after, _alternative_names(certificate), digest)


def _alternative_names(certificate: x509.Certificate) -> tuple[str, ...]:
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except _NO_NAMES:
        return ()
    dns = names.get_values_for_type(x509.DNSName)
    return (*dns, *(str(address) for address in names.get_values_for_type(x509.IPAddress)))
