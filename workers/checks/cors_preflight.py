"""What Access-Control-* says beside the origin (WHATWG Fetch section 3.3): methods, fields, private networks.

Methods and fields count in the answer to a preflight; sent with other answers they do no harm, so only what
could not work in any answer is told.
"""

import re
from collections.abc import Iterator
from typing import Final

from workers.check import Check, Rule, removal
from workers.model import Finding
from workers.response import Response
from workers.syntax.parameters import LIMIT

METHODS = "Access-Control-Allow-Methods"
REQUEST_FIELDS = "Access-Control-Allow-Headers"
EXPOSED = "Access-Control-Expose-Headers"
MAX_AGE = "Access-Control-Max-Age"
PRIVATE_NETWORK = "Access-Control-Allow-Private-Network"
DAY_S: Final = 86_400  # Firefox keeps a preflight no longer, Chromium two hours
SPECIFICATION = "https://fetch.spec.whatwg.org/"
RESPONSE_HEADERS = f"{SPECIFICATION}#http-responses"
_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]++")
# Those that a browser writes in capitals whatever a script asked for, and those that it never sends.
UPPERED = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT"})
FORBIDDEN = frozenset({"CONNECT", "TRACE", "TRACK"})
HIDDEN = frozenset({"set-cookie", "set-cookie2"})
MISSPELT = {
    "access-control-allow-credential": (
        "Access-Control-Allow-Credential",
        "Access-Control-Allow-Credentials",
    ),
    "access-control-allow-header": ("Access-Control-Allow-Header", REQUEST_FIELDS),
    "access-control-allow-method": ("Access-Control-Allow-Method", METHODS),
    "access-control-allow-origins": ("Access-Control-Allow-Origins", "Access-Control-Allow-Origin"),
    "access-control-expose-header": ("Access-Control-Expose-Header", EXPOSED),
}

MALFORMED = Rule(
    id="cors-list-malformed",
    severity="low",
    field=METHODS,
    message="The value is no list of names, so browsers refuse what the preflight asked for.",
    why="Names stand with commas between, without quotes, brackets or spaces; one slip undoes the list.",
    fix=None,
    reference=RESPONSE_HEADERS,
)
METHOD_CASE = Rule(
    id="cors-method-case",
    severity="low",
    field=METHODS,
    message="The method {name} is not written in capitals, and does not match the request's.",
    why="Methods are compared byte by byte, and browsers send these in capitals.",
    fix=None,
    reference=f"{SPECIFICATION}#concept-method-normalize",
)
FORBIDDEN_METHOD = Rule(
    id="cors-method-forbidden",
    severity="info",
    field=METHODS,
    message="No script can send {name}, so to allow it says only that the server may answer it.",
    why="Browsers refuse CONNECT, TRACE and TRACK to scripts, whatever a server allows.",
    fix=None,
    reference=f"{SPECIFICATION}#forbidden-method",
)
HIDDEN_FIELD = Rule(
    id="cors-exposes-cookies",
    severity="info",
    field=EXPOSED,
    message="{name} is to be shown to other sites' scripts, which browsers never do.",
    why="Browsers keep cookies from scripts altogether; that somebody wants them shown is worth a look.",
    fix=removal(EXPOSED),
    reference=f"{SPECIFICATION}#forbidden-response-header-name",
)
MISSPELT_NAME = Rule(
    id="cors-field-misspelt",
    severity="low",
    field=METHODS,
    message="No browser knows {name}; the field is called {right}.",
    why="Fields with unknown names are ignored.",
    fix=None,
    reference=RESPONSE_HEADERS,
)
LONG_MAX_AGE = Rule(
    id="cors-max-age-capped",
    severity="info",
    field=MAX_AGE,
    message="No browser keeps a preflight for {value} seconds: a day is the most, two hours in Chromium.",
    why="Who counts on more asks for more requests than planned.",
    fix=f"{MAX_AGE}: {DAY_S}",
    reference="https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Access-Control-Max-Age",
)
PRIVATE_NETWORK_OBSOLETE = Rule(
    id="cors-private-network-obsolete",
    severity="info",
    field=PRIVATE_NETWORK,
    message="The header belongs to Private Network Access, which a permission of the visitor replaced.",
    why="Where it was heeded it let public sites reach into the network that this server stands in.",
    fix=removal(PRIVATE_NETWORK),
    reference="https://wicg.github.io/local-network-access/",
)


def run(response: Response) -> Iterator[Finding]:
    for field in (METHODS, REQUEST_FIELDS, EXPOSED):
        value = response.combined(field)
        if value is not None and value != "*" and len(value) <= LIMIT:
            yield from _judge_list(field, value)
    max_age = response.combined(MAX_AGE)
    if max_age is not None and _is_long(max_age):
        yield LONG_MAX_AGE.found(max_age, value=max_age[:20])
    if response.values(PRIVATE_NETWORK):
        yield PRIVATE_NETWORK_OBSOLETE.found(response.values(PRIVATE_NETWORK)[0])
    for key, (name, right) in MISSPELT.items():
        values = response.values(key)
        if values:
            fix = f"Call the field {right}" if not response.values(right) else removal(name)
            yield MISSPELT_NAME.found(f"{name}: {values[0]}", field=name, name=name, right=right, fix=fix)


def _judge_list(field: str, value: str) -> Iterator[Finding]:
    names = [name for part in value.split(",") if (name := part.strip(" \t"))]
    wrong = [name for name in names if not _TOKEN.fullmatch(name)]
    lower = [name for name in names if field == METHODS and name not in UPPERED and name.upper() in UPPERED]
    never = [name for name in names if field == METHODS and name.upper() in FORBIDDEN]
    hidden = [name for name in names if field == EXPOSED and name.lower() in HIDDEN]
    if not (wrong or lower or never or hidden):
        return
    words = dict.fromkeys(word for name in names for word in _TOKEN.findall(name.replace("'", " ")))
    kept = [
        word.upper() if field == METHODS and word.upper() in UPPERED else word
        for word in words
        if not (field == METHODS and word.upper() in FORBIDDEN)
        and not (field == EXPOSED and word.lower() in HIDDEN)
    ]
    fix = f"{field}: {', '.join(kept)}" if kept else removal(field)
    if wrong:
        yield MALFORMED.found(value, field=field, fix=fix)
    if lower:
        yield METHOD_CASE.found(lower[0], name=lower[0], fix=fix)
    if never:
        yield FORBIDDEN_METHOD.found(never[0], name=never[0], fix=fix)
    if hidden:
        yield HIDDEN_FIELD.found(hidden[0], name=hidden[0], fix=fix)


def _is_long(seconds: str) -> bool:
    return len(seconds) <= LIMIT and seconds.isascii() and seconds.isdigit() and int(seconds) > DAY_S


CHECK = Check(
    id="cors-preflight",
    title="Access-Control-* beside the origin",
    why="A list that does not parse closes what was meant to be open.",
    reference=f"{SPECIFICATION}#http-responses",
    rules=(
        MALFORMED,
        METHOD_CASE,
        FORBIDDEN_METHOD,
        HIDDEN_FIELD,
        MISSPELT_NAME,
        LONG_MAX_AGE,
        PRIVATE_NETWORK_OBSOLETE,
    ),
    run=run,
    needs=(METHODS, REQUEST_FIELDS, EXPOSED, MAX_AGE, PRIVATE_NETWORK, *MISSPELT),
)
