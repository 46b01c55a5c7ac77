"""What was gathered for one site, as the Observatory's tests need it.

"Nothing answered" and "nobody asked" are different values here: a test that needs what nobody asked for is
not run at all, while silence is an answer and is judged.
"""

import re
from collections.abc import Iterable, Sequence
from enum import Enum
from functools import lru_cache
from typing import Final, Literal

import ada_url
from msgspec import Struct

from workers.model import Meta
from workers.syntax import outline

Fields = Sequence[tuple[str, str]]

HTML_TYPES: Final = frozenset({"text/html", "application/xhtml+xml"})

# Node's HTTP client keeps the first of these where they are repeated, and joins what it keeps of any other
# (https://nodejs.org/api/http.html#messageheaders). The Observatory never sees the fields one by one.
_FIRST_COUNTS: Final = frozenset(
    {"content-type", "location", "server", "etag", "expires", "last-modified", "set-cookie"}
)
# What already stands as the parser would write it, in a tenth of its time: a name whose last label is no
# number, no port, nothing to escape; dot segments and Punycode are for the parser.
_PLAIN_URL: Final = re.compile(
    r"(https?)://((?:[a-z0-9-]++\.)*+[a-z][a-z0-9-]*+)(/[A-Za-z0-9_~!$&()*+,;=:@/.-]*+)(?:\?[A-Za-z0-9_.=&-]*+)?"
)
_BODILESS_STATUSES: Final = frozenset({204, 205, 304})  # RFC 9110 section 6.4.1: the headers are all there is


class Absent(Enum):
    """Why a piece of evidence is not there."""

    NOT_GATHERED = "not gathered"
    NO_ANSWER = "no answer"


NOT_GATHERED: Final = Absent.NOT_GATHERED
NO_ANSWER: Final = Absent.NO_ANSWER


class Address(Struct, frozen=True):
    """The parts of a URL that decide something; all are empty for a URL that cannot be parsed."""

    scheme: str
    host: str
    path: str


class Step(Struct, frozen=True):
    """One response of a chain of redirects."""

    url: str
    status: int


class HttpEntry(Struct, frozen=True):
    """The chain that began at http://site/, its final page last; `verified` is of every certificate in it."""

    route: tuple[Step, ...]
    verified: bool = True


class HttpsAnswer(Struct, frozen=True):
    """The page that https://site/ led to; `verified` is of every certificate on the way."""

    headers: Fields
    verified: bool = True


class Preflight(Struct, frozen=True):
    """The answer to an OPTIONS request; `origin` is the Origin that was sent with it, if any."""

    status: int
    headers: Fields
    origin: str | None = None


class Evidence(Struct, frozen=True, kw_only=True):
    """All there is to grade one site by.

    `url`, `status` and `headers` are those of the page. `site` is the URL that was asked for, by whose host
    and scheme the Observatory judges; "" means that it is `url`. `earlier` holds url and headers of the
    responses that led to the page, whose cookies count too. An empty `body` is a body that was gathered.
    `meta` is what is known of a body that was not, but was read once.
    """

    url: str
    status: int
    headers: outline.Fields
    site: str = ""
    earlier: tuple[tuple[str, Fields], ...] = ()
    https: HttpsAnswer | Absent = NOT_GATHERED
    http_entry: HttpEntry | Absent = NOT_GATHERED
    preflight: Preflight | Absent = NOT_GATHERED
    body: str | Literal[Absent.NOT_GATHERED] = NOT_GATHERED
    meta: Meta | None = None

    def header(self, name: str) -> str | None:
        """The page's header of that lower-case name as Node gives it; None where it was not sent."""
        values = self.headers.values(name)
        return _join(name, values) if values else None

    @property
    def site_url(self) -> str:
        return self.site or self.url

    @property
    def mime_type(self) -> str:
        """What the Observatory takes for the MIME type ("" without a Content-Type).

        Oddity (subresource-integrity.js, retriever.js): neither trimmed nor lower-cased, so that `Text/HTML`
        and `text/html ;charset=utf-8` are no HTML.
        """
        return (self.header("content-type") or "").split(";", 1)[0]

    @property
    def content(self) -> str | Literal[Absent.NOT_GATHERED]:
        """The body; known to be empty where it was not gathered and the status allows none."""
        return "" if self.body is NOT_GATHERED and self.status in _BODILESS_STATUSES else self.body


def join_fields(fields: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Fields by lower-case name, repeats joined as Node joins them. Set-Cookie is not for this."""
    found: dict[str, list[str]] = {}
    for name, value in fields:
        found.setdefault(name.lower(), []).append(value)
    return {name: _join(name, values) for name, values in found.items()}


def values_of(fields: Fields, name: str) -> Sequence[str]:
    """All values of the field of that lower-case name, in wire order."""
    return outline.with_outline(fields).values(name)


def _join(name: str, values: Sequence[str]) -> str:
    """What was given, and not parsed, may have white space around it (RFC 9110 section 5.5)."""
    return (values[0] if name in _FIRST_COUNTS else ", ".join(values)).strip(" \t")


@lru_cache(maxsize=64)  # a chain names the same few URLs in several tests
def read_address(url: str) -> Address:
    """Parse an absolute URL as the WHATWG has it, which is how Node does."""
    plain = _PLAIN_URL.fullmatch(url)
    if plain is not None and "/." not in url and "xn--" not in url:
        return Address(plain[1], plain[2], plain[3])
    try:
        parts = ada_url.parse_url(url, attributes=("protocol", "hostname", "pathname"))
    except ValueError:
        return Address("", "", "")
    return Address(parts["protocol"].rstrip(":"), parts["hostname"], parts["pathname"])
