"""The Observatory's test of X-Content-Type-Options (x-content-type-options.js)."""

from typing import Final

from workers.observatory.evidence import Evidence
from workers.observatory.javascript import trim

NAME: Final = "x-content-type-options"

_LIMIT: Final = 256  # characters that are looked at


def judge(evidence: Evidence) -> str:
    """Oddities: an empty header is none, and the header sent twice (`nosniff, nosniff`) is invalid."""
    value = evidence.header("x-content-type-options")
    if not value:
        return "x-content-type-options-not-implemented"
    if trim(value[:_LIMIT]).lower() == "nosniff":
        return "x-content-type-options-nosniff"
    return "x-content-type-options-header-invalid"
