"""The Observatory's test of cookies (cookies.js)."""

from datetime import datetime
from typing import Final

from workers.observatory import strict_transport_security
from workers.observatory.cookie_jar import Answer, Cookie, keep_cookies
from workers.observatory.evidence import Evidence, Fields, values_of
from workers.observatory.javascript import trim
from workers.observatory.result import NOT_TESTED, worse
from workers.syntax.http_date import parse_http_date

NAME: Final = "cookies"
COOKIE: Final = "set-cookie"

_ORDER: Final = (  # Oddity: not the order of their scores
    "cookies-without-secure-flag-but-protected-by-hsts",
    "cookies-without-secure-flag",
    "cookies-session-without-secure-flag-but-protected-by-hsts",
    "cookies-samesite-flag-invalid",
    "cookies-anticsrf-without-samesite-flag",
    "cookies-session-without-httponly-flag",
    "cookies-session-without-secure-flag",
)
_SAME_SITE: Final = frozenset({"lax", "strict", "none"})
_IGNORED: Final = "heroku-session-affinity"  # a load balancer's, which sites cannot change


def judge(evidence: Evidence) -> str:
    """Where HSTS was not tested, neither is this if HSTS would make a difference.

    Left out: what robots.txt sets. The Observatory asks for it too, but only where a certificate does not
    verify has the client that asks the jar of cookies as well (session.js).
    """
    answers = _answers(evidence)
    if not any(lines for _, lines, _ in answers):
        return "cookies-not-found"
    cookies = [cookie for cookie in keep_cookies(answers) if cookie.name != _IGNORED]
    if not cookies:
        return "cookies-not-found"
    # The lines of the page alone: the Observatory keeps no others in the raw.
    is_invalid = any(map(_has_invalid_same_site, evidence.headers.values(COOKIE)))
    if all(cookie.secure for cookie in cookies):
        return _judge_cookies(cookies, is_invalid=is_invalid, hsts=False)
    hsts = strict_transport_security.judge(evidence)
    if hsts != NOT_TESTED:
        return _judge_cookies(cookies, is_invalid=is_invalid, hsts=hsts in strict_transport_security.PASSING)
    protected = _judge_cookies(cookies, is_invalid=is_invalid, hsts=True)
    bare = _judge_cookies(cookies, is_invalid=is_invalid, hsts=False)
    return bare if bare == protected else NOT_TESTED


def _answers(evidence: Evidence) -> list[Answer]:
    """What the jar is given; nothing is asked of it after the page's, so that its Date does not matter."""
    earlier = [(url, values_of(headers, COOKIE), _date(headers)) for url, headers in evidence.earlier]
    return [*earlier, (evidence.url, evidence.headers.values(COOKIE), None)]


def _date(headers: Fields) -> datetime | None:
    sent = values_of(headers, "date")
    date = parse_http_date(sent[0]) if sent else None
    return None if date is None else date.moment


def _judge_cookies(cookies: list[Cookie], *, is_invalid: bool, hsts: bool) -> str:
    result = "cookies-samesite-flag-invalid" if is_invalid else None
    for cookie in cookies:
        for fault in _faults(cookie, hsts=hsts):
            result = worse(fault, result, _ORDER)
    if result is not None:
        return result
    if all(cookie.same_site for cookie in cookies):
        return "cookies-secure-with-httponly-sessions-and-samesite"
    return "cookies-secure-with-httponly-sessions"


def _faults(cookie: Cookie, *, hsts: bool) -> list[str]:
    """Oddity: a name that holds `login`, `sess` or `csrf` anywhere (`obsession`) tells its purpose."""
    name = cookie.name.lower()
    is_session = "login" in name or "sess" in name
    faults = []
    if not cookie.secure:
        if cookie.same_site == "none":
            faults.append("cookies-samesite-flag-invalid")
        secure_fault = "without-secure-flag-but-protected-by-hsts" if hsts else "without-secure-flag"
        faults.append(f"cookies-{secure_fault}")
        if is_session:
            faults.append(f"cookies-session-{secure_fault}")
    if "csrf" in name and not cookie.same_site:
        faults.append("cookies-anticsrf-without-samesite-flag")
    if is_session and not cookie.http_only:
        faults.append("cookies-session-without-httponly-flag")
    return faults


def _has_invalid_same_site(line: str) -> bool:
    """Oddities: the cookie's own name is looked at like an attribute's, and cookies the jar refused count."""
    for part in line.split(";"):
        name, *values = part.split("=")
        if trim(name).lower() == "samesite" and (not values or trim(values[0]).lower() not in _SAME_SITE):
            return True
    return False
