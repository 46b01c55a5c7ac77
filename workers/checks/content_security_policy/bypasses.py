"""Which known endpoints a host source lets in, by the matching rules of CSP Level 3 section 6.7.2.

Each source costs one look-up by its host, or by the domain under its wildcard, however long the table is.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Final, NamedTuple
from urllib.parse import unquote

from workers.checks.content_security_policy.bypass_hosts import (
    ANGULAR,
    CALLBACKS,
    CALLBACKS_WITH_EVAL,
    PUBLISHING,
    REGISTRIES,
    SHARED_HOSTING,
)
from workers.checks.content_security_policy.sources import REACH_HTTPS, Source

HTTPS_PORTS: Final = frozenset({"", "*", "80", "443"})  # port-part match: 80 matches what was upgraded to 443

JSONP: Final = "answers with a script that calls what the address names (JSONP)"
JSONP_WITH_EVAL: Final = "answers with a script that hands the address's text to eval()"
LIBRARY: Final = "serves AngularJS, which runs code out of the page's markup"
UPLOADS: Final = "serves whatever anybody publishes there"


class Endpoint(NamedTuple):
    """A place whose answers run an attacker's code. A `path` that ends in "/" stands for all below it."""

    host: str
    path: str
    does: str


def endpoints_of(source: Source, can_evaluate: bool) -> tuple[Endpoint, ...]:
    """The endpoints that a host source lets in; some are of use only where eval() is allowed."""
    if source.host not in _NAMED:
        return ()
    endpoints = _reached(source.scheme, source.host, source.port, source.path)
    return endpoints if can_evaluate else tuple(one for one in endpoints if one.does is not JSONP_WITH_EVAL)


def guarded_by_path(source: Source) -> Endpoint | None:
    """The endpoint on the source's host that only the source's path keeps out; None where there is none."""
    if source.path in ("", "/") or source.host not in _NAMED:
        return None
    if _reached(source.scheme, source.host, source.port, source.path):
        return None
    without_path = _reached(source.scheme, source.host, source.port, "")
    return next((one for one in without_path if one.does is not JSONP_WITH_EVAL), None)


def is_for_anybody(source: Source) -> bool:
    """Whether the source's wildcard stands where anybody can get a name: a public suffix, shared hosting."""
    if source.host[:2] != "*." or source.scheme not in REACH_HTTPS:
        return False
    base = source.host[2:]
    return "." not in base or base in _SHARED or base.endswith(".amazonaws.com")


@lru_cache(maxsize=1_024)
def _reached(scheme: str, host: str, port: str, path: str) -> tuple[Endpoint, ...]:
    if scheme not in REACH_HTTPS or port not in HTTPS_PORTS:
        return ()
    return tuple(endpoint for endpoint in _NAMED[host] if _path_matches(path, endpoint))


def _path_matches(path: str, endpoint: Endpoint) -> bool:
    """Path-part match: an empty path matches all, one that ends in "/" all below it, others themselves."""
    if path in ("", "/"):
        return True
    pattern = unquote(path)
    if pattern.endswith("/"):
        if endpoint.path.startswith(pattern):
            return True
        return endpoint.path.endswith("/") and pattern.startswith(endpoint.path)
    # one package named in full is no longer anybody's; one AngularJS of many is AngularJS
    if endpoint.does is LIBRARY and endpoint.path.endswith("/"):
        return pattern.startswith(endpoint.path)
    return pattern == endpoint.path


def _endpoints() -> Iterable[Endpoint]:
    tables = ((CALLBACKS, JSONP), (CALLBACKS_WITH_EVAL, JSONP_WITH_EVAL), (ANGULAR, LIBRARY))
    for table, does in (*tables, (REGISTRIES, UPLOADS), (PUBLISHING, UPLOADS)):
        for line in table.split():
            host, slash, path = line.partition("/")
            yield Endpoint(host, slash + path, does)


def _by_name(endpoints: Iterable[Endpoint]) -> Mapping[str, tuple[Endpoint, ...]]:
    """The endpoints by each host source that matches their host: itself, and "*." with each domain above."""
    named: dict[str, list[Endpoint]] = defaultdict(list)
    for endpoint in endpoints:
        named[endpoint.host].append(endpoint)
        labels = endpoint.host.split(".")
        for place in range(1, len(labels)):
            named[".".join(("*", *labels[place:]))].append(endpoint)
    return {name: tuple(found) for name, found in named.items()}


_NAMED: Final = _by_name(_endpoints())
_SHARED: Final = frozenset(SHARED_HOSTING.split())
