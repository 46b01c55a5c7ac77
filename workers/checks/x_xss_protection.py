"""X-XSS-Protection: the switch of a filter that browsers have taken out again.

It had no standard; OWASP's cheat sheet and MDN say what it did. `0` is what both recommend where it is sent.
"""

import re
from collections.abc import Iterator

from workers.check import Check, Rule
from workers.model import Finding
from workers.response import Response

FIELD = "X-XSS-Protection"
REFERENCE = "https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/X-XSS-Protection"
_BLOCK = re.compile(r";[ \t]*+mode[ \t]*+=[ \t]*+block[ \t]*+(?:;|,|\Z)", re.IGNORECASE)

REWRITES = Rule(
    id="xss-filter-rewrites-page",
    severity="low",
    field=FIELD,
    message="The old filter of scripts is on without mode=block: browsers that have one rewrite the page.",
    why="Cutting pieces out of a page let attackers disable its own scripts, and made safe pages unsafe.",
    fix=f"{FIELD}: 0",
    reference=f"{REFERENCE}#security_considerations",
)
OBSOLETE = Rule(
    id="xss-filter-obsolete",
    severity="info",
    field=FIELD,
    message="The filter that the header turns on is gone from browsers; only old ones still have it.",
    why="Where it is left, blocking by it tells an attacker what the page contains.",
    fix=f"{FIELD}: 0",
    reference=REFERENCE,
)
INVALID = Rule(
    id="xss-filter-invalid",
    severity="info",
    field=FIELD,
    message="The value begins with neither 0 nor 1, so it neither turns the old filter on nor off.",
    why="Browsers that had the filter ignored such a header.",
    fix=f"{FIELD}: 0",
    reference=f"{REFERENCE}#syntax",
)


def run(response: Response) -> Iterator[Finding]:
    value = response.combined(FIELD)
    if value is None or not response.is_page:
        return
    text = value.strip(" \t")
    if text.startswith("1"):
        yield (OBSOLETE if _BLOCK.search(text) else REWRITES).found(value)
    elif not text.startswith("0"):
        yield INVALID.found(value)


CHECK = Check(
    id="x-xss-protection",
    title="X-XSS-Protection",
    why="Turns a filter of old browsers on that does more harm than good.",
    reference=REFERENCE,
    rules=(REWRITES, OBSOLETE, INVALID),
    run=run,
    needs=(FIELD,),
)
