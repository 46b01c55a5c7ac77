"""How Cache-Control is written (RFC 9111 section 5.2): what caches overlook or read otherwise than meant.

Findings are one a rule, whatever number of directives it is about.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from workers.check import Check, Rule
from workers.checks.cache_control.mended import REQUEST_ONLY, RETIRED, field_names, intended, mended_line
from workers.checks.cache_control.policy import FIELD, FLAGS, LISTS, SECONDS
from workers.model import Finding
from workers.response import Response
from workers.syntax.cache_control import (
    SECONDS_LIMIT,
    CacheControl,
    Directive,
    is_readable,
    parse_cache_control,
    parse_seconds,
)

_VALUES_KEPT: Final = 512  # that can be read; most sites have one that others have

MALFORMED = Rule(
    id="cache-control-malformed",
    severity="low",
    field=FIELD,
    message="A part of the value is no directive, so caches overlook it, or all that is in it.",
    why='Directives are separated by commas, and nothing stands around "=".',
    fix='Separate the directives by commas, without white space around "="',
    reference="RFC 9111 section 5.2",
)
MISSPELT = Rule(
    id="cache-directive-misspelt",
    severity="low",
    field=FIELD,
    message="Caches ignore {names}; what they know is {meant}.",
    why="An unknown directive has no effect, so the response is kept otherwise than was meant.",
    fix="Write the directive as the standard does",
    reference="RFC 9111 section 5.2.3",
)
UNKNOWN = Rule(
    id="cache-directive-unknown",
    severity="info",
    field=FIELD,
    message="No cache is known to heed {names}.",
    why="Unknown directives are ignored.",
    fix="Leave the directive out",
    reference="RFC 9111 section 5.2.3",
)
REPEATED = Rule(
    id="cache-directive-repeated",
    severity="low",
    field=FIELD,
    message="{names} is given several times with different values; caches take the first, or none.",
    why="Two layers that both set it leave open which of them was meant.",
    fix="Give the directive once",
    reference="RFC 9111 section 4.2.1",
)
SECONDS_INVALID = Rule(
    id="cache-seconds-invalid",
    severity="low",
    field=FIELD,
    message="{names} has no number of seconds, so caches take the response for stale, or overlook it.",
    why="The value is digits and nothing else: no sign, no fraction, no unit.",
    fix="Give whole seconds",
    reference="RFC 9111 section 1.2.2",
)
SECONDS_MISSING = Rule(
    id="cache-seconds-missing",
    severity="low",
    field=FIELD,
    message="{names} needs a number of seconds and has none.",
    why="Without it caches take the response for stale, or overlook the directive.",
    fix="Give whole seconds",
    reference="RFC 9111 section 4.2.1",
)
SECONDS_OVERFLOW = Rule(
    id="cache-seconds-overflow",
    severity="info",
    field=FIELD,
    message="{names} tells more seconds than caches count: 2147483648, which is 68 years, is the most.",
    why="Greater numbers are cut, or were a slip: a year is what is written for ever.",
    fix="Give a year at the most: 31536000",
    reference="RFC 9111 section 1.2.2",
)
ARGUMENT = Rule(
    id="cache-directive-argument",
    severity="info",
    field=FIELD,
    message="{names} was given a value; it takes none.",
    why="Some caches do not know the directive again for it.",
    fix="Leave the value out",
    reference="RFC 9111 section 5.2.2",
)
FIELDS_UNQUOTED = Rule(
    id="cache-fields-unquoted",
    severity="info",
    field=FIELD,
    message="The list of fields of {names} is not quoted.",
    why="Senders ought to quote even a single name; a second one would be read as a directive.",
    fix="Put the names in quotes",
    reference="RFC 9111 section 5.2.2.4",
)
FIELDS_INVALID = Rule(
    id="cache-fields-invalid",
    severity="low",
    field=FIELD,
    message="The list of {names} has what cannot be a field's name, or is empty.",
    why="Caches then limit the directive to nothing, or let it govern the whole response.",
    fix="Name fields, with commas between, or leave the list out",
    reference="RFC 9111 section 5.2.2.4",
)
FIELDS_POINTLESS = Rule(
    id="cache-fields-pointless",
    severity="info",
    field=FIELD,
    message="{names} is given with a list of fields and without one; that without governs all.",
    why="The list takes nothing away from what is said of the whole response.",
    fix="Keep the one that was meant",
    reference="RFC 9111 section 5.2.2",
)
OF_REQUESTS = Rule(
    id="cache-directive-of-requests",
    severity="info",
    field=FIELD,
    message="{names} belongs in requests; in a response it says nothing.",
    why="It tells what a client would accept from a cache.",
    fix="Leave the directive out",
    reference="RFC 9111 section 5.2.1",
)
OBSOLETE = Rule(
    id="cache-directive-obsolete",
    severity="info",
    field=FIELD,
    message="Nothing reads {names} any more, and Internet Explorer alone ever did.",
    why="It came with IE 5, and was never part of a standard.",
    fix="Leave the directive out",
    reference="https://learn.microsoft.com/en-us/archive/blogs/ieinternals/"
    "internet-explorers-cache-control-extensions",
)


def run(response: Response) -> Iterator[Finding]:
    value = response.combined(FIELD)
    if not value or not is_readable(value):
        return
    read, found = _read(value)
    if not (found or read.malformed):
        return
    fix = mended_line(response)
    if read.malformed:
        yield MALFORMED.found(read.malformed[0], fix=fix)
    for rule, directives in found.items():
        names = list(dict.fromkeys(directive.name for directive in directives))
        facts = {"names": " and ".join(names)}
        if rule is MISSPELT:
            facts["meant"] = " and ".join(dict.fromkeys(intended(name) or "" for name in names))
        evidence = ", ".join(dict.fromkeys(directive.text for directive in directives))
        yield rule.found(evidence, fix=fix, **facts)


@lru_cache(maxsize=_VALUES_KEPT)
def _read(value: str) -> tuple[CacheControl, dict[Rule, list[Directive]]]:
    read = parse_cache_control(value)
    return read, _group(read)


def _group(read: CacheControl) -> dict[Rule, list[Directive]]:
    found: dict[Rule, list[Directive]] = {}
    first: dict[str, Directive] = {}
    for directive in read.directives:
        rule = _judge_repeat(directive, first.setdefault(directive.name, directive)) or _judge(directive)
        if rule is not None:
            found.setdefault(rule, []).append(directive)
    return found


def _judge_repeat(directive: Directive, first: Directive) -> Rule | None:
    if directive.name in SECONDS and parse_seconds(directive.value or "") != parse_seconds(first.value or ""):
        return REPEATED
    if directive.name in LISTS and bool(directive.value) != bool(first.value):
        return FIELDS_POINTLESS
    return None


def _judge(directive: Directive) -> Rule | None:
    name, value = directive.name, directive.value
    if name in SECONDS:
        return _judge_seconds(value)
    if name in LISTS:
        return None if value is None else _judge_fields(value, quoted=directive.quoted)
    if name in FLAGS:
        return None if value is None else ARGUMENT
    if name in REQUEST_ONLY:
        return OF_REQUESTS
    if name in RETIRED:
        return OBSOLETE
    return UNKNOWN if intended(name) is None else MISSPELT


def _judge_seconds(value: str | None) -> Rule | None:
    if not value:
        return SECONDS_MISSING
    seconds = parse_seconds(value)
    if seconds is None:
        return SECONDS_INVALID
    return SECONDS_OVERFLOW if seconds > SECONDS_LIMIT else None


def _judge_fields(value: str, *, quoted: bool) -> Rule | None:
    parts = [part for part in value.split(",") if part.strip(" \t")]
    if not parts or len(field_names(value)) < len(parts):
        return FIELDS_INVALID
    return None if quoted else FIELDS_UNQUOTED


CHECK = Check(
    id="cache-control-syntax",
    title="How Cache-Control is written",
    why="Caches pass over what they do not understand, and keep what they should not, or nothing.",
    reference="RFC 9111 section 5.2",
    rules=(
        MALFORMED,
        MISSPELT,
        UNKNOWN,
        REPEATED,
        SECONDS_INVALID,
        SECONDS_MISSING,
        SECONDS_OVERFLOW,
        ARGUMENT,
        FIELDS_UNQUOTED,
        FIELDS_INVALID,
        FIELDS_POINTLESS,
        OF_REQUESTS,
        OBSOLETE,
    ),
    run=run,
    needs=(FIELD,),
)
