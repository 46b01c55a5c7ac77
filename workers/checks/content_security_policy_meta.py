"""Content-Security-Policy in the page's own `<meta>` (CSP Level 3 section 3.3): what it cannot do there.

What such a policy lets scripts do, and how it is written, is for the checks that judge the header.
"""

from collections.abc import Iterator

from workers.check import Check, Rule
from workers.checks.content_security_policy.coverage import has
from workers.checks.content_security_policy.enforced import FIELD, ONLY_IN_HEADERS, written_in_page
from workers.checks.content_security_policy.mended import SPECIFICATION, mended_line
from workers.model import Finding
from workers.response import Response
from workers.syntax.content_security_policy import Policy, parse_policies
from workers.syntax.verbatim import as_sent

REFERENCE = f"{SPECIFICATION}#meta-element"

ALONE = Rule(
    id="csp-in-meta-alone",
    severity="info",
    field=FIELD,
    message="The policy stands in the page's <meta> alone, and no header was sent with one.",
    why="A <meta> does not bind what comes before it in the page, nor can it forbid framing, sandbox the "
    "page or name where reports go; and each page has to have it.",
    fix=f"Send the policy in the header {FIELD}",
    reference=REFERENCE,
)
IGNORED = Rule(
    id="csp-meta-directive-ignored",
    severity="low",
    field=FIELD,
    message="{directive} does nothing in a <meta>: browsers heed it in the header alone.",
    why="Who wrote it there takes the page to be protected, or watched over, in a way that it is not.",
    fix=f"Send the directive in the header {FIELD}",
    reference=REFERENCE,
)


def run(response: Response) -> Iterator[Finding]:
    written = written_in_page(response) if response.is_page else ()
    if not written:
        return
    sent = parse_policies(response.values(FIELD))
    policies = parse_policies(written)
    effective = [text for text in written if _is_effective(parse_policies((text,)))]
    if effective and not sent:
        yield ALONE.found(effective[0], fix=mended_line(response))
    for directive in sorted(ONLY_IN_HEADERS):
        if has(policies, directive) and not has(sent, directive):
            values = next(each.directives[directive] for each in policies if directive in each.directives)
            yield IGNORED.found(
                as_sent(" ".join((directive, *values)), "\n".join(written)), directive=directive
            )


def _is_effective(policies: tuple[Policy, ...]) -> bool:
    return any(not ONLY_IN_HEADERS.issuperset(policy.directives) for policy in policies)


CHECK = Check(
    id="content-security-policy-meta",
    title="Content-Security-Policy in <meta>",
    why="A policy in the page itself comes late and can do less than one in the header.",
    reference=REFERENCE,
    rules=(ALONE, IGNORED),
    run=run,
    needs=(FIELD,),
)
