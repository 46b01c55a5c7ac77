"""The Observatory's test of Cross-Origin-Opener-Policy (cross-origin-opener-policy.js)."""

from typing import Final

from workers.observatory.evidence import Evidence
from workers.observatory.javascript import trim
from workers.syntax.structured_fields import parse_token

NAME: Final = "cross-origin-opener-policy"

_LIMIT: Final = 1024  # characters that are looked at
_RESULTS: Final = {
    "same-origin": "coop-implemented-with-same-origin",
    "same-origin-allow-popups": "coop-implemented-with-same-origin-allow-popups",
    "noopener-allow-popups": "coop-implemented-with-noopener-allow-popups",
    "unsafe-none": "coop-implemented-with-unsafe-none",
}


def judge(evidence: Evidence) -> str:
    """A structured token, case and all; the header sent twice is none, and so invalid."""
    value = evidence.header("cross-origin-opener-policy")
    if not value:
        return "coop-not-implemented"
    return _RESULTS.get(parse_token(trim(value[:_LIMIT])) or "", "coop-header-invalid")
