"""The one Content-Security-Policy that mends all findings about the field, and keeps what was harmless.

Several checks judge the field. Were each fix to mend its own finding alone, pasting one would undo another.
"""

import re
from functools import lru_cache
from typing import Final

from workers.check import removal
from workers.checks.content_security_policy.coverage import (
    NAVIGATION,
    has,
    leave_objects,
    need_base_uri,
    unrestricted,
    without_any_host,
)
from workers.checks.content_security_policy.enforced import FIELD, enforced, written_in_page
from workers.checks.content_security_policy.respelt import without_slips
from workers.checks.content_security_policy.script_sources import without_weaknesses
from workers.checks.content_security_policy.slips import is_plain_url, slips_in
from workers.response import Response
from workers.syntax.content_security_policy import Policy, is_read_whole, parse_policies

REPORT_ONLY = "Content-Security-Policy-Report-Only"
SPECIFICATION = "https://www.w3.org/TR/CSP3/"
BASELINE = (
    "default-src 'self'; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'self'"
)
LINE_LIMIT: Final = 8_192  # characters: what common servers accept as one header line
# Sections 6.3.2 (sandbox) and Upgrade Insecure Requests 3.1: what a policy for reports alone does not do.
NOT_REPORTED: Final = frozenset({"sandbox", "upgrade-insecure-requests"})
FRAME_OPTIONS: Final = "X-Frame-Options"
SAME_MEANING: Final = {"deny": ("'none'",), "sameorigin": ("'self'",)}
_ALLOW_FROM = re.compile(r"allow-from[ \t]*+:?[ \t]*+(https?://[\w.\-:\[\]]++)?", re.IGNORECASE | re.ASCII)


def mended_line(response: Response) -> str | None:
    """The header to send instead; None where it would be too long for a fix to paste, or to be read whole."""
    values = response.values(FIELD)
    if response.is_page and not parse_policies(values):
        in_page = written_in_page(response) if parse_policies(enforced(response)) else ()
        values = in_page or values or response.values(REPORT_ONLY)
    if sum(map(len, values)) > LINE_LIMIT or not is_read_whole(values):
        return None
    framing = allowed_from(response) or same_meaning(response)
    return _line(values, response.is_page, response.is_https, framing)


def mended_trial(response: Response) -> str | None:
    """The fix of a policy that is for reports alone: the field without what it ignores, or no such field."""
    values = response.values(REPORT_ONLY)
    if sum(map(len, values)) > LINE_LIMIT or not is_read_whole(values):
        return None
    policies = (_reporting(policy, response.is_https) for policy in parse_policies(values))
    kept = [str(policy) for policy in policies if policy.directives]
    return f"{REPORT_ONLY}: {', '.join(kept)}" if kept else removal(REPORT_ONLY)


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
def _line(
    values: tuple[str, ...], is_page: bool, is_https: bool, framing: tuple[str, ...] | None
) -> str | None:
    line = f"{FIELD}: {', '.join(map(str, _mended(values, is_page, is_https, framing)))}"
    return line if len(line) <= LINE_LIMIT else None


def _mended(
    values: tuple[str, ...], is_page: bool, is_https: bool, framing: tuple[str, ...] | None
) -> tuple[Policy, ...]:
    policies = parse_policies(values)
    if not is_page:  # what protects pages is not asked of it
        return without_slips(policies, is_https)
    if not policies:
        policies = parse_policies((BASELINE,))
        if framing is not None:
            policies = (policies[0].replaced("frame-ancestors", framing),)
    elif framing is not None and not has(policies, "frame-ancestors"):
        policies = (policies[0].replaced("frame-ancestors", framing), *policies[1:])
    if framing is not None or slips_in(values, is_https):  # what X-Frame-Options names may be over http
        policies = without_slips(policies, is_https)
    policies = without_weaknesses(policies)
    for directive in NAVIGATION:
        if unrestricted(policies, directive) is not None:
            policies = tuple(without_any_host(policy, directive) for policy in policies)
    first, *others = policies
    if leave_objects(policies):
        first = first.replaced("object-src", ["'none'"])
    if need_base_uri(policies):
        first = first.replaced("base-uri", ["'self'"])
    return first, *others


def _reporting(policy: Policy, is_https: bool) -> Policy:
    directives = {name: given for name, given in policy.directives.items() if name not in NOT_REPORTED}
    if is_https and "report-uri" in directives:
        directives["report-uri"] = tuple(
            f"https{url[4:]}" if is_plain_url(url) else url for url in directives["report-uri"]
        )
    return Policy(directives)
