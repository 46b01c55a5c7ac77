"""NEL (W3C Network Error Logging): which failures to reach the site browsers report, and to whom."""

import json
import re
from collections.abc import Iterator
from typing import Final

from workers.check import Check, Rule, removal
from workers.checks import is_trusted
from workers.model import Finding
from workers.response import Response
from workers.syntax.parameters import LIMIT
from workers.syntax.reporting import GROUPS, group_of, parse_json_values, printable

FIELD = "NEL"
SPECIFICATION = "https://www.w3.org/TR/network-error-logging/"
MONTH_S: Final = 2_592_000
FRACTIONS = ("success_fraction", "failure_fraction")

MALFORMED = Rule(
    id="nel-malformed",
    severity="low",
    field=FIELD,
    message="The value is no JSON object, so browsers ignore it.",
    why="The policy is one object of JSON, with report_to and max_age.",
    fix=removal(FIELD),
    reference=f"{SPECIFICATION}#nel-response-header",
)
INVALID_MAX_AGE = Rule(
    id="nel-max-age-invalid",
    severity="low",
    field=FIELD,
    message="There is no max_age that is a whole number of seconds, so browsers ignore the policy.",
    why="max_age says how long the policy holds, and has to be there; 0 takes the policy back.",
    fix=removal(FIELD),
    reference=f"{SPECIFICATION}#the-max_age-member",
)
NO_GROUP = Rule(
    id="nel-group-missing",
    severity="low",
    field=FIELD,
    message="report_to does not say which group the reports go to, so browsers ignore the policy.",
    why="Without a group there is nobody to report to.",
    fix=removal(FIELD),
    reference=f"{SPECIFICATION}#the-report_to-member",
)
UNDEFINED_GROUP = Rule(
    id="nel-group-undefined",
    severity="info",
    field=FIELD,
    message="Reports go to the group {name}, which the response's Report-To does not define.",
    why="Until some response defines the group no report is sent.",
    fix=removal(FIELD),
    reference=f"{SPECIFICATION}#the-report_to-member",
)
INVALID_FRACTION = Rule(
    id="nel-fraction-invalid",
    severity="low",
    field=FIELD,
    message="{name} is no number from 0 to 1, so browsers ignore the policy.",
    why="It is the part of the requests that is reported.",
    fix=removal(FIELD),
    reference=f"{SPECIFICATION}#the-success_fraction-member",
)
OVER_HTTP = Rule(
    id="nel-over-http",
    severity="info",
    field=FIELD,
    message="The policy came over plain http, where browsers ignore it.",
    why="Otherwise anyone on the way could have a site's visitors reported to a host of theirs.",
    fix=removal(FIELD),
    reference=f"{SPECIFICATION}#process-policy-headers",
)


def run(response: Response) -> Iterator[Finding]:
    values = response.values(FIELD)
    if not values or len(values[0]) > LIMIT:
        return
    value = values[0]  # section 4.1: the first counts
    if not is_trusted(response):
        yield OVER_HTTP.found(value)
        return
    parsed = parse_json_values(value)
    policy = parsed[0] if parsed else None
    if not isinstance(policy, dict):
        yield MALFORMED.found(value)
        return
    groups = _groups(response)
    fix = _mended(policy, groups)
    age, name = policy.get("max_age"), policy.get("report_to")
    if not _is_age(age):
        yield INVALID_MAX_AGE.found(value, fix=fix)
    if age == 0 and _is_age(age):
        return  # the policy is taken back
    if not isinstance(name, str):
        yield NO_GROUP.found(value, fix=fix)
    elif groups is not None and name not in groups:
        yield UNDEFINED_GROUP.found(printable(name), name=printable(name)[:80], fix=fix)
    wrong = [key for key in FRACTIONS if key in policy and not _is_fraction(policy[key])]
    if wrong:
        yield INVALID_FRACTION.found(_member(wrong[0], value), name=wrong[0], fix=fix)


def _member(name: str, value: str) -> str:
    """The member of a JSON object as it was sent; the whole where it is not written plainly."""
    found = re.search(rf'"{name}"[ \t]*+:[ \t]*+[^,}}\s]++', value)
    return value if found is None else found[0]


def _groups(response: Response) -> list[str] | None:
    """The groups that the response defines; None where they cannot be told."""
    text = response.combined(GROUPS) or ""
    values = parse_json_values(text) if len(text) <= LIMIT else None
    if values is None:
        return None
    return [name for value in values if (name := group_of(value)) is not None]


def _mended(policy: dict[str, object], groups: list[str] | None) -> str:
    """The policy without a fault; its removal where no group is to be had."""
    name = policy.get("report_to")
    if groups is not None and name not in groups:
        name = groups[0] if groups else None
    if not isinstance(name, str):
        return removal(FIELD)
    mended = {key: value for key, value in policy.items() if key not in FRACTIONS or _is_fraction(value)}
    mended |= {"report_to": name, "max_age": policy["max_age"] if _is_age(policy.get("max_age")) else MONTH_S}
    return f"{FIELD}: {json.dumps(mended)}"


def _is_age(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_fraction(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1


CHECK = Check(
    id="network-error-logging",
    title="NEL (Network Error Logging)",
    why="Tells a site's owners of visitors who could not reach it, where browsers can read the policy.",
    reference=SPECIFICATION,
    rules=(MALFORMED, INVALID_MAX_AGE, NO_GROUP, UNDEFINED_GROUP, INVALID_FRACTION, OVER_HTTP),
    run=run,
    needs=(FIELD,),
)
