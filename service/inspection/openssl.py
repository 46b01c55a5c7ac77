"""TLS as a client over a connected non-blocking socket: OpenSSL's calls, and little more.

OpenSSL never sees the socket: it reads and writes memory. One `recv` takes a whole flight (an OpenSSL that
reads the socket itself takes two a record), our last message of the handshake leaves with the request in one
packet, and the system's own errors tell a reset from an end.

No call waits. The longest holds the loop for a handshake's crypto, the certificates' verification included:
some 0.3 ms.
"""

import errno
import socket
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

from OpenSSL import SSL

from service.errors import Code, FetchFailed
from service.inspection import binding
from service.inspection.binding import bytes_of, ffi, take_reason, text
from service.inspection.peer import tell_agreed, tell_presented
from service.inspection.readiness import READABLE, WRITABLE
from service.inspection.transport import packed_address, told
from workers.model import Tls

RECEIVE_BYTES: Final = 16 * 1024  # a server's flight, certificates included, in one read
BUFFER_BYTES: Final = 64 * 1024
# Received beside what is delivered: handshake, tickets, key updates, records' frames. OpenSSL takes chains of
# certificates of 100 KiB, and any number of tickets, key updates and HelloRequests.
OVERHEAD_LIMIT_BYTES: Final = 256 * 1024
SERVER_NAME_BYTES: Final = 255  # TLSEXT_MAXLEN_host_name

Session = Any  # an SSL_SESSION, freed with the last reference to it


@dataclass(frozen=True, slots=True)
class TlsContext:
    """What connections share: settings and roots, and a buffer, for which they must be of one thread."""

    context: SSL.Context
    verifies: bool
    buffer: Any = field(default_factory=lambda: ffi.new("char[]", BUFFER_BYTES))

    def connect(
        self,
        connection: socket.SocketType,
        name: str,
        session: Session | None,
        keep: Callable[[Session], None] | None,
    ) -> "TlsConnection":
        """`name` is an ASCII name without its trailing dot, or an address. `session`, if any, is resumed;
        `keep` gets the one to resume next, if a response was read. Raises FetchFailed."""
        return TlsConnection(self, connection, name, session, keep)


class TlsConnection:
    """TLS over one connected socket. Its memory is OpenSSL's, and not Python's: it must be closed."""

    __slots__ = (
        "_buffer",
        "_in",
        "_is_answered",
        "_is_taken",
        "_keep",
        "_may_have_more",
        "_name",
        "_out",
        "_overhead_bytes",
        "_session",
        "_socket",
        "_ssl",
        "_unsent",
        "_verifies",
    )

    def __init__(
        self,
        context: TlsContext,
        connection: socket.SocketType,
        name: str,
        session: Session | None,
        keep: Callable[[Session], None] | None,
    ) -> None:
        self._socket, self._name, self._keep = connection, name, keep
        self._buffer, self._verifies = context.buffer, context.verifies
        self._session = session
        self._unsent = b""
        self._overhead_bytes = 0
        self._is_taken = False  # whether OpenSSL has the data of a `send` that is to be repeated
        self._may_have_more = True  # a response can come with the handshake's last message
        self._is_answered = False
        self._ssl = tls = binding.SSL_new(context.context._context)
        if tls == binding.NULL:
            raise MemoryError("no room for a TLS connection")
        self._in, self._out = binding.BIO_new(binding.MEMORY), binding.BIO_new(binding.MEMORY)
        binding.SSL_set_bio(tls, self._in, self._out)  # SSL_free frees them, too
        binding.SSL_set_connect_state(tls)
        try:
            self._expect(name)
        except FetchFailed:
            self.close()
            raise
        if session is not None:
            binding.SSL_set_session(tls, session)

    def shake_hands(self) -> int:
        """Go on with the handshake: 0 once it is done, else READABLE or WRITABLE, which it waits for. Raises
        FetchFailed with `tls_failed` or `tls_certificate`."""
        tls = self._ssl
        try:
            while True:
                result = binding.SSL_do_handshake(tls)
                if result == 1:
                    return 0
                if binding.SSL_get_error(tls, result) != binding.WANT_READ:
                    raise self._refusal()
                if self._flush():
                    return WRITABLE
                data = self._socket.recv(RECEIVE_BYTES)
                if not data:
                    raise self._failure("the connection closed during the handshake")
                self._take(data)
        except BlockingIOError:
            return READABLE
        except OSError as error:
            raise self._failure(told(error)) from error

    def send(self, data: bytes, /) -> int:
        """All of `data` at once, or BlockingIOError: OpenSSL has it then, and it is not encrypted twice."""
        if not self._is_taken:
            if binding.SSL_write(self._ssl, data, len(data)) <= 0:  # memory takes it all: a fault
                raise OSError(errno.EPROTO, take_reason())
            self._is_taken = True
        if self._flush():
            raise BlockingIOError
        self._is_taken = False
        return len(data)

    def recv(self, size: int, /) -> bytes:
        """Raises FetchFailed with `tls_failed` as well: TLS 1.3's alert about our side of the handshake comes
        only now."""
        tls = self._ssl
        while True:
            if self._may_have_more:
                count = binding.SSL_read(tls, self._buffer, min(size, BUFFER_BYTES))
                if count > 0:
                    self._is_answered = True
                    self._overhead_bytes -= count
                    return bytes_of(self._buffer, count)
                self._may_have_more = False
                error = binding.SSL_get_error(tls, count)
                if error == binding.ZERO_RETURN:
                    return b""
                if error != binding.WANT_READ:
                    message = f"broken while the response was read: {take_reason()}"
                    raise FetchFailed(Code.TLS_FAILED, message)
                self._flush()  # an answer to a KeyUpdate, say
            data = self._socket.recv(RECEIVE_BYTES)
            if not data:
                return b""  # an end without close_notify: what was read decides, not how it ended
            self._take(data)
            self._may_have_more = True

    def facts(self) -> Tls:
        """What was agreed on, and the leaf certificate's facts."""
        return tell_agreed(self._ssl, is_verified=self._verifies)

    def shown(self) -> Tls | None:
        """`facts` of a handshake that failed: None where it had brought no certificate."""
        return tell_presented(self._ssl, self._session)

    def close(self) -> None:
        """Free OpenSSL's memory. The socket is the caller's to close; no close_notify is sent."""
        tls, self._ssl = self._ssl, None
        if tls is None:
            return
        if self._keep is not None and self._is_answered:
            # SSL_free declares the session of a connection unfit that ends without close_notify, as all of
            # ours do. TLS 1.3's ticket comes with the response, which is why it is asked for only now.
            binding.SSL_set_shutdown(tls, binding.SHUTDOWN_BOTH_WAYS)
            self._keep(ffi.gc(binding.SSL_get1_session(tls), binding.SSL_SESSION_free))
        binding.SSL_free(tls)

    def _expect(self, name: str) -> None:
        """Send `name` (SNI), and have the certificate compared with it. Raises FetchFailed."""
        tls, raw, packed = self._ssl, name.encode("ascii"), packed_address(name)
        if packed is None:  # RFC 6066 section 3: an address is not sent as a server's name
            if len(raw) > SERVER_NAME_BYTES:  # the binding does not pass on that it was not taken
                raise self._failure(f"it can be told names of up to {SERVER_NAME_BYTES} bytes")
            binding.SSL_set_tlsext_host_name(tls, raw)
        if not self._verifies:
            return
        verification = binding.SSL_get0_param(tls)
        if packed is not None:
            is_set = binding.X509_VERIFY_PARAM_set1_ip(verification, packed, len(packed))
        else:
            is_set = binding.X509_VERIFY_PARAM_set1_host(verification, raw, len(raw))
        if not is_set:
            take_reason()  # it has no words for it
            raise self._mistrust("that can be in no certificate, OpenSSL says")

    def _take(self, data: bytes) -> None:
        """Have OpenSSL read `data` next. Raises FetchFailed where too much of it brought nothing to deliver:
        while that comes faster than it is read, no deadline ends it."""
        self._overhead_bytes += len(data)
        if self._overhead_bytes > OVERHEAD_LIMIT_BYTES:
            raise self._failure(f"more than {OVERHEAD_LIMIT_BYTES} bytes beside the response")
        binding.BIO_write(self._in, data, len(data))

    def _flush(self) -> bool:
        """Send what OpenSSL has written; whether something is left that the socket does not take now."""
        while True:
            if not self._unsent:
                count = binding.BIO_read(self._out, self._buffer, BUFFER_BYTES)
                if count <= 0:
                    return False
                self._unsent = bytes_of(self._buffer, count)
            try:
                sent = self._socket.send(self._unsent)
            except BlockingIOError:
                return True
            self._unsent = self._unsent[sent:]

    def _refusal(self) -> FetchFailed:
        """Why OpenSSL does not go on with the handshake."""
        reason = take_reason()
        with suppress(OSError):
            self._flush()  # our alert tells the server why
        # Errors of a certificate's signature, say, can be before the certificate's in the queue: what the
        # verification itself found decides.
        fault = binding.SSL_get_verify_result(self._ssl) if self._verifies else 0
        if not fault:
            return self._failure(reason)
        return self._mistrust(text(binding.X509_verify_cert_error_string(fault)))

    def _mistrust(self, reason: str) -> FetchFailed:
        return FetchFailed(Code.TLS_CERTIFICATE, f"the certificate of {self._name} does not verify: {reason}")

    def _failure(self, reason: str) -> FetchFailed:
        return FetchFailed(Code.TLS_FAILED, f"no TLS with {self._name}: {reason}")
