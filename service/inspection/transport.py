"""What a stream stands on: sockets and TLS as it sees them, and what their errors are called."""

import errno
import os
import socket
import struct
from contextlib import suppress
from typing import Final, Protocol

from service.errors import Code, FetchFailed
from workers.model import Tls

# Ours, and so no verdict on the URL.
_SHORTAGES: Final = frozenset(
    {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM, errno.EADDRNOTAVAIL, errno.ENOSPC}
)
_CODES: Final = {
    errno.ECONNREFUSED: Code.CONNECT_REFUSED,
    errno.ETIMEDOUT: Code.CONNECT_TIMEOUT,
    errno.ECONNRESET: Code.CONNECT_REFUSED,
}

_NONBLOCKING: Final = getattr(socket, "SOCK_NONBLOCK", 0)  # Linux and BSD: saves a system call
_KIND: Final = int(socket.SOCK_STREAM) | _NONBLOCKING
_IPV4, _IPV6 = (
    int(socket.AF_INET),
    int(socket.AF_INET6),
)  # not members of an enumeration, whose use costs more
_RESET_ON_CLOSE: Final = struct.pack("ii", 1, 0)  # SO_LINGER, 0 s
_CONNECTING: Final = frozenset({0, errno.EINPROGRESS})


class Shortage(Exception):  # noqa: N818 - a state of this machine, which passes
    """There was no descriptor, port or memory for a socket. No verdict on any URL: wait and try again."""

    def __init__(self, message: str, *, may_last: bool = False) -> None:
        super().__init__(message)
        # A port or an address of ours may be missing for good; descriptors and memory come back.
        self.may_last: Final = may_last


class Transport(Protocol):
    """What bytes go through: a non-blocking socket, or TLS over one.

    Both raise OSError, and BlockingIOError where they would block. Over TLS, `recv` also raises FetchFailed.
    """

    def send(self, data: bytes, /) -> int:
        """How many bytes were taken. After BlockingIOError it must be called with the same data again."""

    def recv(self, size: int, /) -> bytes:
        """Some bytes; b"" at the end, with TLS's close_notify or without."""


class Secured(Transport, Protocol):
    """A client's TLS over a connected socket."""

    def shake_hands(self) -> int:
        """Go on with the handshake: 0 once it is done, else READABLE or WRITABLE, which it waits for. Our
        last message may leave only with the first `send`. Raises FetchFailed."""

    def facts(self) -> Tls:
        """What was agreed on, and the leaf certificate's facts."""

    def shown(self) -> Tls | None:
        """`facts` of a handshake that failed: None where it had brought no certificate."""

    def close(self) -> None:
        """Free its memory. The socket is not touched."""


class Security(Protocol):
    """How to shake hands with one server."""

    def secure(self, connection: socket.SocketType) -> Secured:
        """Begin TLS over a non-blocking socket, which stays the caller's. Raises FetchFailed."""


def begin_connecting(address: tuple[str, int], peer: str) -> socket.SocketType:
    """A non-blocking socket on its way to an address and port. Raises FetchFailed where that fails at once,
    Shortage where this machine has no room for it."""
    family = _IPV6 if ":" in address[0] else _IPV4
    try:
        # The C type beneath `socket.socket`: that adds a method call to each of its own.
        connection = socket.SocketType(family, _KIND)
    except OSError as error:
        raise connect_failure(error.errno or 0, peer) from error
    if not _NONBLOCKING:
        connection.setblocking(False)
    number = connection.connect_ex(address)
    if number not in _CONNECTING:
        connection.close()
        raise connect_failure(number, peer)
    return connection


def send_at_once(connection: socket.SocketType, data: bytes, peer: str) -> int:
    """How many bytes were taken; 0 where the connection does not stand yet. Raises FetchFailed where it
    never will, Shortage: the system tells that once only."""
    try:
        return connection.send(data)
    except BlockingIOError:
        return 0
    except OSError as error:
        if error.errno == errno.ENOTCONN:  # what BSD says in place of that it would block
            return 0
        raise connect_failure(error.errno or 0, peer) from error


def holds_more(transport: Transport) -> bool:
    """Whether something can be read, the end not counted. It is lost then."""
    with suppress(FetchFailed, OSError):
        return bool(transport.recv(1))
    return False


def end_connection(connection: socket.SocketType, *, is_ending: bool) -> None:
    """Close a socket. A reset frees the port, which who closes first keeps for a minute; it is not needed
    where the server `is_ending` the connection."""
    if not is_ending:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
    connection.close()


def connect_failure(number: int, peer: str) -> FetchFailed | Shortage:
    """What a connection attempt's `errno` means."""
    reason = os.strerror(number).lower()
    if number in _SHORTAGES:
        message = f"this machine had no room for a connection: {reason}"
        return Shortage(message, may_last=number == errno.EADDRNOTAVAIL)
    return FetchFailed(_CODES.get(number, Code.CONNECT_UNREACHABLE), f"no connection to {peer}: {reason}")


def broken_while(doing: str, error: OSError) -> FetchFailed:
    """What it is called that a connection broke which stood."""
    return FetchFailed(Code.CONNECTION_RESET, f"broken while {doing}: {told(error)}")


def find_shortage() -> str | None:
    """Why no socket or file can be opened now, in a few words; None where one can. Asked where a library has
    failed that does not say whether that was ours."""
    try:
        socket.SocketType(socket.AF_INET, socket.SOCK_DGRAM).close()
    except OSError as error:
        if error.errno in _SHORTAGES:
            return told(error)
    return None


def told(error: OSError) -> str:
    """A transport's error in a few words."""
    return (error.strerror or str(error)).lower()


def packed_address(name: str) -> bytes | None:
    """An address's bytes; None of a name. An address ends in a digit or has a colon, and few names do."""
    if ":" not in name and not name[-1:].isdigit():
        return None
    try:
        return socket.inet_pton(socket.AF_INET6 if ":" in name else socket.AF_INET, name)
    except OSError:
        return None
