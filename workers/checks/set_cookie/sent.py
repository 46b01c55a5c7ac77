"""One Set-Cookie line as the rules see it, and the shape in which they say what is wrong with it."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final, NamedTuple

from workers.check import Rule
from workers.checks import host_of, is_address, is_local
from workers.model import Finding
from workers.observatory.public_suffix import registrable_domain
from workers.response import Response
from workers.syntax.cookie_store import Request, Stored, store
from workers.syntax.cookies import Cookie, Refusal, parse_cookie_date, parse_set_cookie

FIELD: Final = "Set-Cookie"
DELETED_BEFORE: Final = datetime(
    2000, 1, 1, tzinfo=UTC
)  # where no Date tells the time: such dates only delete
_PATH = re.compile(r"[a-z]+://[^/?#]*+([^?#]*+)")


class Part(NamedTuple):
    """An attribute: its name in lower case, its value, and the two as spelt; no white space around."""

    name: str
    value: str
    text: str

    @property
    def spelt(self) -> str:
        """The name as it is spelt."""
        return self.text[: len(self.name)]


Parts = tuple[Part, ...]


class Broken(NamedTuple):
    """A rule that a line breaks. `by_line` tells whether a corrected line mends it; else its prose does."""

    rule: Rule
    evidence: str
    facts: dict[str, str]
    by_line: bool = True

    def found(self, line: str | None) -> Finding:
        """The finding, with `line` for its fix where one mends it."""
        return self.rule.found(self.evidence, fix=line if self.by_line else None, field=FIELD, **self.facts)


@dataclass(frozen=True, slots=True)
class Setting:
    """What all lines of a response have in common; `now` is None where no Date tells the time."""

    request: Request
    is_https: bool
    now: datetime | None


@dataclass(frozen=True, slots=True)
class Sent:
    """A line that is a cookie: its pair and attributes, what a browser makes of them, where it came from."""

    pair: str
    parts: Parts
    cookie: Cookie
    answer: Stored | Refusal
    setting: Setting
    is_deleted: bool

    @property
    def name(self) -> str:
        """What to call the cookie in a message."""
        return self.cookie.name or self.cookie.value


def setting_of(response: Response) -> Setting:
    host = host_of(response.url)
    match = _PATH.match(response.url)
    is_trusted = response.is_https or is_local(host)
    request = Request(host, match[1] if match else "/", is_trusted, is_address(host))
    dates = response.values("date")
    return Setting(request, response.is_https, parse_cookie_date(dates[0]) if dates else None)


def read_line(text: str, setting: Setting) -> Sent | Refusal:
    """The cookie of a line, or why it is none at all; one that is only not stored is a cookie."""
    cookie = parse_set_cookie(text)
    if isinstance(cookie, Refusal):
        return cookie
    _, *parts = text.split(";")
    now = setting.now or DELETED_BEFORE
    answer = store(cookie, setting.request, now, _is_public_suffix)
    return Sent(
        f"{cookie.name}={cookie.value}",
        tuple(map(part_of, parts)),
        cookie,
        answer,
        setting,
        cookie.expired(now),
    )


def part_of(text: str) -> Part:
    name, _, value = text.partition("=")
    return Part(name.strip(" \t").lower(), value.strip(" \t"), text.strip(" \t"))


def named(parts: Parts, name: str) -> list[str]:
    """The values of all attributes of that name, in order."""
    return [part.value for part in parts if part.name == name]


def without(parts: Parts, *names: str) -> Parts:
    return tuple(part for part in parts if part.name not in names)


@lru_cache(maxsize=1024)  # the cookies of a site have a domain or two
def _is_public_suffix(domain: str) -> bool:
    return registrable_domain(domain, private=True) is None
