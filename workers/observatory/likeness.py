"""What a grade depends on besides the status and headers of the page, where that is little.

Few sites differ in it, so that those which share their headers have their tests run once (`workers.alike`).
A new test, or one that comes to look at more, has to be thought of here; a property test holds it.
"""

from collections.abc import Hashable
from typing import Final

from workers.observatory import cross_origin_resource_sharing, redirection
from workers.observatory.cookie_jar import read_relations
from workers.observatory.evidence import Evidence, HttpsAnswer, read_address, values_of
from workers.observatory.preload import is_preloaded

_COOKIE: Final = "set-cookie"


def read_likeness(evidence: Evidence) -> Hashable | None:
    """None where a page's text was gathered, or responses besides it count: then it is as much as all."""
    https = evidence.https
    if isinstance(https, HttpsAnswer):
        if https.headers is not evidence.headers and https.headers != evidence.headers:
            return None
        https = https.verified  # type: ignore[assignment]
    if isinstance(evidence.body, str) and evidence.body:
        return None
    if any(values_of(headers, _COOKIE) for _, headers in evidence.earlier):
        return None
    site = read_address(evidence.site_url)
    return (
        https,
        evidence.body,
        evidence.meta,
        site.scheme,
        is_preloaded(site.host),
        redirection.judge(evidence),
        cross_origin_resource_sharing.judge(evidence),
        read_relations(evidence.url, evidence.headers.values(_COOKIE)),
    )
