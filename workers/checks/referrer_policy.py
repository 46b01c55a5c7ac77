"""Referrer-Policy (W3C Referrer Policy): how much of a URL other sites get to see."""

from collections.abc import Iterator

from workers.check import Check, Rule
from workers.model import Finding
from workers.response import Response

FIELD = "Referrer-Policy"
POLICIES = frozenset(
    {
        "no-referrer",
        "no-referrer-when-downgrade",
        "same-origin",
        "origin",
        "strict-origin",
        "origin-when-cross-origin",
        "strict-origin-when-cross-origin",
        "unsafe-url",
    }
)
LEAKING = frozenset({"unsafe-url", "no-referrer-when-downgrade"})
RECOMMENDED = f"{FIELD}: strict-origin-when-cross-origin"
SPECIFICATION = "https://www.w3.org/TR/referrer-policy/"

MISSING = Rule(
    id="referrer-policy-missing",
    severity="info",
    field=FIELD,
    message="No Referrer-Policy was sent, so each browser applies its default.",
    why="Today's browsers default to strict-origin-when-cross-origin; older ones send the whole URL, "
    "query included, to every site that the page links to.",
    fix=RECOMMENDED,
    reference=f"{SPECIFICATION}#default-referrer-policy",
)
LEAKS_URL = Rule(
    id="referrer-policy-leaks-url",
    severity="medium",
    field=FIELD,
    message="The policy {policy} sends the whole URL, path and query included, to other sites.",
    why="Paths and queries carry identifiers, searches and tokens; other origins need none of them.",
    fix=RECOMMENDED,
    reference=f"{SPECIFICATION}#referrer-policies",
)
UNKNOWN = Rule(
    id="referrer-policy-unknown-value",
    severity="low",
    field=FIELD,
    message="None of the values is a referrer policy, so browsers ignore the header.",
    why="A browser takes the last value that it knows; where it knows none, its default applies.",
    fix=RECOMMENDED,
    reference=f"{SPECIFICATION}#parse-referrer-policy-from-header",
)


def run(response: Response) -> Iterator[Finding]:
    value = response.combined(FIELD)
    if value is None:
        if response.is_page:
            yield MISSING.found()
        return
    known = [token for token in (part.strip().lower() for part in value.split(",")) if token in POLICIES]
    if not known:
        yield UNKNOWN.found(value)
    elif known[-1] in LEAKING:
        yield LEAKS_URL.found(known[-1], policy=known[-1])


CHECK = Check(
    id="referrer-policy",
    title="Referrer-Policy",
    why="Limits what a site tells others about the address its visitor came from.",
    reference=SPECIFICATION,
    rules=(MISSING, LEAKS_URL, UNKNOWN),
    run=run,
)
