"""Fields that a status must come with (RFC 9110 section 15), and a part that nobody asked for.

A 401's WWW-Authenticate is for `www_authenticate`, a 206's Content-Range for `message_framing`.
"""

import re
from collections.abc import Iterator
from typing import Final

from workers.check import Check, Rule
from workers.model import Finding
from workers.response import Response

ALLOW, PROXY_AUTHENTICATE, UPGRADE = "Allow", "Proxy-Authenticate", "Upgrade"
PARTIAL: Final = 206
# As Masthead writes the address that it was connected to. What was saved elsewhere has no port there (a HAR's
# serverIPAddress) or no address at all, and may well have been asked for with Range: browsers do for media.
_CONNECTED_TO = re.compile(r"(?:\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-f:.%]{2,64}\]):\d{1,5}", re.ASCII)

ALLOW_MISSING = Rule(
    id="allow-missing",
    severity="low",
    field=ALLOW,
    message="The status 405 came without Allow.",
    why="It must say which methods there are: a client cannot tell what to ask with in place of its own.",
    fix="Send Allow with the methods that the page knows; empty where it knows none",
    reference="RFC 9110 section 15.5.6",
)
PROXY_AUTHENTICATE_MISSING = Rule(
    id="proxy-authenticate-missing",
    severity="low",
    field=PROXY_AUTHENTICATE,
    message="The status 407 came without Proxy-Authenticate.",
    why="It must say how to authenticate to the proxy: clients do not ask for credentials without it.",
    fix="Send Proxy-Authenticate with the scheme that is wanted, or 403",
    reference="RFC 9110 section 15.5.8",
)
UPGRADE_MISSING = Rule(
    id="upgrade-missing",
    severity="low",
    field=UPGRADE,
    message="The status 426 came without Upgrade.",
    why="It must name the protocol that is wanted: a client is refused and cannot tell what would do.",
    fix="Send Upgrade with the protocol that is wanted, and Connection: Upgrade, or another status",
    reference="RFC 9110 section 15.5.22",
)
UNASKED_PART = Rule(
    id="partial-content-unasked",
    severity="low",
    field="Content-Range",
    message="Only a part came (206), and Masthead asks for the whole, unless it was given a Range to send.",
    why="A 206 answers a request with Range and no other; clients and caches take the part for the whole.",
    fix="Send status 200 and the whole content where the request has no Range",
    reference="RFC 9110 section 15.3.7",
)

_REQUIRED: Final = {
    405: (ALLOW, ALLOW_MISSING),
    407: (PROXY_AUTHENTICATE, PROXY_AUTHENTICATE_MISSING),
    426: (UPGRADE, UPGRADE_MISSING),
}


def run(response: Response) -> Iterator[Finding]:
    if response.status == PARTIAL:
        if response.ask(_was_fetched):
            yield UNASKED_PART.found(next(iter(response.values("Content-Range")), None))
        return
    name, rule = _REQUIRED.get(response.status, (None, None))
    if name is None or rule is None or (rule is UPGRADE_MISSING and not _can_upgrade(response)):
        return
    # An empty Allow is one: the page knows no method at all (RFC 9110 section 10.2.1).
    is_there = response.has(name) if name == ALLOW else any(response.values(name))
    if not is_there:
        yield rule.found()


def _was_fetched(response: Response) -> bool:
    """Whether the response is to a request of Masthead's own, which is known to have no Range."""
    hops = response.hops
    return bool(hops) and _CONNECTED_TO.fullmatch(hops[-1].address) is not None


def _can_upgrade(response: Response) -> bool:
    """HTTP/2 and HTTP/3 have no Upgrade (RFC 9113 section 8.2.2, RFC 9114 section 4.2)."""
    version = response.http_version
    return not version or version.startswith("1")


CHECK = Check(
    id="status-fields",
    title="Fields that a status must come with",
    why="Some statuses say that something is wanted, and leave it to a field to say what.",
    reference="RFC 9110 section 15",
    rules=(ALLOW_MISSING, PROXY_AUTHENTICATE_MISSING, UPGRADE_MISSING, UNASKED_PART),
    run=run,
)
