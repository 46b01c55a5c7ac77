"""One Set-Cookie line as the rules see it, and the shape in which they say what is wrong with it."""

from collections.abc import Callable, Hashable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final, Generic, NamedTuple, TypeVar, TypeVarTuple

from msgspec import Struct

from workers.check import Rule
from workers.checks import directory, host_beside, is_trusted, strict_transport_security
from workers.model import Finding
from workers.observatory.public_suffix import is_public_suffix
from workers.response import Response
from workers.syntax.cookie_store import Request, Stored, store
from workers.syntax.cookies import Cookie, Refusal, parse_cookie_date, parse_set_cookie

FIELD: Final = "Set-Cookie"
AGE_DIGITS: Final = strict_transport_security.MAX_AGE_DIGITS
DELETED_BEFORE: Final = datetime(
    2000, 1, 1, tzinfo=UTC
)  # where no Date tells the time: such dates only delete


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


A = TypeVar("A", bound=Hashable)
Facts = TypeVarTuple("Facts")


class Setting(Struct, frozen=True):
    """Where and when the lines of a response came. Of host and Date it asks only what a cookie hangs on, so
    that what is found of one site's cookies holds for those of another that sends the same lines."""

    response: Response

    @property
    def is_https(self) -> bool:
        return self.response.is_https

    @property
    def is_trusted(self) -> bool:
        return is_trusted(self.response)

    @property
    def is_address(self) -> bool:
        return self.response.is_at_address

    @property
    def has_host(self) -> bool:
        """Where the URL has none, nobody knows whose cookies these are."""
        return self.response.ask(_has_host)

    def by_date(self, judge: Callable[[*Facts, datetime | None], A], *facts: *Facts) -> A:
        """What `judge` says of the facts at the response's Date (None where it tells no time)."""
        return self.response.ask(_ByDate(judge, facts))

    def keeps_off_http(self, cookie: Cookie) -> bool:
        """Whether the HSTS policy that came along keeps browsers from sending the cookie over plain http."""
        policies = self.response.values(strict_transport_security.FIELD) if self.is_https else ()
        coverage = _coverage(policies[0]) if policies else frozenset()
        if not cookie.domain:
            return "host" in coverage
        return "subdomains" in coverage and self.request_of(cookie).host == cookie.domain

    def request_of(self, cookie: Cookie) -> Request:
        """The request as far as this cookie depends on it, with a host that is to its Domain what ours is."""
        path = directory(self.response) if cookie.path is None else "/"
        domain = cookie.domain
        if not domain:
            return Request("", path, self.is_trusted)
        return Request(host_beside(self.response, domain), path, self.is_trusted, self.is_address)


class Sent(Struct, frozen=True):
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

    def spelt(self, name: str, value: str | None) -> str:
        """The last attribute of that name and value, as it was sent."""
        texts = (part.text for part in reversed(self.parts) if (part.name, part.value) == (name, value))
        return next(texts, f"{name}={value}")


def read_line(text: str, setting: Setting) -> Sent | Refusal:
    """The cookie of a line, or why it is none at all; one that is only not stored is a cookie."""
    cookie = parse_set_cookie(text)
    if isinstance(cookie, Refusal):
        return cookie
    _, *parts = text.split(";")
    # When it ends depends on the time, and whether it is stored does not.
    answer = store(cookie, setting.request_of(cookie), DELETED_BEFORE, _is_public_suffix)
    return Sent(
        f"{cookie.name}={cookie.value}",
        tuple(map(part_of, parts)),
        cookie,
        answer,
        setting,
        _is_deleted(cookie, setting),
    )


def part_of(text: str) -> Part:
    name, _, value = text.partition("=")
    return Part(name.strip(" \t").lower(), value.strip(" \t"), text.strip(" \t"))


def named(parts: Parts, name: str) -> list[str]:
    """The values of all attributes of that name, in order."""
    return [part.value for part in parts if part.name == name]


def without(parts: Parts, *names: str) -> Parts:
    return tuple(part for part in parts if part.name not in names)


def _is_deleted(cookie: Cookie, setting: Setting) -> bool:
    """`Cookie.expired`, asking for the time only where it decides."""
    if (age := cookie.max_age) is not None:
        return age <= 0
    expires = cookie.expires
    return expires is not None and setting.by_date(_is_past, expires)


def _is_past(moment: datetime, now: datetime | None) -> bool:
    return moment <= (now or DELETED_BEFORE)


def _has_host(response: Response) -> bool:
    return response.host != ""


class _ByDate(Struct, Generic[A], frozen=True):
    judge: Callable[..., A]
    facts: tuple[Hashable, ...]

    def __call__(self, response: Response) -> A:
        dates = response.values("date")
        return self.judge(*self.facts, parse_cookie_date(dates[0]) if dates else None)


@lru_cache(maxsize=64)
def _coverage(policy: str) -> frozenset[str]:
    """What a policy is in force for (RFC 6797 section 6.1), and for long enough to be relied on."""
    directives, rest = strict_transport_security.read_directives(policy)
    given = {directive.name: directive.value or "" for directive in reversed(directives)}
    age = given.get("max-age", "")
    seconds = int(age.lstrip("0")[:AGE_DIGITS] or "0") if age.isdecimal() else 0
    lasts = seconds >= strict_transport_security.SHORT_S
    if rest or not lasts:
        return frozenset()
    return frozenset({"host", "subdomains"} if "includesubdomains" in given else {"host"})


@lru_cache(maxsize=1024)  # the cookies of a site have a domain or two
def _is_public_suffix(domain: str) -> bool:
    return is_public_suffix(domain)
