"""The Observatory's test of Cross-Origin-Resource-Policy (cross-origin-resource-policy.js)."""

from typing import Final

from workers.observatory.evidence import Evidence
from workers.observatory.javascript import trim

NAME: Final = "cross-origin-resource-policy"

_LIMIT: Final = 256  # characters that are looked at
_RESULTS: Final = {
    "same-site": "corp-implemented-with-same-site",
    "same-origin": "corp-implemented-with-same-origin",
    "cross-origin": "corp-implemented-with-cross-origin",
}


def judge(evidence: Evidence) -> str:
    """Oddities: case does not matter here, and a header of white space is none.

    The test speaks of `<meta>` too, but the Observatory's reader of pages never hands one on (utils.js).
    """
    policy = trim((evidence.header("cross-origin-resource-policy") or "")[:_LIMIT]).lower()
    if not policy:
        return "corp-not-implemented"
    return _RESULTS.get(policy, "corp-header-invalid")
