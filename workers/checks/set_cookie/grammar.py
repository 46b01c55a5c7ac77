"""Attributes that do not say what was meant: misspelt, unknown, repeated (RFC 6265bis section 5.6)."""

from collections.abc import Iterator
from typing import Final

from workers.check import Rule
from workers.checks.set_cookie.sent import FIELD, Broken, Part, Parts, Sent, named, part_of, without
from workers.syntax.cookies import ATTRIBUTE_LIMIT, Cookie, parse_cookie_date, parse_max_age

SPELT: Final = {
    name.lower(): name
    for name in (
        "Expires", "Max-Age", "Domain", "Path", "Secure", "HttpOnly", "SameSite", "Partitioned", "Priority"
    )
}  # fmt: skip
FLAGS = frozenset({"secure", "httponly", "partitioned"})
OBSOLETE = frozenset({"version", "comment", "commenturl", "discard", "port", "sameparty"})
OFF = frozenset({"0", "false", "no", "off"})
_MARKS: Final = str.maketrans("", "", "-_ \"'")
# What is left of a name without its marks, and the attribute that was meant.
_MEANT: Final = {name.translate(_MARKS): name for name in SPELT} | {
    "expire": "expires",
    "expiry": "expires",
    "expiration": "expires",
    "secured": "secure",
    "httponlycookie": "httponly",
    "partition": "partitioned",
}

MISSPELT = Rule(
    id="cookie-attribute-misspelt",
    severity="low",
    field=FIELD,
    message="The cookie {name} has {spelt}, which browsers ignore: the attribute is {meant}.",
    why="The protection or lifetime that was meant is not there.",
    fix="Write the attribute as the standard does",
    reference="RFC 6265bis section 4.1.1",
)
UNKNOWN = Rule(
    id="cookie-attribute-unknown",
    severity="info",
    field=FIELD,
    message="The cookie {name} has an attribute that there is none of: {spelt}. Browsers ignore it.",
    why="It does nothing; or it was to be part of the value, which ends at the first semicolon.",
    fix="Leave it out, or encode the semicolon before it",
    reference="RFC 6265bis section 5.6",
)
OBSOLETE_ATTRIBUTE = Rule(
    id="cookie-attribute-obsolete",
    severity="info",
    field=FIELD,
    message="The cookie {name} has the attribute {spelt}, which browsers no longer know.",
    why="It belongs to standards or trials that are over; each response carries it for nothing.",
    fix="Leave it out",
    reference="RFC 6265bis section 5.6",
)
REPEATED = Rule(
    id="cookie-attribute-repeated",
    severity="low",
    field=FIELD,
    message="The cookie {name} has {spelt} more than once, with different values; the last one counts.",
    why="Two parts of the server disagree, and other clients may take the first one.",
    fix="Send the attribute once",
    reference="RFC 6265bis section 4.1.1",
)
FLAG_OFF = Rule(
    id="cookie-flag-with-value",
    severity="low",
    field=FIELD,
    message="The cookie {name} has {spelt}, which switches the attribute on: its value is not looked at.",
    why="Whoever wrote it believes the opposite of what browsers do.",
    fix="Send the attribute without a value, or leave it out",
    reference="RFC 6265bis section 5.6.5",
)
TOO_LONG = Rule(
    id="cookie-attribute-too-long",
    severity="low",
    field=FIELD,
    message=f"The {{spelt}} of the cookie {{name}} is over {ATTRIBUTE_LIMIT:,} octets: browsers ignore it.",
    why="The cookie is kept as if the attribute had not been sent.",
    fix="Send a shorter value, or leave the attribute out",
    reference="RFC 6265bis section 5.6",
)
RULES = (MISSPELT, UNKNOWN, OBSOLETE_ATTRIBUTE, REPEATED, FLAG_OFF, TOO_LONG)


def find(sent: Sent) -> Iterator[Broken]:
    found: dict[str, Broken] = {}
    for part in sent.parts:
        rule, meant = _judged(part)
        if rule is None or (rule is UNKNOWN and is_cut(sent.cookie)) or rule.id in found:
            continue
        spelt = part.text if rule is FLAG_OFF else part.spelt or part.text
        found[rule.id] = Broken(rule, part.text, {"name": sent.name, "spelt": spelt, "meant": meant})
    yield from found.values()
    for name in _repeated(sent.parts):
        evidence = "; ".join(part.text for part in sent.parts if part.name == name)
        yield Broken(REPEATED, evidence, {"name": sent.name, "spelt": SPELT[name]})


def mend(parts: Parts, sent: Sent) -> Parts:
    """The attributes with the names that were meant, each once with the value that counts, and no others."""
    right = {part.name for part in parts}
    kept: list[Part] = []
    for part in parts:
        rule, meant = _judged(part)
        if rule is None or (rule is UNKNOWN and is_cut(sent.cookie)):
            kept.append(part)
        elif rule is FLAG_OFF:
            kept.append(part_of(SPELT[part.name]))
        # What was sent under its right name as well already counts as that says.
        elif rule is MISSPELT and meant.lower() not in right and len(part.value) <= ATTRIBUTE_LIMIT:
            kept.append(part_of(meant if meant.lower() in FLAGS else f"{meant}={part.value}"))
    mended = tuple(kept)
    for name in _repeated(mended):
        mended = _once(mended, name)
    return mended


def is_cut(cookie: Cookie) -> bool:
    """Whether a quoted value ends at a semicolon inside its quotes, so that the rest reads as attributes."""
    value = cookie.value
    return value.startswith('"') and (len(value) == 1 or not value.endswith('"'))


def _judged(part: Part) -> tuple[Rule | None, str]:
    """The rule that one attribute breaks by itself, and the attribute that was meant ("" where none was)."""
    if part.name in SPELT:
        if len(part.value) > ATTRIBUTE_LIMIT:
            return TOO_LONG, ""
        return (FLAG_OFF, "") if part.name in FLAGS and part.value.lower() in OFF else (None, "")
    if not part.text:
        return None, ""
    if part.name in OBSOLETE:
        return OBSOLETE_ATTRIBUTE, ""
    meant = _MEANT.get(part.name.translate(_MARKS))
    return (UNKNOWN, "") if meant is None else (MISSPELT, SPELT[meant])


def _repeated(parts: Parts) -> list[str]:
    """The attributes that are there with more than one value."""
    if len({part.name for part in parts}) == len(parts):
        return []
    values: dict[str, set[str]] = {}
    for part in parts:
        if part.name in SPELT and part.name not in FLAGS:
            values.setdefault(part.name, set()).add(part.value)
    return [name for name, different in values.items() if len(different) > 1]


def _once(parts: Parts, name: str) -> Parts:
    """Only the one that counts: the last, or of a lifetime the last that is understood."""
    values = named(parts, name)
    if name == "expires":
        values = [value for value in values if parse_cookie_date(value)] or values
    elif name == "max-age":
        values = [value for value in values if parse_max_age(value) is not None] or values
    last = max(index for index, part in enumerate(parts) if part.name == name)
    before, after = without(parts[:last], name), parts[last + 1 :]
    return (*before, part_of(f"{SPELT[name]}={values[-1]}"), *after)
