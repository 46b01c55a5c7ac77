"""All that is used of OpenSSL beyond pyOpenSSL's words for it, named in one place.

The binding is `cryptography`'s. It is made for pyOpenSSL, whose requirements say which releases of it fit;
what a release has dropped fails here, at the import. The bare numbers are OpenSSL's ABI: they stay.
"""

from typing import Any, Final

from cryptography.hazmat.bindings.openssl.binding import Binding

_lib: Final[Any] = Binding.lib
ffi: Final[Any] = Binding.ffi
NULL: Final[Any] = ffi.NULL

WANT_READ: Final = 2  # SSL_ERROR_WANT_READ
ZERO_RETURN: Final = 6  # SSL_ERROR_ZERO_RETURN: close_notify has come
SHUTDOWN_BOTH_WAYS: Final[int] = _lib.SSL_SENT_SHUTDOWN | _lib.SSL_RECEIVED_SHUTDOWN
PARTIAL_WRITE: Final[int] = _lib.SSL_MODE_ENABLE_PARTIAL_WRITE
NO_PARTIAL_WILDCARDS: Final[int] = _lib.X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS

SSL_CTX_get0_param: Final[Any] = _lib.SSL_CTX_get0_param
SSL_CTX_set1_curves_list: Final[Any] = _lib.SSL_CTX_set1_curves_list
X509_VERIFY_PARAM_set_hostflags: Final[Any] = _lib.X509_VERIFY_PARAM_set_hostflags

SSL_new: Final[Any] = _lib.SSL_new
SSL_free: Final[Any] = _lib.SSL_free
SSL_set_bio: Final[Any] = _lib.SSL_set_bio
SSL_set_connect_state: Final[Any] = _lib.SSL_set_connect_state
SSL_set_tlsext_host_name: Final[Any] = _lib.SSL_set_tlsext_host_name
SSL_get0_param: Final[Any] = _lib.SSL_get0_param
X509_VERIFY_PARAM_set1_host: Final[Any] = _lib.X509_VERIFY_PARAM_set1_host
X509_VERIFY_PARAM_set1_ip: Final[Any] = _lib.X509_VERIFY_PARAM_set1_ip

SSL_do_handshake: Final[Any] = _lib.SSL_do_handshake
SSL_read: Final[Any] = _lib.SSL_read
SSL_write: Final[Any] = _lib.SSL_write
SSL_get_error: Final[Any] = _lib.SSL_get_error
SSL_get_verify_result: Final[Any] = _lib.SSL_get_verify_result
X509_verify_cert_error_string: Final[Any] = _lib.X509_verify_cert_error_string
ERR_get_error: Final[Any] = _lib.ERR_get_error
ERR_reason_error_string: Final[Any] = _lib.ERR_reason_error_string

SSL_get_version: Final[Any] = _lib.SSL_get_version
SSL_get_current_cipher: Final[Any] = _lib.SSL_get_current_cipher
SSL_CIPHER_get_name: Final[Any] = _lib.SSL_CIPHER_get_name
SSL_get_peer_certificate: Final[Any] = _lib.SSL_get_peer_certificate
SSL_get_peer_cert_chain: Final[Any] = _lib.SSL_get_peer_cert_chain
SSL_get0_verified_chain: Final[Any] = _lib.SSL_get0_verified_chain
count_certificates: Final[Any] = _lib.sk_X509_num
nth_certificate: Final[Any] = _lib.sk_X509_value
X509_free: Final[Any] = _lib.X509_free
X509_to_bio: Final[Any] = _lib.i2d_X509_bio

SSL_set_session: Final[Any] = _lib.SSL_set_session
SSL_get_session: Final[Any] = _lib.SSL_get_session
SSL_get1_session: Final[Any] = _lib.SSL_get1_session
SSL_SESSION_free: Final[Any] = _lib.SSL_SESSION_free
SSL_set_shutdown: Final[Any] = _lib.SSL_set_shutdown

MEMORY: Final[Any] = _lib.BIO_s_mem()
BIO_new: Final[Any] = _lib.BIO_new
BIO_free: Final[Any] = _lib.BIO_free
BIO_read: Final[Any] = _lib.BIO_read
BIO_write: Final[Any] = _lib.BIO_write
BIO_get_mem_data: Final[Any] = _lib.BIO_get_mem_data


def take_reason() -> str:
    """The first of OpenSSL's errors that has words. The queue, which is the thread's, is empty thereafter:
    the next connection would be told that they are its own."""
    reason = ""
    while number := ERR_get_error():
        words = ERR_reason_error_string(number)
        if not reason and words != NULL:
            reason = text(words)
    return reason or "no reason given"


def bytes_of(pointer: Any, count: int) -> bytes:
    """The `count` bytes that begin at `pointer`."""
    data: bytes = ffi.unpack(pointer, count)
    return data


def text(pointer: Any) -> str:
    """What a C string says."""
    raw: bytes = ffi.string(pointer)
    return raw.decode("ascii", "replace")


def peer_certificate(tls: Any) -> bytes:
    """The server's own certificate as DER."""
    certificate = SSL_get_peer_certificate(tls)
    der = _write_der(certificate)
    X509_free(certificate)
    return der


def certificates_of(stack: Any) -> tuple[bytes, ...]:
    """A chain's certificates as DER, in its order; none of a chain that is NULL."""
    count = 0 if stack == NULL else count_certificates(stack)
    return tuple(_write_der(nth_certificate(stack, number)) for number in range(count))


def _write_der(certificate: Any) -> bytes:
    bio = BIO_new(MEMORY)
    X509_to_bio(bio, certificate)
    data = ffi.new("char **")
    count = BIO_get_mem_data(bio, data)
    der = bytes_of(data[0], count)
    BIO_free(bio)
    return der
