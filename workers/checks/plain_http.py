"""Answers over plain http: what came can be read and changed on its way, whatever its header says.

Refusals and redirects are no finding here: they are what http is left for. Any other error is an answer like
one that succeeded: whoever is on the way reads what it was asked, and can put another in its place. An answer
that a redirect from https led to is told by `transport_downgrade`.
"""

import re
from collections.abc import Iterator

from workers.check import Check, Rule
from workers.checks import is_trusted
from workers.model import Finding
from workers.response import Response
from workers.syntax.statuses import REDIRECTS

FIELD = "URL"
HTTPS = "RFC 9110 section 4.2.2"
# How servers turn http away that have https: nginx says 400 at a port for TLS, IIS 403.4; RFC 9110 sections
# 15.5.20 and 15.5.22 have the others. 401 asks for a password, and 404 and 5xx refuse nothing.
REFUSALS = frozenset({400, 403, 421, 426})

NO_HTTPS = Rule(
    id="https-missing",
    severity="high",
    field=FIELD,
    message="The answer came over plain http, and the site has no https: {lack}.",
    why="Whoever is on the way reads all that visitors and site tell each other, sessions and passwords too, "
    "and can put any page in the place of this one. No header helps: it can be taken out on the way.",
    fix="Serve the site over https, and redirect http to it",
    reference=HTTPS,
)
OTHER_PORT = Rule(
    id="https-missing-beside-port",
    severity="low",
    field=FIELD,
    message="The answer came over plain http at port {port}, and {lack}: whether https is at another port, "
    "nobody can know.",
    why="Whoever is on the way can read it and change it. Where the https of port 80 is, all know; that of "
    "another port may be anywhere.",
    fix="Serve what is at this port over https, and lead to it from here",
    reference=HTTPS,
)
NOT_REDIRECTED = Rule(
    id="http-not-redirected",
    severity="medium",
    field=FIELD,
    message="The answer came over plain http, though the site has https: http does not lead there.",
    why="Who follows an old link, or types the name without a scheme, stays where all can be read and "
    "changed on the way; HSTS is heeded over https alone, and cannot begin here.",
    fix="Redirect all of http to the https address, with status 301 or 308",
    reference="RFC 6797 section 7.2",
)
OVER_HTTP = Rule(
    id="answered-over-http",
    severity="medium",
    field=FIELD,
    message="The answer came over plain http; whether the site has https was not asked.",
    why="Whoever is on the way can read it and change it, and take out the headers that protect visitors.",
    fix="Serve the site over https, and redirect http to it",
    reference=HTTPS,
)
ON_LOOPBACK = Rule(
    id="answered-over-http-on-loopback",
    severity="info",
    field=FIELD,
    message="The answer came over plain http, from the machine that asked: there alone it needs no https.",
    why="Browsers trust loopback addresses, for nobody is on the way. What is served to others is not safe.",
    fix=None,
    reference="https://www.w3.org/TR/secure-contexts/#is-origin-trustworthy",
)
LACKS = {
    "none": "nothing answered for https at port 443",
    "untrusted": "the certificate of https at port 443 is not valid",
}
_PORT = re.compile(r"http://(?:[^/?#@]*+@)?(?:\[[^\]/?#]*+\]|[^/?#:]*+):0*+([0-9]{1,5})(?![0-9])")


def run(response: Response) -> Iterator[Finding]:
    if response.is_https or response.status in REFUSALS or _leads_on(response):
        return
    if not response.is_alone and response.ask(_was_secure):
        return
    if is_trusted(response):
        yield ON_LOOPBACK.found()
    elif response.https is None:
        yield OVER_HTTP.found()
    elif response.https in LACKS:
        port, lack = response.ask(_other_port), LACKS[response.https]
        yield OTHER_PORT.found(port=port, lack=lack) if port else NO_HTTPS.found(lack=lack)
    else:
        yield NOT_REDIRECTED.found()


def _leads_on(response: Response) -> bool:
    return response.status in REDIRECTS and response.has("location")


def _other_port(response: Response) -> str:
    """The port that the URL names; "" where it is 80, or the chain came by there: that is asked at 443."""
    ports = [_port_of(url) for url in (*(hop.url for hop in response.earlier), response.url)]
    return "" if "80" in ports else ports[-1]


def _port_of(url: str) -> str:
    match = _PORT.match(url)
    return "80" if match is None else match[1]


def _was_secure(response: Response) -> bool:
    return any(hop.url.startswith("https:") for hop in response.earlier)


CHECK = Check(
    id="plain-http",
    title="Answers over plain http",
    why="Without https nothing that a site says is sure to arrive as it was sent, its header least of all.",
    reference=HTTPS,
    rules=(NO_HTTPS, OTHER_PORT, NOT_REDIRECTED, OVER_HTTP, ON_LOOPBACK),
    run=run,
)
