"""Fields that belong in requests, in a response: a server or proxy that mirrors what it was sent, or a slip.

Those are looked for that their specifications define for requests alone: of RFC 9110 and RFC 6265 all, and
what browsers send besides. Accept and Accept-Encoding tell something in responses, too (RFC 9110 sections
12.5.1 and 12.5.3).
"""

import re
from collections.abc import Iterator
from typing import Final

from workers.check import Check, Rule, removal
from workers.model import Finding
from workers.response import Response

CREDENTIALS = ("Authorization", "Proxy-Authorization")
JWT_BEGINNING: Final = "eyJ"  # of a JSON Web Token: `{"` in Base64
COOKIE = "Cookie"
_GENERAL: Final = """
    Accept-Charset Accept-Language Expect From Host If-Match If-Modified-Since If-None-Match If-Range
    If-Unmodified-Since Max-Forwards Range Referer TE User-Agent
"""
_OF_BROWSERS: Final = """
    Access-Control-Request-Headers Access-Control-Request-Method Origin Sec-CH-UA Sec-CH-UA-Mobile
    Sec-CH-UA-Platform Sec-Fetch-Dest Sec-Fetch-Mode Sec-Fetch-Site Sec-Fetch-User Sec-GPC Sec-Purpose
    Upgrade-Insecure-Requests
"""
REQUEST_ONLY = {name.lower(): name for name in (*f"{_GENERAL} {_OF_BROWSERS}".split(), *CREDENTIALS, COOKIE)}
# RFC 9110 section 11.6.2: a scheme and what proves who asks. Some leave the scheme off a JSON Web Token.
_SECRET = re.compile(r"[ \t]*+([A-Za-z][\w!#$%&'*+.^`|~-]*+)[ \t]++\S|[ \t]*+eyJ[\w-]{8}", re.ASCII)
# What asks for credentials has a realm and names nobody: a WWW-Authenticate by the wrong name.
_CHALLENGE = re.compile(r"\brealm[ \t]*+=", re.IGNORECASE)
_USER = re.compile(r"\b(?:username\*?|oauth_signature)[ \t]*+=", re.IGNORECASE)
_LIMIT: Final = 4_096  # characters of a value looked through: tickets are long, their beginning tells

IN_RESPONSE = Rule(
    id="request-field-in-response",
    severity="info",
    field="Origin",
    message="{name} is a field of requests; in a response nobody reads it.",
    why="It is often there because what a client sends is copied into the answer.",
    fix=removal("Origin"),
    reference="RFC 9110 section 10.1",
)
CREDENTIALS_IN_RESPONSE = Rule(
    id="credentials-in-response",
    severity="high",
    field="Authorization",
    message="{name} came in the response: credentials that a client or proxy is to send to a server.",
    why="Whoever asks gets them, caches keep them, and they open what they were made for to anybody.",
    fix=removal("Authorization"),
    reference="RFC 9110 section 11.6.2",
)
COOKIE_IN_RESPONSE = Rule(
    id="cookie-field-in-response",
    severity="low",
    field=COOKIE,
    message="Cookie came in the response, where browsers ignore it; responses set cookies with Set-Cookie.",
    why="Either a cookie is never set, or what some client sent, its session too, is copied into answers.",
    fix=removal(COOKIE),
    reference="RFC 6265bis section 4.2",
)


def run(response: Response) -> Iterator[Finding]:
    found = [name for key, name in REQUEST_ONLY.items() if response.values(key)]
    secrets = {name: scheme for name in CREDENTIALS if name in found and (scheme := _scheme(response, name))}
    for name, scheme in secrets.items():
        # The scheme is enough to find it by: a report is shown to more people than the header.
        yield CREDENTIALS_IN_RESPONSE.found(scheme, field=name, fix=removal(name), name=name)
    if any(response.values(COOKIE)):
        yield COOKIE_IN_RESPONSE.found()
    others = [name for name in found if name not in secrets and name != COOKIE]
    if others:
        name = others[0]
        fix = removal(name) if len(others) == 1 else f"Remove the fields {', '.join(others)}"
        yield IN_RESPONSE.found(response.values(name)[0], field=name, fix=fix, name=name)


def _scheme(response: Response, name: str) -> str | None:
    """By what the field's credentials go, or how a bare token begins; None where it holds none."""
    for value in response.values(name):
        value = value[:_LIMIT]
        match = _SECRET.match(value)
        if match is not None and (not _CHALLENGE.search(value) or _USER.search(value)):
            return match[1] or JWT_BEGINNING
    return None


CHECK = Check(
    id="mirrored-request-fields",
    title="Request fields in a response",
    why="Shows where a server mirrors its input, or gives away what opens it.",
    reference="RFC 9110 section 10.1",
    rules=(CREDENTIALS_IN_RESPONSE, COOKIE_IN_RESPONSE, IN_RESPONSE),
    run=run,
    needs=tuple(REQUEST_ONLY),
)
