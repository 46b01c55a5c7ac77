"""Fields that name what made the response (RFC 9110 section 17.12): products and their versions.

Versions that redirects on the way tell are for `redirect_disclosure`.
What lies behind the site is for `disclosure_internals`, addresses and host names for `internal_addresses`.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from workers.check import Check, Rule, removal
from workers.model import Finding
from workers.response import Response
from workers.syntax.head import Field
from workers.syntax.parameters import LIMIT, split_list
from workers.syntax.products import detailed_versions, major_versions, without_versions

SERVER = "Server"
VIA = "Via"
HEADERS_PROJECT = (
    "https://owasp.org/www-project-secure-headers/#prevent-information-disclosure-via-http-headers"
)
GUIDE = (
    "https://owasp.org/www-project-web-security-testing-guide/latest/4-Web_Application_Security_Testing/"
    "01-Information_Gathering/02-Fingerprint_Web_Server"
)

# Of the OWASP Secure Headers Project's headers to remove (list of 2026-07-19) those that name what made the
# response …
_LISTED: Final = """
    liferay-portal oraclecommercecloud-version powered-by product x-aspnet-version x-aspnetmvc-version
    x-cf-powered-by x-cms x-cocoon-version x-content-encoded-by x-framework x-generated-by x-generator
    x-jitsi-release x-joomla-version x-mod-pagespeed x-owa-version x-page-speed x-php-version x-powered-by
    x-powered-by-plesk x-powered-cms x-redirect-by x-server-powered-by x-turbo-charged-by x-umbraco-version
    x-woodpecker-version
"""
# … and what products of that kind are documented to send besides.
_FURTHER: Final = """
    commerce-server-software microsoftofficewebserver microsoftsharepointteamservices servlet-engine
    sprequestguid x-atg-version x-dotnet-version x-drupal-cache x-drupal-dynamic-cache x-hudson
    x-influxdb-build x-influxdb-version x-jenkins x-litespeed-version x-prestashop x-rack-version
    x-rails-version x-ruby-version x-sharepointhealthscore x-statuspage-version x-typo3-version
"""
TECHNOLOGY: Final = frozenset(f"{_LISTED} {_FURTHER}".split())
# Of those the ones that tell it by their own names, whatever their values are about.
_TOLD_BY_NAME: Final = {
    "sprequestguid": "SharePoint",
    "x-drupal-cache": "Drupal",
    "x-drupal-dynamic-cache": "Drupal",
    "x-sharepointhealthscore": "SharePoint",
}
# Numbers that stay as they are from one patch to the next: none of them tells what is not mended yet.
_NO_RELEASES: Final = frozenset(
    {"apache-coyote 1.1", "awselb 2.0", "microsoft-httpapi 2.0", "microsoft-iis 10.0"}
)
NAMED_LIMIT: Final = 10  # products named in one message
SERVERS_LIMIT: Final = 5  # Server fields that are read
VALUE_LIMIT: Final = 1_024  # characters of a value that are read
_SERVERS_KEPT: Final = 512  # of at most `VALUE_LIMIT` characters; most sites name what others do
FIELDS_LIMIT: Final = 50  # fields judged: no site describes itself in more

DETAIL = re.compile(r"\d\.\d", re.ASCII)  # of a version in what is told of a technology
_PRODUCT = re.compile(r"(?<![\w.\-])[A-Za-z][\w.\-]*+/v?\d++(?:\.\w++)++", re.ASCII)

SERVER_VERSION = Rule(
    id="server-version-disclosed",
    severity="low",
    field=SERVER,
    message="Server names {products} to the version.",
    why="Who looks for a known hole finds the hosts that have it by this line; clients need none of it.",
    fix="Send the product's name alone, or leave Server out",
    reference="RFC 9110 section 10.2.4",
)
SERVER_RELEASE = Rule(
    id="server-release-disclosed",
    severity="info",
    field=SERVER,
    message="Server names the release of {products}.",
    why="A number that years of patches share narrows the search for known holes less, and serves nobody.",
    fix="Send the product's name alone, or leave Server out",
    reference="RFC 9110 section 10.2.4",
)
TECHNOLOGY_VERSION = Rule(
    id="technology-version-disclosed",
    severity="low",
    field="X-Powered-By",
    message="{name} tells what the site is made with, to the version: {value}.",
    why="It leads attackers to the known holes of that version, and serves no client.",
    fix=removal("X-Powered-By"),
    reference=HEADERS_PROJECT,
)
TECHNOLOGY_NAMED = Rule(
    id="technology-disclosed",
    severity="info",
    field="X-Powered-By",
    message="{name} tells what the site is made with: {value}.",
    why="No client uses it; it spares an attacker the guessing.",
    fix=removal("X-Powered-By"),
    reference=HEADERS_PROJECT,
)
VIA_VERSION = Rule(
    id="via-version-disclosed",
    severity="low",
    field=VIA,
    message="Via names a proxy's software to the version: {value}.",
    why="Via tells of proxies and the protocol they speak; what software they are is a comment that may be "
    "left out.",
    fix="Have the proxy send a pseudonym without its version",
    reference="RFC 9110 section 7.6.3",
)


def run(response: Response) -> Iterator[Finding]:
    servers = response.values(SERVER)
    if len(servers) == 1 and len(servers[0]) <= VALUE_LIMIT:
        yield from _judge_lone_server(servers[0])
    elif servers:
        yield from _judge_server(servers)
    if not TECHNOLOGY.isdisjoint(response.names):
        yield from _judge_technology(response.lasting)
    for value in response.values(VIA)[:FIELDS_LIMIT]:
        yield from _judge_via(value)


def releases(value: str) -> list[str]:
    """The products that a Server field names to the version, one that is patched."""
    return [product for product in detailed_versions(value) if product.lower() not in _NO_RELEASES]


def _judge_technology(fields: tuple[Field, ...]) -> Iterator[Finding]:
    judged = 0
    for name, value in fields:
        if value and name.lower() in TECHNOLOGY:
            shown = value[:VALUE_LIMIT]
            product = _TOLD_BY_NAME.get(name.lower())
            is_version = product is None and DETAIL.search(shown) is not None
            rule = TECHNOLOGY_VERSION if is_version else TECHNOLOGY_NAMED
            yield rule.found(shown, name=name, value=product or shown, field=name, fix=removal(name))
            judged += 1
            if judged == FIELDS_LIMIT:
                return


def server_fix(servers: tuple[str, ...]) -> str:
    """What to send in place of all Server fields: the product of the first that names one, or none at all.

    Modules that a server lists behind itself are left out, as its own setting for this (ServerTokens) does.
    """
    bare = next(
        (name for value in servers[:SERVERS_LIMIT] if (name := without_versions(_first(value)))), None
    )
    return removal(SERVER) if bare is None else f"{SERVER}: {bare}"


def _first(value: str) -> str:
    """The product that is named first, where they are told apart; the whole value where they are not."""
    product, _, _ = value.lstrip().partition(" ")
    return product if "/" in product else value


@lru_cache(maxsize=_SERVERS_KEPT)
def _judge_lone_server(value: str) -> tuple[Finding, ...]:
    return tuple(_judge_server((value,)))


def _judge_server(servers: tuple[str, ...]) -> Iterator[Finding]:
    for value in dict.fromkeys(servers[:SERVERS_LIMIT]):
        detailed = detailed_versions(value)
        told = releases(value)
        rule = SERVER_VERSION if told else SERVER_RELEASE
        products = told or detailed or major_versions(value)
        if products:
            named = ", ".join(dict.fromkeys(products[:NAMED_LIMIT]))
            yield rule.found(value, products=named, fix=server_fix(servers))


def _judge_via(value: str) -> Iterator[Finding]:
    """The protocol ("1.1", "HTTP/1.1") stands first and is left out (RFC 9110 section 7.6.3)."""
    for hop in split_list(value[:LIMIT]):
        match = _PRODUCT.search(hop.partition(" ")[2])
        if match is not None:
            yield VIA_VERSION.found(match[0], value=match[0])
            return


CHECK = Check(
    id="information-disclosure",
    title="What the headers say the site is made with",
    why="Products and their versions help an attacker and no one else.",
    reference=GUIDE,
    rules=(
        SERVER_VERSION,
        SERVER_RELEASE,
        TECHNOLOGY_VERSION,
        TECHNOLOGY_NAMED,
        VIA_VERSION,
    ),
    run=run,
)
