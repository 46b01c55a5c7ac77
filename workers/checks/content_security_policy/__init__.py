"""Content-Security-Policy (CSP Level 3): whether a page has a policy, and whether it covers what it should.

What the policy lets scripts do is `content_security_policy_scripts`, how it is written
`content_security_policy_syntax`; the fix of all three is `mended`.
"""

from collections.abc import Iterator

from workers.check import Check, Rule
from workers.checks.content_security_policy.mended import (
    BASELINE,
    FIELD,
    REPORT_ONLY,
    SPECIFICATION,
    has,
    leave_objects,
    mended_line,
    need_base_uri,
    same_meaning,
)
from workers.model import Finding
from workers.response import Response
from workers.syntax.content_security_policy import Policy, parse_policies

MISSING = Rule(
    id="csp-missing",
    severity="medium",
    field=FIELD,
    message="No Content-Security-Policy header was sent: unless the page has one, injected scripts run.",
    why="A policy is the second line of defence against cross-site scripting: it names what may run.",
    fix=f"{FIELD}: {BASELINE}",
    reference=f"{SPECIFICATION}#csp-header",
)
REPORT_ONLY_ALONE = Rule(
    id="csp-report-only-alone",
    severity="medium",
    field=REPORT_ONLY,
    message="The policy is sent for reports only: nothing is enforced.",
    why="Report-Only shows what a policy would block; until it is sent as Content-Security-Policy, all runs.",
    fix=f"{FIELD}: {BASELINE}",
    reference=f"{SPECIFICATION}#cspro-header",
)
EMPTY = Rule(
    id="csp-empty",
    severity="medium",
    field=FIELD,
    message="The header holds no directive, so there is no policy.",
    why="Browsers drop a policy without directives.",
    fix=f"{FIELD}: {BASELINE}",
    reference=f"{SPECIFICATION}#parse-response-csp",
)
OBJECTS = Rule(
    id="csp-objects-unrestricted",
    severity="low",
    field=FIELD,
    message="Neither object-src nor default-src keeps embedded objects to known places.",
    why="An injected <object> or <embed> can load a document, or code where plugins are left, from anywhere.",
    fix="Add object-src 'none' to the policy",
    reference=f"{SPECIFICATION}#directive-object-src",
)
BASE_URI = Rule(
    id="csp-base-uri-missing",
    severity="low",
    field=FIELD,
    message="There is no base-uri, which falls back to nothing.",
    why="An injected <base> turns the page's relative addresses, scripts included, to another host; "
    "nonces and 'strict-dynamic' let such scripts run.",
    fix="Add base-uri 'self' to the policy",
    reference=f"{SPECIFICATION}#directive-base-uri",
)
FRAME_ANCESTORS = Rule(
    id="csp-frame-ancestors-missing",
    severity="info",
    field=FIELD,
    message="Framing is left to X-Frame-Options; the policy has no frame-ancestors, which supersedes it.",
    why="frame-ancestors checks every ancestor and can name sites; it falls back to nothing.",
    fix="Add frame-ancestors 'self' to the policy",
    reference=f"{SPECIFICATION}#directive-frame-ancestors",
)


def run(response: Response) -> Iterator[Finding]:
    if not response.is_page:
        return
    values = response.values(FIELD)
    policies = parse_policies(values)
    if policies:
        yield from _judge_coverage(response, policies)
    elif values:
        yield EMPTY.found(values[0], fix=mended_line(response))
    elif reported := parse_policies(response.values(REPORT_ONLY)):
        yield REPORT_ONLY_ALONE.found(str(reported[0]), fix=mended_line(response))
    else:
        yield MISSING.found(fix=mended_line(response))


def _judge_coverage(response: Response, policies: tuple[Policy, ...]) -> Iterator[Finding]:
    if leave_objects(policies):
        governing = policies[0].governing("object-src")
        evidence = None if governing is None else " ".join((governing[0], *governing[1]))
        yield OBJECTS.found(evidence, fix=mended_line(response))
    if need_base_uri(policies):
        yield BASE_URI.found(fix=mended_line(response))
    if same_meaning(response) is not None and not has(policies, "frame-ancestors"):
        yield FRAME_ANCESTORS.found(fix=mended_line(response))


CHECK = Check(
    id="content-security-policy",
    title="Content-Security-Policy",
    why="Names what a page may load and run, so that what an attacker injects does not run.",
    reference=SPECIFICATION,
    rules=(MISSING, REPORT_ONLY_ALONE, EMPTY, OBJECTS, BASE_URI, FRAME_ANCESTORS),
    run=run,
)
