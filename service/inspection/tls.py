"""TLS contexts, made once and shared, and the facts that a record tells of a connection."""

import ssl
from collections import OrderedDict
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Final

from cryptography import x509

from workers.model import Tls

CERTIFICATES_KEPT: Final = 4_096  # parsed facts, by digest: a fleet's hosts share wildcard certificates


@dataclass(slots=True)
class TlsPolicy:
    """How to shake hands: the verifying context, and one without verification for `--insecure`'s report."""

    verifying: ssl.SSLContext
    trusting: ssl.SSLContext
    _facts: OrderedDict[bytes, tuple[str, str, str, tuple[str, ...], str]] = field(
        default_factory=OrderedDict
    )

    @classmethod
    def load(cls, ca_file: Path | None) -> "TlsPolicy":
        """`ca_file` (PEM) takes the place of the system's roots. Raises OSError where it cannot be read."""
        verifying = ssl.create_default_context(cafile=ca_file)
        trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        trusting.check_hostname = False
        trusting.verify_mode = ssl.CERT_NONE
        return cls(verifying, trusting)

    def facts(self, connection: ssl.SSLSocket) -> Tls:
        """What was agreed on and the leaf certificate's facts. Never fails on an odd certificate."""
        cipher = connection.cipher()
        verified = connection.context.verify_mode == ssl.CERT_REQUIRED
        subject, issuer, not_after, sans, digest = self._certificate(connection.getpeercert(True) or b"")
        return Tls(
            version=connection.version() or "",
            cipher=cipher[0] if cipher else "",
            alpn=connection.selected_alpn_protocol(),
            verified=verified,
            subject=subject,
            issuer=issuer,
            not_after=not_after,
            sans=sans,
            sha256=digest,
        )

    def _certificate(self, der: bytes) -> tuple[str, str, str, tuple[str, ...], str]:
        key = sha256(der).digest()
        facts = self._facts.get(key)
        if facts is None:
            facts = self._facts[key] = (*_read_certificate(der), key.hex())
            if len(self._facts) > CERTIFICATES_KEPT:
                self._facts.popitem(last=False)
        return facts


# `cryptography` reads extensions strictly: OpenSSL lets a certificate pass that has one twice, say.
_NO_NAMES: Final = (
    x509.ExtensionNotFound,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
    ValueError,
    TypeError,
)


def _read_certificate(der: bytes) -> tuple[str, str, str, tuple[str, ...]]:
    try:
        certificate = x509.load_der_x509_certificate(der)
        not_after = certificate.not_valid_after_utc.isoformat().replace("+00:00", "Z")
        subject, issuer = certificate.subject.rfc4514_string(), certificate.issuer.rfc4514_string()
    except (ValueError, TypeError, x509.InvalidVersion):  # OpenSSL took it, and cryptography does not
        return "", "", "", ()
    return subject, issuer, not_after, _alternative_names(certificate)


def _alternative_names(certificate: x509.Certificate) -> tuple[str, ...]:
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except _NO_NAMES:
        return ()
    dns = names.get_values_for_type(x509.DNSName)
    return (*dns, *(str(address) for address in names.get_values_for_type(x509.IPAddress)))
