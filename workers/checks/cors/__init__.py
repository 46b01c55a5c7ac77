"""Access-Control-* (WHATWG Fetch section 3.3): which other origins may read the response.

Whether any site may read has its own module, `anybody`.
"""

import re
from collections.abc import Iterator

from workers.check import Check, Rule
from workers.checks.cors import anybody
from workers.checks.cors.anybody import CREDENTIALS, ORIGIN, SPECIFICATION
from workers.model import Finding
from workers.response import Access, Response
from workers.syntax.hosts import host_of, is_local
from workers.syntax.parameters import LIMIT

MAX_AGE = "Access-Control-Max-Age"
VARY = "Vary"
LISTS = ("Access-Control-Allow-Headers", "Access-Control-Allow-Methods", "Access-Control-Expose-Headers")
# RFC 6454 section 6.2: what a browser compares with, byte by byte. Scheme and host, no path, no slash.
_ORIGIN = re.compile(r"[a-z][a-z0-9+.\-]*+://(?:\[[0-9a-f:.]++\]|[a-z0-9._~\-]++)(?::\d{1,5})?", re.ASCII)

WILDCARD_CREDENTIALS = Rule(
    id="cors-wildcard-with-credentials",
    severity="low",
    field=ORIGIN,
    message="Any origin (*) is allowed together with credentials; browsers then let nobody read with them.",
    why="The two exclude each other: with credentials the one origin that may read has to be named.",
    fix=f"Name the origin and send Vary: Origin, or leave out {CREDENTIALS}",
    reference=f"{SPECIFICATION}#cors-protocol-and-credentials",
)
SEVERAL_ORIGINS = Rule(
    id="cors-several-origins",
    severity="low",
    field=ORIGIN,
    message="More than one origin was sent; browsers compare the whole value and let nobody read.",
    why="The header takes one origin or *; which one is for the server to choose by the request's Origin.",
    fix="Send the one origin that asked",
    reference=f"{SPECIFICATION}#concept-cors-check",
)
INVALID_ORIGIN = Rule(
    id="cors-origin-invalid",
    severity="low",
    field=ORIGIN,
    message="The value is no origin, so it matches none and nobody may read.",
    why="An origin is scheme, host and port: no path or slash at the end, no pattern.",
    fix="Write the origin as scheme://host",
    reference="RFC 6454 section 6.2",
)
PLAIN_ORIGIN = Rule(
    id="cors-plain-http-origin",
    severity="medium",
    field=ORIGIN,
    message="An origin over plain http may read what this host sends over https.",
    why="Whoever is on the way can write scripts into that origin, and read the response with them.",
    fix="Name the origin with https",
    reference=f"{SPECIFICATION}#http-access-control-allow-origin",
)
INVALID_CREDENTIALS = Rule(
    id="cors-credentials-invalid",
    severity="low",
    field=CREDENTIALS,
    message="The value is not true, the only one there is; browsers take it for absent.",
    why="It is compared byte by byte: True, TRUE and 1 mean nothing.",
    fix=f"Send true, or leave out {CREDENTIALS}",
    reference=f"{SPECIFICATION}#concept-cors-check",
)
LITERAL_WILDCARD = Rule(
    id="cors-wildcard-literal",
    severity="low",
    field=LISTS[0],
    message="{name} is * beside credentials, where * means only something of that name.",
    why="The wildcard works only in responses to requests without credentials.",
    fix="List the names",
    reference=f"{SPECIFICATION}#cors-protocol-and-credentials",
)
INVALID_MAX_AGE = Rule(
    id="cors-max-age-invalid",
    severity="low",
    field=MAX_AGE,
    message="The value is no number of seconds, so a preflight is kept for five seconds only.",
    why="Where the value does not parse browsers take the default.",
    fix=f"{MAX_AGE}: 600",
    reference=f"{SPECIFICATION}#http-access-control-max-age",
)
NO_VARY = Rule(
    id="cors-vary-missing",
    severity="info",
    field=VARY,
    message="One origin may read with credentials, and Vary is without Origin: right if that is always so.",
    why="Where it is the one that asked, a cache gives its answer to the next, which may not read it then.",
    fix=f"Add Origin to {VARY}",
    reference=f"{SPECIFICATION}#cors-protocol-and-http-caches",
)


def run(response: Response) -> Iterator[Finding]:
    sent, credentials, access = response.combined(ORIGIN), response.combined(CREDENTIALS), response.preflight
    origin = None if sent is None else sent.strip(" \t")
    yield from anybody.find(origin, credentials, access)
    if origin is not None and origin != "null":
        yield from _judge_origin(origin, credentials, response.is_https, access)
    # "false" is no value either, but does what is meant by it: the same as leaving the field out.
    if credentials is not None and credentials not in ("true", "false"):
        fix = f"{CREDENTIALS}: true" if credentials.strip().lower() == "true" else None
        yield INVALID_CREDENTIALS.found(credentials, fix=fix)
    if credentials == "true":
        if origin is not None and _ORIGIN.fullmatch(origin) and not _varies(response):
            yield NO_VARY.found(origin, fix=_varying(response))
        for name in LISTS:
            if response.combined(name) == "*":
                yield LITERAL_WILDCARD.found("*", name=name, field=name)
    max_age = response.combined(MAX_AGE)
    # -1 is in use to turn the keeping off, and does so: it is no slip.
    if max_age is not None and max_age != "-1" and not (max_age.isascii() and max_age.isdigit()):
        yield INVALID_MAX_AGE.found(max_age)


def _varies(response: Response) -> bool:
    """Whether caches know that the answer depends on the origin, or keep it for nobody else."""
    named = (response.combined(VARY) or "").lower()
    if not {"origin", "*"}.isdisjoint(name.strip(" \t") for name in named.split(",")):
        return True
    control = (response.combined("cache-control") or "").lower()
    return "no-store" in control or "private" in control


def _varying(response: Response) -> str | None:
    """Vary with Origin; None where the line would have to mend what another check finds in it."""
    given = response.combined(VARY) or ""
    names = [name.strip(" \t") for name in given.split(",")] if given else []
    coded = response.values("content-encoding") and "accept-encoding" not in given.lower()
    if coded or len(given) > LIMIT or not all(name.lower().startswith("accept") for name in names):
        return None
    return f"{VARY}: {', '.join((*names, 'Origin'))}"


def _judge_origin(
    origin: str, credentials: str | None, is_https: bool, access: Access | None
) -> Iterator[Finding]:
    if origin == "*":
        # Some send * only to requests without cookies, and the others' own origin to those with: that nobody
        # may read with credentials would not be true of them.
        if credentials == "true" and access != "any-with-credentials":
            yield WILDCARD_CREDENTIALS.found(origin)
    elif "," in origin or " " in origin:
        first = origin.replace(",", " ").split(None, 1)
        yield SEVERAL_ORIGINS.found(origin, fix=_mended(first[0], is_https) if first else None)
    elif _ORIGIN.fullmatch(origin) is None:
        yield INVALID_ORIGIN.found(origin, fix=_mended(origin, is_https))
    elif _is_plain(origin, is_https):
        yield PLAIN_ORIGIN.found(origin, fix=_mended(origin, is_https))


def _is_plain(origin: str, is_https: bool) -> bool:
    return is_https and origin.startswith("http:") and not is_local(host_of(origin))


def _mended(text: str, is_https: bool) -> str | None:
    """The header with the origin that the text begins with; None where it begins with none."""
    match = _ORIGIN.match(text.lower())
    if match is None:
        return None
    origin = match[0]
    if _is_plain(origin, is_https):
        origin = f"https:{origin.removeprefix('http:').removesuffix(':80')}"
    return f"{ORIGIN}: {origin}"


CHECK = Check(
    id="cross-origin-resource-sharing",
    title="Access-Control-* (CORS)",
    why="Decides which other origins may read what the server sends to a visitor.",
    reference=f"{SPECIFICATION}#http-cors-protocol",
    rules=(
        WILDCARD_CREDENTIALS,
        *anybody.RULES,
        SEVERAL_ORIGINS,
        INVALID_ORIGIN,
        PLAIN_ORIGIN,
        INVALID_CREDENTIALS,
        LITERAL_WILDCARD,
        INVALID_MAX_AGE,
        NO_VARY,
    ),
    run=run,
    needs=(ORIGIN, CREDENTIALS, MAX_AGE),
)
