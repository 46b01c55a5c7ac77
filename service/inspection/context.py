"""TLS contexts: what is offered to servers, and whose word on their names is taken."""

import os
import ssl
from pathlib import Path
from typing import Final

from OpenSSL import SSL

from service.inspection import binding
from service.inspection.openssl import TlsContext

# What `ssl.create_default_context` offers, in its order (CPython's PY_SSL_DEFAULT_CIPHER_STRING).
CIPHERS: Final = b"@SECLEVEL=2:ECDH+AESGCM:ECDH+CHACHA20:ECDH+AES:DHE+AES:!aNULL:!eNULL:!aDSS:!SHA1:!AESCCM"
# AES-128 first, as browsers have it: SHA-256 is quicker than the SHA-384 that AES-256 brings to the keys.
CIPHERS_1_3: Final = b"TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256"
# One key share, X25519's. OpenSSL 4 would put ML-KEM's before it: 80 µs and a kilobyte more a handshake, to
# keep secret for decades what we read of public sites. ML-KEM is not named behind it either: a server that
# prefers it would ask for another hello, and cost a round trip.
GROUPS: Final = b"X25519:P-256:X448:P-384:P-521"


def verifying_context(ca_file: Path | None) -> TlsContext:
    """Certificates must verify, up to `ca_file` (PEM) or to the system's roots. Raises OSError where these
    cannot be used."""
    context = _context()
    context.set_verify(SSL.VERIFY_PEER)
    _load_roots(context, ca_file)
    return TlsContext(context, verifies=True)


def noting_context(ca_file: Path | None, minimum: int, maximum: int) -> TlsContext:
    """Certificates are verified as above, and what is found ends no handshake: whoever shakes hands has to
    ask for it. `minimum` and `maximum` are TLS versions in OpenSSL's numbers, 0 for none. Raises OSError."""
    context = _context()
    if minimum:
        context.set_min_proto_version(minimum)
    context.set_max_proto_version(maximum)
    _load_roots(context, ca_file)
    return TlsContext(context, verifies=True)


def trusting_context() -> TlsContext:
    """Any certificate will do."""
    return TlsContext(_context(), verifies=False)


def _context() -> SSL.Context:
    context = SSL.Context(SSL.TLS_CLIENT_METHOD)
    context.set_min_proto_version(SSL.TLS1_2_VERSION)
    context.set_cipher_list(CIPHERS)
    context.set_tls13_ciphersuites(CIPHERS_1_3)
    if not binding.SSL_CTX_set1_curves_list(context._context, GROUPS):
        raise ValueError(f"OpenSSL does not have all of {GROUPS!r}: {binding.take_reason()}")
    context.clear_mode(binding.PARTIAL_WRITE)  # pyOpenSSL's choice: our memory takes a request whole
    context.set_mode(SSL.MODE_RELEASE_BUFFERS)
    verification = binding.SSL_CTX_get0_param(context._context)
    binding.X509_VERIFY_PARAM_set_hostflags(verification, binding.NO_PARTIAL_WILDCARDS)  # as `ssl` has it
    return context


def _load_roots(context: SSL.Context, ca_file: Path | None) -> None:
    """Without `ca_file`, the roots that Python's `ssl` would take, SSL_CERT_FILE and SSL_CERT_DIR honoured:
    the wheel's OpenSSL has no idea where this system keeps them. A directory is read as it is needed."""
    paths = ssl.get_default_verify_paths()
    # Several directories Python's `ssl` does not take for any.
    directories = paths.capath or os.environ.get(paths.openssl_capath_env)
    try:
        if ca_file is not None:
            ca_file.open("rb").close()  # the system's own words for a file that cannot be read
            context.load_verify_locations(ca_file)
        elif paths.cafile or directories:
            context.load_verify_locations(paths.cafile, directories)
        else:
            context.set_default_verify_paths()  # pyOpenSSL tries the places that systems are known to have
    except SSL.Error as error:
        raise OSError(f"no certificates in PEM: {_first_reason(error)}") from error


def _first_reason(error: SSL.Error) -> str:
    """pyOpenSSL gives a list of (library, function, reason)."""
    return str(error.args[0][0][2]) if error.args and error.args[0] else "no reason given"
