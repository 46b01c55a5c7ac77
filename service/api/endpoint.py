"""Where the daemon listens, and the rule that it is not open to strangers by accident."""

import asyncio
import socket
from dataclasses import dataclass
from ipaddress import ip_address

from service.api.auth import Tokens
from service.errors import UsageError


@dataclass(frozen=True, slots=True)
class Endpoint:
    """`addresses` are the host's own, looked up once, so that what was judged is what is bound."""

    addresses: tuple[str, ...]
    port: int

    @property
    def is_loopback(self) -> bool:
        return all(ip_address(address).is_loopback for address in self.addresses)


async def find_endpoint(listen: str) -> Endpoint:
    """Read HOST:PORT; no host means every address. Raises UsageError where it is none, or has no address."""
    host, colon, port = listen.rpartition(":")
    bracketed = host.startswith("[") and host.endswith("]")
    if not colon or not _is_port(port) or (":" in host and not bracketed):
        raise UsageError(f"listen: expected HOST:PORT such as 127.0.0.1:8080 or [::1]:8080, got {listen!r}")
    try:
        found = await asyncio.get_running_loop().getaddrinfo(
            host.strip("[]") or None, int(port), type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
    except (OSError, UnicodeError) as error:  # a name that IDNA cannot encode is no OSError
        raise UsageError(f"listen: {listen}: the host has no address: {error}") from error
    return Endpoint(tuple(dict.fromkeys(str(address[0]) for *_, address in found)), int(port))


def refuse_exposure(endpoint: Endpoint, tokens: Tokens, *, allow_anonymous: bool) -> None:
    """Raise UsageError where anybody on a network could have URLs fetched from here."""
    if endpoint.is_loopback or tokens or allow_anonymous:
        return
    raise UsageError(
        f"listen: {', '.join(endpoint.addresses)} can be reached from beyond this host and there is no"
        " token: give --token-file (or --token), listen on 127.0.0.1, or say --allow-anonymous"
    )


def _is_port(text: str) -> bool:
    return text.isascii() and text.isdigit() and int(text) < 65_536
