"""X-Frame-Options (WHATWG HTML section 7.2.6) beside frame-ancestors: who may show the page in a frame."""

from collections.abc import Iterator

from workers.check import Check, Rule
from workers.checks.content_security_policy.mended import SAME_MEANING, allowed_from, mended_line
from workers.model import Finding
from workers.response import Response
from workers.syntax.content_security_policy import parse_policies
from workers.syntax.verbatim import as_sent

FIELD = "X-Frame-Options"
CSP = "Content-Security-Policy"
EFFECTIVE = frozenset({"deny", "sameorigin"})
SPECIFICATION = "https://html.spec.whatwg.org/multipage/document-lifecycle.html#the-x-frame-options-header"
RECOMMENDED = f"{FIELD}: SAMEORIGIN"
LIMIT = 2_048  # characters judged: the longest that anybody sends names one site

MISSING = Rule(
    id="framing-unrestricted",
    severity="medium",
    field=FIELD,
    message="Neither X-Frame-Options nor frame-ancestors was sent: any site may show this page in a frame.",
    why="A page in an invisible frame can be clicked by visitors who think that they click something else.",
    fix=RECOMMENDED,
    reference=SPECIFICATION,
)
ALLOW_FROM = Rule(
    id="frame-options-allow-from",
    severity="medium",
    field=FIELD,
    message="ALLOW-FROM is obsolete: browsers ignore it, so any site may show this page in a frame.",
    why="Only frame-ancestors can name the sites that may.",
    fix=f"{CSP}: frame-ancestors 'self'",
    reference="RFC 7034 section 2.3.2.2",
)
INVALID = Rule(
    id="frame-options-invalid",
    severity="medium",
    field=FIELD,
    message="The value is neither DENY nor SAMEORIGIN, so any site may show this page in a frame.",
    why="Browsers ignore a value that they do not know.",
    fix=RECOMMENDED,
    reference=SPECIFICATION,
)
CONFLICTING = Rule(
    id="frame-options-conflicting",
    severity="low",
    field=FIELD,
    message="Several values were sent that differ; by the standard the page can then be framed by nobody.",
    why="Older browsers took one of them, or none; only a single value means the same to all.",
    fix=f"{FIELD}: DENY",
    reference=SPECIFICATION,
)
OVERRIDDEN = Rule(
    id="frame-options-overridden",
    severity="info",
    field=FIELD,
    message="frame-ancestors says something else than X-Frame-Options, which browsers then ignore.",
    why="Where a policy has frame-ancestors, X-Frame-Options is not looked at.",
    fix="Let both say the same, or leave X-Frame-Options out",
    reference="https://www.w3.org/TR/CSP3/#frame-ancestors-and-frame-options",
)


def run(response: Response) -> Iterator[Finding]:
    if not response.is_page:
        return
    value = response.combined(FIELD)
    parts = () if value is None else value[:LIMIT].split(",")
    given = dict.fromkeys(part.strip(" \t").lower() for part in parts)
    ancestors = [
        sources
        for policy in parse_policies(response.values(CSP))
        if (sources := policy.directives.get("frame-ancestors")) is not None
    ]
    if ancestors:
        for name in given:
            if name in EFFECTIVE and SAME_MEANING[name] not in ancestors:
                yield OVERRIDDEN.found(as_sent(name, value or ""))
        return
    yield from _judge_value(response, value, given)


def _judge_value(response: Response, value: str | None, given: dict[str, None]) -> Iterator[Finding]:
    if value is None:
        yield MISSING.found()
    elif len(given) > 1 and given.keys() & (EFFECTIVE | {"allowall"}):
        yield CONFLICTING.found(value)
    elif any(name.startswith("allow-from") for name in given) and allowed_from(response) is not None:
        yield ALLOW_FROM.found(value, fix=mended_line(response))
    elif not given.keys() & EFFECTIVE:
        yield INVALID.found(value)


CHECK = Check(
    id="x-frame-options",
    title="X-Frame-Options and frame-ancestors",
    why="Decides whether other sites may show the page in a frame, and trick its visitors there.",
    reference=SPECIFICATION,
    rules=(MISSING, ALLOW_FROM, INVALID, CONFLICTING, OVERRIDDEN),
    run=run,
)
