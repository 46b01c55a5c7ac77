"""Alt-Svc (RFC 7838): where else, and by which protocol, the same origin can be reached."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from msgspec import Struct

from workers.check import Check, Rule, removal
from workers.model import Finding
from workers.response import Response
from workers.syntax.parameters import LIMIT, Parameter, parse_parameters, split_list

FIELD = "Alt-Svc"
PORTS: Final = 65_535
_VALUES_KEPT: Final = 256  # of at most `LIMIT` characters; most sites have one that others have
# Drafts of HTTP/3, the QUIC before it, and SPDY: their final forms are h3 and h2 (RFC 9114, RFC 9113).
_OBSOLETE = re.compile(r"h3-.+|hq(?:-.+)?|quic|spdy/.+|h2-\d+|npn-.+", re.DOTALL)
_ALTERNATIVE = re.compile(r'([!#$%&\'*+\-.^_`|~0-9A-Za-z]++)="([^"\\]*+)"')
_PORT = re.compile(r"(?:\[[0-9A-Fa-f:.]++\]|[A-Za-z0-9._~\-]*+):([0-9]{1,5})", re.ASCII)

MALFORMED = Rule(
    id="alt-svc-malformed",
    severity="low",
    field=FIELD,
    message="{member} is no alternative, so browsers may ignore the whole header.",
    why='An alternative is a protocol, = and a quoted host and port: h3=":443".',
    fix=removal(FIELD),
    reference="RFC 7838 section 3",
)
CLEAR_IN_LIST = Rule(
    id="alt-svc-clear-in-list",
    severity="low",
    field=FIELD,
    message="clear stands beside alternatives; it means something only when it stands alone, in lower case.",
    why="clear takes all alternatives back, which a list of them contradicts.",
    fix=f"{FIELD}: clear",
    reference="RFC 7838 section 3",
)
OBSOLETE = Rule(
    id="alt-svc-protocol-obsolete",
    severity="info",
    field=FIELD,
    message="{protocol} is a draft's protocol, which today's browsers do not speak.",
    why="What was standardised is called h3 and h2; drafts only make the header longer.",
    fix=removal(FIELD),
    reference="RFC 9114 section 3.1",
)
INVALID_MAX_AGE = Rule(
    id="alt-svc-max-age-invalid",
    severity="low",
    field=FIELD,
    message="ma is no number of seconds, so browsers take a day or ignore the header.",
    why="ma is digits and nothing else; 86400 is what holds without it.",
    fix=removal(FIELD),
    reference="RFC 7838 section 3.1",
)


class Alternative(Struct, frozen=True):
    text: str
    protocol: str
    authority: str
    parameters: tuple[Parameter, ...]

    @property
    def is_current(self) -> bool:
        return _OBSOLETE.fullmatch(self.protocol) is None

    @property
    def max_age(self) -> str | None:
        """The first ma; None where there is none."""
        return next((value or "" for name, value in self.parameters if name == "ma"), None)

    def mended(self) -> str:
        age = self.max_age
        suffix = "" if age is None else f"; ma={age if _is_number(age) else 86_400}"
        return f'{self.protocol}="{self.authority}"{suffix}'


def run(response: Response) -> Iterator[Finding]:
    value = response.combined(FIELD)
    if value is not None and len(value) <= LIMIT:
        yield from _found(value)


@lru_cache(maxsize=_VALUES_KEPT)
def _found(value: str) -> tuple[Finding, ...]:
    return tuple(_judge(value))


def _judge(value: str) -> Iterator[Finding]:
    members = split_list(value)
    if members == ["clear"]:
        return
    parsed = {member: _parse(member) for member in members}
    right = [alternative for alternative in parsed.values() if alternative is not None]
    current = [alternative.mended() for alternative in right if alternative.is_current]
    clears = [member for member in members if member.lower() == "clear"]
    fix = f"{FIELD}: {', '.join(current)}" if current else (CLEAR_IN_LIST.fix if clears else removal(FIELD))
    if clears:
        yield CLEAR_IN_LIST.found(value, fix=fix)
    wrong = [member for member, found in parsed.items() if found is None and member not in clears]
    if wrong:
        yield MALFORMED.found(wrong[0], member=wrong[0][:80], fix=fix)
    for alternative in right:
        if alternative.max_age is not None and not _is_number(alternative.max_age):
            yield INVALID_MAX_AGE.found(alternative.text, fix=fix)
            break
    for alternative in right:
        if not alternative.is_current:
            yield OBSOLETE.found(alternative.text, protocol=alternative.protocol, fix=fix)
            break


def _parse(member: str) -> Alternative | None:
    match = _ALTERNATIVE.match(member)
    if match is None:
        return None
    port = _PORT.fullmatch(match[2])
    parameters, rest = parse_parameters(member[match.end() :])
    if port is None or not 0 < int(port[1]) <= PORTS or rest:
        return None
    return Alternative(member, match[1], match[2], parameters)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()


CHECK = Check(
    id="alt-svc",
    title="Alt-Svc",
    why="Leads browsers to HTTP/3; what they cannot read leads them nowhere.",
    reference="RFC 7838",
    rules=(MALFORMED, CLEAR_IN_LIST, OBSOLETE, INVALID_MAX_AGE),
    run=run,
    needs=(FIELD,),
)
