"""Attributes that do not say what was meant: misspelt, unknown, repeated (RFC 6265bis section 5.6)."""

from collections.abc import Iterator
from typing import Final

from workers.check import Rule
from workers.checks.set_cookie.sent import FIELD, Broken, Parts, Sent, name_of, named, value_of
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
    found: dict[str, tuple[Rule, str, str, str]] = {}
    for part in sent.parts:
        name = name_of(part)
        lower = name.lower()
        if lower in SPELT:
            if rule := _misused(lower, part):
                found.setdefault(rule.id, (rule, part, name if rule is TOO_LONG else part, ""))
        elif lower in OBSOLETE:
            found.setdefault(OBSOLETE_ATTRIBUTE.id, (OBSOLETE_ATTRIBUTE, part, name, ""))
        elif (meant := _meant(lower)) is not None:
            found.setdefault(MISSPELT.id, (MISSPELT, part, name, SPELT[meant]))
        elif part and not is_cut(sent.cookie):
            found.setdefault(UNKNOWN.id, (UNKNOWN, part, name or part, ""))
    for rule, evidence, spelt, meant in found.values():
        yield Broken(rule, evidence, {"name": sent.name, "spelt": spelt, "meant": meant})
    for name in _repeated(sent.parts):
        evidence = "; ".join(part for part in sent.parts if name_of(part).lower() == name)
        yield Broken(REPEATED, evidence, {"name": sent.name, "spelt": SPELT[name]})


def mend(parts: Parts, cookie: Cookie, _: Sent) -> Parts:
    """The attributes with the names that were meant, each once with the value that counts, and no others."""
    right = {name_of(part).lower() for part in parts}
    kept: list[str] = []
    for part in parts:
        lower = name_of(part).lower()
        if lower in SPELT:
            rule = _misused(lower, part)
            if rule is not TOO_LONG:
                kept.append(SPELT[lower] if rule is FLAG_OFF else part)
        elif (meant := _meant(lower)) is not None:
            # What was sent under its right name as well already counts as that says.
            if meant not in right and len(value_of(part)) <= ATTRIBUTE_LIMIT:
                kept.append(SPELT[meant] if meant in FLAGS else f"{SPELT[meant]}={value_of(part)}")
        elif part and lower not in OBSOLETE and is_cut(cookie):
            kept.append(part)
    mended = tuple(kept)
    for name in _repeated(mended):
        mended = _once(mended, name)
    return mended


def is_cut(cookie: Cookie) -> bool:
    """Whether a quoted value ends at a semicolon inside its quotes, so that the rest reads as attributes."""
    return (
        len(cookie.value) > 0
        and cookie.value[0] == '"'
        and (len(cookie.value) == 1 or cookie.value[-1] != '"')
    )


def _misused(lower: str, part: str) -> Rule | None:
    value = value_of(part)
    if len(value) > ATTRIBUTE_LIMIT:
        return TOO_LONG
    return FLAG_OFF if lower in FLAGS and value.lower() in OFF else None


def _meant(lower: str) -> str | None:
    return _MEANT.get(lower.translate(_MARKS))


def _repeated(parts: Parts) -> Iterator[str]:
    """The attributes that are there with more than one value."""
    values: dict[str, str] = {}
    told: set[str] = set()
    for part in parts:
        name = name_of(part).lower()
        if name not in SPELT or name in FLAGS or name in told:
            continue
        if values.setdefault(name, value_of(part)) != value_of(part):
            told.add(name)
            yield name


def _once(parts: Parts, name: str) -> Parts:
    """Only the one that counts: the last, or of a lifetime the last that is understood."""
    values = list(named(parts, name))
    if name == "expires":
        values = [value for value in values if parse_cookie_date(value)] or values
    elif name == "max-age":
        values = [value for value in values if parse_max_age(value) is not None] or values
    counts = f"{SPELT[name]}={values[-1]}"
    last = max(index for index, part in enumerate(parts) if name_of(part).lower() == name)
    return tuple(
        counts if index == last else part
        for index, part in enumerate(parts)
        if index == last or name_of(part).lower() != name
    )
