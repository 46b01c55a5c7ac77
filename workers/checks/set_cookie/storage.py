"""Cookies that browsers refuse whatever the visitor wants (RFC 6265bis sections 5.6 and 5.7)."""

import re
from collections.abc import Iterator
from typing import Final

from workers.check import Rule
from workers.checks.set_cookie.sent import FIELD, Broken, Sent
from workers.syntax.cookies import PAIR_LIMIT, Refusal

_HOST_NAME = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*+")

EMPTY = Rule(
    id="cookie-empty",
    severity="low",
    field=FIELD,
    message="The line sets no cookie: it has neither a name nor a value.",
    why="Browsers ignore it, so whatever was to be set is not.",
    fix="Send the cookie's name and value first, or leave the line out",
    reference="RFC 6265bis section 5.7",
)
CONTROL = Rule(
    id="cookie-control-character",
    severity="medium",
    field=FIELD,
    message="Browsers ignore the line as a whole: it has a control character.",
    why="Such characters come from unescaped input, or from a header that was split.",
    fix="Encode the value, in Base64 say",
    reference="RFC 6265bis section 5.6",
)
TOO_LARGE = Rule(
    id="cookie-too-large",
    severity="medium",
    field=FIELD,
    message=f"Browsers ignore the cookie {{name}}: its name and value are over {PAIR_LIMIT:,} octets.",
    why="A cookie that grows with what is put into it is lost one day, for some visitors only.",
    fix="Keep the data on the server and send an id of it",
    reference="RFC 6265bis section 5.6",
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
NONE_INSECURE = Rule(
    id="cookie-samesite-none-without-secure",
    severity="medium",
    field=FIELD,
    message="The cookie {name} has SameSite=None without Secure; browsers refuse it.",
    why="A cookie for use on other sites must be Secure.",
    fix="Add Secure",
    reference="RFC 6265bis section 5.7",
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
NAMELESS_PREFIX = Rule(
    id="cookie-prefix-nameless",
    severity="medium",
    field=FIELD,
    message="The line has no name, and its value begins like the prefix of one; browsers refuse it.",
    why="It would be sent back looking like a cookie that keeps the promise.",
    fix="Send the cookie as name=value",
    reference="RFC 6265bis section 5.7",
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
MALFORMED_DOMAIN = Rule(
    id="cookie-domain-malformed",
    severity="low",
    field=FIELD,
    message="The Domain of the cookie {name} is no domain; browsers refuse the cookie.",
    why="Domain is a bare name: no scheme, port, path, quotes or wildcard, and A-labels for other scripts.",
    fix="Remove Domain, or name a domain that the host is in",
    reference="RFC 6265bis section 5.1.3",
)
PUBLIC_SUFFIX = Rule(
    id="cookie-domain-public-suffix",
    severity="medium",
    field=FIELD,
    message="The cookie {name} is for {domain}, under which anybody can register; browsers refuse it.",
    why="Every site under that suffix would get the cookie, and could set it for all others.",
    fix="Remove Domain, or name the domain that was registered",
    reference="RFC 6265bis section 5.7",
)

_RULES: Final = {
    Refusal.DOMAIN_NOT_ASCII: MALFORMED_DOMAIN,
    Refusal.PUBLIC_SUFFIX: PUBLIC_SUFFIX,
    Refusal.FOREIGN_DOMAIN: FOREIGN_DOMAIN,
    Refusal.SECURE_OVER_HTTP: SECURE_OVER_HTTP,
    Refusal.NONE_WITHOUT_SECURE: NONE_INSECURE,
    Refusal.SECURE_PREFIX: SECURE_PREFIX,
    Refusal.HOST_PREFIX: HOST_PREFIX,
    Refusal.NAMELESS_PREFIX: NAMELESS_PREFIX,
}
BAD_DOMAIN = frozenset({Refusal.DOMAIN_NOT_ASCII, Refusal.PUBLIC_SUFFIX, Refusal.FOREIGN_DOMAIN})
RULES = (EMPTY, CONTROL, TOO_LARGE, *_RULES.values())


def find(sent: Sent) -> Iterator[Broken]:
    refusal, cookie = sent.answer, sent.cookie
    if not isinstance(refusal, Refusal) or (refusal is Refusal.FOREIGN_DOMAIN and not sent.setting.has_host):
        return
    rule = _RULES[refusal]
    if rule is FOREIGN_DOMAIN and _HOST_NAME.fullmatch(cookie.domain) is None:
        rule = MALFORMED_DOMAIN
    evidence = sent.spelt("domain", cookie.last("domain")) if refusal in BAD_DOMAIN else sent.name
    facts: dict[str, str] = {"name": sent.name, "domain": cookie.domain}
    by_line = refusal not in (Refusal.SECURE_OVER_HTTP, Refusal.NAMELESS_PREFIX)
    yield Broken(rule, evidence, facts, by_line)
