"""What a line of input means as a URL, decided once, by the WHATWG URL standard.

The same string is then resolved, connected to, sent as `Host` and recorded. Credentials and fragments are
not part of what is requested, so they are left out of it.
"""

import re
from socket import AF_INET, inet_pton
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from service.errors import Code, FetchFailed
from workers.syntax.scheme import has_scheme

URL_LIMIT_BYTES: Final = 8 * 1024
DEFAULT_PORTS: Final = {"http": 80, "https": 443}
MAXIMUM_PORT: Final = 65_535
# An http or https URL as the standard serialises it; credentials and fragment are left out of the groups.
_CANONICAL: Final = re.compile(r"(https?)://(?:[^/?#]*@)?(\[[^\]]*\]|[^:/?#@]+)(?::(\d+))?(/[^#]*)")
# What already stands as the standard would write it, as most URLs of a list do: digits and dots, which must
# then be an IPv4 address in four decimals, or a name whose last label cannot be a number; no escapes, and
# nothing that would be escaped. Every repeat is possessive or ends at the last dot: linear.
_PLAIN: Final = re.compile(
    r"(https?)://("
    r"(?:([0-9.]++)|((?:[a-z0-9._-]*\.)?+[a-z][a-z0-9_-]*+))"
    r"(?::([1-9][0-9]{0,4}+))?+"
    r")(/[A-Za-z0-9._~!$&()*+,;=:@?/-]*+)?+"
)
_AROUND: Final = "\t\n\f\r "
# The standard takes these out of a URL wherever they are, and makes one of two; a list means two.
_WITHIN: Final = re.compile("\r\n|[\t\n\r]")
_NAMES: Final = {
    "\t": "a tab",
    "\n": "a line end",
    "\r\n": "a line end",
    "\r": "a carriage return, which alone ends no line,",
}


class Url(Struct, frozen=True):
    """A canonical http or https URL in the parts that a fetch needs.

    `host` is what is resolved (IPv6 without brackets), `authority` what `Host` says, `target` the origin
    form of RFC 9112 section 3.2.1. `bare` tells that the input named no scheme.
    """

    href: str
    scheme: str
    host: str
    port: int
    authority: str
    target: str
    bare: bool = False

    @property
    def origin(self) -> tuple[str, str, int]:
        return self.scheme, self.host, self.port

    def as_http(self) -> "Url":
        """The same over plain http: what a bare host falls back to. A port that was given stays."""
        port = "" if self.port == DEFAULT_PORTS["https"] else f":{self.port}"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return replace(parse_url(f"http://{host}{port}{self.target}"), bare=True)


def parse_input(text: str, limit_bytes: int = URL_LIMIT_BYTES) -> Url:
    """Read one line of input: an http(s) URL, or a bare host (with port, path and query), meaning https.
    White space around it is left out.

    Raises FetchFailed with `invalid_url` or `unsupported_scheme`.
    """
    if len(text) <= limit_bytes and (plain := _read_plain(text)) is not None:
        return plain
    stripped = strip_input(text)
    if len(text) > limit_bytes or len(text.encode("utf-8", "surrogatepass")) > limit_bytes:
        raise FetchFailed(Code.INVALID_URL, f"expected at most {limit_bytes} bytes, got a longer URL")
    if not stripped:
        raise FetchFailed(Code.INVALID_URL, "expected a URL or a host, got nothing")
    if has_scheme(stripped):
        return parse_url(stripped)
    url = parse_url(f"https://{stripped.lstrip('/')}" if stripped.startswith("//") else f"https://{stripped}")
    if url.port == DEFAULT_PORTS["http"]:
        return url.as_http()
    return replace(url, bare=True)


def strip_input(text: str) -> str:
    """What a user wrote, without the white space around it.

    Raises FetchFailed with `invalid_url` where a tab or a line end is within it.
    """
    stripped = text.strip(_AROUND)
    if (within := _WITHIN.search(stripped)) is not None:
        raise FetchFailed(
            Code.INVALID_URL, f"expected one URL, got {_NAMES[within[0]]} within {_shown(stripped)}"
        )
    return stripped


def parse_url(text: str, base: str | None = None) -> Url:
    """Parse an absolute URL, or one relative to `base`, by the WHATWG rules.

    Raises FetchFailed with `invalid_url` or `unsupported_scheme`.
    """
    import ada_url  # only here: of a list of plain URLs none has to be parsed

    try:
        href = ada_url.join_url(base, text) if base else ada_url.normalize_url(text)
    except (ValueError, UnicodeError) as error:
        raise FetchFailed(Code.INVALID_URL, f"{_shown(text)} is no URL by the WHATWG rules") from error
    parts = _CANONICAL.match(href)
    if parts is None:
        scheme = href.partition(":")[0]
        raise FetchFailed(
            Code.UNSUPPORTED_SCHEME, f"expected http or https, got {scheme!r} in {_shown(text)}"
        )
    scheme, host, port, target = parts.groups()
    authority = f"{host}:{port}" if port else host
    return Url(
        href=f"{scheme}://{authority}{target}",
        scheme=scheme,
        host=host.strip("[]"),
        port=int(port or DEFAULT_PORTS[scheme]),
        authority=authority,
        target=target,
    )


def _read_plain(text: str) -> Url | None:
    """The URL that `text` is already, in a fraction of the parser's time; None where the parser must look."""
    parts = _PLAIN.fullmatch(text)
    if parts is None:
        return None
    scheme, authority, decimals, host, digits, target = parts.groups()
    if host is None:
        host = decimals
        try:
            inet_pton(AF_INET, host)  # which takes four decimals without leading zeros, and nothing else
        except OSError:
            return None
    elif "xn--" in host:  # Punycode
        return None
    port = default = DEFAULT_PORTS[scheme]
    if digits is not None:
        port = int(digits)
        if port > MAXIMUM_PORT or port == default:
            return None
    if target is None:
        return Url(f"{text}/", scheme, host, port, authority, "/")
    if "/." in target:  # a dot segment
        return None
    return Url(text, scheme, host, port, authority, target)


def _shown(text: str) -> str:
    return repr(text if len(text) <= 100 else text[:99] + "…")
