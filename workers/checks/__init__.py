"""The checks, one module a header or concern. A new one is a file here and its test; nothing else.

Here itself is only what several of them ask of a URL alike.
"""

import re

_AUTHORITY = re.compile(r"[a-z]+://(?:[^/?#@]*+@)?(\[[^\]/?#]*+\]|[^/?#:]*+)")
_IPV4 = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}", re.ASCII)


def host_of(url: str) -> str:
    """The host of a URL in its normal form (WHATWG URL section 4.3); "" where there is none."""
    match = _AUTHORITY.match(url)
    return match[1] if match else ""


def is_address(host: str) -> bool:
    """Whether the host is an IP address and no name."""
    return host.startswith("[") or _IPV4.fullmatch(host) is not None


def is_local(host: str) -> bool:
    """Whether browsers trust the host without https: loopback (W3C Secure Contexts section 3.1)."""
    return (
        host in ("localhost", "[::1]")
        or host.endswith(".localhost")
        or (host.startswith("127.") and is_address(host))
    )
