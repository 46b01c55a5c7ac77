"""What a check is given: one final response, read for judging. Built once, shared by all checks.

What changes from one response of a site to the next, or from site to site, is told like the rest, but it is
noted. What was found without it is found again in every response that is alike; what was found by the answers
to a few questions, wherever they are answered the same (`workers.alike`).
"""

from collections.abc import Hashable, Mapping, Sequence
from typing import Final, Literal

from workers.model import Hop, Meta, Tls
from workers.noting import Noting, Question
from workers.syntax.excerpt import Excerpt, excerpt
from workers.syntax.head import Field, Known
from workers.syntax.hosts import place_of
from workers.syntax.http_date import FIXDATE_LENGTH, read_fixdate
from workers.syntax.outline import REPEATED, with_outline
from workers.syntax.statuses import REDIRECTS, SUCCESS, WITHOUT_CONTENT

HTML_TYPES = frozenset({"text/html", "application/xhtml+xml"})
PAGE_TYPES = HTML_TYPES | {""}  # what has no type, a browser takes for HTML where it looks like it

# An answer, by whether its certificate and those on the way were verified, or none.
Https = Literal["trusted", "untrusted", "none"]

Access = Literal["any-with-credentials", "any", "null-with-credentials", "null"]
"""Whom a CORS preflight from a site that nobody knows was told may read: that site, so any, or null."""

_keys: Final = Known(str.lower)  # of a few dozen names, that each response is asked for


class Response(Noting):
    """The response that ended the chain, with the hops before it (the last of `hops` is this one).

    `at_s` is when it was fetched, in seconds since the epoch, `meta` what its page says of itself, `https`
    what was answered at https:// of the site, `preflight` whom a CORS preflight was told may read: None where
    nobody asked, or knows.
    """

    __slots__ = (
        *("_at_s", "_dates", "_excerpt", "_fields", "_has_content", "_hops", "_host", "_https"),
        *("_media_type", "_meta", "_outline", "_preflight", "_read", "_tells_encoding", "_tls", "_url"),
        *("agreed", "defects", "http_version", "is_alone", "is_at_address", "is_https"),
        *("is_root", "is_verified", "passes_plainly", "status"),
    )

    def __init__(
        self,
        url: str,
        status: int,
        fields: Sequence[Field],
        hops: tuple[Hop, ...] = (),
        defects: tuple[str, ...] = (),
        at_s: float | None = None,
        *,
        tls: Tls | None = None,
        meta: Meta | None = None,
        https: Https | None = None,
        preflight: Access | None = None,
        tells_encoding: bool | None = None,
    ) -> None:
        tls, self.http_version = (hops[-1].tls, hops[-1].http_version) if hops else (tls, None)
        self.status, self.defects = status, defects
        self.was_read = False  # something that `likeness` does not hold, as it is
        self.asked: dict[Question, Hashable] = {}  # questions about such things before any was read, answered
        self._excerpt: Excerpt | None = None
        self._media_type: str | None = None
        self._has_content: bool | None = None
        self._dates: dict[str, int | None] | None = None
        self._url, self._fields, self._hops, self._tls, self._at_s = url, fields, hops, tls, at_s
        self._meta, self._https, self._tells_encoding = meta, https, tells_encoding
        self._preflight = preflight
        self._read = read = with_outline(fields)
        self._outline, self.passes_plainly = read.outline, read.pass_plainly
        self._host, self.is_at_address, self.is_root = place_of(url)
        self.is_https = url.startswith("https:")
        self.is_alone = False  # whether it is all that was gathered of its site, where anybody knows
        self.agreed = None if tls is None else (tls.version, tls.cipher)  # by OpenSSL's names
        self.is_verified = tls is None or tls.verified

    @property
    def names(self) -> frozenset[str]:
        """Those of all fields, in lower case."""
        return self._outline.names

    @property
    def lasting(self) -> tuple[Field, ...]:
        """The fields without those that change from response to response."""
        return self._outline.lasting

    @property
    def likeness(self) -> Hashable:
        """What it has in common with those of other sites and moments that are alike."""
        return (
            self._outline,
            self.status,
            self.is_alone,
            self.passes_plainly,
            self.is_https,
            self.is_root,
            self.is_at_address,
            self.agreed,
            self.is_verified,
            self.http_version,
            len(self._hops) < 2,
            self.defects,
        )

    @property
    def url(self) -> str:
        self.was_read = True
        return self._url

    @property
    def host(self) -> str:
        """The URL's; "" where it has none."""
        self.was_read = True
        return self._host

    @property
    def fields(self) -> Sequence[Field]:
        self.was_read = True
        return self._fields

    @property
    def tls(self) -> Tls | None:
        self.was_read = self.was_read or self._tls is not None
        return self._tls

    @property
    def hops(self) -> tuple[Hop, ...]:
        self.was_read = True
        return self._hops

    @property
    def earlier(self) -> tuple[Hop, ...]:
        """The hops that led to this response; mostly there are none."""
        earlier = self._hops[:-1]
        self.was_read = self.was_read or bool(earlier)
        return earlier

    @property
    def at_s(self) -> float | None:
        self.was_read = True
        return self._at_s

    @property
    def meta(self) -> Meta | None:
        """What the page says in `<meta>`; None where no page was read."""
        self.was_read = True
        return self._meta

    @property
    def tells_encoding(self) -> bool | None:
        """Whether the page tells its encoding where browsers look for it; None where no page was read."""
        self.was_read = True
        return self._tells_encoding

    @property
    def https(self) -> Https | None:
        """What the site has at https://, of a response over http; None where that was not asked."""
        self.was_read = True
        return self._https

    @property
    def preflight(self) -> Access | None:
        """Whom a CORS preflight was told may read; None where none was asked, or nobody may."""
        self.was_read = True
        return self._preflight

    @property
    def excerpt(self) -> Excerpt:
        """As much of the fields that last as a search for words is worth."""
        if self._excerpt is None:  # no cached property: that takes a lock in Python 3.11, at the same price
            self._excerpt = excerpt(self.lasting)
        return self._excerpt

    @property
    def passing(self) -> Sequence[str]:
        """The values of those others."""
        self.was_read = True
        return self._read.passing

    def values(self, name: str) -> tuple[str, ...]:
        """Every value sent for the field, in wire order; names ignore case (RFC 9110 section 5.1)."""
        key = _keys[name]
        values = self._outline.by_name.get(key, ())
        if values is not None:
            return values
        self.was_read = True
        read, place = self._read, self._outline.places[key]
        return (read.passing[place],) if place != REPEATED else read.repeated[key]

    @property
    def dates(self) -> Mapping[str, int | None]:
        """What the dates that pass tell, in seconds since the epoch, by their fields' names in lower case;
        None where one is repeated, or is not as it is to be sent."""
        self.was_read = True
        dates = self._dates
        if dates is None:
            passing = self._read.passing
            dates = self._dates = {}
            for name, place in self._outline.dated:
                text = passing[place] if place != REPEATED else ""
                dates[name] = read_fixdate(text) if len(text) == FIXDATE_LENGTH else None
        return dates

    def passes(self, name: str) -> bool:
        """Whether the field, its name in lower case, was sent and is other in each response."""
        return name in self._outline.places

    def has(self, name: str) -> bool:
        """Whether the field was sent, whatever its value."""
        return _keys[name] in self._outline.names

    def combined(self, name: str) -> str | None:
        """The field's values as one list (RFC 9110 section 5.3); None where the field was not sent."""
        return ", ".join(self.values(name)) if _keys[name] in self._outline.names else None

    @property
    def media_type(self) -> str:
        """The last Content-Type's essence, lower case ("" where there is none), as WHATWG Fetch takes it."""
        if self._media_type is None:  # a dozen checks ask
            last = (self.values("content-type") or ("",))[-1]
            self._media_type = last.split(";", 1)[0].strip().lower()
        return self._media_type

    @property
    def has_content(self) -> bool:
        """Whether a client uses the content: of an error page it does, of a redirect that it follows not."""
        if self._has_content is None:
            if self.status in REDIRECTS:
                self._has_content = not self.values("location")
            elif self.status in WITHOUT_CONTENT or self.status < SUCCESS:
                self._has_content = False
            else:  # to a HEAD some say 0 of a page; whoever says its type as well is taken at that
                self._has_content = bool(self.media_type) or self.values("content-length") != ("0",)
        return self._has_content

    @property
    def is_page(self) -> bool:
        """Whether a browser would show this as a page: HTML, or content whose type it would have to guess."""
        return self.has_content and self.media_type in PAGE_TYPES
