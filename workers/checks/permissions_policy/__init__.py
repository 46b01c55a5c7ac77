"""Permissions-Policy (W3C Permissions Policy): which features the page and its frames may use.

Browsers read it as a structured dictionary or not at all. A frame of another site asks for nothing that its
allow attribute does not name, so the header's absence is no more than worth knowing.
"""

from collections.abc import Iterator

from workers.check import Check, Rule
from workers.checks.permissions_policy.features import OBSOLETE, POWERFUL, is_known
from workers.checks.permissions_policy.mended import RECOMMENDED, mended_member, mended_policy
from workers.model import Finding
from workers.response import Response
from workers.syntax.permissions_policy import Allowlist, parse_policy, salvage_policy
from workers.syntax.structured_fields import InvalidStructuredField
from workers.syntax.verbatim import spelt_member

FIELD = "Permissions-Policy"
FIELDS = (FIELD, "Permissions-Policy-Report-Only")
OLD_FIELD = "Feature-Policy"
SPECIFICATION = "https://www.w3.org/TR/permissions-policy/"
SERIALIZATION = f"{SPECIFICATION}#structured-header-serialization"
FEATURES = "https://github.com/w3c/webappsec-permissions-policy/blob/main/features.md"
LISTED = 5  # names told in one message; the fix line has them all

MISSING = Rule(
    id="permissions-policy-missing",
    severity="info",
    field=FIELD,
    message="No Permissions-Policy was sent: the page's own scripts may ask for every feature.",
    why="A script that should not be in the page then asks for camera, microphone or place in its name.",
    fix=f"{FIELD}: {RECOMMENDED}",
    reference=f"{SPECIFICATION}#permissions-policy-http-header-field",
)
MALFORMED = Rule(
    id="permissions-policy-malformed",
    severity="low",
    field=FIELD,
    message="The value is no structured dictionary, so browsers ignore the whole header.",
    why="Each feature is name=(allowlist), with commas between; one thing out of place undoes the others.",
    fix=f"{FIELD}: {RECOMMENDED}",
    reference=SERIALIZATION,
)
OLD_SYNTAX = Rule(
    id="permissions-policy-feature-policy-syntax",
    severity="low",
    field=FIELD,
    message="The value is written as Feature-Policy was, so browsers ignore the whole header.",
    why="The new header has name=(allowlist) and commas where the old one had spaces and semicolons.",
    fix=f"{FIELD}: {RECOMMENDED}",
    reference=SERIALIZATION,
)
SEMICOLON = Rule(
    id="permissions-policy-semicolon",
    severity="low",
    field=FIELD,
    message="After a semicolon {features} counts as a parameter of {owner}, and is not restricted.",
    why="In a structured dictionary commas separate the members; a semicolon begins a parameter.",
    fix=None,
    reference=SERIALIZATION,
)
UNKNOWN = Rule(
    id="permissions-policy-feature-unknown",
    severity="info",
    field=FIELD,
    message="No browser knows {features}; what is said of it has no effect.",
    why="Unknown features are ignored, so a misspelt one stays as free as it was.",
    fix=None,
    reference=FEATURES,
)
OBSOLETE_FEATURE = Rule(
    id="permissions-policy-feature-obsolete",
    severity="info",
    field=FIELD,
    message="Browsers no longer know {features}; what is said of it has no effect.",
    why="These features were withdrawn or renamed; the line only makes the header longer.",
    fix=None,
    reference=FEATURES,
)
INVALID_ALLOWLIST = Rule(
    id="permissions-policy-allowlist-invalid",
    severity="low",
    field=FIELD,
    message="What {features} is given is no allowlist, so browsers ignore it.",
    why="An allowlist is *, self, or a list in parentheses; () allows nobody.",
    fix=None,
    reference=SERIALIZATION,
)
INVALID_MEMBER = Rule(
    id="permissions-policy-member-invalid",
    severity="low",
    field=FIELD,
    message="The allowlist of {features} has a member that is neither self, * nor a quoted origin.",
    why="Such members are ignored: self must not be quoted, an origin has to be and needs its scheme.",
    fix=None,
    reference=SERIALIZATION,
)
ORIGIN_WITH_PATH = Rule(
    id="permissions-policy-origin-with-path",
    severity="info",
    field=FIELD,
    message="An origin in the allowlist of {features} has a path; browsers allow the whole origin.",
    why="Permission is given to origins; no part of one can be singled out.",
    fix=None,
    reference=f"{SPECIFICATION}#algo-construct-policy",
)
FOR_ALL = Rule(
    id="permissions-policy-powerful-for-all",
    severity="info",
    field=FIELD,
    message="The allowlist of {features} is *, which restricts nothing: it might as well not be there.",
    why="Whatever frame an allow attribute gives it to may ask the visitor in the page's name.",
    fix=None,
    reference=f"{SPECIFICATION}#algo-define-inherited-policy-in-container",
)
REPEATED = Rule(
    id="permissions-policy-feature-repeated",
    severity="low",
    field=FIELD,
    message="{features} is given in several header lines with different allowlists; the last one counts.",
    why="The lines are read as one dictionary, in which a later member takes an earlier one's place.",
    fix=None,
    reference="RFC 9651 section 3.2",
)


def run(response: Response) -> Iterator[Finding]:
    for field in FIELDS:
        values = response.values(field)
        if values:
            yield from _judge(field, values)
    if response.is_page and not response.values(FIELD) and not response.values(OLD_FIELD):
        yield MISSING.found()


def _judge(field: str, values: tuple[str, ...]) -> Iterator[Finding]:
    text = ", ".join(values)
    try:
        policy = parse_policy(text)
    except InvalidStructuredField:
        meant = salvage_policy(text)
        rule = OLD_SYNTAX if _is_old_syntax(text, meant) else MALFORMED
        yield rule.found(text, field=field, fix=f"{field}: {mended_policy(meant)}")
        return
    if not policy:
        return
    fix = f"{field}: {mended_policy(policy)}"
    for rule, features in _faults(policy, values):
        names = list(features)
        listed = " and ".join(filter(None, (", ".join(names[:LISTED]), _others(len(names) - LISTED))))
        facts = {"owner": names[0]} if rule is SEMICOLON else {}
        if rule is SEMICOLON:
            listed = ", ".join(features[names[0]].parameters)
        yield rule.found(spelt_member(names[0], text), field=field, fix=fix, features=listed, **facts)


def _faults(
    policy: dict[str, Allowlist], values: tuple[str, ...]
) -> Iterator[tuple[Rule, dict[str, Allowlist]]]:
    """Each rule that is broken, with the features that break it."""
    if len(values) > 1 and (repeated := _repeated(policy, values)):
        yield REPEATED, repeated
    found: dict[str, tuple[Rule, dict[str, Allowlist]]] = {}
    for name, allowlist in policy.items():
        for rule in _rules_broken(name, allowlist):
            found.setdefault(rule.id, (rule, {}))[1][name] = allowlist
    yield from found.values()


def _rules_broken(name: str, allowlist: Allowlist) -> Iterator[Rule]:
    if any(map(is_known, allowlist.parameters)):
        yield SEMICOLON
    if not is_known(name):
        yield OBSOLETE_FEATURE if name in OBSOLETE else UNKNOWN
    elif not allowlist.valid:
        yield INVALID_ALLOWLIST
    elif allowlist.members and allowlist.members != ("none",):  # (none) allows nobody, as is meant
        rule = _member_fault(allowlist.members)
        if rule is not None:
            yield rule
        if name in POWERFUL and allowlist.allows_all:
            yield FOR_ALL


def _member_fault(members: tuple[str, ...]) -> Rule | None:
    """The graver rule that the members break, if any."""
    fault = None
    for member in members:
        right = mended_member(member)
        if right == member:
            continue
        if not right.startswith('"') or not member.startswith('"'):
            return INVALID_MEMBER
        if len(member.rstrip('/"')) > len(right.rstrip('"')):
            fault = ORIGIN_WITH_PATH
    return fault


def _repeated(policy: dict[str, Allowlist], values: tuple[str, ...]) -> dict[str, Allowlist]:
    found: dict[str, Allowlist] = {}
    for value in values[:-1]:
        try:
            earlier = parse_policy(value)
        except InvalidStructuredField:
            continue  # a member that goes on in the next line: only the whole can be judged
        found |= {name: policy[name] for name in earlier if policy.get(name, earlier[name]) != earlier[name]}
    return found


def _is_old_syntax(text: str, meant: dict[str, Allowlist]) -> bool:
    return bool(meant) and "=" not in text


def _others(count: int) -> str:
    return f"{count} more" if count > 0 else ""


CHECK = Check(
    id="permissions-policy",
    title="Permissions-Policy",
    why="Keeps features such as camera, microphone and place from scripts and frames that do not need them.",
    reference=SPECIFICATION,
    rules=(
        MISSING,
        MALFORMED,
        OLD_SYNTAX,
        SEMICOLON,
        UNKNOWN,
        OBSOLETE_FEATURE,
        INVALID_ALLOWLIST,
        INVALID_MEMBER,
        ORIGIN_WITH_PATH,
        FOR_ALL,
        REPEATED,
    ),
    run=run,
)
