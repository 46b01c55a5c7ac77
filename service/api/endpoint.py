"""Where the daemon listens, and the rule that it is not open to strangers by accident."""

import asyncio
import socket
from dataclasses import dataclass
from ipaddress import ip_address

from service.api.auth import Tokens
from service.errors import UsageError
from service.places import split_listen


@dataclass(frozen=True, slots=True)
class Endpoint:
    """`addresses` are the host's own, looked up once, so that what was judged is what is bound."""

    addresses: tuple[str, ...]
    port: int

    @property
    def is_loopback(self) -> bool:
        return all(ip_address(address).is_loopback for address in self.addresses)


async def find_endpoint(listen: str) -> Endpoint:
    """Look up HOST:PORT; no host means every address. Raises UsageError where the host has no address."""
    host, port = split_listen(listen)
    try:
        found = await asyncio.get_running_loop().getaddrinfo(
            host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
    except (OSError, UnicodeError) as error:  # a name that IDNA cannot encode is no OSError
        raise UsageError(f"listen: {listen}: the host has no address: {error}") from error
    return Endpoint(tuple(dict.fromkeys(str(address[0]) for *_, address in found)), port)


def refuse_exposure(endpoint: Endpoint, tokens: Tokens, *, allow_anonymous: bool) -> None:
    """Raise UsageError where anybody on a network could have URLs fetched from here."""
    if endpoint.is_loopback or tokens or allow_anonymous:
        return
    raise UsageError(
        f"listen: {', '.join(endpoint.addresses)} can be reached from beyond this host and there is no"
        " token: give --token-file (or --token), listen on 127.0.0.1, or say --allow-anonymous"
    )
