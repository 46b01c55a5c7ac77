"""The Observatory's test of X-Frame-Options (x-frame-options.js), which frame-ancestors makes needless.

Judged from headers even where the body was not gathered. A `<meta>` policy could change the answer only by
the Observatory's oddity of heeding frame-ancestors in it, which browsers do not.
"""

from typing import Final

from workers.observatory import content_security_policy
from workers.observatory.evidence import Evidence
from workers.observatory.javascript import trim

NAME: Final = "x-frame-options"

_LIMIT: Final = 1024  # characters that are looked at


def judge(evidence: Evidence) -> str:
    """Oddity: a frame-ancestors of any content, `*` included, counts as well as one that forbids framing."""
    if content_security_policy.names_frame_ancestors(evidence):
        return "x-frame-options-implemented-via-csp"
    value = evidence.header("x-frame-options")
    if not value:
        return "x-frame-options-not-implemented"
    policy = trim(value[:_LIMIT]).lower()
    if policy in ("deny", "sameorigin"):
        return "x-frame-options-sameorigin-or-deny"
    if policy.startswith("allow-from"):
        return "x-frame-options-allow-from-origin"
    return "x-frame-options-header-invalid"
