"""The other witness: a blocking socket that sends the same request and keeps every byte of the answer.

It shares nothing with masthead: neither its streams nor its parser.
"""

import socket
import ssl
from pathlib import Path
from typing import NamedTuple

TIMEOUT_S = 5.0


class RawHead(NamedTuple):
    """A response head as it was on the wire; the fields in order, as spelt."""

    status_line: str
    fields: list[tuple[str, str]]


def request_head(
    method: str,
    authority: str,
    target: str,
    port: int,
    *,
    ca_file: Path | None = None,
    name: str = "127.0.0.1",
) -> RawHead:
    """Ask a server on 127.0.0.1, over TLS where `ca_file` is given, with the bytes that masthead sends."""
    close = "" if ca_file and method == "HEAD" else "Connection: close\r\n"
    request = (
        f"{method} {target} HTTP/1.1\r\nHost: {authority}\r\n"
        f"User-Agent: masthead\r\nAccept: */*\r\n{close}\r\n"
    )
    with socket.create_connection(("127.0.0.1", port), TIMEOUT_S) as connection:
        if ca_file is None:
            return _exchange(connection, request.encode())
        context = ssl.create_default_context(cafile=ca_file)
        with context.wrap_socket(connection, server_hostname=name) as secured:
            return _exchange(secured, request.encode())


def _exchange(connection: socket.socket, request: bytes) -> RawHead:
    connection.sendall(request)
    received = b""
    while b"\r\n\r\n" not in received:
        data = connection.recv(65_536)
        assert data, f"the server closed before its head was whole: {received!r}"
        received += data
    status_line, *lines = received.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
    pairs = (line.split(":", 1) for line in lines)
    return RawHead(status_line, [(name, value.strip(" \t")) for name, value in pairs])
