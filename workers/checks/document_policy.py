"""Document-Policy (WICG Document Policy): what a page forgoes, and asks its frames to forgo."""

import re
from collections.abc import Iterator
from typing import Any

from workers.check import Check, Rule, removal
from workers.model import Finding
from workers.response import Response
from workers.syntax.parameters import LIMIT
from workers.syntax.structured_fields import InvalidStructuredField, parse

FIELDS = ("Document-Policy", "Document-Policy-Report-Only", "Require-Document-Policy")
SPECIFICATION = "https://wicg.github.io/document-policy/"
# Of Chromium's document_policy_features.json5 and the specifications, as they were in November 2026.
KNOWN = frozenset(
    {
        "*", "document-write", "expect-no-linked-resources", "font-display-late-swap", "force-load-at-top",
        "include-js-call-stacks-in-crash-reports", "js-profiling", "layout-animations",
        "lossless-images-max-bpp", "lossless-images-strict-max-bpp", "lossy-images-max-bpp",
        "network-efficiency-guardrails", "oversized-images", "sync-script", "sync-xhr", "unsized-media",
    }
)  # fmt: skip
_NAME = re.compile(r"(?<![\w\-])[a-z][a-z0-9\-]*+")

MALFORMED = Rule(
    id="document-policy-malformed",
    severity="low",
    field=FIELDS[0],
    message="The value is no structured dictionary, so browsers ignore the whole header.",
    why="Features stand with commas between: name for on, name=?0 for off, name=1.5 for an amount.",
    fix="Write each feature as name, name=?0 or name=amount, with commas between",
    reference=f"{SPECIFICATION}#structured-header-serialization",
)
UNKNOWN = Rule(
    id="document-policy-feature-unknown",
    severity="info",
    field=FIELDS[0],
    message="No browser knows the feature {name}; what is said of it has no effect.",
    why="The features of Document-Policy are few, and others than those of Permissions-Policy.",
    fix=None,
    reference=SPECIFICATION,
)


def run(response: Response) -> Iterator[Finding]:
    for field in FIELDS:
        value = response.combined(field)
        if value is not None and len(value) <= LIMIT:
            yield from _judge(field, value)


def _judge(field: str, value: str) -> Iterator[Finding]:
    try:
        policy: Any = parse(value, "dictionary")
    except InvalidStructuredField:
        # Whether a feature was to be on or off is not to be seen in a value that is off its grammar.
        fix = None if any(name in KNOWN for name in _NAME.findall(value.lower())) else removal(field)
        yield MALFORMED.found(value, field=field, fix=fix)
        return
    unknown = [name for name in policy if name not in KNOWN]
    if unknown:
        fix = (
            removal(field)
            if len(unknown) == len(policy)
            else f"Leave {', '.join(unknown)[:200]} out of {field}"
        )
        yield UNKNOWN.found(unknown[0], name=unknown[0][:80], field=field, fix=fix)


CHECK = Check(
    id="document-policy",
    title="Document-Policy",
    why="Turns off what a page does not need, where browsers can read it.",
    reference=SPECIFICATION,
    rules=(MALFORMED, UNKNOWN),
    run=run,
    needs=FIELDS,
)
