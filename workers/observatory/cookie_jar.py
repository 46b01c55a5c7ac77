"""Which cookies a jar keeps of the Set-Cookie lines it is given, and what it takes them to say.

The rules are those of the library `tough-cookie` 5 as the Observatory uses it: close to RFC 6265bis, not
equal to it. The Observatory judges every cookie that is in its jar, those that are over included; it loses
them only when the jar is asked for the cookies of a request that they would go with.
"""

import re
from collections.abc import Hashable, Iterable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

from msgspec import Struct

from workers.observatory.evidence import Address, read_address
from workers.observatory.javascript import trim
from workers.observatory.public_suffix import registrable_domain
from workers.syntax.cookie_store import path_matches
from workers.syntax.cookies import parse_cookie_date

_LINES_KEPT: Final = 256  # a response's lines are read to know what they depend on, and to keep them
_CONTROL: Final = re.compile(r"[\x00-\x1f]")
_TERMINATOR: Final = re.compile(r"[\n\r\0]")
_SAME_SITE: Final = frozenset({"strict", "lax", "none"})
# RFC 6761: names that tough-cookie lets have cookies although no registry gives them out.
_SPECIAL_USE: Final = frozenset({"local", "example", "invalid", "localhost", "test"})
_SPECIAL_USE_ALONE: Final = frozenset({"localhost", "invalid"})
_MAX_AGE: Final = re.compile(r"(?P<over>-[0-9]+|0+)|[0-9]+")
_DELETED_BEFORE: Final = datetime(2000, 1, 1, tzinfo=UTC)  # where no Date tells the time: such dates delete

Answer = tuple[str, Iterable[str], datetime | None]
"""A response as far as the jar goes: the URL that sent it, its lines, and its Date, where that matters."""


class Cookie(Struct, frozen=True):
    """A cookie in the jar. `same_site` is None where the attribute is absent or not understood."""

    name: str
    secure: bool
    http_only: bool
    same_site: str | None


class _Line(Struct, frozen=True):
    cookie: Cookie
    domain: str
    path: str
    expires: tuple[str, ...]  # not read yet: of most cookies nobody asks
    lasts: bool | None  # what Max-Age, which goes before Expires, says

    def is_over(self, at: datetime) -> bool:
        """Whether the cookie is over as it is set."""
        if self.lasts is not None:
            return not self.lasts
        dates = [date for text in self.expires if (date := parse_cookie_date(text)) is not None]
        return bool(dates) and dates[-1] <= at


def keep_cookies(answers: Iterable[Answer]) -> tuple[Cookie, ...]:
    """What is in the jar after the responses of a chain; a later cookie replaces its like."""
    jar: dict[tuple[str, str, str], tuple[_Line, datetime]] = {}
    for url, lines, sent_at in answers:
        sender = read_address(url)
        over = [key for key, (line, at) in jar.items() if _goes_to(sender, key, line) and line.is_over(at)]
        for key in over:
            del jar[key]
        for text in lines:
            line = _parse(text)
            if line is None:
                continue
            domain = _canonical(line.domain or sender.host)
            path = line.path or _default_path(sender.path)
            if line.domain and not _may_set(sender, domain):
                continue
            if _breaks_prefix(line.cookie, host_only=not line.domain, path=path):
                continue
            jar[domain, path, line.cookie.name] = line, sent_at or _DELETED_BEFORE
    return tuple([line.cookie for line, _ in jar.values()])


def _goes_to(receiver: Address, key: tuple[str, str, str], line: _Line) -> bool:
    """Whether a request to the URL asks the jar for the cookie."""
    domain, path, _ = key
    host = _canonical(receiver.host)
    is_below = bool(line.domain) and not _is_address(host) and host.endswith(f".{domain}")
    if line.cookie.secure and receiver.scheme != "https":
        return False
    return (host == domain or is_below) and path_matches(receiver.path, path)


def domains_of(lines: Iterable[str]) -> tuple[str, ...]:
    """The Domains of the cookies that lines set, "" for those that have none; each once."""
    cookies = [line for text in lines if (line := _parse(text)) is not None]
    return tuple(dict.fromkeys(_canonical(line.domain) for line in cookies))


def read_relations(url: str, lines: Iterable[str]) -> tuple[Hashable, ...]:
    """What the jar's answers to lines depend on of the URL that sent them; empty without cookies."""
    domains = domains_of(lines)
    if not domains:
        return ()
    sender = read_address(url)
    host = _canonical(sender.host)
    relations = [(host == domain, host.endswith(f".{domain}")) for domain in domains if domain]
    return _default_path(sender.path), _is_address(host), *relations


@lru_cache(maxsize=_LINES_KEPT)
def _parse(text: str) -> _Line | None:
    """Read one line; None where it has no `name=`, or a control character in name or value."""
    pair, *attributes = trim(text).split(";")
    name, equals, value = _TERMINATOR.split(pair, maxsplit=1)[0].partition("=")
    name, value = trim(name), trim(value)
    if not equals or not name or _CONTROL.search(name) or _CONTROL.search(value):
        return None
    domain = path = ""
    same_site: str | None = None
    secure = http_only = False
    expires: list[str] = []
    lasts: bool | None = None
    for attribute in attributes:
        key, _, value = attribute.partition("=")
        match trim(key).lower():
            case "secure":
                secure = True
            case "httponly":
                http_only = True
            case "samesite":  # the last one counts, even one that is not understood
                same_site = _read_same_site(trim(value).lower())
            case "max-age":
                age = _MAX_AGE.fullmatch(trim(value))
                lasts = lasts if age is None else age["over"] is None
            case "expires":
                expires.append(trim(value))
            case "domain":
                domain = trim(value).removeprefix(".").lower() or domain
            case "path":
                value = trim(value)
                path = value if value.startswith("/") else ""
    return _Line(Cookie(name, secure, http_only, same_site), domain, path, tuple(expires), lasts)


def _read_same_site(value: str) -> str | None:
    return value if value in _SAME_SITE else None


def _canonical(host: str) -> str:
    """The host as it is compared (tough-cookie, canonicalDomain.js): without a second leading dot; an IPv6
    address as URLs write it, but for its brackets; A-labels for what is not ASCII."""
    host = trim(host).removeprefix(".")
    if not host.isascii():
        return read_address(f"http://{host}/").host or host
    if ":" not in host:
        return host
    address = read_address(f"http://[{host.removeprefix('[').removesuffix(']')}]/").host
    return address[1:-1] or host


def _default_path(path: str) -> str:
    """RFC 6265 section 5.1.4."""
    return path[: path.rfind("/")] or "/"


def _may_set(sender: Address, domain: str) -> bool:
    host = _canonical(sender.host)
    if host != domain and (_is_address(host) or not host.endswith(f".{domain}")):
        return False
    # Oddity (tough-cookie, cookieJar.js): an IPv4 address has no registrable domain and passes for a public
    # suffix, so that a host may not name itself by one; an IPv6 address may.
    return ":" in domain or _is_below_public_suffix(domain)


def _is_address(host: str) -> bool:
    return ":" in host or host.replace(".", "").isdigit()


def _is_below_public_suffix(domain: str) -> bool:
    parent, _, last = domain.rpartition(".")
    if last in _SPECIAL_USE and (parent or last in _SPECIAL_USE_ALONE):
        return True
    return registrable_domain(domain, private=True) is not None


def _breaks_prefix(cookie: Cookie, *, host_only: bool, path: str) -> bool:
    """RFC 6265bis section 5.7, but for case: tough-cookie knows the prefixes only as they are spelt here."""
    if cookie.name.startswith("__Secure-"):
        return not cookie.secure
    if cookie.name.startswith("__Host-"):
        return not (cookie.secure and host_only and path == "/")
    return False
