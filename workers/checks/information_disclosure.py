"""Fields that tell more than a client needs (RFC 9110 section 17.12): products, versions, hosts behind."""

import re
from collections.abc import Iterator
from typing import Final

from workers.check import Check, Rule
from workers.model import Finding
from workers.response import Response

SERVER = "Server"
HEADERS_PROJECT = (
    "https://owasp.org/www-project-secure-headers/#prevent-information-disclosure-via-http-headers"
)
GUIDE = (
    "https://owasp.org/www-project-web-security-testing-guide/latest/4-Web_Application_Security_Testing/"
    "01-Information_Gathering/02-Fingerprint_Web_Server"
)

# From the OWASP Secure Headers Project's list of headers to remove: those that name what made the response.
_TECHNOLOGY = """
    liferay-portal oraclecommercecloud-version powered-by product x-aspnet-version x-aspnetmvc-version
    x-cf-powered-by x-cms x-cocoon-version x-content-encoded-by x-framework x-generated-by x-generator
    x-jitsi-release x-joomla-version x-mod-pagespeed x-owa-version x-page-speed x-php-version x-powered-by
    x-powered-by-plesk x-powered-cms x-server-powered-by x-turbo-charged-by x-umbraco-version
    x-woodpecker-version
"""
# … and those that tell of hosts, routes and debugging behind it.
_INTERNALS = """
    $wsep host-header k-proxy-request pega-host sourcemap x-atmosphere-error x-atmosphere-first-request
    x-atmosphere-tracking-id x-b3-parentspanid x-b3-sampled x-b3-spanid x-b3-traceid x-backside-transport
    x-beserver x-calculatedbetarget x-datadog-origin x-datadog-parent-id x-datadog-sampling-priority
    x-datadog-tags x-datadog-trace-id x-diaginfo x-dtagentid x-dthealthcheck x-dtinjectedservlet
    x-envoy-attempt-count x-envoy-external-address x-envoy-internal x-envoy-original-dst-host
    x-envoy-upstream-service-time x-feserver x-gitlab-meta x-kong-admin-latency x-kong-client-latency
    x-kong-proxy-latency x-kong-request-id x-kong-response-latency x-kong-third-party-latency
    x-kong-total-latency x-kong-upstream-latency x-kong-upstream-status x-kubernetes-pf-flowschema-ui
    x-kubernetes-pf-prioritylevel-uid x-litespeed-cache x-litespeed-cache-control x-litespeed-purge
    x-litespeed-tag x-litespeed-vary x-nextjs-cache x-nextjs-matched-path x-nextjs-page x-nextjs-redirect
    x-old-content-length x-oneagent-js-injection x-redirect-by x-ruxit-js-agent x-sourcefiles x-sourcemap
    x-tyk-trace-id x-varnish-backend x-varnish-server
"""
TECHNOLOGY = frozenset(_TECHNOLOGY.split())
INTERNALS = frozenset(_INTERNALS.split())
NAMED_LIMIT: Final = 10  # products or fields named in one message

# "nginx/1.18.0", "Jetty(9.4.43.v2021)": a version in detail has at least one dot. The look-behinds
# let a match begin only where a word or a run of white space does, or long ones would cost their square.
_PRODUCT = re.compile(
    r"(?<![\w.+\-])([A-Za-z][\w.+\-]*+)([/(]v?\d++(?:\.[\w+~\-]++)++\)?)",
    re.ASCII,
)
_COMMENT = re.compile(r"(?<![ \t])[ \t]*+\([^()]*+\)")  # RFC 9110 section 5.6.5, without nesting
_DETAIL = re.compile(r"\d\.\d", re.ASCII)

SERVER_VERSION = Rule(
    id="server-version-disclosed",
    severity="low",
    field=SERVER,
    message="Server names {products} to the version.",
    why="Who looks for a known hole finds the hosts that have it by this line; clients need none of it.",
    fix="Send the product's name alone, or leave Server out",
    reference="RFC 9110 section 10.2.4",
)
TECHNOLOGY_VERSION = Rule(
    id="technology-version-disclosed",
    severity="low",
    field="X-Powered-By",
    message="{name} tells what the site is made with, to the version: {value}.",
    why="It leads attackers to the known holes of that version, and serves no client.",
    fix="Remove the field from the responses",
    reference=HEADERS_PROJECT,
)
TECHNOLOGY_NAMED = Rule(
    id="technology-disclosed",
    severity="info",
    field="X-Powered-By",
    message="{name} tells what the site is made with: {value}.",
    why="No client uses it; it spares an attacker the guessing.",
    fix="Remove the field from the responses",
    reference=HEADERS_PROJECT,
)
INTERNALS_NAMED = Rule(
    id="internals-disclosed",
    severity="info",
    field="SourceMap",
    message="Fields that tell of what lies behind the site were sent: {names}.",
    why="They are meant for operators: hosts, routes, traces and caches that no client needs to know of.",
    fix="Remove the fields at the edge",
    reference=HEADERS_PROJECT,
)


def run(response: Response) -> Iterator[Finding]:
    internals: dict[str, None] = {}
    for name, value in response.fields:
        lower = name.lower()
        if lower == "server":
            yield from _judge_server(value)
        elif lower in TECHNOLOGY:
            if value:
                rule = TECHNOLOGY_VERSION if _DETAIL.search(value) else TECHNOLOGY_NAMED
                yield rule.found(value, name=name, value=value, field=name)
        elif lower in INTERNALS:
            internals[name] = None
    if internals:
        names = list(internals)
        listed = ", ".join(names[:NAMED_LIMIT]) + (", …" if len(names) > NAMED_LIMIT else "")
        yield INTERNALS_NAMED.found(listed, names=listed, field=names[0])


def _judge_server(value: str) -> Iterator[Finding]:
    products = [
        f"{match[1]} {match[2].strip('/()')}"
        for match in _PRODUCT.finditer(_COMMENT.sub(_kept_version, value))
    ]
    if products:
        named = ", ".join(products[:NAMED_LIMIT])
        bare = _COMMENT.sub("", _PRODUCT.sub(r"\1", value))
        yield SERVER_VERSION.found(value, products=named, fix=f"{SERVER}: {bare}")


def _kept_version(comment: re.Match[str]) -> str:
    """A comment is free text and dropped; a version in brackets ("Jetty(9.4.43)") is not a comment."""
    return comment[0] if comment[0].startswith("(") else ""


CHECK = Check(
    id="information-disclosure",
    title="What the headers give away",
    why="Products, versions and hosts behind the site help an attacker and no one else.",
    reference=GUIDE,
    rules=(SERVER_VERSION, TECHNOLOGY_VERSION, TECHNOLOGY_NAMED, INTERNALS_NAMED),
    run=run,
)
