"""What a TLS connection tells of its peer, whether the handshake was finished or not."""

from typing import Any

from service.inspection import binding
from service.inspection.binding import peer_certificate, text
from service.inspection.certificate import read_certificate
from workers.model import Tls


def tell_agreed(tls: Any, *, is_verified: bool) -> Tls:
    """What was agreed on, and the leaf certificate's facts. `tls` is an SSL, its handshake finished."""
    return _tell(tls, peer_certificate(tls), is_verified=is_verified)


def tell_presented(tls: Any, session: Any | None) -> Tls | None:
    """The same of a handshake that failed: None where it had brought no certificate. `session` is the
    SSL_SESSION that was to be resumed, if any."""
    if session is not None and session == binding.SSL_get_session(tls):
        return None  # its certificate is one of the past
    # To OpenSSL a certificate that does not verify is not the peer's own, but it stands in the chain.
    presented = binding.certificates_of(binding.SSL_get_peer_cert_chain(tls))
    return _tell(tls, presented[0], is_verified=False) if presented else None


def _tell(tls: Any, der: bytes, *, is_verified: bool) -> Tls:
    certificate = read_certificate(der)
    return Tls(
        version=text(binding.SSL_get_version(tls)),
        cipher=text(binding.SSL_CIPHER_get_name(binding.SSL_get_current_cipher(tls))),
        alpn=None,  # we offer none, so no server can choose one
        verified=is_verified,
        subject=certificate.subject,
        issuer=certificate.issuer,
        not_after=certificate.not_after,
        sans=certificate.sans,
        sha256=certificate.sha256,
    )
