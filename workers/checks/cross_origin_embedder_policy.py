"""Cross-Origin-Embedder-Policy (WHATWG HTML section 7.1.4): whether what the page embeds has agreed to it.

Its absence is no finding: the policy is for pages that want cross-origin isolation, and breaks many others.
"""

from collections.abc import Iterator

from workers.check import Check, Rule
from workers.checks import is_trusted
from workers.model import Finding
from workers.response import Response
from workers.syntax.parameters import LIMIT
from workers.syntax.structured_fields import parse_token

FIELD = "Cross-Origin-Embedder-Policy"
OPENER = "Cross-Origin-Opener-Policy"
VALUES = ("require-corp", "credentialless", "unsafe-none")
ISOLATING = frozenset({"require-corp", "credentialless"})
SPECIFICATION = "https://html.spec.whatwg.org/multipage/browsers.html#coep"

INVALID = Rule(
    id="embedder-policy-invalid",
    severity="low",
    field=FIELD,
    message="The value is no embedder policy, so browsers take unsafe-none.",
    why="It is one structured-field token in lower case: no quotes, no list.",
    fix=f"{FIELD}: require-corp",
    reference="https://html.spec.whatwg.org/multipage/browsers.html#obtain-an-embedder-policy",
)
NOT_ISOLATED = Rule(
    id="embedder-policy-without-opener-policy",
    severity="info",
    field=FIELD,
    message="The page is not isolated, whatever it embeds: its opener policy is not same-origin.",
    why="Cross-origin isolation, which the policy is mostly sent for, needs both headers.",
    fix=f"{OPENER}: same-origin",
    reference="https://html.spec.whatwg.org/multipage/document-sequences.html#cross-origin-isolation-mode",
)
OVER_HTTP = Rule(
    id="embedder-policy-over-http",
    severity="info",
    field=FIELD,
    message="The header came over plain http, where browsers ignore it.",
    why="It counts in secure contexts only.",
    fix="Send the page over https",
    reference="https://html.spec.whatwg.org/multipage/browsers.html#obtain-an-embedder-policy",
)


def run(response: Response) -> Iterator[Finding]:
    value = response.combined(FIELD)
    if value is None or len(value) > LIMIT:
        return
    if parse_token(value) not in VALUES:
        meant = value.split(",", 1)[0].split(";", 1)[0].strip(" \t\"'").lower()
        yield INVALID.found(value, fix=f"{FIELD}: {meant}" if meant in VALUES else None)
    elif wants_isolation(response):
        opener = response.combined(OPENER) or ""
        if len(opener) <= LIMIT and parse_token(opener) != "same-origin":
            yield NOT_ISOLATED.found(value)
    elif response.is_page and not is_trusted(response):
        yield OVER_HTTP.found(value)


def wants_isolation(response: Response) -> bool:
    """Whether the page asks for cross-origin isolation, as far as this header goes."""
    value = response.combined(FIELD)
    if value is None or len(value) > LIMIT or not response.is_https or not response.is_page:
        return False
    return parse_token(value) in ISOLATING


CHECK = Check(
    id="cross-origin-embedder-policy",
    title="Cross-Origin-Embedder-Policy (COEP)",
    why="Lets a page embed only what agrees to be embedded, one half of cross-origin isolation.",
    reference=SPECIFICATION,
    rules=(INVALID, NOT_ISOLATED, OVER_HTTP),
    run=run,
    needs=(FIELD,),
)
