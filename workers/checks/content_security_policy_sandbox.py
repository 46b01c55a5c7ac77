"""The sandbox directive of Content-Security-Policy (CSP Level 3 section 6.3.2; WHATWG HTML section 7.1.5)."""

from collections.abc import Iterator

from workers.check import Check, Rule
from workers.checks.content_security_policy import slips
from workers.checks.content_security_policy.enforced import FIELD, enforced
from workers.checks.content_security_policy.found import slips_found
from workers.checks.content_security_policy.mended import SPECIFICATION
from workers.model import Finding
from workers.response import Response
from workers.syntax.content_security_policy import parse_policies
from workers.syntax.verbatim import as_sent

HTML = "https://html.spec.whatwg.org/multipage/browsers.html"
ESCAPE = frozenset({"allow-scripts", "allow-same-origin"})

UNKNOWN_FLAG = Rule(
    id=slips.UNKNOWN_FLAG,
    severity="low",
    field=FIELD,
    message="sandbox has {source}, which browsers do not know and skip.",
    why="What it was to allow stays forbidden.",
    fix="Correct or remove the flag",
    reference=f"{HTML}#parse-a-sandboxing-directive",
)
NO_SANDBOX = Rule(
    id="csp-sandbox-escape",
    severity="info",
    field=FIELD,
    message="sandbox allows scripts and the page's own origin together: little is left that it keeps in.",
    why="A script of the site's own origin reads its cookies and storage, and reaches its other pages.",
    # prose, for which of the two the page can do without is not seen in the policy
    fix="Leave allow-same-origin or allow-scripts out",
    reference=f"{SPECIFICATION}#directive-sandbox",
)


def run(response: Response) -> Iterator[Finding]:
    values = enforced(response)
    if not values:
        return
    yield from slips_found(response, (UNKNOWN_FLAG,))
    boxes = [
        tokens
        for policy in parse_policies(values)
        if (tokens := policy.directives.get("sandbox")) is not None
    ]
    if boxes and all({token.lower() for token in box} >= ESCAPE for box in boxes):
        yield NO_SANDBOX.found(as_sent(" ".join(("sandbox", *boxes[0])), ", ".join(values)))


CHECK = Check(
    id="content-security-policy-sandbox",
    title="Content-Security-Policy: sandbox",
    why="A sandbox takes from a page what it does not need: scripts, forms, its own origin.",
    reference=f"{SPECIFICATION}#directive-sandbox",
    rules=(UNKNOWN_FLAG, NO_SANDBOX),
    run=run,
    needs=(FIELD,),
)
