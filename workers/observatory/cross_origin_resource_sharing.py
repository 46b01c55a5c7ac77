"""The Observatory's test of CORS (cors.js): what a preflight from a foreign origin is answered."""

from typing import Final

from workers.observatory.evidence import NO_ANSWER, NOT_GATHERED, Evidence, join_fields
from workers.observatory.javascript import trim
from workers.observatory.result import NOT_TESTED

NAME: Final = "cross-origin-resource-sharing"

_LIMIT: Final = 256  # characters that are looked at for `*`
_NOT_IMPLEMENTED: Final = "cross-origin-resource-sharing-not-implemented"


def judge(evidence: Evidence) -> str:
    """Oddities: the page's own Access-Control-Allow-Origin does not count; without a preflight nothing does.
    One that is refused, whatever its headers, is none (session.js: its client raises for all but 2xx).

    Not an oddity of ours to keep: its client's request has no `headers` to read the Origin from, so that the
    Observatory, asked over the network, has never found access for all; its test of it does.
    """
    preflight = evidence.preflight
    if preflight is NOT_GATHERED:
        return NOT_TESTED
    if preflight is NO_ANSWER or not 200 <= preflight.status < 300:
        return _NOT_IMPLEMENTED
    headers = join_fields(preflight.headers)
    allowed = headers.get("access-control-allow-origin")
    if not allowed:
        return _NOT_IMPLEMENTED
    if trim(allowed[:_LIMIT]) == "*":
        return "cross-origin-resource-sharing-implemented-with-public-access"
    credentials = trim(headers.get("access-control-allow-credentials", "")).lower()
    if allowed == preflight.origin and credentials == "true":
        return "cross-origin-resource-sharing-implemented-with-universal-access"
    return "cross-origin-resource-sharing-implemented-with-restricted-access"
