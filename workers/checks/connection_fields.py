"""Fields for one connection only (RFC 9110 section 7.6.1), and the trailer's (section 6.5).

Keep-Alive is let pass: servers send it by the million, Connection names it or not, and nothing comes of it.
"""

from collections.abc import Iterator
from typing import Final

from workers.check import Check, Rule, removal
from workers.model import Finding
from workers.response import Response

LIMIT: Final = 2_048  # characters of a list; nobody names that many options
# What nobody may take off on the way, as Connection asks proxies to.
PROTECTING: Final = frozenset(
    {
        "access-control-allow-origin",
        "cache-control",
        "clear-site-data",
        "content-security-policy",
        "content-type",
        "cross-origin-opener-policy",
        "cross-origin-resource-policy",
        "permissions-policy",
        "referrer-policy",
        "set-cookie",
        "strict-transport-security",
        "vary",
        "x-content-type-options",
        "x-frame-options",
    }
)
# RFC 9110 section 6.5.1: what is needed to frame, route or judge the response comes too late at its end.
NO_TRAILERS: Final = PROTECTING | {"content-length", "content-encoding", "content-range", "host", "location",
                                   "trailer", "transfer-encoding", "www-authenticate"}  # fmt: skip

STRIPPED = Rule(
    id="connection-strips-field",
    severity="medium",
    field="Connection",
    message="Connection names {name}, which tells every proxy to take that field off.",
    why="Behind a proxy the field, and its protection, is gone.",
    fix="Connection: close",
    reference="RFC 9110 section 7.6.1",
)
H2C_OVER_TLS = Rule(
    id="upgrade-h2c-over-tls",
    severity="low",
    field="Upgrade",
    message="Upgrade offers h2c over https, where it may not be used.",
    why="Proxies that pass it on let clients through to the server behind, past their rules (h2c smuggling).",
    fix=removal("Upgrade"),
    reference="RFC 9113 section 3.1",
)
UNLISTED = Rule(
    id="upgrade-unlisted",
    severity="info",
    field="Upgrade",
    message="Upgrade was sent, and Connection does not name it.",
    why="A proxy that follows the rules passes it on to clients that it was not meant for.",
    fix=removal("Upgrade"),
    reference="RFC 9110 section 7.8",
)
PROXY_CONNECTION = Rule(
    id="proxy-connection-sent",
    severity="info",
    field="Proxy-Connection",
    message="Proxy-Connection was sent; it never was a field of HTTP.",
    why="Proxies pass it on, and connections are held open that nobody uses.",
    fix=removal("Proxy-Connection"),
    reference="https://www.rfc-editor.org/rfc/rfc9112#appendix-C.2.2",
)
PROXY_AUTHENTICATE = Rule(
    id="proxy-authenticate-misplaced",
    severity="low",
    field="Proxy-Authenticate",
    message="Proxy-Authenticate was sent with the status {status}; it belongs to proxies and 407.",
    why="It asks for the credentials of another, or leaks the challenge of a proxy behind the site.",
    fix=removal("Proxy-Authenticate"),
    reference="RFC 9110 section 11.7.1",
)
TRAILER = Rule(
    id="trailer-forbidden-field",
    severity="low",
    field="Trailer",
    message="Trailer announces {name} for after the content, where it may not come.",
    why="Recipients have used or cached the response by then; what it should have done is not done.",
    fix=removal("Trailer"),
    reference="RFC 9110 section 6.5.1",
)


def run(response: Response) -> Iterator[Finding]:
    options = _list(response, "connection")
    for name in sorted(PROTECTING & options.keys()):
        yield STRIPPED.found(options[name], name=name)
    offers = _list(response, "upgrade")
    if offers and response.status not in (101, 426):  # RFC 9110 section 15.5.22: there it is the answer
        if response.is_https and "h2c" in offers:
            yield H2C_OVER_TLS.found(offers["h2c"])
        if "upgrade" not in options:
            yield UNLISTED.found(response.combined("upgrade"))
    if response.values("proxy-connection"):
        yield PROXY_CONNECTION.found(response.values("proxy-connection")[0])
    if response.status != 407 and (asked := response.values("proxy-authenticate")):
        yield PROXY_AUTHENTICATE.found(asked[0], status=response.status)
    trailers = _list(response, "trailer")
    for name in sorted(NO_TRAILERS & trailers.keys()):
        yield TRAILER.found(trailers[name], name=name)


def _list(response: Response, name: str) -> dict[str, str]:
    """The list's members as they are spelt, by their lower case."""
    value = response.combined(name)
    if not value:
        return {}
    members = (part.strip(" \t") for part in value[:LIMIT].split(","))
    return {member.lower(): member for member in members}


CHECK = Check(
    id="connection-fields",
    title="Fields of the connection and the trailer",
    why="What is meant for one connection does harm on the next, and what comes too late does nothing.",
    reference="RFC 9110 section 7.6.1",
    rules=(STRIPPED, H2C_OVER_TLS, UNLISTED, PROXY_CONNECTION, PROXY_AUTHENTICATE, TRAILER),
    run=run,
    needs=("Connection", "Upgrade", "Proxy-Connection", "Proxy-Authenticate", "Trailer"),
)
