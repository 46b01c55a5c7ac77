"""Names and values that browsers take and servers trip over (RFC 6265bis section 4.1.1), and folded lines."""

import re
from collections.abc import Iterator

from workers.check import Rule
from workers.checks.set_cookie.grammar import is_cut
from workers.checks.set_cookie.sent import FIELD, Broken, Sent

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_OCTETS = re.compile(
    r"[!#-+\--:<-\[\]-~]*"
)  # cookie-octet: no white space, quotes, comma, semicolon, backslash
# What else a value of a line that browsers take may hold, which is all but semicolons and controls.
_ODD_OCTETS = (
    ("white space", re.compile(r"[ \t]")),
    ("quotes", re.compile(r"\"")),
    ("commas", re.compile(r",")),
    ("backslashes", re.compile(r"\\")),
    ("octets beyond ASCII", re.compile(r"[^\0-\x7f]")),
)
# One attribute, a comma, and the name of another cookie: two lines that a proxy made one.
_FOLDED = re.compile(
    r"(?:(?:secure|httponly|partitioned)[ \t]*"
    r"|(?:path|domain|samesite|max-age|expires)[ \t]*=[^=]*?),[ \t]*[!#$%&'*+.^_`|~0-9A-Za-z-]+=",
    re.IGNORECASE,
)
_PREFIX = re.compile(r"__(?:host-http|host|http|secure)-", re.IGNORECASE)
PREFIXES = frozenset({"__Host-", "__Secure-", "__Http-", "__Host-Http-"})

FOLDED = Rule(
    id="cookie-lines-folded",
    severity="medium",
    field=FIELD,
    message="Several cookies are joined by commas in one line: browsers set {name} alone.",
    why="Set-Cookie is the one field that cannot be sent as a list; something on the way joins its lines.",
    fix="Send each cookie in a Set-Cookie line of its own",
    reference="RFC 6265bis section 4.1.1",
)
NAMELESS = Rule(
    id="cookie-without-name",
    severity="low",
    field=FIELD,
    message="The cookie {name} is a value without a name.",
    why="Browsers send it back without an equals sign, which servers take for nothing, or for a name.",
    fix="Send the cookie as name=value",
    reference="RFC 6265bis section 4.1.1",
)
ODD_NAME = Rule(
    id="cookie-name-not-token",
    severity="info",
    field=FIELD,
    message="The name of the cookie {name} has characters that no name may have, such as spaces.",
    why="Some servers that get it back drop it, or all cookies that come with it.",
    fix="Name the cookie in letters, digits, hyphens and underscores",
    reference="RFC 6265bis section 4.1.1",
)
PREFIX_CASE = Rule(
    id="cookie-prefix-case",
    severity="info",
    field=FIELD,
    message="The prefix of the cookie {name} is not spelt as the standard does.",
    why="Browsers of late enforce it in any case; older ones, and servers, know the exact spelling only.",
    fix="Write __Host- or __Secure-",
    reference="RFC 6265bis section 4.1.3",
)
CUT = Rule(
    id="cookie-value-cut",
    severity="low",
    field=FIELD,
    message="The value of the cookie {name} opens with a quote that is not closed: it was cut.",
    why="The first semicolon ends a value, in quotes or not; what follows is read as attributes.",
    fix="Encode the value, in Base64 say",
    reference="RFC 6265bis section 5.6",
)
ODD_VALUE = Rule(
    id="cookie-value-unencoded",
    severity="info",
    field=FIELD,
    message="The value of the cookie {name} has {what}, unencoded.",
    why="Browsers keep them, but servers and proxies read them differently, and some drop the cookie.",
    fix="Encode the value, in Base64 say",
    reference="RFC 6265bis section 4.1.1",
)
RULES = (FOLDED, NAMELESS, ODD_NAME, PREFIX_CASE, CUT, ODD_VALUE)


def find_folded(sent: Sent) -> Iterator[Broken]:
    for part in sent.parts:
        if "," in part.text and _FOLDED.match(part.text):
            yield Broken(FOLDED, part.text, {"name": sent.name}, by_line=False)
            return


def find(sent: Sent) -> Iterator[Broken]:
    """No corrected line mends these: another name or value is another cookie to the server."""
    name, value = sent.cookie.name, sent.cookie.value
    facts: dict[str, str] = {"name": sent.name}
    if not name:
        yield Broken(NAMELESS, value, facts, by_line=False)
    elif _TOKEN.fullmatch(name) is None:
        yield Broken(ODD_NAME, name, facts, by_line=False)
    elif (match := _PREFIX.match(name)) is not None and match[0] not in PREFIXES:
        yield Broken(PREFIX_CASE, name, facts, by_line=False)
    if is_cut(sent.cookie):
        yield Broken(CUT, value, facts, by_line=False)
    else:
        inner = value[1:-1] if value[:1] == '"' else value
        if _OCTETS.fullmatch(inner) is None:
            yield Broken(ODD_VALUE, value, {**facts, "what": _odd_octets(inner)}, by_line=False)


def _odd_octets(value: str) -> str:
    """What is in the value that no cookie-octet is: "white space and commas"."""
    told = [what for what, octets in _ODD_OCTETS if octets.search(value)]
    return " and ".join(filter(None, (", ".join(told[:-1]), *told[-1:])))
