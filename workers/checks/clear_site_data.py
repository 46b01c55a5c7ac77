"""Clear-Site-Data (W3C Clear Site Data): what browsers shall forget of the site, at a log-out above all."""

import re
from collections.abc import Iterator

from workers.check import Check, Rule, removal
from workers.checks import is_trusted
from workers.model import Finding
from workers.response import Response
from workers.syntax.parameters import LIMIT, split_list

FIELD = "Clear-Site-Data"
SPECIFICATION = "https://www.w3.org/TR/clear-site-data/"
HEADER = f"{SPECIFICATION}#header"
TYPES = (
    "*",
    "cache",
    "clientHints",
    "cookies",
    "executionContexts",
    "prefetchCache",
    "prerenderCache",
    "storage",
)
# What is written for a type that exists, in lower case.
MEANT = {name.lower(): name for name in TYPES} | {
    "all": "*",
    "caches": "cache",
    "cookie": "cookies",
    "localstorage": "storage",
    "storages": "storage",
}
_WORD = re.compile(r"\*|[A-Za-z]+")
# A path where somebody leaves: there * is what is meant.
_LEAVING = re.compile(
    r"log-?_?(?:ged-?_?)?(?:out|off)|sign-?_?(?:ed-?_?)?(?:out|off)|clear|reset|delete|disconnect", re.I
)

UNQUOTED = Rule(
    id="clear-site-data-unquoted",
    severity="low",
    field=FIELD,
    message="{name} is not in double quotes, so browsers clear nothing for it.",
    why="The types are quoted strings; without the quotes a log-out leaves everything where it was.",
    fix=removal(FIELD),
    reference=HEADER,
)
UNKNOWN = Rule(
    id="clear-site-data-type-unknown",
    severity="low",
    field=FIELD,
    message="No browser knows the type {name}, so nothing is cleared for it.",
    why='There are "cache", "cookies", "storage", "*" and a few newer ones, spelt just so.',
    fix=removal(FIELD),
    reference=HEADER,
)
MALFORMED = Rule(
    id="clear-site-data-malformed",
    severity="low",
    field=FIELD,
    message="{member} is no quoted type; the types are separated by commas.",
    why="Browsers skip what they cannot read, so less is cleared than is meant.",
    fix=removal(FIELD),
    reference=HEADER,
)
OVER_HTTP = Rule(
    id="clear-site-data-over-http",
    severity="info",
    field=FIELD,
    message="The header came over plain http, where browsers ignore it.",
    why="Otherwise anyone on the way could make a browser forget a site.",
    fix="Send the page over https",
    reference=f"{SPECIFICATION}#fetch-integration",
)
EVERYTHING = Rule(
    id="clear-site-data-everything",
    severity="info",
    field=FIELD,
    message="The page makes browsers forget all that they have of the site, and is no page to leave it by.",
    why="Sent with every page it throws caches and sessions away each time, and makes the site slow.",
    fix="Send the header where visitors log out, and there alone",
    reference=f"{SPECIFICATION}#example-signout",
)


def run(response: Response) -> Iterator[Finding]:
    value = response.combined(FIELD)
    if value is None or len(value) > LIMIT:
        return
    if not is_trusted(response):
        yield OVER_HTTP.found(value)
    words = dict.fromkeys(MEANT[word] for word in map(str.lower, _WORD.findall(value)) if word in MEANT)
    fix = f"{FIELD}: {', '.join(f'{chr(34)}{word}{chr(34)}' for word in words)}" if words else removal(FIELD)
    found: dict[str, Finding] = {}
    for member in split_list(value):
        finding = _judge_member(member, fix)
        if finding is not None:
            found.setdefault(finding.id, finding)
    yield from found.values()
    if "*" in words and not found and response.is_page and not response.ask(_is_leaving):
        yield EVERYTHING.found(value)


def _judge_member(member: str, fix: str) -> Finding | None:
    inner = member.strip("\"'")
    if not _WORD.fullmatch(inner):
        return MALFORMED.found(member, member=member[:80], fix=fix)
    if member != f'"{inner}"':
        return UNQUOTED.found(member, name=inner[:80], fix=fix)
    return None if inner in TYPES else UNKNOWN.found(member, name=inner[:80], fix=fix)


def _is_leaving(response: Response) -> bool:
    return _LEAVING.search(response.url) is not None


CHECK = Check(
    id="clear-site-data",
    title="Clear-Site-Data",
    why="Lets a log-out end in a browser that knows nothing more; one missing quote and it does not.",
    reference=SPECIFICATION,
    rules=(UNQUOTED, UNKNOWN, MALFORMED, OVER_HTTP, EVERYTHING),
    run=run,
    needs=(FIELD,),
)
