"""Content-Security-Policy (CSP Level 3): whether a page has a policy, and whether it covers what it should.

What the policy lets scripts do, how it is written and where it reports are checks of their own, in the
modules `content_security_policy_…`. They share the reading of a policy, and the fix of all is `mended`.
"""

from collections.abc import Iterator
from typing import Final

from workers.check import Check, Rule
from workers.checks.content_security_policy.coverage import (
    has,
    leave_forms,
    leave_objects,
    need_base_uri,
    unrestricted,
)
from workers.checks.content_security_policy.enforced import FIELD, enforced, first_policy
from workers.checks.content_security_policy.mended import (
    BASELINE,
    REPORT_ONLY,
    SPECIFICATION,
    mended_line,
    same_meaning,
)
from workers.model import Finding
from workers.response import Response
from workers.syntax.content_security_policy import (
    CHARACTERS_READ,
    DIRECTIVES_READ,
    POLICIES_READ,
    SOURCES_READ,
    Policy,
    is_read_whole,
    parse_policies,
)
from workers.syntax.verbatim import as_sent

CAUTION: Final = (
    "The line of the fix stops inline scripts and styles too, and what comes from other hosts: "
    f"try it as {REPORT_ONLY} first."
)

MISSING = Rule(
    id="csp-missing",
    severity="medium",
    field=FIELD,
    message=f"No Content-Security-Policy header was sent{{page}} injected scripts run. {CAUTION}",
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
    message=f"The header holds no directive, so there is no policy. {CAUTION}",
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
BASE_URI_ANYWHERE = Rule(
    id="csp-base-uri-unrestricted",
    severity="low",
    field=FIELD,
    message="base-uri allows any host ({source}), so it restricts nothing.",
    why="An injected <base> turns the page's relative addresses, scripts included, to another host.",
    fix="Say base-uri 'self', or 'none'",
    reference=f"{SPECIFICATION}#directive-base-uri",
)
FORM_ACTION = Rule(
    id="csp-form-action-missing",
    severity="info",
    field=FIELD,
    message="There is no form-action, which falls back to nothing: forms may be sent anywhere.",
    why="An injected form, or an injected formaction, takes what visitors type to another host.",
    # prose, for a policy does not tell which other sites the page's forms rightly go to
    fix="Add form-action 'self' and the hosts that the page's forms are sent to",
    reference=f"{SPECIFICATION}#directive-form-action",
)
FORM_ACTION_ANYWHERE = Rule(
    id="csp-form-action-unrestricted",
    severity="low",
    field=FIELD,
    message="form-action allows any host ({source}), so it restricts nothing.",
    why="An injected form takes what visitors type to another host.",
    fix="Name the hosts that forms are sent to",
    reference=f"{SPECIFICATION}#directive-form-action",
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
FRAME_ANCESTORS_ANYWHERE = Rule(
    id="csp-frame-ancestors-unrestricted",
    severity="low",
    field=FIELD,
    message="frame-ancestors allows any site ({source}) to show the page in a frame.",
    why="It also switches X-Frame-Options off; a page in an invisible frame can be clicked unawares.",
    fix="Name the sites that may show the page, or say 'self'",
    reference=f"{SPECIFICATION}#directive-frame-ancestors",
)
TOO_LARGE = Rule(
    id="csp-too-large",
    severity="info",
    field=FIELD,
    message=f"Too large to judge whole: of {CHARACTERS_READ} characters, {POLICIES_READ} policies, "
    f"{DIRECTIVES_READ} directives and {SOURCES_READ} sources only what comes first is judged.",
    why="What is said of the policy may be answered, or made worse, by what was not read.",
    fix="Shorten the policy: nonces with 'strict-dynamic' need no list of hosts",
    reference=f"{SPECIFICATION}#strict-dynamic-usage",
)
NAVIGATION_ANYWHERE = {
    "base-uri": BASE_URI_ANYWHERE,
    "form-action": FORM_ACTION_ANYWHERE,
    "frame-ancestors": FRAME_ANCESTORS_ANYWHERE,
}


def run(response: Response) -> Iterator[Finding]:
    if not response.is_page:
        return
    values = enforced(response)
    policies = parse_policies(values)
    if policies:
        if not is_read_whole(values):
            yield TOO_LARGE.found()
        yield from _judge_coverage(response, policies, ", ".join(values))
    elif values:
        yield EMPTY.found(values[0], fix=mended_line(response))
    elif reported := first_policy(response.values(REPORT_ONLY)):
        yield REPORT_ONLY_ALONE.found(reported, fix=mended_line(response))
    else:
        page = ": unless the page has one," if response.meta is None else ", and the page has none:"
        yield MISSING.found(fix=mended_line(response), page=page)


def _judge_coverage(response: Response, policies: tuple[Policy, ...], sent: str) -> Iterator[Finding]:
    if leave_objects(policies):
        governing = policies[0].governing("object-src")
        evidence = None if governing is None else as_sent(" ".join((governing[0], *governing[1])), sent)
        yield OBJECTS.found(evidence, fix=mended_line(response))
    if need_base_uri(policies):
        yield BASE_URI.found(fix=mended_line(response))
    if leave_forms(policies):
        yield FORM_ACTION.found()
    if same_meaning(response) is not None and not has(policies, "frame-ancestors"):
        yield FRAME_ANCESTORS.found(fix=mended_line(response))
    for directive, rule in NAVIGATION_ANYWHERE.items():
        source = unrestricted(policies, directive)
        if source is not None:
            given = next(each.directives[directive] for each in policies if directive in each.directives)
            yield rule.found(
                as_sent(" ".join((directive, *given)), sent), source=source, fix=mended_line(response)
            )


CHECK = Check(
    id="content-security-policy",
    title="Content-Security-Policy",
    why="Names what a page may load and run, so that what an attacker injects does not run.",
    reference=SPECIFICATION,
    rules=(
        MISSING,
        REPORT_ONLY_ALONE,
        EMPTY,
        OBJECTS,
        BASE_URI,
        BASE_URI_ANYWHERE,
        FORM_ACTION,
        FORM_ACTION_ANYWHERE,
        FRAME_ANCESTORS,
        FRAME_ANCESTORS_ANYWHERE,
        TOO_LARGE,
    ),
    run=run,
)
