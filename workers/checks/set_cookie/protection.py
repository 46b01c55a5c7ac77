"""What guards a stored cookie: Secure, HttpOnly, SameSite, Partitioned, and the prefixes to come."""

from collections.abc import Iterator
from typing import Final

from workers.check import Rule
from workers.checks.set_cookie.sent import FIELD, Broken, Parts, Sent, part_of, without
from workers.checks.set_cookie.session_names import looks_like_session
from workers.syntax.cookies import Cookie

SAME_SITE = frozenset({"strict", "lax", "none"})
PARTITIONED: Final = (
    "https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Set-Cookie#partitioned"
)
LAYERED: Final = (
    "https://httpwg.org/http-extensions/draft-ietf-httpbis-layered-cookies.html#server-name-prefixes"
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
SESSION_BY_HSTS = Rule(
    id="session-cookie-secure-by-hsts-alone",
    severity="low",
    field=FIELD,
    message="The cookie {name} looks like a session's and lacks Secure: only HSTS keeps it off plain http.",
    why="A browser that has not met the policy yet, or has forgotten it, sends the cookie over http.",
    fix="Add Secure",
    reference="RFC 6265bis section 4.1.2.5",
)
BY_HSTS = Rule(
    id="cookie-secure-by-hsts-alone",
    severity="info",
    field=FIELD,
    message="The cookie {name} lacks Secure: only HSTS keeps it off plain http.",
    why="A browser that has not met the policy yet, or has forgotten it, sends the cookie over http.",
    fix="Add Secure",
    reference="RFC 6265bis section 4.1.2.5",
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
UNKNOWN_SAME_SITE = Rule(
    id="cookie-samesite-unknown",
    severity="low",
    field=FIELD,
    message="The SameSite of the cookie {name} is no value there is; the browser's default applies.",
    why="An unknown value counts as none given.",
    fix="Write SameSite=Lax",
    reference="RFC 6265bis section 5.6.7",
)
PARTITIONED_INSECURE = Rule(
    id="cookie-partitioned-without-secure",
    severity="medium",
    field=FIELD,
    message="The cookie {name} is Partitioned without Secure; browsers that know Partitioned refuse it.",
    why="A cookie kept for each embedding site by itself must be Secure.",
    fix="Add Secure",
    reference=PARTITIONED,
)
PARTITIONED_SAME_SITE = Rule(
    id="cookie-partitioned-without-samesite-none",
    severity="info",
    field=FIELD,
    message="The cookie {name} is Partitioned, but not SameSite=None: it is not sent where others embed it.",
    why="Partitions part the embedding sites, and there the cookie never comes.",
    fix="Add SameSite=None where other sites embed this one, or else leave Partitioned out",
    reference=PARTITIONED,
)
HTTP_PREFIX = Rule(
    id="cookie-http-prefix-broken",
    severity="info",
    field=FIELD,
    message="The cookie {name} breaks the promise of its prefix; browsers that know the prefix refuse it.",
    why="A name with __Http- or __Host-Http- promises Secure and HttpOnly.",
    fix="Add Secure and HttpOnly",
    reference=LAYERED,
)
RULES = (
    SESSION_INSECURE,
    INSECURE,
    SESSION_BY_HSTS,
    BY_HSTS,
    SESSION_SCRIPTABLE,
    SESSION_CROSS_SITE,
    UNKNOWN_SAME_SITE,
    PARTITIONED_INSECURE,
    PARTITIONED_SAME_SITE,
    HTTP_PREFIX,
)

_BY_HSTS: Final = {SESSION_INSECURE: SESSION_BY_HSTS, INSECURE: BY_HSTS}
_NEEDS_SECURE = frozenset({SESSION_INSECURE.id, INSECURE.id, PARTITIONED_INSECURE.id, HTTP_PREFIX.id})
_NEEDS_HTTP_ONLY = frozenset({SESSION_SCRIPTABLE.id, HTTP_PREFIX.id})
_NEEDS_SAME_SITE = frozenset({SESSION_CROSS_SITE.id, UNKNOWN_SAME_SITE.id})


def find(sent: Sent) -> Iterator[Broken]:
    cookie, facts = sent.cookie, {"name": sent.name}
    for rule in _broken(cookie, is_https=sent.setting.is_https):
        if rule in _BY_HSTS and sent.setting.keeps_off_http(cookie):
            rule = _BY_HSTS[rule]
        yield Broken(rule, sent.name, {**facts}, rule is not PARTITIONED_SAME_SITE)


def mend(parts: Parts, cookie: Cookie, *, is_https: bool) -> Parts | None:
    """The attributes with what the cookie lacks; None where that is Secure, and http cannot give it."""
    broken = {rule.id for rule in _broken(cookie, is_https=is_https)}
    if not cookie.secure and not broken.isdisjoint(_NEEDS_SECURE):
        if not is_https:
            return None
        parts = (*parts, part_of("Secure"))
    if not cookie.http_only and not broken.isdisjoint(_NEEDS_HTTP_ONLY):
        parts = (*parts, part_of("HttpOnly"))
    if not broken.isdisjoint(_NEEDS_SAME_SITE):
        parts = (*without(parts, "samesite"), part_of("SameSite=Lax"))
    return parts


def _broken(cookie: Cookie, *, is_https: bool) -> Iterator[Rule]:
    is_session = looks_like_session(cookie.name)
    is_partitioned = cookie.last("partitioned") is not None
    if is_partitioned and not cookie.secure:
        yield PARTITIONED_INSECURE
    elif is_https and not cookie.secure:
        yield SESSION_INSECURE if is_session else INSECURE
    if is_session and not cookie.http_only:
        yield SESSION_SCRIPTABLE
    same_site = cookie.same_site
    if same_site is not None and same_site not in SAME_SITE:
        yield UNKNOWN_SAME_SITE
    elif is_session and same_site is None:
        yield SESSION_CROSS_SITE
    if is_partitioned and same_site in ("strict", "lax", None):
        yield PARTITIONED_SAME_SITE
    if cookie.name[:12].lower().startswith(("__http-", "__host-http-")) and not (
        cookie.secure and cookie.http_only
    ):
        yield HTTP_PREFIX
