"""Server-Timing (W3C Server Timing): what the server spent its time on, for whoever looks."""

import re
from collections.abc import Iterator

from msgspec import Struct

from workers.check import Check, Rule, removal
from workers.model import Finding
from workers.response import Response
from workers.syntax.parameters import LIMIT, parse_parameters, split_list

FIELD = "Server-Timing"
SPECIFICATION = "https://www.w3.org/TR/server-timing/"
# Words in a metric's name or description that tell what works behind the server.
INTERNAL = frozenset(
    {
        "activerecord", "cassandra", "database", "db", "dynamodb", "elasticsearch", "graphql",
        "hibernate", "kafka", "ldap", "memcache", "memcached", "mongo", "mongodb", "mssql", "mysql",
        "oracle", "pg", "postgres", "postgresql", "query", "rabbitmq", "redis", "solr", "sql",
        "sqlserver",
    }
)  # fmt: skip
_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]++")
_WORD = re.compile(r"[A-Za-z]+")
# Addresses that are of use inside alone (RFC 1918), and names that no public DNS has.
_INSIDE = re.compile(
    r"\b(?:10(?:\.\d{1,3}){3}|192\.168(?:\.\d{1,3}){2}|172\.(?:1[6-9]|2\d|3[01])(?:\.\d{1,3}){2})\b"
    r"|\.(?:internal|local|lan|corp)\b",
    re.ASCII,
)
_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]*)?(?:[eE][+\-]?[0-9]+)?|-?\.[0-9]+", re.ASCII)

DISCLOSES = Rule(
    id="server-timing-discloses-internals",
    severity="info",
    field=FIELD,
    message="The metric {name} tells what works behind the server.",
    why="Names of databases, hosts and queries, and how long they took, help whoever prepares an attack.",
    fix=removal(FIELD),
    reference=f"{SPECIFICATION}#privacy-and-security",
)
MALFORMED = Rule(
    id="server-timing-malformed",
    severity="info",
    field=FIELD,
    message="{member} leaves the header's grammar; browsers drop it or part of it.",
    why="A metric is a token, with ;dur=number and ;desc=text after it.",
    fix=removal(FIELD),
    reference=f"{SPECIFICATION}#the-server-timing-header-field",
)
INVALID_DURATION = Rule(
    id="server-timing-duration-invalid",
    severity="info",
    field=FIELD,
    message="The duration of {name} is no number of milliseconds, so browsers show 0.",
    why="dur is a number without a unit.",
    fix=removal(FIELD),
    reference=f"{SPECIFICATION}#duration-attribute",
)


class Metric(Struct, frozen=True):
    name: str
    duration: str | None
    description: str | None
    text: str

    @property
    def tells_internals(self) -> bool:
        text = f"{self.name} {self.description or ''}"
        return not INTERNAL.isdisjoint(_WORD.findall(text.lower())) or _INSIDE.search(text) is not None

    @property
    def has_duration(self) -> bool:
        return self.duration is not None and _NUMBER.fullmatch(self.duration) is not None

    def mended(self) -> str:
        duration = f";dur={self.duration}" if self.has_duration else ""
        if self.description is None:
            return f"{self.name}{duration}"
        description = self.description.replace("\\", "\\\\").replace('"', '\\"')
        return f'{self.name}{duration};desc="{description}"'


def run(response: Response) -> Iterator[Finding]:
    value = response.combined(FIELD)
    if value is None or len(value) > LIMIT:
        return
    metrics: list[Metric] = []
    wrong: list[str] = []
    for member in split_list(value):
        metric = _parse(member)
        if metric is None:
            wrong.append(member)
        else:
            metrics.append(metric)
    telling = [metric for metric in metrics if metric.tells_internals]
    timeless = [metric for metric in metrics if metric.duration is not None and not metric.has_duration]
    if not (wrong or telling or timeless):
        return
    kept = [metric.mended() for metric in metrics if metric not in telling]
    fix = f"{FIELD}: {', '.join(kept)}" if kept else removal(FIELD)
    if telling:
        yield DISCLOSES.found(telling[0].text, name=telling[0].name, fix=fix)
    if wrong:
        yield MALFORMED.found(wrong[0], member=wrong[0][:80], fix=fix)
    if timeless:
        yield INVALID_DURATION.found(timeless[0].duration, name=timeless[0].name, fix=fix)


def _parse(member: str) -> Metric | None:
    match = _NAME.match(member)
    parameters, rest = parse_parameters(member[match.end() :]) if match else ((), member)
    if match is None or rest:
        return None
    given = dict(reversed(parameters))  # the first of a name counts
    return Metric(match[0], given.get("dur"), given.get("desc"), member)


CHECK = Check(
    id="timing-metrics",
    title="Server-Timing",
    why="Shows any visitor what the server was busy with.",
    reference=SPECIFICATION,
    rules=(DISCLOSES, MALFORMED, INVALID_DURATION),
    run=run,
    needs=(FIELD,),
)
