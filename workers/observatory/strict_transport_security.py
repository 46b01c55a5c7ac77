"""The Observatory's test of Strict-Transport-Security (strict-transport-security.js)."""

from typing import Final

from workers.observatory.evidence import NO_ANSWER, NOT_GATHERED, Evidence, join_fields, read_address
from workers.observatory.javascript import leading_integer, trim
from workers.observatory.preload import is_preloaded
from workers.observatory.result import NOT_TESTED

NAME: Final = "strict-transport-security"

PASSING: Final = frozenset({"hsts-preloaded", "hsts-implemented-max-age-at-least-six-months"})

_LIMIT: Final = 1024  # characters that are looked at
_NUMBER_LIMIT: Final = 120  # characters of a number
_SIX_MONTHS_S: Final = 15_552_000  # Oddity: 180 days, because many sites send that


def judge(evidence: Evidence) -> str:
    """Needs https://site/: the preload list alone makes no answer, but overrules any that there is."""
    https = evidence.https
    if https is NOT_GATHERED:
        return NOT_TESTED
    if https is NO_ANSWER:
        return "hsts-not-implemented-no-https"
    if is_preloaded(read_address(evidence.site_url).host):
        return "hsts-preloaded"
    if not https.verified:
        return "hsts-invalid-cert"
    is_page = https.headers is evidence.headers
    value = evidence.header(NAME) if is_page else join_fields(https.headers).get(NAME)
    return "hsts-not-implemented" if value is None else _judge_value(value[:_LIMIT])


def _judge_value(value: str) -> str:
    """Oddities: a max-age that is no number passes (NaN is not less than six months), one with a space
    before its `=` is none, the last of several counts, and any comma makes the header invalid."""
    ages = [
        leading_integer(directive[len("max-age=") :][:_NUMBER_LIMIT])
        for directive in (trim(part).lower() for part in value.split(";"))
        if directive.startswith("max-age=")
    ]
    if "," in value or not ages:
        return "hsts-header-invalid"
    max_age_s = ages[-1]
    if max_age_s is not None and max_age_s < _SIX_MONTHS_S:
        return "hsts-implemented-max-age-less-than-six-months"
    return "hsts-implemented-max-age-at-least-six-months"
