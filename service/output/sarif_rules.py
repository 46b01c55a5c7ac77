"""What a SARIF log says of masthead itself: its rules, from the checks' catalogue, and the ways to fail.

Rules carry what GitHub's code scanning shows and sorts by: `security-severity` is its scale of 0 to 10.
"""

import re
from typing import Any, Final

from service import __version__
from service.errors import STAGE_OF, Code
from service.output.markdown import link, prose, remedy
from service.output.reference import address_of
from workers.check import Check, Rule
from workers.model import Severity

Json = dict[str, Any]

LEVELS: Final[dict[Severity, str]] = {"high": "error", "medium": "warning", "low": "note", "info": "note"}
# GitHub takes 7.0 and more for high, 4.0 and more for medium; what is merely worth knowing has no figure.
SECURITY_SEVERITIES: Final[dict[Severity, str]] = {"high": "8.0", "medium": "5.0", "low": "3.0"}
NOT_GRADED: Final = "not_graded"

_PLACEHOLDER: Final = re.compile(r"\{\w+\}")  # a fact of the response, in the template of a message


def describe_tool(checks: tuple[Check, ...]) -> Json:
    """The tool component (section 3.19) with the rules of `checks`."""
    return {
        "name": "Masthead",
        "version": __version__,
        "semanticVersion": __version__,
        "rules": [_describe_rule(rule, check) for check in checks for rule in check.rules],
        "notifications": [_describe_failure(failure) for failure in Code]
        + [{"id": NOT_GRADED, "shortDescription": {"text": "The response is none that can be graded."}}],
    }


def message_text(text: str) -> str:
    """A text as a message string (section 3.11): braces are doubled, and nothing in it becomes a link."""
    return _double_braces(text.replace("](", "] ("))


def _double_braces(text: str) -> str:
    """Single ones would be placeholders (section 3.11.5)."""
    return text.replace("{", "{{").replace("}", "}}")


def _describe_rule(rule: Rule, check: Check) -> Json:
    finds = _PLACEHOLDER.sub("…", rule.message)
    properties: Json = {"tags": ["security", "http-headers", check.id], "severity": rule.severity}
    if rule.severity in SECURITY_SEVERITIES:
        properties["security-severity"] = SECURITY_SEVERITIES[rule.severity]
    described: Json = {
        "id": rule.id,
        "name": "".join(word.capitalize() for word in rule.id.split("-")),
        "shortDescription": {"text": message_text(finds)},
        "fullDescription": {"text": message_text(f"{finds} {rule.why}")},
        "help": _help(rule),
        "defaultConfiguration": {"level": LEVELS[rule.severity]},
        "properties": properties,
    }
    address = address_of(rule.reference)
    return described if address is None else {**described, "helpUri": address}


def _help(rule: Rule) -> Json:
    fix = rule.fix or "nothing need be done"
    plain = f"{rule.why}\n\nFix: {fix}\n\nSee: {rule.reference}"
    # HTML that a rule speaks of is code here: section 3.11.4.2 allows none in a message.
    formatted = f"{prose(rule.why)}\n\n**Fix:** {remedy(fix)}\n\n**See:** {link(rule.reference)}"
    return {"text": message_text(plain), "markdown": _double_braces(formatted)}


def _describe_failure(failure: Code) -> Json:
    stage = STAGE_OF.get(failure)
    where = f"at the stage {stage}" if stage else "at whatever stage it was"
    return {
        "id": failure.value,
        "shortDescription": {"text": f"A URL was not inspected: {failure.value.replace('_', ' ')}, {where}."},
        "defaultConfiguration": {"level": "warning"},
    }
