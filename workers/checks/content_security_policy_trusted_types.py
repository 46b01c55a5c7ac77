"""Trusted Types (W3C Trusted Types, section 4): whether strings are kept from what makes code of them."""

from collections.abc import Iterator

from workers.check import Check, Rule
from workers.checks.content_security_policy import slips
from workers.checks.content_security_policy.coverage import has
from workers.checks.content_security_policy.enforced import FIELD, enforced
from workers.checks.content_security_policy.found import slips_found
from workers.checks.content_security_policy.mended import REPORT_ONLY
from workers.checks.content_security_policy.script_sources import are_unrestricted, nothing_runs
from workers.model import Finding
from workers.response import Response
from workers.syntax.content_security_policy import Policy, parse_policies

SPECIFICATION = "https://www.w3.org/TR/trusted-types/"
REQUIRE = "require-trusted-types-for"
NAMES = "trusted-types"
LOOSE = frozenset({"*", "'allow-duplicates'"})

MISSING = Rule(
    id="csp-trusted-types-missing",
    severity="info",
    field=FIELD,
    message="The policy has no require-trusted-types-for: strings may reach innerHTML and its like.",
    why="Cross-site scripting in the page's own scripts goes through such sinks; Trusted Types close them.",
    # prose, for the page's scripts have to be changed first
    fix=f"Try {REQUIRE} 'script' in {REPORT_ONLY}, and enforce it once the reports are mended",
    reference=f"{SPECIFICATION}#require-trusted-types-for-csp-directive",
)
VALUE = Rule(
    id=slips.TRUSTED_TYPES_VALUE,
    severity="low",
    field=FIELD,
    message="{source}: the one value that the directive knows is 'script', in quotes.",
    why="Browsers skip other values, so that the directive may require nothing.",
    fix=f"Write {REQUIRE} 'script'",
    reference=f"{SPECIFICATION}#require-trusted-types-for-csp-directive",
)
LOOSE_NAMES = Rule(
    id="csp-trusted-types-loose",
    severity="info",
    field=FIELD,
    message="trusted-types has {source}: which of the page's scripts make trusted values is not restricted.",
    why="Only a closed list of names, each taken once, tells where to look for what makes code of strings.",
    fix="List the names of the policies that the page creates",
    reference=f"{SPECIFICATION}#trusted-types-csp-directive",
)
UNENFORCED = Rule(
    id="csp-trusted-types-unenforced",
    severity="info",
    field=FIELD,
    message="trusted-types stands without require-trusted-types-for: the sinks still take strings.",
    why="It restricts who makes trusted values; that they are needed, the other directive says.",
    fix=f"Add {REQUIRE} 'script' once the page works with it",
    reference=f"{SPECIFICATION}#require-trusted-types-for-csp-directive",
)


def run(response: Response) -> Iterator[Finding]:
    policies = parse_policies(enforced(response))
    if not policies or not response.is_page:
        return
    yield from slips_found(response, (VALUE,))
    if nothing_runs(policies):  # and so nothing reaches a sink, as with the default-src 'none' of error pages
        return
    if has(policies, NAMES):
        yield from _judge_names(policies)
    elif not (has(policies, REQUIRE) or are_unrestricted(policies) or _is_tried(response)):
        yield MISSING.found()


def _is_tried(response: Response) -> bool:
    return has(parse_policies(response.values(REPORT_ONLY)), REQUIRE)


def _judge_names(policies: tuple[Policy, ...]) -> Iterator[Finding]:
    loose = [
        next((name for name in names if name.lower() in LOOSE), None)
        for policy in policies
        if (names := policy.directives.get(NAMES)) is not None
    ]
    if loose[0] is not None and None not in loose:
        yield LOOSE_NAMES.found(loose[0], source=loose[0])
    if not has(policies, REQUIRE):
        yield UNENFORCED.found()


CHECK = Check(
    id="content-security-policy-trusted-types",
    title="Content-Security-Policy: Trusted Types",
    why="Most cross-site scripting of today happens in the page's own scripts, by strings that become code.",
    reference=f"{SPECIFICATION}#integration-with-content-security-policy",
    rules=(MISSING, VALUE, LOOSE_NAMES, UNENFORCED),
    run=run,
    needs=(FIELD,),
)
