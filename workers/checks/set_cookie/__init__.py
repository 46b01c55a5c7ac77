"""Set-Cookie (RFC 6265bis): which cookies browsers drop, and which are less protected than they should be."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from workers.check import Check, Rule
from workers.checks import host_of, is_address, is_local
from workers.model import Finding
from workers.response import Response
from workers.syntax.cookies import Cookie, Refusal, parse_cookie_date, parse_set_cookie

FIELD = "Set-Cookie"
SAME_SITE = frozenset({"strict", "lax", "none"})
LIMIT: Final = 50  # cookies judged: what RFC 6265bis section 6.1 asks browsers to keep of a host
DELETED_BEFORE = datetime(2000, 1, 1, tzinfo=UTC)  # where the response has no Date: such dates only delete
LINE_LIMIT: Final = 8_192  # characters: what common servers accept as one header line

# What frameworks call the cookie that knows a visitor again, without a __Host- or __Secure- prefix.
_SESSION_NAMES = """
    .aspxauth access_token accesstoken auth auth_token authtoken cfid cftoken connect.sid id_token
    jsessionid jwt phpsessid refresh_token remember_token sid
"""
SESSION_NAMES = frozenset(_SESSION_NAMES.split())
SESSION_PREFIXES = (".aspnetcore.", "aspsessionid", "wordpress_logged_in_")
SESSION_WORDS = frozenset({"sess", "sessid", "session", "sessionid"})
OTHER_WORDS = frozenset({"affinity", "csrf", "xsrf"})  # load balancers', and tokens that scripts must read
_WORD = re.compile(r"[^._-]+")

DROPPED = Rule(
    id="cookie-dropped",
    severity="medium",
    field=FIELD,
    message="Browsers drop this cookie: it is empty, over 4,096 octets, or has a control character.",
    why="A line that breaks the parsing rules sets nothing.",
    fix="Send a shorter name and value, without control characters",
    reference="RFC 6265bis section 5.6",
)
SESSION_INSECURE = Rule(
    id="session-cookie-without-secure",
    severity="high",
    field=FIELD,
    message="The cookie {name} looks like a session's and lacks Secure: it is sent over plain http too.",
    why="Whoever reads it on the way is logged in as the visitor.",
    fix="Add Secure",
    reference="RFC 6265bis section 4.1.2.5",
)
INSECURE = Rule(
    id="cookie-without-secure",
    severity="low",
    field=FIELD,
    message="The cookie {name} lacks Secure: it is sent over plain http too.",
    why="What it holds can be read, and replaced, on the way.",
    fix="Add Secure",
    reference="RFC 6265bis section 4.1.2.5",
)
SECURE_OVER_HTTP = Rule(
    id="cookie-secure-over-http",
    severity="low",
    field=FIELD,
    message="The cookie {name} is Secure but came over plain http, where browsers refuse to set it.",
    why="A Secure cookie can be set over https only.",
    fix="Set the cookie in a response over https",
    reference="RFC 6265bis section 5.7",
)
SESSION_SCRIPTABLE = Rule(
    id="session-cookie-without-httponly",
    severity="medium",
    field=FIELD,
    message="The cookie {name} looks like a session's and lacks HttpOnly: every script can read it.",
    why="One injected script is then enough to carry the session away.",
    fix="Add HttpOnly",
    reference="RFC 6265bis section 4.1.2.6",
)
SESSION_CROSS_SITE = Rule(
    id="session-cookie-without-samesite",
    severity="low",
    field=FIELD,
    message="The cookie {name} looks like a session's and has no SameSite; browsers' defaults differ.",
    why="Where the default is not Lax, requests made by other sites carry the visitor's session.",
    fix="Add SameSite=Lax",
    reference="RFC 6265bis section 4.1.2.7",
)
NONE_INSECURE = Rule(
    id="cookie-samesite-none-without-secure",
    severity="medium",
    field=FIELD,
    message="The cookie {name} has SameSite=None without Secure; browsers refuse it.",
    why="A cookie for use on other sites must be Secure.",
    fix="Add Secure",
    reference="RFC 6265bis section 5.7",
)
UNKNOWN_SAME_SITE = Rule(
    id="cookie-samesite-unknown",
    severity="low",
    field=FIELD,
    message="The SameSite of the cookie {name} is no value there is; the browser's default applies.",
    why="An unknown value counts as none given.",
    fix="Write SameSite=Lax",
    reference="RFC 6265bis section 5.6.7",
)
SECURE_PREFIX = Rule(
    id="cookie-secure-prefix-broken",
    severity="medium",
    field=FIELD,
    message="The cookie {name} is not Secure as its prefix __Secure- promises; browsers refuse it.",
    why="The prefix is a promise that browsers enforce.",
    fix="Add Secure",
    reference="RFC 6265bis section 4.1.3.1",
)
HOST_PREFIX = Rule(
    id="cookie-host-prefix-broken",
    severity="medium",
    field=FIELD,
    message="The cookie {name} breaks the promise of its prefix __Host-; browsers refuse it.",
    why="Such a cookie must be Secure, have Path=/ and no Domain.",
    fix="Send it with Secure, Path=/ and no Domain",
    reference="RFC 6265bis section 4.1.3.2",
)
FOREIGN_DOMAIN = Rule(
    id="cookie-domain-foreign",
    severity="low",
    field=FIELD,
    message="The cookie {name} is for {domain}, which does not hold this host; browsers refuse it.",
    why="A host can set cookies for itself and for domains above it only.",
    fix="Remove Domain, or name a domain that the host is in",
    reference="RFC 6265bis section 5.7",
)


def run(response: Response) -> Iterator[Finding]:
    lines = response.values(FIELD)
    if not lines:
        return
    host = host_of(response.url)
    now = parse_cookie_date((response.values("date") or ("",))[0]) or DELETED_BEFORE
    for text in lines[:LIMIT]:
        cookie = parse_set_cookie(text)
        if isinstance(cookie, Refusal):
            yield DROPPED.found(text)
        elif not cookie.expired(now):  # one that is being deleted protects nothing
            rules = tuple(_broken(cookie, host, response.is_https))
            fix = _mended(text, host, response.is_https) if rules and cookie.name else None
            name = cookie.name or cookie.value
            for rule in rules:
                yield rule.found(name, fix=fix, name=name, domain=cookie.domain)


def _broken(cookie: Cookie, host: str, is_https: bool) -> Iterator[Rule]:
    refusal = _refusal(cookie, host, is_https)
    if refusal is not None:
        yield refusal
        return  # a cookie that is not set needs no protection
    is_session = _is_session(cookie.name)
    if is_https and not cookie.secure:
        yield SESSION_INSECURE if is_session else INSECURE
    if is_session and not cookie.http_only:
        yield SESSION_SCRIPTABLE
    if cookie.same_site is not None and cookie.same_site not in SAME_SITE:
        yield UNKNOWN_SAME_SITE
    elif is_session and cookie.same_site is None:
        yield SESSION_CROSS_SITE


def _refusal(cookie: Cookie, host: str, is_https: bool) -> Rule | None:
    """Why a browser would not store the cookie (section 5.7), the first reason that a header can mend."""
    prefix = (cookie.name or cookie.value)[:9].lower()  # in any case, and on nameless cookies too
    if prefix.startswith("__host-") and not (
        cookie.name and cookie.secure and cookie.last("path") == "/" and not cookie.domain
    ):
        return HOST_PREFIX
    if prefix == "__secure-" and not (cookie.name and cookie.secure):
        return SECURE_PREFIX
    if cookie.same_site == "none" and not cookie.secure:
        return NONE_INSECURE
    if cookie.domain and host and not _holds(cookie.domain, host):
        return FOREIGN_DOMAIN
    if cookie.secure and not is_https and not is_local(host):
        return SECURE_OVER_HTTP
    return None


def _holds(domain: str, host: str) -> bool:
    """Section 5.1.3: the host is the domain, or a name under it (an address is under nothing)."""
    return host == domain or (host.endswith(f".{domain}") and not is_address(host))


def _is_session(name: str) -> bool:
    lower = name.lower().removeprefix("__host-").removeprefix("__secure-")
    if lower in SESSION_NAMES or lower.startswith(SESSION_PREFIXES):
        return True
    words = set(_WORD.findall(lower))
    return not words.isdisjoint(SESSION_WORDS) and words.isdisjoint(OTHER_WORDS)


def _mended(text: str, host: str, is_https: bool) -> str | None:
    """The line with all that is broken put right; None where no attribute would do it, or it is too long."""
    text = text.rstrip(" \t;") if len(text) <= LINE_LIMIT else ""
    while isinstance(cookie := parse_set_cookie(text), Cookie):
        # A browser refuses a cookie for one reason; the next comes to light when that one is mended.
        rule = next(_broken(cookie, host, is_https), None)
        if rule is None:
            return f"{FIELD}: {text}"
        if rule is SECURE_OVER_HTTP:
            return None
        text = _put_right(text, rule)
    return None


def _put_right(text: str, rule: Rule) -> str:
    if rule is SESSION_SCRIPTABLE:
        return f"{text}; HttpOnly"
    if rule in (SESSION_CROSS_SITE, UNKNOWN_SAME_SITE):
        return f"{_without(text, 'samesite')}; SameSite=Lax"
    if rule is HOST_PREFIX:
        return f"{_without(text, 'secure', 'path', 'domain')}; Secure; Path=/"
    if rule is FOREIGN_DOMAIN:
        return _without(text, "domain")
    return f"{text}; Secure"


def _without(text: str, *attributes: str) -> str:
    """The line as it is but for some attributes."""
    pair, *rest = text.split(";")
    kept = (part for part in rest if part.partition("=")[0].strip(" \t").lower() not in attributes)
    return ";".join((pair, *kept))


CHECK = Check(
    id="set-cookie",
    title="Set-Cookie",
    why="Cookies know a visitor again: who gets hold of one may act as the visitor.",
    reference="RFC 6265bis",
    rules=(
        DROPPED,
        SESSION_INSECURE,
        INSECURE,
        SECURE_OVER_HTTP,
        SESSION_SCRIPTABLE,
        SESSION_CROSS_SITE,
        NONE_INSECURE,
        UNKNOWN_SAME_SITE,
        SECURE_PREFIX,
        HOST_PREFIX,
        FOREIGN_DOMAIN,
    ),
    run=run,
)
