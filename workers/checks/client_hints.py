"""Accept-CH and Critical-CH (RFC 8942, WICG Client Hints): what browsers shall tell of themselves."""

import re
from collections.abc import Iterator
from typing import Any

import http_sf

from workers.check import Check, Rule, removal
from workers.checks import is_trusted
from workers.model import Finding
from workers.response import Response
from workers.syntax.parameters import LIMIT
from workers.syntax.structured_fields import InvalidStructuredField, parse

ACCEPTED = "Accept-CH"
CRITICAL = "Critical-CH"
SPECIFICATION = "https://wicg.github.io/client-hints-infrastructure/"
# The hints that were named before the prefix Sec-CH- was, and browsers still send by these names.
UNPREFIXED = frozenset(
    {"device-memory", "downlink", "dpr", "ect", "rtt", "save-data", "viewport-width", "width"}
)
RENAMED = {
    "arch": "Sec-CH-UA-Arch",
    "mobile": "Sec-CH-UA-Mobile",
    "model": "Sec-CH-UA-Model",
    "platform": "Sec-CH-UA-Platform",
    "ua": "Sec-CH-UA",
    "ua-arch": "Sec-CH-UA-Arch",
    "ua-mobile": "Sec-CH-UA-Mobile",
    "ua-model": "Sec-CH-UA-Model",
    "ua-platform": "Sec-CH-UA-Platform",
}
_NAMES = re.compile(r"[A-Za-z][A-Za-z0-9\-]*+(?:[ \t]*+,[ \t]*+[A-Za-z][A-Za-z0-9\-]*+)*+")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9\-]*+")

MALFORMED = Rule(
    id="client-hints-malformed",
    severity="low",
    field=ACCEPTED,
    message="The value is no list of hints' names, so browsers send none.",
    why="Names stand with commas between, without quotes.",
    fix=None,
    reference="RFC 8942 section 3.1",
)
UNKNOWN = Rule(
    id="client-hint-unknown",
    severity="info",
    field=ACCEPTED,
    message="No browser sends a hint named {name}.",
    why="Hints have the prefix Sec-CH-, but for a few old ones; unknown names are skipped.",
    fix=None,
    reference=f"{SPECIFICATION}#registry",
)
OVER_HTTP = Rule(
    id="client-hints-over-http",
    severity="info",
    field=ACCEPTED,
    message="The header came over plain http, where browsers ignore it.",
    why="Hints tell of the visitor, and are sent in secure contexts only.",
    fix=removal(ACCEPTED),
    reference="RFC 8942 section 3.1",
)
NOT_ACCEPTED = Rule(
    id="critical-hint-not-accepted",
    severity="low",
    field=CRITICAL,
    message="{name} is critical, but not among the hints of Accept-CH, so browsers do not send it.",
    why="A hint counts as critical only where it is asked for too.",
    fix=removal(CRITICAL),
    reference=f"{SPECIFICATION}#critical-ch",
)


def run(response: Response) -> Iterator[Finding]:
    accepted, critical = response.combined(ACCEPTED), response.combined(CRITICAL)
    if accepted is None and critical is None:
        return
    if accepted is not None and not is_trusted(response):
        yield OVER_HTTP.found(accepted)
        return
    names = None if accepted is None else _names(accepted)
    if accepted is not None:
        yield from _judge(ACCEPTED, accepted, names)
    if critical is None or len(critical) > LIMIT:
        return
    wanted = _names(critical)
    asked = {name.lower() for name in names or ()}
    missing = [name for name in wanted or () if name.lower() not in asked]
    if wanted is not None and missing:
        kept = [name for name in wanted if name.lower() in asked and _is_known(name)]
        fix = f"{CRITICAL}: {', '.join(kept)}" if kept else removal(CRITICAL)
        yield NOT_ACCEPTED.found(missing[0], name=missing[0][:80], fix=fix)
    elif wanted is None:
        yield MALFORMED.found(critical, field=CRITICAL, fix=removal(CRITICAL))


def _judge(field: str, value: str, names: list[str] | None) -> Iterator[Finding]:
    if len(value) > LIMIT:
        return
    written = _NAME.findall(value) if names is None else names
    known = dict.fromkeys(RENAMED.get(name.lower(), name) for name in written)
    kept = [name for name in known if _is_known(name)]
    fix = f"{field}: {', '.join(kept)}" if kept else removal(field)
    if names is None:
        yield MALFORMED.found(value, field=field, fix=fix)
        return
    unknown = [name for name in names if not _is_known(name)]
    if unknown:
        yield UNKNOWN.found(unknown[0], name=unknown[0][:80], field=field, fix=fix)


def _is_known(name: str) -> bool:
    return name.lower().startswith("sec-ch-") or name.lower() in UNPREFIXED


def _names(value: str) -> list[str] | None:
    """The tokens of a structured list; None for what is none. Nothing of what is too long."""
    text = value.strip(" \t")
    if not text or len(text) > LIMIT:
        return []
    if _NAMES.fullmatch(text):  # nearly always
        return _NAME.findall(text)
    try:
        members: Any = parse(text, "list")
    except InvalidStructuredField:
        return None
    names = [member[0] for member in members]
    return [str(name) for name in names] if all(isinstance(name, http_sf.Token) for name in names) else None


CHECK = Check(
    id="client-hints",
    title="Accept-CH and Critical-CH",
    why="Asks browsers for facts about themselves, in names that they know or not at all.",
    reference="RFC 8942",
    rules=(MALFORMED, UNKNOWN, OVER_HTTP, NOT_ACCEPTED),
    run=run,
    needs=(ACCEPTED, CRITICAL),
)
