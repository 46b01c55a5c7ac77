"""Our findings beside those of Google's CSP Evaluator, on the policies of its own tests and on real ones.

What it finds of severity HIGH or MEDIUM (MAYBE included) has its counterpart among ours for the same policy,
judged as that of a page over https. Where the specification says otherwise, `DIFFERENCES` tells what and why.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.conformance.cases import folder, rows
from workers.checks.content_security_policy.vocabulary import CODE_LISTS, RETIRED, SOURCE_LISTS
from workers.registry import all_checks
from workers.response import Response
from workers.syntax.content_security_policy import Policy, parse_policies
from workers.syntax.hosts import host_of, is_local

FIELD = "Content-Security-Policy"
DECIDING = frozenset({"HIGH", "HIGH_MAYBE", "MEDIUM", "MEDIUM_MAYBE"})

BY_HOST = (
    "csp-scripts-bypass-host",
    "csp-scripts-from-shared-hosting",
    "csp-scripts-kept-by-path-alone",
)
ANYWHERE = {
    "script-src": ("csp-scripts-from-anywhere", "csp-source-invalid"),
    "script-src-elem": ("csp-scripts-from-anywhere", "csp-source-invalid"),
    "script-src-attr": ("csp-scripts-unrestricted", "csp-source-invalid"),
    "default-src": ("csp-scripts-from-anywhere", "csp-objects-unrestricted", "csp-source-invalid"),
    "object-src": ("csp-objects-unrestricted", "csp-source-invalid"),
    "base-uri": ("csp-base-uri-unrestricted", "csp-source-invalid"),
}
WRITTEN = (
    "csp-hash-algorithm",
    "csp-hash-length",
    "csp-keyword-retired",
    "csp-keyword-unknown",
    "csp-keyword-unquoted",
    "csp-nonce-malformed",
)
# By the type of its finding, and the directive where it matters: our rules, of which one is enough.
COUNTERPARTS: dict[str, tuple[str, ...] | dict[str, tuple[str, ...]]] = {
    "MISSING_DIRECTIVES": {
        "script-src": ("csp-scripts-unrestricted", "csp-event-handlers-unrestricted"),
        "object-src": ("csp-objects-unrestricted",),
        "base-uri": ("csp-base-uri-missing",),
    },
    "SCRIPT_UNSAFE_INLINE": ("csp-scripts-unsafe-inline", "csp-scripts-unrestricted"),
    "SCRIPT_UNSAFE_EVAL": ("csp-scripts-unsafe-eval", "csp-source-without-effect"),
    "SCRIPT_UNSAFE_HASHES": ("csp-scripts-unsafe-hashes", "csp-scripts-unrestricted"),
    "PLAIN_WILDCARD": ANYWHERE,
    "PLAIN_URL_SCHEMES": {
        **ANYWHERE,
        "script-src": ("csp-scripts-from-anywhere", "csp-scripts-from-data-urls"),
        "script-src-elem": ("csp-scripts-from-anywhere", "csp-scripts-from-data-urls"),
        "default-src": (
            "csp-scripts-from-anywhere",
            "csp-scripts-from-data-urls",
            "csp-objects-unrestricted",
        ),
    },
    "SRC_HTTP": ("csp-source-over-http", "csp-reports-over-http"),
    "NONCE_LENGTH": ("csp-nonce-short", "csp-nonce-malformed", "csp-source-without-effect"),
    "UNKNOWN_DIRECTIVE": ("csp-directive-unknown", "csp-source-as-directive"),
    "DEPRECATED_DIRECTIVE": ("csp-directive-retired",),
    "MISSING_SEMICOLON": ("csp-semicolon-missing",),
    "INVALID_KEYWORD": WRITTEN,
    "IP_SOURCE": ("csp-source-address", "csp-scripts-from-local-host", "csp-source-invalid"),
    "NONCE_CHARSET": ("csp-nonce-malformed",),
    "REPORT_TO_ONLY": ("csp-report-to-alone",),
    "STRICT_DYNAMIC_NOT_STANDALONE": ("csp-strict-dynamic-alone",),
}


@dataclass(frozen=True)
class Difference:
    """A rule of the Evaluator's that the specification does not bear out: for which findings, and why."""

    type: str
    applies: Callable[[Any, Policy], bool]
    why: str


def _is_not_deciding(kind: str) -> Callable[[Any, Policy], bool]:
    """Whether another directive decides for `kind` in the policy (CSP3 section 6.8.3)."""

    def applies(finding: Any, policy: Policy) -> bool:
        governing = policy.governing(kind)
        return governing is not None and governing[0] != finding["directive"]

    return applies


DIFFERENCES = (
    Difference(
        "OBJECT_ALLOWLIST_BYPASS",
        lambda finding, policy: True,
        "It is about Flash files on known hosts. The specification dropped plugin-types, for browsers have "
        "no plugins any more (nor has HTML): an object shows a document of its own origin, as a frame does.",
    ),
    Difference(
        "SCRIPT_ALLOWLIST_BYPASS",
        lambda finding, policy: finding["value"].lower() == "'self'",
        "'self' matches the site's own origin alone (section 6.7.2.8). That it might serve JSONP is a guess "
        "at the site's content, which no header answers.",
    ),
    Difference(
        "SCRIPT_ALLOWLIST_BYPASS",
        _is_not_deciding("script-src-elem"),
        "Script elements are matched against script-src-elem where there is one (section 6.8.3).",
    ),
    Difference(
        "PLAIN_URL_SCHEMES",
        lambda finding, policy: finding["directive"] == "base-uri" and finding["value"].lower() == "data:",
        "HTML's <base> takes no data: or javascript: address whatever base-uri says (section 4.2.3).",
    ),
    Difference(
        "PLAIN_WILDCARD",
        lambda finding, policy: (
            finding["directive"].startswith("script-src")
            and _is_not_deciding("script-src-elem")(finding, policy)
        ),
        "Hosts are asked for by script elements alone, which script-src-elem decides where there is one "
        "(section 6.8.3); event handlers (script-src-attr) have no host.",
    ),
    Difference(
        "PLAIN_URL_SCHEMES",
        lambda finding, policy: (
            finding["directive"].startswith("script-src")
            and _is_not_deciding("script-src-elem")(finding, policy)
        ),
        "As for PLAIN_WILDCARD.",
    ),
    Difference(
        "SCRIPT_UNSAFE_INLINE",
        lambda finding, policy: (
            _is_not_deciding("script-src-elem")(finding, policy)
            and _is_not_deciding("script-src-attr")(finding, policy)
        ),
        "Inline code is judged by script-src-elem and script-src-attr where they are (section 6.8.3).",
    ),
    Difference(
        "SCRIPT_UNSAFE_HASHES",
        lambda finding, policy: (
            not any(value.lower().startswith("'sha") for value in policy.directives[finding["directive"]])
            or _is_not_deciding("script-src-attr")(finding, policy)
        ),
        "It lets handlers run by their hashes: none where there is no hash, or script-src-attr decides.",
    ),
    Difference(
        "SRC_HTTP",
        lambda finding, policy: "upgrade-insecure-requests" in policy.directives,
        "Requests are upgraded before they are matched (Fetch, main fetch, step 4).",
    ),
    Difference(
        "SRC_HTTP",
        lambda finding, policy: finding["directive"] not in SOURCE_LISTS - RETIRED | {"report-uri"},
        "What stands in a directive that has no sources, or that no browser knows, is none.",
    ),
    Difference(
        "SRC_HTTP",
        lambda finding, policy: is_local(host_of(finding["value"].lower().rstrip("/") + "/")),
        "The visitor's own machine is trusted without https (Secure Contexts section 3.1, Mixed Content "
        "section 4); that scripts come from it is told as csp-scripts-from-local-host.",
    ),
    Difference(
        "NONCE_LENGTH",
        lambda finding, policy: finding["directive"] not in CODE_LISTS,
        "Nonces are those of scripts and styles; what browsers make of one in worker-src differs.",
    ),
    Difference(
        "MISSING_DIRECTIVES",
        lambda finding, policy: (
            finding["directive"] == "object-src"
            and (governing := policy.governing("object-src")) is not None
            and governing[1] == ()
        ),
        "A directive without sources is there, and matches nothing (section 6.7.2.4).",
    ),
    Difference(
        "MISSING_DIRECTIVES",
        lambda finding, policy: (
            finding["directive"] == "script-src"
            and {"script-src-elem", "script-src-attr"} <= policy.directives.keys()
        ),
        "The two decide together for all that script-src does, but for eval (section 6.8.3).",
    ),
    Difference(
        "SCRIPT_UNSAFE_INLINE",
        lambda finding, policy: any(
            value.lower().startswith(("'nonce-", "'sha")) for value in policy.directives[finding["directive"]]
        ),
        "A nonce or hash turns 'unsafe-inline' off in any case that it is written in (section 2.3.1, ABNF).",
    ),
)


def test_its_own_cases_have_counterparts() -> None:
    missing = []
    for row in rows("csp_evaluator_cases"):
        missing += _without_counterpart(row["csp"], row["findings"], DECIDING)
    assert missing == []


def test_its_other_findings_have_counterparts() -> None:
    """What it calls syntax and information, too, but for what is praise of a strict policy in other words."""
    others = frozenset({"SYNTAX", "INFO"})
    missing = []
    for row in rows("csp_evaluator_cases"):
        findings = [finding for finding in row["findings"] if finding["type"] in COUNTERPARTS]
        missing += _without_counterpart(row["csp"], findings, others)
    assert missing == []


def test_real_policies_have_counterparts() -> None:
    missing = []
    for row in rows("real_csp"):
        for text, judged in zip(row["csp"], row["policies"], strict=True):
            missing += _without_counterpart(text, judged["findings"], DECIDING)
    assert missing == []


def test_known_bypasses_are_told_from_mere_hosts() -> None:
    """Where it knows an endpoint (HIGH), so do we, in all its policies."""
    missing = []
    texts = [(row["csp"], row["findings"]) for row in rows("csp_evaluator_cases")]
    for row in rows("real_csp"):
        texts += [
            (text, judged["findings"]) for text, judged in zip(row["csp"], row["policies"], strict=True)
        ]
    for text, findings in texts:
        for finding in findings:
            if (finding["type"], finding["severity"]) == ("SCRIPT_ALLOWLIST_BYPASS", "HIGH"):
                policy = f"script-src {finding['value']} {_eval_in(text)}"
                if "csp-scripts-bypass-host" not in _found(policy):
                    missing.append((finding["value"], text[:200]))
    assert missing == []


@pytest.fixture(autouse=True)
def _needs_the_sets() -> None:
    folder()


def _eval_in(text: str) -> str:
    return "'unsafe-eval'" if "'unsafe-eval'" in text else ""


def _without_counterpart(
    text: str, findings: list[Any], severities: frozenset[str]
) -> Iterator[tuple[str, Any, list[str]]]:
    ours = _found(text)
    policies = parse_policies((text,))
    for finding in findings:
        if finding["severity"] not in severities:
            continue
        if ours.isdisjoint(_counterparts(finding)) and not _differs(finding, policies[0]):
            yield text[:300], finding, sorted(ours)


def _counterparts(finding: Any) -> tuple[str, ...]:
    if finding["type"] == "SCRIPT_ALLOWLIST_BYPASS":
        known = finding["severity"] == "HIGH"
        anywhere = (*BY_HOST, "csp-scripts-from-anywhere", "csp-scripts-unrestricted")
        return anywhere if known else (*anywhere, "csp-scripts-trusted-by-host", "csp-source-invalid")
    rules = COUNTERPARTS.get(finding["type"], ())
    return rules.get(finding["directive"], ()) if isinstance(rules, dict) else rules


def _differs(finding: Any, policy: Policy) -> bool:
    return any(
        difference.type == finding["type"] and difference.applies(finding, policy)
        for difference in DIFFERENCES
    )


def _found(text: str) -> set[str]:
    fields = (("Content-Type", "text/html"), (FIELD, text))
    response = Response(url="https://example.com/", status=200, fields=fields)
    return {finding.id for check in all_checks() for finding in check.run(response)}
