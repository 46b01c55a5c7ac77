"""What a cookie's value tells whoever gets to see it: tokens, people, passwords, hosts behind."""

import binascii
import json
import re
from base64 import urlsafe_b64decode
from collections.abc import Iterator
from ipaddress import IPv4Address
from typing import Final

from workers.check import Rule
from workers.checks.set_cookie.sent import FIELD, Broken, Sent

_HEADER_LIMIT: Final = 1_024  # characters of a token's header; real ones have some 40 to 100
_LOOKED_AT: Final = 128  # characters of a value looked through for an address: one that is kept stands early
_TOKEN = re.compile(r"(eyJ[\w-]++)\.(eyJ[\w-]++)\.([\w-]*+)", re.ASCII)
# The look-behind lets a match begin only where a run does, or long ones would cost their square.
_EMAIL = re.compile(
    r"(?<![\w.+-])[\w.+-]{1,64}(?:@|%40)[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){0,8}\.[a-z]{2,24}(?![\w-])",
    re.IGNORECASE | re.ASCII,
)
_BALANCED = re.compile(
    r"(\d{8,10})\.\d{1,5}\.0000", re.ASCII
)  # F5 BIG-IP: the address, the port, both reversed
PASSWORD_WORDS = frozenset({"password", "passwd", "pwd"})
_WORD = re.compile(r"[a-z]+")

UNSIGNED = Rule(
    id="cookie-token-unsigned",
    severity="medium",
    field=FIELD,
    message="The cookie {name} holds a JSON Web Token that nobody signed (alg is none).",
    why="If the server believes it, a visitor who edits the cookie is whoever he says he is.",
    fix="Sign the token, and refuse the algorithm none",
    reference="RFC 8725 section 3.2",
)
READABLE = Rule(
    id="cookie-token-readable",
    severity="info",
    field=FIELD,
    message="The cookie {name} holds a JSON Web Token: what it claims is encoded, and not encrypted.",
    why="Whoever gets to see the cookie can read names, roles and ids in it.",
    fix="Keep claims that are nobody's business on the server, or encrypt the token",
    reference="RFC 7519 section 12",
)
EMAIL = Rule(
    id="cookie-holds-email-address",
    severity="low",
    field=FIELD,
    message="The cookie {name} holds what looks like an e-mail address.",
    why="Each request carries it, and logs and scripts on the way keep what tells a person.",
    fix="Send an id that means nothing, and keep the address on the server",
    reference="RFC 6265bis section 8.3",
)
PASSWORD = Rule(
    id="cookie-holds-password",
    severity="medium",
    field=FIELD,
    message="The cookie {name} is named like a password and has a value.",
    why="A password in a cookie lies on the visitor's disk and goes with every request.",
    fix="Send the id of a session in place of what the visitor typed",
    reference="RFC 6265bis section 8.3",
)
ADDRESS = Rule(
    id="cookie-tells-internal-address",
    severity="low",
    field=FIELD,
    message="The cookie {name} tells the address behind the load balancer: {address}.",
    why="It shows how the network behind is numbered, and lets a visitor choose a server.",
    fix="Let the load balancer encrypt the cookie",
    reference="https://my.f5.com/manage/s/article/K6917",
)
RULES = (UNSIGNED, READABLE, EMAIL, PASSWORD, ADDRESS)


def find(sent: Sent) -> Iterator[Broken]:
    """No corrected line mends these: another value is for the server to make."""
    name, value = sent.cookie.name, sent.cookie.value
    facts: dict[str, str] = {"name": sent.name}
    if "eyJ" in value[:9] and (token := _TOKEN.search(value)):
        rule = UNSIGNED if _algorithm(token[1]) == "none" else READABLE
        yield Broken(rule, token[1], facts, by_line=False)
    if ("@" in value or "%40" in value) and (email := _EMAIL.search(value[:_LOOKED_AT])):
        yield Broken(EMAIL, email[0], facts, by_line=False)
    if value and not PASSWORD_WORDS.isdisjoint(_WORD.findall(name[:_HEADER_LIMIT].lower())):
        yield Broken(PASSWORD, name, facts, by_line=False)
    if balanced := _BALANCED.fullmatch(value):
        number = int(balanced[1])
        if number < 1 << 32:
            address = IPv4Address(number.to_bytes(4, "little"))
            yield Broken(ADDRESS, value, {**facts, "address": str(address)}, by_line=False)


def _algorithm(header: str) -> str:
    """The algorithm that a token names, in lower case; "" where it cannot be read."""
    encoded = header[:_HEADER_LIMIT]
    try:
        read = json.loads(urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)))
    except (ValueError, binascii.Error, RecursionError):
        return ""
    algorithm = read.get("alg") if isinstance(read, dict) else None
    return algorithm.lower() if isinstance(algorithm, str) else ""
