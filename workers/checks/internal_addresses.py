"""Addresses and names of inner networks (RFC 1918, RFC 4193) in any field of a response.

Sites that are themselves asked for by such an address or name are not judged. Policies name origins that a
page may use, so the loopback address in them is a developer's remnant and discloses nothing.
"""

import re
from collections.abc import Iterator
from typing import Final

from workers.check import Check, Rule, removal
from workers.checks import host_beside
from workers.model import Finding
from workers.response import Response
from workers.syntax.hosts import is_local
from workers.syntax.internal_names import internal_address, internal_name, may_be_internal
from workers.syntax.verbatim import as_sent

FOUND_LIMIT: Final = 20  # findings: whoever has so many knows that there are more

# Fields that do something for a client: of these the value is to be mended, the field is not to go.
_FUNCTIONAL: Final = """
    access-control-allow-origin alt-svc content-disposition content-security-policy
    content-security-policy-report-only link location nel permissions-policy refresh report-to
    reporting-endpoints server set-cookie timing-allow-origin via www-authenticate
"""
_POLICIES: Final = """
    access-control-allow-origin content-security-policy content-security-policy-report-only
    permissions-policy timing-allow-origin
"""
FUNCTIONAL: Final = frozenset(_FUNCTIONAL.split())
POLICIES: Final = frozenset(_POLICIES.split())
# Fields in which a dotted number is no address but a date or random octets, and one with a check of its own.
_UNSEARCHED: Final = frozenset(
    {"content-length", "content-location", "date", "etag", "expires", "last-modified"}
)
_BIG_IP_NAME: Final = "BIGipServer"
# F5's persistence cookie: the address and port of the server as decimal numbers, least octet first.
_BIG_IP = re.compile(r"(BIGipServer[^=;\s]{0,128})=(\d{7,10})\.(\d{1,5})\.0000", re.ASCII)

ADDRESS = Rule(
    id="internal-address-disclosed",
    severity="low",
    field="X-Backend-Server",
    message="{name} tells the address {address}, which means something inside the network only.",
    why="Addresses behind the site are what forged requests from inside (SSRF) are aimed with.",
    fix="Leave inner addresses out",
    reference="https://cwe.mitre.org/data/definitions/497.html",
)
NAME = Rule(
    id="internal-host-disclosed",
    severity="low",
    field="X-Served-By",
    message="{name} tells the host name {host}, which only the inner network knows.",
    why="Names of hosts, pods and clusters tell an attacker what there is, and what it is aimed with.",
    fix="Leave inner host names out",
    reference="https://cwe.mitre.org/data/definitions/497.html",
)
COOKIE = Rule(
    id="load-balancer-cookie-address",
    severity="low",
    field="Set-Cookie",
    message="The cookie {cookie} holds the address of the server behind the load balancer: {address}.",
    why="F5's persistence cookies write it in the open, unless they are set to be encrypted.",
    fix="Have the load balancer encrypt its persistence cookies",
    reference="https://my.f5.com/manage/s/article/K6917",
)


def run(response: Response) -> Iterator[Finding]:
    fields, text = response.excerpt
    if not may_be_internal(text) and _BIG_IP_NAME not in text:
        return
    if response.ask(_is_internal):
        return
    found = 0
    for name, value in fields:
        if found == FOUND_LIMIT:
            return
        finding = _judge(name, value, response)
        if finding is not None:
            yield finding
            found += 1


def _is_internal(response: Response) -> bool:
    host = response.host
    return is_local(host) or bool(internal_address(host.strip("[]")) or internal_name(host))


def _judge(name: str, value: str, response: Response) -> Finding | None:
    lower = name.lower()
    if lower in _UNSEARCHED:
        return None
    if lower == "set-cookie" and (cookie := _BIG_IP.match(value)):
        return _judge_cookie(cookie)
    fix = None if lower in FUNCTIONAL else removal(name)
    address = internal_address(value)
    if address is not None and not (lower in POLICIES and address.startswith("127.")):
        return ADDRESS.found(as_sent(address, value), field=name, fix=fix, name=name, address=address)
    inner = internal_name(value)
    if inner is not None and host_beside(response, inner) != inner:
        return NAME.found(as_sent(inner, value), field=name, fix=fix, name=name, host=inner)
    return None


def _judge_cookie(cookie: re.Match[str]) -> Finding | None:
    number, port = int(cookie[2]), int(cookie[3])
    if number > 0xFFFFFFFF or port > 0xFFFF:
        return None
    octets = number.to_bytes(4, "little")
    address = f"{'.'.join(map(str, octets))}:{int.from_bytes(port.to_bytes(2, 'big'), 'little')}"
    return COOKIE.found(cookie[0], cookie=cookie[1], address=address)


CHECK = Check(
    id="internal-addresses",
    title="Inner addresses and host names",
    why="What stands behind the site is nobody's business outside.",
    reference="RFC 9110 section 17.12",
    rules=(ADDRESS, NAME, COOKIE),
    run=run,
)
