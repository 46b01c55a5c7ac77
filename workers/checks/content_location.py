"""Content-Location (RFC 9110 section 8.7): the URL of just this version of what was asked for."""

import re
from collections.abc import Iterator
from ipaddress import ip_address
from typing import Final

from workers.check import Check, Rule, removal
from workers.model import Finding
from workers.response import Response
from workers.syntax.hosts import host_of, is_address

FIELD = "Content-Location"
LIMIT: Final = 2_048  # characters judged
_URI = re.compile(r"[!#$%&'()*+,\-./0-9:;=?@A-Z\[\]_a-z~]*+")  # RFC 3986 section 2
_ORIGIN = re.compile(r"[a-z]+://[^/?#]*+", re.IGNORECASE)

MALFORMED = Rule(
    id="content-location-malformed",
    severity="info",
    field=FIELD,
    message="The value has characters that no URL has, so clients cannot use it.",
    why="Anything but ASCII's unreserved and reserved characters has to be percent-encoded.",
    fix=removal(FIELD),
    reference="RFC 9110 section 8.7",
)
INTERNAL = Rule(
    id="content-location-internal-address",
    severity="low",
    field=FIELD,
    message="The URL has the private address {host}: it tells of the network behind the site.",
    why="Old versions of IIS do so; an attacker who is inside already knows where to go on.",
    fix=removal(FIELD),
    reference="RFC 9110 section 17.1",
)
FOREIGN = Rule(
    id="content-location-other-host",
    severity="info",
    field=FIELD,
    message="The URL is of another host, {host}; clients must not believe it.",
    why="What a host says of another's content is not to be trusted; it is a leftover of a host behind.",
    fix=removal(FIELD),
    reference="RFC 9110 section 8.7",
)


def run(response: Response) -> Iterator[Finding]:
    values = response.values(FIELD)
    if not values or len(values[0]) > LIMIT:
        return
    value = values[0]
    if _URI.fullmatch(value) is None:
        yield MALFORMED.found(value)
        return
    origin = _ORIGIN.match(value)
    host = host_of(origin[0].lower()) if origin else ""
    own = response.host
    if origin is None or not host or host == own:
        return
    fix = f"{FIELD}: {value[origin.end() :] or '/'}"
    if is_private(host):
        yield INTERNAL.found(value, host=host, fix=fix)
    elif host.removeprefix("www.") != own.removeprefix("www."):
        yield FOREIGN.found(value, host=host, fix=fix)


def is_private(host: str) -> bool:
    """Whether the host is an address of no use on the internet (RFC 6890)."""
    if not is_address(host):
        return False
    try:
        return ip_address(host.strip("[]")).is_private
    except ValueError:  # 999.1.1.1
        return False


CHECK = Check(
    id="content-location",
    title="Content-Location",
    why="Can tell of hosts and addresses that are nobody's business.",
    reference="RFC 9110 section 8.7",
    rules=(MALFORMED, INTERNAL, FOREIGN),
    run=run,
    needs=(FIELD,),
)
