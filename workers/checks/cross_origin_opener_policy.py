"""Cross-Origin-Opener-Policy (WHATWG HTML section 7.1.3): who keeps a hold on the page's window."""

from collections.abc import Iterator

from workers.check import Check, Rule
from workers.checks import is_trusted
from workers.checks.cross_origin_embedder_policy import wants_isolation
from workers.model import Finding
from workers.response import Response
from workers.syntax.parameters import LIMIT
from workers.syntax.structured_fields import parse_token

FIELD = "Cross-Origin-Opener-Policy"
VALUES = ("same-origin", "same-origin-allow-popups", "noopener-allow-popups", "unsafe-none")
SPECIFICATION = "https://html.spec.whatwg.org/multipage/browsers.html#cross-origin-opener-policies"
RECOMMENDED = f"{FIELD}: same-origin"

MISSING = Rule(
    id="opener-policy-missing",
    severity="info",
    field=FIELD,
    message="No Cross-Origin-Opener-Policy was sent: a site that opens this page keeps a hold on its window.",
    why="Through that hold it can send the window elsewhere, and learn from side channels.",
    fix=RECOMMENDED,
    reference=SPECIFICATION,
)
INVALID = Rule(
    id="opener-policy-invalid",
    severity="low",
    field=FIELD,
    message="The value is no opener policy, so browsers take unsafe-none.",
    why="It is one structured-field token in lower case: no quotes, no list.",
    fix=RECOMMENDED,
    reference="https://html.spec.whatwg.org/multipage/browsers.html#obtain-coop",
)
OVER_HTTP = Rule(
    id="opener-policy-over-http",
    severity="info",
    field=FIELD,
    message="The header came over plain http, where browsers ignore it.",
    why="It counts in secure contexts only.",
    fix="Send the page over https",
    reference="https://html.spec.whatwg.org/multipage/browsers.html#obtain-coop",
)


def run(response: Response) -> Iterator[Finding]:
    if not response.is_page:
        return
    value = response.combined(FIELD)
    if value is None:
        if response.is_https:
            yield MISSING.found()
    elif len(value) > LIMIT:
        return
    elif parse_token(value) not in VALUES:
        meant = value.split(",", 1)[0].split(";", 1)[0].strip(" \t\"'").lower()
        keeps = meant in VALUES and not wants_isolation(response)  # which same-origin alone gives
        yield INVALID.found(value, fix=f"{FIELD}: {meant}" if keeps else None)
    elif not is_trusted(response):
        yield OVER_HTTP.found(value)


CHECK = Check(
    id="cross-origin-opener-policy",
    title="Cross-Origin-Opener-Policy (COOP)",
    why="Cuts the tie between the page's window and windows of other sites.",
    reference=SPECIFICATION,
    rules=(MISSING, INVALID, OVER_HTTP),
    run=run,
)
