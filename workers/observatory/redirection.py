"""The Observatory's test of redirection (redirection.js): where the http:// entry leads."""

from typing import Final

from workers.observatory.evidence import NO_ANSWER, NOT_GATHERED, Address, Evidence, read_address
from workers.observatory.preload import is_preloaded
from workers.observatory.result import NOT_TESTED

NAME: Final = "redirection"


def judge(evidence: Evidence) -> str:
    """Needs the chain that begins at http://site/: without it nothing can be said."""
    entry = evidence.http_entry
    if entry is NOT_GATHERED:
        return NOT_TESTED
    if entry is NO_ANSWER:
        return "redirection-not-needed-no-http"
    if not entry.verified:
        return "redirection-invalid-cert"
    return _judge_route([read_address(step.url) for step in entry.route])


def _judge_route(route: list[Address]) -> str:
    """Oddities: preloaded hosts excuse all, a page that stays on http included; a port is no other host."""
    if all(is_preloaded(step.host) for step in route):
        return "redirection-all-redirects-preloaded"
    if len(route) == 1:
        return "redirection-missing"
    if route[-1].scheme != "https":
        return "redirection-not-to-https"
    first, second = route[0], route[1]
    if second.scheme == "http":
        return "redirection-not-to-https-on-initial-redirection"
    if (first.scheme, second.scheme) == ("http", "https") and first.host != second.host:
        return "redirection-off-host-from-http"
    return "redirection-to-https"
