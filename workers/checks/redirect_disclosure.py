"""Versions that a redirect of the same site tells, and the response that it led to does not.

What that response tells itself is for `information_disclosure`.
"""

from collections.abc import Iterator
from itertools import islice
from typing import Final

from workers.check import PLACE_LIMIT, Check, Rule
from workers.checks.information_disclosure import (
    DETAIL,
    FIELDS_LIMIT,
    GUIDE,
    HEADERS_PROJECT,
    SERVER,
    SERVERS_LIMIT,
    TECHNOLOGY,
    VALUE_LIMIT,
    releases,
)
from workers.model import Finding, Hop
from workers.observatory.public_suffix import registrable_domain
from workers.response import Response
from workers.syntax.hosts import host_of
from workers.syntax.outline import with_outline

HOPS_LIMIT: Final = 20  # more than a chain has

SERVER_VERSION = Rule(
    id="server-version-disclosed-on-redirect",
    severity="low",
    field=SERVER,
    message="The redirect at {url} tells the server that sent it to the version: {value}.",
    why="Who looks for known holes finds them there as well, where another server than the last one answers.",
    fix="Send the product's name alone with redirects too, or leave Server out",
    reference="RFC 9110 section 10.2.4",
)
TECHNOLOGY_VERSION = Rule(
    id="technology-version-disclosed-on-redirect",
    severity="low",
    field="X-Powered-By",
    message="The redirect at {url} tells in {name} what it is made with, to the version: {value}.",
    why="It leads attackers to the known holes of that version, and serves no client.",
    fix="Leave the field out of redirects, too",
    reference=HEADERS_PROJECT,
)


def run(response: Response) -> Iterator[Finding]:
    if not response.is_alone and response.ask(_has_more):
        yield from _judge(response)


def _has_more(response: Response) -> bool:
    return any(_judge(response))


def _judge(response: Response) -> Iterator[Finding]:
    """The versions that redirects of the same site tell, each once: of a server that answers http only, say.

    The fixes are in words: a line, or a field's removal, would be taken for one of the response's own.
    """
    told: set[tuple[Rule, str, str]] = set()
    for hop in response.earlier[:HOPS_LIMIT]:
        found = [each for each in _versions_at(hop) if each[2] not in response.values(each[1])]
        if found and _is_of_site(hop, response):
            for rule, name, value in dict.fromkeys(each for each in found if each not in told):
                shown = value[:VALUE_LIMIT]
                yield rule.found(shown, name=name, value=shown, url=hop.url[:PLACE_LIMIT], field=name)
            told.update(found)


def _versions_at(hop: Hop) -> Iterator[tuple[Rule, str, str]]:
    """Rule, field and value."""
    fields = with_outline(hop.headers)
    for value in fields.values("server")[:SERVERS_LIMIT]:
        if releases(value):
            yield SERVER_VERSION, SERVER, value
    if not TECHNOLOGY.isdisjoint(fields.outline.names):
        named = (field for field in fields.outline.lasting if field[0].lower() in TECHNOLOGY)
        for name, value in islice(named, FIELDS_LIMIT):
            if DETAIL.search(value[:VALUE_LIMIT]):
                yield TECHNOLOGY_VERSION, name, value


def _is_of_site(hop: Hop, response: Response) -> bool:
    host, other = host_of(hop.url), response.host
    if host == other:
        return True
    domain = registrable_domain(host, private=True)
    return domain is not None and domain == registrable_domain(other, private=True)


CHECK = Check(
    id="redirect-disclosure",
    title="What redirects say the site is made with",
    why="Products and their versions help an attacker and no one else, wherever they are told.",
    reference=GUIDE,
    rules=(SERVER_VERSION, TECHNOLOGY_VERSION),
    run=run,
)
