"""The host of a URL, and what kind of host it is. URLs are in their normal form (WHATWG URL section 4.3)."""

import re
from typing import Final

_AUTHORITY = re.compile(r"[a-z]+://(?:[^/?#@]*+@)?(\[[^\]/?#]*+\]|[^/?#:]*+)")
_PLAIN_NAME = re.compile(r"[a-z]+://([a-z0-9._-]++)/")  # without credentials and port, as most are
_ROOT_SLASHES: Final = 3  # https://host/
_IPV4 = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}", re.ASCII)
_ENDS_OF_ADDRESSES = frozenset("0123456789]")


def host_of(url: str) -> str:
    """The host of a URL; "" where there is none."""
    match = _AUTHORITY.match(url)
    return match[1] if match else ""


def place_of(url: str) -> tuple[str, bool, bool]:
    """The host of a URL, whether it is an address, and whether the URL has nothing behind it (but a "/")."""
    plain = _PLAIN_NAME.match(url)
    if plain is not None:
        host = plain[1]
        return host, host[-1] in _ENDS_OF_ADDRESSES and is_address(host), plain.end() == len(url)
    host = host_of(url)
    is_root = url[-1:] == "/" and url.count("/") == _ROOT_SLASHES and "?" not in url and "#" not in url
    return host, is_address(host), is_root


def is_address(host: str) -> bool:
    """Whether the host is an IP address and no name."""
    if host[-1:] not in _ENDS_OF_ADDRESSES:  # as most hosts are told
        return False
    return host.startswith("[") or _IPV4.fullmatch(host) is not None


def is_local(host: str) -> bool:
    """Whether browsers trust the host without https: loopback (W3C Secure Contexts section 3.1)."""
    return (
        host in ("localhost", "[::1]")
        or host.endswith(".localhost")
        or (host.startswith("127.") and is_address(host))
    )
