"""Cache-Status (RFC 9211) and Proxy-Status (RFC 9209): what intermediaries tell of their work."""

from collections.abc import Iterator
from typing import Final

import http_sf

from workers.check import Check, Rule, removal
from workers.model import Finding
from workers.response import Response
from workers.syntax.structured_fields import InvalidStructuredField, parse

LIMIT: Final = 2_048  # characters judged: no chain of intermediaries writes more

CACHE_STATUS = Rule(
    id="cache-status-malformed",
    severity="info",
    field="Cache-Status",
    message="Cache-Status is no list of caches with parameters, so tools cannot read it.",
    why="It is a structured field: a name for each cache, then parameters, as in ExampleCache;hit;ttl=60.",
    fix=removal("Cache-Status"),
    reference="RFC 9211 section 2",
)
PROXY_STATUS = Rule(
    id="proxy-status-malformed",
    severity="info",
    field="Proxy-Status",
    message="Proxy-Status is no list of intermediaries with parameters, so tools cannot read it.",
    why="It is a structured field: a name for each intermediary, then parameters: gateway;error=dns_timeout.",
    fix=removal("Proxy-Status"),
    reference="RFC 9209 section 2",
)


def run(response: Response) -> Iterator[Finding]:
    for rule in (CACHE_STATUS, PROXY_STATUS):
        value = response.combined(rule.field)
        if value is not None and len(value) <= LIMIT and not _is_list_of_names(value):
            yield rule.found(value)


def _is_list_of_names(value: str) -> bool:
    """Whether each member is a token or a string: the name that an intermediary gives itself."""
    try:
        members = parse(value, "list")
    except InvalidStructuredField:
        return False
    if not isinstance(members, list):
        return False
    return all(isinstance(member, tuple) and isinstance(member[0], str | http_sf.Token) for member in members)


CHECK = Check(
    id="cache-status",
    title="Cache-Status and Proxy-Status",
    why="They tell why a page came from a cache, or did not, to those who can parse them.",
    reference="RFC 9211",
    rules=(CACHE_STATUS, PROXY_STATUS),
    run=run,
    needs=(CACHE_STATUS.field, PROXY_STATUS.field),
)
