"""Strict-Transport-Security (RFC 6797): whether browsers come back by https alone."""

from collections.abc import Iterator
from typing import Final

from workers.check import Check, Rule
from workers.model import Finding
from workers.response import Response
from workers.syntax.directives import Directive, parse_directives, spelt_directive
from workers.syntax.statuses import NOT_MODIFIED
from workers.syntax.verbatim import as_sent

FIELD = "Strict-Transport-Security"
KNOWN = frozenset({"max-age", "includesubdomains", "preload"})
DAY_S: Final = 86_400
YEAR_S: Final = 365 * DAY_S  # hstspreload.org's minimum
SHORT_S: Final = 180 * 86_400  # six months as the Observatory counts them, because many sites send that
MAX_AGE_DIGITS: Final = 12  # 30,000 years: longer numbers are not worth converting
LIMIT: Final = 64  # directives that are judged; three have a meaning, and each costs 2 µs
PRELOAD_LIST = "https://hstspreload.org/#submission-requirements"
RECOMMENDED = f"{FIELD}: max-age={YEAR_S}; includeSubDomains"

MISSING = Rule(
    id="hsts-missing",
    severity="medium",
    field=FIELD,
    message="No Strict-Transport-Security was sent, so browsers may come back over plain http.",
    why="A visit that begins with http:// can be read, and answered, by anyone on the way.",
    fix=RECOMMENDED,
    reference="RFC 6797 section 7.1",
)
OVER_HTTP = Rule(
    id="hsts-over-http",
    severity="low",
    field=FIELD,
    message="The header came over plain http, where browsers ignore it.",
    why="Over http it could be forged; a host must send it over https only.",
    fix="Redirect http to https, and send the header in the https responses",
    reference="RFC 6797 section 8.1",
)
MALFORMED = Rule(
    id="hsts-malformed",
    severity="medium",
    field=FIELD,
    message="The value leaves the header's grammar, so browsers ignore it whole.",
    why="Directives are separated by semicolons; one thing out of place undoes the others.",
    fix=RECOMMENDED,
    reference="RFC 6797 section 6.1",
)
REPEATED_DIRECTIVE = Rule(
    id="hsts-directive-repeated",
    severity="medium",
    field=FIELD,
    message="The directive {name} is given more than once, which makes the header invalid.",
    why="A directive must not appear twice; browsers ignore such a header, or pick one of the two.",
    fix=RECOMMENDED,
    reference="RFC 6797 section 6.1",
)
NO_MAX_AGE = Rule(
    id="hsts-max-age-missing",
    severity="medium",
    field=FIELD,
    message="There is no max-age, so browsers ignore the header.",
    why="max-age is the one directive that is required.",
    fix=RECOMMENDED,
    reference="RFC 6797 section 6.1.1",
)
INVALID_MAX_AGE = Rule(
    id="hsts-max-age-invalid",
    severity="medium",
    field=FIELD,
    message="max-age is no number of seconds, so browsers ignore the header.",
    why="Its value is digits and nothing else.",
    fix=RECOMMENDED,
    reference="RFC 6797 section 6.1.1",
)
ZERO_MAX_AGE = Rule(
    id="hsts-max-age-zero",
    severity="medium",
    field=FIELD,
    message="max-age=0 makes browsers forget the host: it turns the protection off.",
    why="Zero is how a host withdraws its policy.",
    fix=RECOMMENDED,
    reference="RFC 6797 section 6.1.1",
)
SHORT_MAX_AGE = Rule(
    id="hsts-max-age-short",
    severity="medium",
    field=FIELD,
    message="max-age is {period}: who visits more rarely than that is not protected.",
    why="Browsers forget the host when max-age has passed since the last visit; a year or more is usual.",
    fix=RECOMMENDED,
    reference="RFC 6797 section 6.1.1",
)
DIRECTIVE_VALUE = Rule(
    id="hsts-directive-with-value",
    severity="low",
    field=FIELD,
    message="{name} was given a value; it takes none, and browsers may ignore the header for it.",
    why="includeSubDomains is on by being there: even includeSubDomains=0 asks for it.",
    fix=RECOMMENDED,
    reference="RFC 6797 section 6.1.2",
)
UNKNOWN_DIRECTIVE = Rule(
    id="hsts-directive-unknown",
    severity="low",
    field=FIELD,
    message="No browser knows the directive {name}; it has no effect.",
    why="Unknown directives are ignored, so a misspelt one leaves the protection smaller than it looks.",
    fix=RECOMMENDED,
    reference="RFC 6797 section 6.1",
)
REPEATED_FIELD = Rule(
    id="hsts-field-repeated",
    severity="low",
    field=FIELD,
    message="The header was sent {count} times; browsers take the first and ignore the others.",
    why="Two layers that both set it hide each other's mistakes.",
    fix=RECOMMENDED,
    reference="RFC 6797 section 8.1",
)
NO_SUBDOMAINS = Rule(
    id="hsts-subdomains-unprotected",
    severity="info",
    field=FIELD,
    message="Without includeSubDomains the policy covers this host alone.",
    why="Cookies of the domain can be stolen or planted through a subdomain that is reached over http.",
    fix=RECOMMENDED,
    reference="RFC 6797 section 14.4",
)
PRELOAD_INELIGIBLE = Rule(
    id="hsts-preload-ineligible",
    severity="low",
    field=FIELD,
    message="preload is asked for, but the preload list needs {needs} too.",
    why="Until the header meets the list's rules the host is not taken in, and can be removed again.",
    fix=f"{RECOMMENDED}; preload",
    reference=PRELOAD_LIST,
)


def run(response: Response) -> Iterator[Finding]:
    values = response.values(FIELD)
    if not response.is_https:
        if values:
            yield OVER_HTTP.found(values[0])
        return
    if not values:
        # Section 8.1.1: an address is never an HSTS host. A 304 leaves fields out.
        if not response.is_at_address and response.status != NOT_MODIFIED:
            yield MISSING.found()
        return
    directives, rest = read_directives(values[0])
    given = {directive.name: directive.value for directive in reversed(directives)}
    fix = _mended(given, rest)
    if len(values) > 1:
        yield REPEATED_FIELD.found(values[1], count=len(values), fix=fix)
    if rest:
        yield MALFORMED.found(rest, fix=fix)
        return
    yield from _judge_directives(values[0], directives, fix)
    yield from _judge_policy(values[0], given, fix)


def read_directives(value: str) -> tuple[tuple[Directive, ...], str]:
    """The first directives of a value, and the rest from where it leaves the grammar, or ""."""
    if value.count(";") > LIMIT:
        value = ";".join(value.split(";", LIMIT)[:LIMIT])
    return parse_directives(value)


def mended_line(value: str) -> str:
    """The one line that mends all that is found: pasting one fix must not bring back what another mends."""
    directives, rest = read_directives(value)
    return _mended({directive.name: directive.value for directive in reversed(directives)}, rest)


def _mended(given: dict[str, str | None], rest: str) -> str:
    if rest:
        return RECOMMENDED
    seconds = _seconds(given) or 0  # a max-age that is long enough stays, preload where it was asked for
    enough = YEAR_S if "preload" in given else SHORT_S
    line = f"{FIELD}: max-age={seconds if seconds >= enough else YEAR_S}; includeSubDomains"
    return f"{line}; preload" if "preload" in given else line


def _judge_directives(sent: str, directives: tuple[Directive, ...], fix: str) -> Iterator[Finding]:
    given: dict[str, str | None] = {}
    repeated: dict[str, None] = {}
    for directive in directives:
        if directive.name in given:
            repeated[directive.name] = None
        else:
            given[directive.name] = directive.value
    for name in repeated:
        yield REPEATED_DIRECTIVE.found(as_sent(name, sent), name=name, fix=fix)
    for name, value in given.items():
        if name not in KNOWN:
            yield UNKNOWN_DIRECTIVE.found(as_sent(name, sent), name=name, fix=fix)
        elif name != "max-age" and value is not None:
            yield DIRECTIVE_VALUE.found(spelt_directive(name, sent), name=name, fix=fix)


def _judge_policy(sent: str, given: dict[str, str | None], fix: str) -> Iterator[Finding]:
    if "max-age" not in given:
        yield NO_MAX_AGE.found(fix=fix)
        return
    evidence, seconds = spelt_directive("max-age", sent), _seconds(given)
    if seconds is None:
        yield INVALID_MAX_AGE.found(evidence, fix=fix)
        return
    if seconds == 0:
        yield ZERO_MAX_AGE.found(evidence, fix=fix)
        return  # the policy is withdrawn: what it would cover does not matter
    if seconds < SHORT_S:
        yield SHORT_MAX_AGE.found(evidence, period=_period(seconds), fix=fix)
    subdomains = "includesubdomains" in given
    wanted = {"includeSubDomains": subdomains, f"max-age of at least {YEAR_S}": seconds >= YEAR_S}
    needs = " and ".join(need for need, met in wanted.items() if not met)
    if "preload" in given and needs:
        yield PRELOAD_INELIGIBLE.found(as_sent("preload", sent), needs=needs, fix=fix)
    elif not subdomains:
        yield NO_SUBDOMAINS.found(fix=fix)


def _seconds(given: dict[str, str | None]) -> int | None:
    """The max-age; None where it is absent or no number."""
    value = given.get("max-age")
    if value is None or not (value.isascii() and value.isdigit()):
        return None
    return int(value.lstrip("0")[:MAX_AGE_DIGITS] or "0")


def _period(seconds: int) -> str:
    return f"{seconds // DAY_S} days" if seconds >= 2 * DAY_S else f"{seconds} seconds"


RULES = (
    MISSING, OVER_HTTP, MALFORMED, REPEATED_FIELD, REPEATED_DIRECTIVE, UNKNOWN_DIRECTIVE, DIRECTIVE_VALUE,
    NO_MAX_AGE, INVALID_MAX_AGE, ZERO_MAX_AGE, SHORT_MAX_AGE, NO_SUBDOMAINS, PRELOAD_INELIGIBLE,
)  # fmt: skip

CHECK = Check(
    id="strict-transport-security",
    title="Strict-Transport-Security (HSTS)",
    why="Tells browsers to reach the host by https alone, so that nobody on the way can step in.",
    reference="RFC 6797",
    rules=RULES,
    run=run,
)
