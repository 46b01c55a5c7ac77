"""The one Content-Security-Policy that mends all findings about the field, and keeps what was harmless.

Several checks judge the field. Were each fix to mend its own finding alone, pasting one would undo another.
"""

import re
from functools import lru_cache
from typing import Final

from workers.checks.content_security_policy.script_sources import ANY_HOST, without_weaknesses
from workers.checks.content_security_policy.slips import without_slips
from workers.response import Response
from workers.syntax.content_security_policy import Policy, parse_policies

FIELD = "Content-Security-Policy"
REPORT_ONLY = "Content-Security-Policy-Report-Only"
SPECIFICATION = "https://www.w3.org/TR/CSP3/"
BASELINE = (
    "default-src 'self'; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'self'"
)
LINE_LIMIT: Final = 8_192  # characters: what common servers accept as one header line
FRAME_OPTIONS: Final = "X-Frame-Options"
SAME_MEANING: Final = {"deny": ("'none'",), "sameorigin": ("'self'",)}
_ALLOW_FROM = re.compile(r"allow-from[ \t]*+:?[ \t]*+(https?://[\w.\-:\[\]]++)?", re.IGNORECASE | re.ASCII)


def mended_line(response: Response) -> str | None:
    """The header to send instead; None where it would be too long for a fix to paste."""
    sent = response.values(FIELD)
    values = sent if sent or not response.is_page else response.values(REPORT_ONLY)
    if sum(map(len, values)) > LINE_LIMIT:
        return None
    framing = allowed_from(response) or same_meaning(response)
    policies = _mended(values, response.is_page, response.is_https, framing)
    line = f"{FIELD}: {', '.join(map(str, policies))}"
    return line if len(line) <= LINE_LIMIT else None


def same_meaning(response: Response) -> tuple[str, ...] | None:
    """The frame-ancestors that X-Frame-Options amounts to; None where it is absent or ambiguous."""
    given = _frame_options(response)
    return SAME_MEANING.get(given[0]) if len(given) == 1 else None


def allowed_from(response: Response) -> tuple[str, ...] | None:
    """The frame-ancestors that ALLOW-FROM was meant for; None where it is not what was sent."""
    given = _frame_options(response)
    allow = _ALLOW_FROM.match(given[0]) if given else None
    if allow is None or not {*SAME_MEANING, "allowall"}.isdisjoint(given):
        return None
    return ("'self'", allow[1]) if allow[1] else ("'self'",)


def _frame_options(response: Response) -> tuple[str, ...]:
    value = response.combined(FRAME_OPTIONS)
    return () if value is None else tuple({part.strip(" \t").lower(): None for part in value.split(",")})


@lru_cache(maxsize=64)  # each check with a finding about the field asks for the same line
def _mended(
    values: tuple[str, ...], is_page: bool, is_https: bool, framing: tuple[str, ...] | None
) -> tuple[Policy, ...]:
    policies = parse_policies(values)
    if not is_page:  # what protects pages is not asked of it
        return tuple(without_slips(policy, is_https) for policy in policies)
    if not policies:
        policies = parse_policies((BASELINE,))
        if framing is not None:
            policies = (policies[0].replaced("frame-ancestors", framing),)
    elif framing is not None and not has(policies, "frame-ancestors"):
        policies = (policies[0].replaced("frame-ancestors", framing), *policies[1:])
    policies = without_weaknesses(tuple(without_slips(policy, is_https) for policy in policies))
    first, *others = policies
    if leave_objects(policies):
        first = first.replaced("object-src", ["'none'"])
    if need_base_uri(policies):
        first = first.replaced("base-uri", ["'self'"])
    return first, *others


def has(policies: tuple[Policy, ...], directive: str) -> bool:
    return any(directive in policy.directives for policy in policies)


def leave_objects(policies: tuple[Policy, ...]) -> bool:
    """Whether objects may come from anywhere: all policies are enforced, so one that restricts is enough."""
    governing = [policy.governing("object-src") for policy in policies]
    return all(entry is None or not ANY_HOST.isdisjoint(entry[1]) for entry in governing)


def need_base_uri(policies: tuple[Policy, ...]) -> bool:
    """Whether scripts are let run by nonce or 'strict-dynamic', whatever address a <base> gives them."""
    sources = (entry[1] for policy in policies if (entry := policy.governing("script-src")) is not None)
    return not has(policies, "base-uri") and any(
        source[:7].lower() == "'nonce-" or source.lower() == "'strict-dynamic'"
        for values in sources
        for source in values
    )
