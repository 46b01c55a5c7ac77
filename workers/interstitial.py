"""Answers that are not the site's: challenges, blocks, proxies' errors, parked domains, servers' first pages.

To grade them would be to grade somebody else. They are recognised by marks that their makers document or that
nothing else sends; a bare 403 from behind a CDN may well be the site's own, and is left alone. What shows in
the page only is for `interstitial_page`, at full depth.
"""

import re
from collections.abc import Callable
from typing import Final

from workers.response import Response
from workers.syntax.hosts import host_of
from workers.syntax.parameters import LIMIT, parse_parameters, split_list

CHALLENGE: Final = "{maker} answered with a challenge in the site's place"
BLOCK: Final = "{maker} refused the request in the site's place"
PROXY_ERROR: Final = "an error page of {maker} came in place of the site's answer"
PARKED: Final = "the domain is parked: {mark}"

_REFUSALS: Final = frozenset({401, 403, 405, 406, 418, 503})
_GATEWAY: Final = frozenset({502, 504})  # RFC 9110 sections 15.6.3 and 15.6.5: of a gateway by definition
_ERRORS_FROM: Final = 400
# The `Expires` of every page that Cloudflare makes itself, with its odd second.
_CLOUDFLARE_EPOCH: Final = "Thu, 01 Jan 1970 00:00:01 GMT"
_CLOUDFLARE_ERRORS: Final = range(520, 531)
# What marks an answer by its sender's own field: the field, a value or "" for any, and who sends it.
_CHALLENGE_FIELDS: Final = (
    ("cf-mitigated", "challenge", "Cloudflare"),
    ("cf-chl-out", "", "Cloudflare"),
    ("x-amzn-waf-action", "challenge", "AWS WAF"),
    ("x-amzn-waf-action", "captcha", "AWS WAF"),
    ("x-vercel-mitigated", "challenge", "Vercel"),
)
_BLOCK_FIELDS: Final = (
    ("x-sucuri-block", "", "Sucuri"),
    ("x-vercel-mitigated", "deny", "Vercel"),
)
_MARKING_FIELDS: Final = frozenset(name for name, _, _ in (*_CHALLENGE_FIELDS, *_BLOCK_FIELDS))
# The same, with a status that refuses: the field alone is in the site's own answers, too.
_REFUSAL_FIELDS: Final = (
    ("x-dd-b", "", "DataDome"),
    ("x-datadome", "", "DataDome"),
    ("x-kpsdk-ct", "", "Kasada"),
)
# Servers whose name is in an answer only where they made it themselves.
_REFUSING_SERVERS: Final = {
    "akamaighost": "Akamai",
    "cloudfront": "CloudFront",
    "ddos-guard": "DDoS-Guard",
    "sucuri/cloudproxy": "Sucuri",
}
_FAILING_SERVERS: Final = {
    "akamaighost": "Akamai",
    "awselb/2.0": "AWS's load balancer",
    "bigip": "F5's load balancer",
    "cloudfront": "CloudFront",
    "envoy": "Envoy",
    "sucuri/cloudproxy": "Sucuri",
    "varnish": "Varnish",
}
# Where parked domains lead to: the host, and with what the path begins.
_MARKETS: Final = (
    ("www.hugedomains.com", "/domain_profile.cfm"),
    ("www.afternic.com", "/forsale/"),
    ("sedo.com", "/search/details"),
    ("dan.com", "/buy-domain/"),
    ("www.dynadot.com", "/market/"),
    ("ww1.sedoparking.com", "/"),
)
_PATH = re.compile(r"[a-z]+://[^/?#]*+(/[^?#]*+)?")


def recognise(response: Response) -> str | None:
    """Why the response is nothing to grade the site by, from status and headers; None where it is."""
    return next((reason for look in _LOOKS if (reason := look(response)) is not None), None)


def _by_status(response: Response) -> str | None:
    status = response.status
    if status == 511:
        return "the network asks to log in first (511): the answer is a captive portal's"
    if status == 429:
        return "the server asks to come back later: it takes it that there were too many requests (429)"
    if status in _GATEWAY:
        return f"an error page of a gateway came in place of the site's answer ({status})"
    return None


def _by_challenge(response: Response) -> str | None:
    if response.names.isdisjoint(_MARKING_FIELDS):
        return None
    for marks, sentence in ((_CHALLENGE_FIELDS, CHALLENGE), (_BLOCK_FIELDS, BLOCK)):
        for name, value, maker in marks:
            if any(not value or sent.lower() == value for sent in response.values(name)):
                return sentence.format(maker=maker)
    return None


def _by_refusal(response: Response) -> str | None:
    if response.status not in _REFUSALS:
        return None
    for name, _, maker in _REFUSAL_FIELDS:
        if response.values(name):
            return BLOCK.format(maker=maker)
    server = _server(response)
    if server in _REFUSING_SERVERS:
        return BLOCK.format(maker=_REFUSING_SERVERS[server])
    if server == "cloudflare" and _CLOUDFLARE_EPOCH in response.values("expires"):
        return BLOCK.format(maker="Cloudflare")
    return None


def _by_proxy(response: Response) -> str | None:
    server = _server(response)
    if response.status in _CLOUDFLARE_ERRORS and server == "cloudflare":
        return PROXY_ERROR.format(maker="Cloudflare")
    if response.status < _ERRORS_FROM:
        return None
    if any(not value.startswith("ERR_NONE") for value in response.values("x-squid-error")):
        return PROXY_ERROR.format(maker="Squid")
    if response.status >= 500 and server in _FAILING_SERVERS:
        return PROXY_ERROR.format(maker=_FAILING_SERVERS[server])
    return _by_proxy_status(response)


def _by_proxy_status(response: Response) -> str | None:
    """RFC 9209 section 2.1.1: `error` is a proxy's own failure, unless it passed on a status it received."""
    value = response.combined("proxy-status")
    for member in split_list(value[:LIMIT]) if value else ():
        name, _, rest = member.partition(";")
        given = dict(parse_parameters(f";{rest}")[0])
        if "error" in given and "received-status" not in given:
            return PROXY_ERROR.format(maker=f"a proxy ({name.strip()[:80]}: {given['error']})")
    return None


def _by_parking(response: Response) -> str | None:
    if response.has("x-adblock-key"):
        return PARKED.format(mark="the answer has X-Adblock-Key")
    if response.has("x-buckets") and response.has("x-template"):
        return PARKED.format(mark="the answer has X-Buckets and X-Template")
    if _server(response).startswith("parking"):
        return PARKED.format(mark=f"the server calls itself {response.values('server')[0][:80]}")
    if not response.earlier:
        return None
    host, match = response.host, _PATH.match(response.url)
    path = (match[1] if match else None) or "/"
    if host_of(response.earlier[0].url) != host:
        for market, begins in _MARKETS:
            if host == market and path.startswith(begins):
                return PARKED.format(mark=f"it leads to {market}, which sells domains")
    return None


def _by_host(response: Response) -> str | None:
    return None if response.is_root else response.ask(_by_path)


def _by_path(response: Response) -> str | None:
    """What cPanel sends for accounts that are suspended, and for names that it has no account for."""
    if "/cgi-sys/suspendedpage.cgi" in response.url:
        return "the hosting account is suspended: the answer is its provider's"
    if "/cgi-sys/defaultwebpage.cgi" in response.url:
        return "a server's default page came: no site is set up under this name"
    return None


def _server(response: Response) -> str:
    values = response.values("server")
    return values[0].strip().lower() if values else ""


_LOOKS: Final[tuple[Callable[[Response], str | None], ...]] = (
    _by_challenge,
    _by_status,
    _by_refusal,
    _by_proxy,
    _by_parking,
    _by_host,
)
