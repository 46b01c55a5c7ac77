"""Who may ask at all: a token's holder in time, and without tokens no web page on a browser's behalf.

A daemon on loopback asks for no token, and every page that its user visits can send it requests. Two things
tell such requests. What a page sends to another origin carries `Origin` or `Sec-Fetch-Site` (Fetch standard;
Fetch Metadata). And where a page's own name is pointed at 127.0.0.1 (DNS rebinding), the request is of the
page's origin, but its Host is that name and not the daemon's. With tokens neither matters: a page has none.
"""

import re
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final

from aiohttp import web

from service.api.auth import Tokens, authorize, is_protected
from service.api.operation import Refusal
from service.api.problems import Kind, Problem
from service.api.rate import Rate, client_of
from service.settings import Settings

LIMITED: Final = "/v1"
# What is not another origin's: a page of our own, and what a user has typed (Fetch Metadata section 2.1).
_OWN_SITES: Final = frozenset({"same-origin", "none"})
# RFC 9110 section 7.2, less what neither a name nor an address has: sub-delims and percent-encoding.
_HOST: Final = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(:[0-9]{1,5})?")

REFUSALS: Final = (Refusal(400, "expected one Host, got none", headers=["Connection"]),)
PAGE_REFUSALS: Final = (
    Refusal(
        403, "Host 'rebound.example' is no name of this daemon, which asks for no token", Kind.FOREIGN_HOST
    ),
    Refusal(
        403,
        "this daemon asks for no token, so it takes nothing from pages of other origins",
        Kind.FOREIGN_ORIGIN,
    ),
)


@dataclass(slots=True)
class Access:
    """`hosts` are names that the daemon is known by, beside localhost and every IP address. Tokens can be
    replaced at any time."""

    tokens: Tokens
    hosts: frozenset[str]
    by_token: Rate
    by_address: Rate

    def admit(self, request: web.Request) -> str | None:
        """The name of the client's token, None where none is asked for.

        Raises a Problem: 400 for a head that two could read in two ways, 401 without a known token, 403 for a
        page's request, 429 for too many. Addresses are counted before tokens are looked at, so that guessing
        is slow too.
        """
        check_head(request)
        if not is_protected(request):
            return None
        limited = is_protected(request, (LIMITED,))
        if limited:
            self.by_address.spend(client_of(request.remote))
        if not self.tokens:
            self._refuse_pages(request)
            return None
        name = authorize(request, self.tokens)
        if limited and name is not None:
            self.by_token.spend(name)
        return name

    def _refuse_pages(self, request: web.Request) -> None:
        host = request.headers.get("Host", "")
        if not is_own_name(host, self.hosts):
            detail = (
                f"Host {host[:100]!r} is no name of this daemon, which asks for no token: use its address,"
                " name the host with --allow-host, or configure a token"
            )
            raise Problem(403, detail, Kind.FOREIGN_HOST)
        origins = request.headers.getall("Origin", [])
        sites = request.headers.getall("Sec-Fetch-Site", [])
        if any(origin.partition("://")[2].lower() != host.lower() for origin in origins) or any(
            site.strip().lower() not in _OWN_SITES for site in sites
        ):
            detail = "this daemon asks for no token, so it takes nothing from pages of other origins"
            raise Problem(403, detail, Kind.FOREIGN_ORIGIN)


def open_access(settings: Settings, tokens: Tokens) -> Access:
    """As the settings have it. A name that is listened on is the daemon's own."""
    listened = settings.listen.rpartition(":")[0].lower()
    return Access(
        tokens,
        frozenset({*settings.allow_host, listened} - {""}),
        Rate(settings.token_rate, "token"),
        Rate(settings.address_rate, "address"),
    )


def check_head(request: web.Request) -> None:
    """Raise a 400 Problem for what the parser lets through and RFC 9112 does not, or leaves to the reader:
    anything but one Host (section 3.2), a target that names another host, codings that are not `chunked`
    (section 6.1: what cannot be decoded is refused)."""
    hosts = request.headers.getall("Host", [])
    if len(hosts) > 1 or (not hosts and request.version >= (1, 1)):
        raise _refuse_head(f"expected one Host, got {len(hosts) or 'none'}")
    host = hosts[0] if hosts else ""
    if hosts and not _HOST.fullmatch(host):
        raise _refuse_head(f"expected a name or an address, and a port, as Host, got {host[:100]!r}")
    target = request.raw_path
    if not target.startswith("/") and target != "*":
        authority = re.split("[/?#]", target.partition("://")[2], maxsplit=1)[0]
        if authority.lower() != host.lower():
            raise _refuse_head(f"expected a target on the Host {host[:100]!r}, got {target[:100]!r}")
    codings = request.headers.getall("Transfer-Encoding", [])
    if codings and [coding.strip(" \t").lower() for coding in codings] != ["chunked"]:
        raise _refuse_head("expected no Transfer-Encoding but chunked")


def _refuse_head(detail: str) -> Problem:
    return Problem(400, detail, headers={"Connection": "close"})


def is_own_name(host: str, names: frozenset[str]) -> bool:
    """Whether a Host (a port is not looked at) names this daemon, and not a page's server.

    An IP address does: no page has the daemon's address for its origin unless the daemon has served it.
    """
    name, colon, port = host.rpartition(":")
    if not colon or (host.endswith("]") and not port.isdigit()):
        name = host
    name = name.lower().rstrip(".")
    if name == "localhost" or name.endswith(".localhost") or name in names:
        return True
    try:
        ip_address(name.strip("[]"))
    except ValueError:
        return False
    return True
