"""Where a Content-Security-Policy reports, and whether anybody hears of it."""

from collections.abc import Iterator

from workers.check import Check, Rule
from workers.checks.content_security_policy import slips
from workers.checks.content_security_policy.enforced import FIELD, enforced, first_policy
from workers.checks.content_security_policy.found import slips_found
from workers.checks.content_security_policy.mended import (
    NOT_REPORTED,
    REPORT_ONLY,
    SPECIFICATION,
    mended_trial,
)
from workers.model import Finding
from workers.response import Response
from workers.syntax.content_security_policy import Policy, parse_policies
from workers.syntax.reporting import ENDPOINTS, GROUPS, endpoints_defined
from workers.syntax.verbatim import as_sent

UNDEFINED = Rule(
    id="csp-report-to-undefined",
    severity="low",
    field=FIELD,
    message="report-to names {name}, which neither Reporting-Endpoints nor Report-To defines.",
    why="A name without an address reaches nobody: the reports are lost.",
    fix="Give the endpoint's name an https address in Reporting-Endpoints",
    reference=f"{SPECIFICATION}#directive-report-to",
)
REPORT_TO_ALONE = Rule(
    id="csp-report-to-alone",
    severity="info",
    field=FIELD,
    message="report-to stands without report-uri: browsers that do not know it yet send no reports.",
    why="Where both are given, browsers that know report-to skip report-uri.",
    fix="Add report-uri with the same address until all browsers know report-to",
    reference=f"{SPECIFICATION}#directive-report-uri",
)
REPORT_URI_ALONE = Rule(
    id="csp-report-uri-alone",
    severity="info",
    field=FIELD,
    message="report-uri stands without report-to, which replaces it.",
    why="report-uri is deprecated; browsers may stop to send reports there.",
    fix="Define the address in Reporting-Endpoints and add report-to with its name",
    reference=f"{SPECIFICATION}#directive-report-uri",
)
OVER_HTTP = Rule(
    id=slips.PLAIN_REPORTS,
    severity="low",
    field=FIELD,
    message="Reports go to {source}, over plain http.",
    why="Reports tell addresses of pages, and on the way anybody can read or drop them.",
    fix="Write the address with https",
    reference=f"{SPECIFICATION}#directive-report-uri",
)
TRIAL_UNHEARD = Rule(
    id="csp-report-only-without-destination",
    severity="low",
    field=REPORT_ONLY,
    message="The policy is for reports alone, and names nobody to report to.",
    why="It enforces nothing and tells nothing, but in the console of each visitor's browser.",
    fix="Add report-to, with its endpoint in Reporting-Endpoints, and report-uri",
    reference=f"{SPECIFICATION}#cspro-header",
)
TRIAL_IGNORES = Rule(
    id="csp-report-only-ignores",
    severity="info",
    field=REPORT_ONLY,
    message="{name} does nothing in a policy that is for reports alone.",
    why="It changes how a page is loaded, and has nothing to report; browsers skip it.",
    fix="Move the directive to Content-Security-Policy, or leave it out",
    reference=f"{SPECIFICATION}#directive-sandbox",
)
TRIAL_OVER_HTTP = Rule(
    id="csp-report-only-over-http",
    severity="low",
    field=REPORT_ONLY,
    message="Reports go to {source}, over plain http.",
    why=OVER_HTTP.why,
    fix=OVER_HTTP.fix,
    reference=OVER_HTTP.reference,
)


def run(response: Response) -> Iterator[Finding]:
    values = enforced(response)
    trial = response.values(REPORT_ONLY)
    if not values and not trial:
        return
    yield from slips_found(response, (OVER_HTTP,))
    policies, tried = parse_policies(values), parse_policies(trial)
    yield from _judge_destinations(response, policies, tried)
    if tried:
        yield from _judge_trial(response, tried)


def _judge_destinations(
    response: Response, policies: tuple[Policy, ...], tried: tuple[Policy, ...]
) -> Iterator[Finding]:
    """Each rule once, about the field where it is broken first."""
    found: dict[str, Finding] = {}
    for field, policy in [(FIELD, policy) for policy in policies] + [(REPORT_ONLY, one) for one in tried]:
        to, uri = policy.directives.get("report-to"), policy.directives.get("report-uri")
        if to and not _is_defined(to[0], response):
            found.setdefault(UNDEFINED.id, UNDEFINED.found(to[0], field=field, name=to[0][:80]))
        if (to is None) != (uri is None):
            rule = REPORT_TO_ALONE if uri is None else REPORT_URI_ALONE
            found.setdefault(rule.id, rule.found(" ".join(to or uri or ()), field=field))
    yield from found.values()


def _is_defined(name: str, response: Response) -> bool:
    """Whether the response gives the endpoint an address, or it cannot be told."""
    endpoints, groups = response.combined(ENDPOINTS), response.combined(GROUPS)
    if endpoints is None and groups is None:
        return False
    if endpoints is not None and endpoints.startswith(f'{name}="'):
        return True  # the usual case, at a fiftieth of what the parsing of structured fields costs
    defined = endpoints_defined(endpoints, groups)
    return defined is None or name in defined


def _judge_trial(response: Response, tried: tuple[Policy, ...]) -> Iterator[Finding]:
    sent = response.values(REPORT_ONLY)
    if not any("report-to" in policy.directives or "report-uri" in policy.directives for policy in tried):
        yield TRIAL_UNHEARD.found(first_policy(sent))
    ignored = next((name for policy in tried for name in policy.directives if name in NOT_REPORTED), None)
    if ignored is not None:
        yield TRIAL_IGNORES.found(as_sent(ignored, ", ".join(sent)), name=ignored, fix=mended_trial(response))
    places = slips.slips_in(sent, response.is_https)
    if slips.PLAIN_REPORTS in places:
        _, url = places[slips.PLAIN_REPORTS]
        yield TRIAL_OVER_HTTP.found(url, source=url, fix=mended_trial(response))


CHECK = Check(
    id="content-security-policy-reports",
    title="Content-Security-Policy: where it reports",
    why="Reports tell of attacks, and of pages that the policy breaks, if somebody hears of them.",
    reference=f"{SPECIFICATION}#reporting",
    rules=(
        UNDEFINED,
        REPORT_TO_ALONE,
        REPORT_URI_ALONE,
        OVER_HTTP,
        TRIAL_UNHEARD,
        TRIAL_IGNORES,
        TRIAL_OVER_HTTP,
    ),
    run=run,
    needs=(FIELD, REPORT_ONLY),
)
