"""The Observatory's test of Cross-Origin-Embedder-Policy (cross-origin-embedder-policy.js)."""

from typing import Final

from workers.observatory.evidence import Evidence
from workers.observatory.javascript import trim
from workers.syntax.structured_fields import parse_token

NAME: Final = "cross-origin-embedder-policy"

_LIMIT: Final = 1024  # characters that are looked at
_RESULTS: Final = {
    "require-corp": "coep-implemented-with-require-corp",
    "credentialless": "coep-implemented-with-credentialless",
    "unsafe-none": "coep-implemented-with-unsafe-none",
}


def judge(evidence: Evidence) -> str:
    """A structured token, case and all; the header sent twice is none, and so invalid."""
    value = evidence.header("cross-origin-embedder-policy")
    if not value:
        return "coep-not-implemented"
    return _RESULTS.get(parse_token(trim(value[:_LIMIT])) or "", "coep-header-invalid")
