"""Cross-origin isolation as a whole (WHATWG HTML section 7.1.4): whether its halves add up.

Each header's own value is judged elsewhere; here is what one of them undoes of another, the trials of both,
and Document-Isolation-Policy, which does it alone.
"""

from collections.abc import Iterator

from workers.check import Check, Rule, removal
from workers.checks import cross_origin_embedder_policy as embedder
from workers.checks import cross_origin_opener_policy as opener
from workers.model import Finding
from workers.response import Response
from workers.syntax.parameters import LIMIT
from workers.syntax.permissions_policy import parse_policy
from workers.syntax.reporting import ENDPOINTS, GROUPS, endpoint_named, endpoints_defined
from workers.syntax.structured_fields import InvalidStructuredField, parse_token

DOCUMENT = "Document-Isolation-Policy"
DOCUMENT_VALUES = ("isolate-and-require-corp", "isolate-and-credentialless", "none")
PERMISSIONS = "Permissions-Policy"
FEATURE = "cross-origin-isolated"
TRIALS = (
    (f"{opener.FIELD}-Report-Only", opener.FIELD, opener.VALUES),
    (f"{embedder.FIELD}-Report-Only", embedder.FIELD, embedder.VALUES),
)
SPECIFICATION = "https://html.spec.whatwg.org/multipage/document-sequences.html#cross-origin-isolation-mode"

DENIED = Rule(
    id="isolation-denied-by-permissions-policy",
    severity="low",
    field=PERMISSIONS,
    message="The page is isolated, and its permissions policy denies it the use of that.",
    why="With cross-origin-isolated=() there is neither shared memory nor an exact clock, at the same cost.",
    fix=f"Leave {FEATURE} out of {PERMISSIONS}",
    reference=SPECIFICATION,
)
TRIAL_INVALID = Rule(
    id="isolation-trial-invalid",
    severity="low",
    field=TRIALS[0][0],
    message="The value is none that the header can have, so nothing is tried out.",
    why="It is one structured-field token in lower case, with report-to after it: no quotes, no list.",
    fix=None,
    reference="https://html.spec.whatwg.org/multipage/browsers.html#obtain-coop",
)
TRIAL_SUPERFLUOUS = Rule(
    id="isolation-trial-superfluous",
    severity="info",
    field=TRIALS[0][0],
    message="The policy {policy} is tried out and in force at once, so the trial can find nothing.",
    why="A trial is for a policy that is stricter than the one that holds.",
    fix=None,
    reference="https://html.spec.whatwg.org/multipage/browsers.html#coop-report-only",
)
TRIAL_UNHEARD = Rule(
    id="isolation-trial-without-endpoint",
    severity="info",
    field=TRIALS[0][0],
    message="The trial does not say by report-to who is to hear of it.",
    why="What would break is then seen by the page's own scripts at best.",
    fix=None,
    reference="https://html.spec.whatwg.org/multipage/browsers.html#obtain-coop",
)
DOCUMENT_INVALID = Rule(
    id="document-isolation-policy-invalid",
    severity="low",
    field=DOCUMENT,
    message="The value is no document isolation policy, so browsers take none.",
    why="It is one structured-field token in lower case: no quotes, no list.",
    fix=f"{DOCUMENT}: isolate-and-credentialless",
    reference="https://wicg.github.io/document-isolation-policy/",
)


def run(response: Response) -> Iterator[Finding]:
    for field, enforced, values in TRIALS:
        trial = response.combined(field)
        if trial is not None and len(trial) <= LIMIT:
            held = response.combined(enforced)
            yield from _judge_trial(response, field, trial, held and held[:LIMIT], values)
    document = response.combined(DOCUMENT)
    if document is not None and len(document) <= LIMIT and parse_token(document) not in DOCUMENT_VALUES:
        meant = _meant(document)
        fix = f"{DOCUMENT}: {meant}" if meant in DOCUMENT_VALUES else None
        yield DOCUMENT_INVALID.found(document, fix=fix)
    if embedder.wants_isolation(response):
        held = response.combined(opener.FIELD) or ""
        if parse_token(held[:LIMIT]) == "same-origin" and _denies(response):
            yield DENIED.found(f"{FEATURE}=()")


def _judge_trial(
    response: Response, field: str, trial: str, enforced: str | None, values: tuple[str, ...]
) -> Iterator[Finding]:
    policy = parse_token(trial)
    if policy in values and enforced is not None and parse_token(enforced) == policy:
        yield TRIAL_SUPERFLUOUS.found(trial, field=field, fix=removal(field), policy=policy)
        return
    names = sorted(endpoints_defined(response.combined(ENDPOINTS), response.combined(GROUPS)) or ())
    meant = policy if policy in values else _meant(trial)
    endpoint = endpoint_named(trial) or (names[0] if names else None)
    fix = removal(field)
    if meant in values and endpoint is not None and '"' not in endpoint and "\\" not in endpoint:
        fix = f'{field}: {meant}; report-to="{endpoint}"'
    if policy not in values:
        yield TRIAL_INVALID.found(trial, field=field, fix=fix)
    elif endpoint_named(trial) is None and policy != "unsafe-none":
        yield TRIAL_UNHEARD.found(trial, field=field, fix=fix)


def _denies(response: Response) -> bool:
    text = response.combined(PERMISSIONS)
    if text is None or FEATURE not in text:
        return False
    try:
        allowlist = parse_policy(text).get(FEATURE)
    except InvalidStructuredField:
        return False
    return allowlist is not None and allowlist.valid and not {"self", "*"} & set(allowlist.members)


def _meant(value: str) -> str:
    return value.split(",", 1)[0].split(";", 1)[0].strip(" \t\"'").lower()


CHECK = Check(
    id="cross-origin-isolation",
    title="Cross-origin isolation",
    why="Isolation holds only where all its headers say the same, and its trials are heard.",
    reference=SPECIFICATION,
    rules=(DENIED, TRIAL_INVALID, TRIAL_SUPERFLUOUS, TRIAL_UNHEARD, DOCUMENT_INVALID),
    run=run,
)
