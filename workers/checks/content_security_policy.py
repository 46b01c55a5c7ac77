"""Content-Security-Policy (CSP Level 3): whether a page has a policy, and whether it covers what it should.

What the policy lets scripts do is `content_security_policy_scripts`, how it is written
`content_security_policy_syntax`.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from workers.check import Check, Rule
from workers.model import Finding
from workers.response import Response
from workers.syntax.content_security_policy import Policy, parse_policies

FIELD = "Content-Security-Policy"
REPORT_ONLY = "Content-Security-Policy-Report-Only"
SPECIFICATION = "https://www.w3.org/TR/CSP3/"
BASELINE = (
    "default-src 'self'; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'self'"
)
LINE_LIMIT: Final = 8_192  # characters: what common servers accept as one header line
ANY_HOST = frozenset({"*", "http:", "https:"})
FRAME_OPTIONS = {"deny": "'none'", "sameorigin": "'self'"}

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
        yield EMPTY.found(values[0])
    elif reported := parse_policies(response.values(REPORT_ONLY)):
        yield REPORT_ONLY_ALONE.found(str(reported[0]), fix=line(reported))
    else:
        yield MISSING.found()


def line(policies: Iterable[Policy]) -> str | None:
    """The header that sends these policies; None where it would be too long for a fix to paste."""
    written: list[str] = []
    length = len(FIELD)
    for policy in policies:  # given one by one: of thousands of policies only the first are mended
        written.append(str(policy))
        length += len(written[-1]) + 2
        if length > LINE_LIMIT:
            return None
    return f"{FIELD}: {', '.join(written)}"


def _judge_coverage(response: Response, policies: tuple[Policy, ...]) -> Iterator[Finding]:
    # Every policy is enforced, so one that restricts is enough; a fix extends the first.
    first, *others = policies
    if all(_leaves_objects(policy) for policy in policies):
        governing = first.governing("object-src")
        evidence = None if governing is None else " ".join((governing[0], *governing[1]))
        yield OBJECTS.found(evidence, fix=line((first.replaced("object-src", ["'none'"]), *others)))
    if any(map(_needs_base_uri, policies)) and not any(
        "base-uri" in policy.directives for policy in policies
    ):
        yield BASE_URI.found(fix=line((first.replaced("base-uri", ["'self'"]), *others)))
    framing = FRAME_OPTIONS.get((response.combined("X-Frame-Options") or "").strip().lower())
    if framing is not None and not any("frame-ancestors" in policy.directives for policy in policies):
        yield FRAME_ANCESTORS.found(fix=line((first.replaced("frame-ancestors", [framing]), *others)))


def _leaves_objects(policy: Policy) -> bool:
    governing = policy.governing("object-src")
    return governing is None or not ANY_HOST.isdisjoint(governing[1])


def _needs_base_uri(policy: Policy) -> bool:
    """Whether scripts are let run by nonce or 'strict-dynamic', whatever address a <base> gives them."""
    governing = policy.governing("script-src")
    return governing is not None and any(
        source[:7].lower() == "'nonce-" or source.lower() == "'strict-dynamic'" for source in governing[1]
    )


CHECK = Check(
    id="content-security-policy",
    title="Content-Security-Policy",
    why="Names what a page may load and run, so that what an attacker injects does not run.",
    reference=SPECIFICATION,
    rules=(MISSING, REPORT_ONLY_ALONE, EMPTY, OBJECTS, BASE_URI, FRAME_ANCESTORS),
    run=run,
)
