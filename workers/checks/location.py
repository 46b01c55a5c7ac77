"""Location (RFC 9110 section 10.2.2): whether a redirect says where to go, in a URI that all read alike.

A relative reference is as good as a whole URI, and a fragment is allowed. Every hop is judged; only the last
response's field can be given a corrected line.
"""

import re
from collections.abc import Iterator
from typing import Final

from workers.check import Check, Rule, removal
from workers.model import Finding
from workers.response import Response
from workers.syntax.head import Field
from workers.syntax.statuses import REDIRECTS

FIELD: Final = "Location"
LIMIT: Final = 8_192  # characters judged of a value: the longest URL that is followed
HOPS_LIMIT: Final = 20

# What RFC 3986 section 2 lets stand in a URI, as it is or as "%" and two digits.
_BAD_CHARACTER = re.compile(r"[^!#$&'()*+,\-./0-9:;=?@A-Z\[\]_a-z~%]|%(?![0-9A-Fa-f]{2})")
_BARE_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_ENCODED: Final = {  # by octet: thousands of them are written at once
    octet: f"%{octet:02X}" for octet in range(256) if octet != ord("%") and _BAD_CHARACTER.match(chr(octet))
}
_USERINFO = re.compile(r"([a-z][a-z0-9+.\-]*+:)?//([^/?#\\@]*+)@", re.IGNORECASE)
_SCHEME = re.compile(r"([a-z][a-z0-9+.\-]*+):", re.IGNORECASE)
_SESSION = re.compile(
    r"[?&;](jsessionid|phpsessid|aspsessionid\w{0,16}|asp\.net_sessionid|cftoken|sessionid|session_id)="
    r"[\w.\-!%]{8}",
    re.IGNORECASE | re.ASCII,
)
_SECRET = re.compile(
    r"[?&](access_token|id_token|refresh_token|client_secret|password|passwd)=[^&#]{4}",
    re.IGNORECASE,
)
# Schemes whose URLs hold content or code themselves, or lie on the visitor's own disk.
_UNFETCHED: Final = frozenset({"about", "blob", "data", "file", "filesystem", "javascript", "vbscript"})
_WITH_LOCATION: Final = REDIRECTS | {201, 300, 202}  # RFC 9110 sections 10.2.2 and 15.3.3

MISSING = Rule(
    id="location-missing",
    severity="low",
    field=FIELD,
    message="The status {status} sends the client elsewhere, and no Location says where to.",
    why="Browsers show the content, if there is any, and go nowhere.",
    fix="Send Location with the address, or another status",
    reference="RFC 9110 section 15.4",
)
EMPTY = Rule(
    id="location-empty",
    severity="low",
    field=FIELD,
    message="Location is empty, which leads back to the same address.",
    why="Clients go round in circles, or give up at once.",
    fix="Send Location with the address, or another status",
    reference="RFC 9110 section 10.2.2",
)
DIFFERENT = Rule(
    id="location-conflicting",
    severity="medium",
    field=FIELD,
    message="{count} Location fields lead to different places.",
    why="Clients refuse such a response, or choose differently; it often is a header that was injected.",
    fix="Send one Location",
    reference="RFC 9110 section 5.3",
)
USERINFO = Rule(
    id="location-with-userinfo",
    severity="medium",
    field=FIELD,
    message="Location holds a user's name or password before the host.",
    why="It ends up in histories and logs; and what looks like a host there is how visitors are misled.",
    fix="Leave out what stands before the @",
    reference="RFC 9110 section 4.2.4",
)
BAD_CHARACTER = Rule(
    id="location-invalid-character",
    severity="low",
    field=FIELD,
    message="Location holds {character}, which a URI cannot.",
    why="Clients encode it, each in its own way, drop it, or refuse the redirect.",
    fix="Percent-encode what a URI cannot hold",
    reference="RFC 3986 section 2",
)
UNFETCHED = Rule(
    id="location-unfetchable-scheme",
    severity="medium",
    field=FIELD,
    message="Location leads to {scheme}:, where no browser follows.",
    why="The redirect fails; that it is sent at all tells that where it leads to is not checked.",
    fix="Redirect to http or https addresses only",
    reference="https://fetch.spec.whatwg.org/#http-redirect-fetch",
)
SESSION = Rule(
    id="session-id-in-location",
    severity="medium",
    field=FIELD,
    message="Location holds a session's id, as {name}.",
    why="Addresses are kept, shared and sent on as Referer: whoever gets this one has the session.",
    fix="Keep sessions in cookies only",
    reference="https://cheatsheetseries.owasp.org/cheatsheets/Session_Management_Cheat_Sheet.html",
)
SECRET = Rule(
    id="secret-in-location",
    severity="medium",
    field=FIELD,
    message="Location holds a secret in its query, as {name}.",
    why="Addresses are kept, shared and sent on as Referer, and so is what is in them.",
    fix="Send secrets in the content, or in fields that are not kept",
    reference="RFC 6750 section 5.3",
)
MEANINGLESS = Rule(
    id="location-without-meaning",
    severity="info",
    field=FIELD,
    message="Location was sent with the status {status}, for which it means nothing.",
    why="No client goes there: a status that redirects was meant, or the field was left over.",
    fix=removal(FIELD),
    reference="RFC 9110 section 10.2.2",
)


def run(response: Response) -> Iterator[Finding]:
    for hop in response.earlier[:HOPS_LIMIT]:
        values = _values(hop.headers)
        yield from _judge(hop.judged_status, values, is_last=False)
    values = response.values(FIELD)
    yield from _judge(response.status, values, is_last=True)
    if not values and response.status in REDIRECTS:
        yield MISSING.found(status=response.status)


def _values(fields: tuple[Field, ...]) -> tuple[str, ...]:
    return tuple(value for name, value in fields if name.lower() == "location")


def _judge(status: int, values: tuple[str, ...], *, is_last: bool) -> Iterator[Finding]:
    if not values:
        return
    if status not in _WITH_LOCATION:
        yield MEANINGLESS.found(values[0], status=status)
        return
    distinct = dict.fromkeys(values)
    if len(distinct) > 1:
        yield DIFFERENT.found(", ".join(list(distinct)[:3]), count=len(values))
    yield from _judge_value(values[0], is_last=is_last)


def _judge_value(whole: str, *, is_last: bool) -> Iterator[Finding]:
    value = whole[:LIMIT]
    if not value:
        yield EMPTY.found()
        return
    scheme = _SCHEME.match(value)
    if scheme is not None and scheme[1].lower() in _UNFETCHED:
        yield UNFETCHED.found(value, scheme=scheme[1].lower())
        return
    user, bad = _USERINFO.match(value), _BAD_CHARACTER.search(value)
    fix = _mended(whole) if is_last and (user or bad) else None
    if user is not None:
        yield USERINFO.found(value, fix=fix)
    if bad is not None:
        start = max(0, bad.start() - 20)
        yield BAD_CHARACTER.found(value[start : bad.end() + 20], character=ascii(bad[0]), fix=fix)
    for rule, pattern in ((SESSION, _SESSION), (SECRET, _SECRET)):
        match = pattern.search(value)
        if match is not None:
            yield rule.found(match[1], name=match[1])


def _mended(value: str) -> str | None:
    r"""The line without userinfo, the rest encoded; None for a "\", which browsers take for "/"."""
    if "\\" in value or len(value) > LIMIT:
        return None
    user = _USERINFO.match(value)
    without = value if user is None else f"{user[1] or ''}//{value[user.end() :]}"
    return f"{FIELD}: {_BARE_PERCENT.sub('%25', without).translate(_ENCODED)}"


CHECK = Check(
    id="location",
    title="Location",
    why="A redirect is only as good as the address that it gives.",
    reference="RFC 9110 section 10.2.2",
    rules=(
        MISSING,
        EMPTY,
        DIFFERENT,
        USERINFO,
        BAD_CHARACTER,
        UNFETCHED,
        SESSION,
        SECRET,
        MEANINGLESS,
    ),
    run=run,
)
