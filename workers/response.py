"""What a check is given: one final response, read for judging. Built once, shared by all checks.

What changes from one response of a site to the next, or from site to site, is told like the rest, but that it
was asked for is remembered: what is found without asking is found again in every response that is alike.
"""

from collections.abc import Hashable, Mapping
from functools import cached_property

from workers.model import Hop, Tls
from workers.syntax.head import Field

HTML_TYPES = frozenset({"text/html", "application/xhtml+xml"})
REDIRECTS = frozenset({301, 302, 303, 307, 308})  # RFC 9110 section 15.4: a client goes on by itself
# Fields that differ between responses that are alike in all else.
PASSING = frozenset({"age", "date", "etag", "expires", "last-modified"})
WITHOUT_CONTENT = frozenset({204, 205, 304})  # RFC 9110 sections 15.3.5, 15.3.6 and 15.4.5


class Response:
    """The response that ended the chain, with the hops before it (the last of `hops` is this one).

    `at_s` is when it was fetched, in seconds since the epoch; None where nobody knows.
    """

    def __init__(
        self,
        *,
        url: str,
        status: int,
        fields: tuple[Field, ...],
        tls: Tls | None = None,
        hops: tuple[Hop, ...] = (),
        defects: tuple[str, ...] = (),
        at_s: float | None = None,
    ) -> None:
        self.status = status
        self.defects = defects
        self.is_https = url.startswith("https:")
        self.was_asked = False  # for something that `likeness` does not hold
        self._url, self._fields, self._tls, self._hops, self._at_s = url, fields, tls, hops, at_s
        by_name: dict[str, tuple[str, ...]] = {}
        for name, value in fields:
            key = name.lower()
            by_name[key] = (*by_name[key], value) if key in by_name else (value,)
        self._by_name: Mapping[str, tuple[str, ...]] = by_name

    @property
    def size(self) -> int:
        """Characters of all fields."""
        return sum([len(name) + len(value) for name, value in self._fields])

    @cached_property
    def likeness(self) -> Hashable:
        """What it has in common with those of other sites and moments that are alike."""
        fields = tuple(
            (name, None) if name.lower() in PASSING else (name, value) for name, value in self._fields
        )
        return self.status, self.is_https, self.defects, fields

    @property
    def url(self) -> str:
        self.was_asked = True
        return self._url

    @property
    def fields(self) -> tuple[Field, ...]:
        self.was_asked = True
        return self._fields

    @property
    def tls(self) -> Tls | None:
        self.was_asked = True
        return self._tls

    @property
    def hops(self) -> tuple[Hop, ...]:
        self.was_asked = True
        return self._hops

    @property
    def at_s(self) -> float | None:
        self.was_asked = True
        return self._at_s

    @cached_property
    def lasting(self) -> tuple[Field, ...]:
        """The fields without those that change from response to response."""
        return tuple(field for field in self._fields if field[0].lower() not in PASSING)

    def values(self, name: str) -> tuple[str, ...]:
        """Every value sent for the field, in wire order; names ignore case (RFC 9110 section 5.1)."""
        key = name.lower()
        values = self._by_name.get(key, ())
        if values and key in PASSING:
            self.was_asked = True
        return values

    def combined(self, name: str) -> str | None:
        """The field's values as one list (RFC 9110 section 5.3); None where the field was not sent."""
        values = self.values(name)
        return ", ".join(values) if values else None

    @cached_property
    def media_type(self) -> str:
        """The last Content-Type's essence, lower case ("" where there is none), as WHATWG Fetch takes it."""
        values = self.values("content-type")
        return values[-1].split(";", 1)[0].strip().lower() if values else ""

    @property
    def has_content(self) -> bool:
        """Whether a client uses the content: of an error page it does, of a redirect that it follows not."""
        if self.status in REDIRECTS:
            return not self.values("location")
        return self.status not in WITHOUT_CONTENT

    @property
    def is_page(self) -> bool:
        """Whether a browser would show this as a page: HTML, or content whose type it would have to guess."""
        return self.has_content and (self.media_type in HTML_TYPES or not self.media_type)
