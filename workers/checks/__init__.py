"""The checks, one module a header or concern. A new one is a file here and its test; nothing else.

Here itself is only what several of them ask of a response alike.
"""

import re

from workers.response import Response

_REDIRECTS = frozenset({301, 302, 303, 307, 308})  # RFC 9110 section 15.4: a client goes on by itself
_WITHOUT_CONTENT = frozenset({204, 205, 304})  # RFC 9110 sections 15.3.5, 15.3.6 and 15.4.5
_AUTHORITY = re.compile(r"[a-z]+://(?:[^/?#@]*+@)?(\[[^\]/?#]*+\]|[^/?#:]*+)")
_IPV4 = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}", re.ASCII)


def has_content(response: Response) -> bool:
    """Whether a client uses the response's content: error pages it does, redirects it follows unread."""
    if response.status in _REDIRECTS:
        return not response.values("location")
    return response.status not in _WITHOUT_CONTENT


def shows_page(response: Response) -> bool:
    """Whether a browser would show the response as a page, so that what protects pages is wanted."""
    return response.is_document and has_content(response)


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
