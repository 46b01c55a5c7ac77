"""What a check is given: one final response, read for judging. Built once, shared by all checks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from workers.model import Hop, Tls
from workers.syntax.head import Field

HTML_TYPES = frozenset({"text/html", "application/xhtml+xml"})
REDIRECTS = frozenset({301, 302, 303, 307, 308})  # RFC 9110 section 15.4: a client goes on by itself
WITHOUT_CONTENT = frozenset({204, 205, 304})  # RFC 9110 sections 15.3.5, 15.3.6 and 15.4.5


@dataclass(frozen=True)
class Response:
    """The response that ended the chain, with the hops before it (the last of `hops` is this one).

    `at_s` is when it was fetched, in seconds since the epoch; None where nobody knows.
    """

    url: str
    status: int
    fields: tuple[Field, ...]
    tls: Tls | None = None
    hops: tuple[Hop, ...] = ()
    defects: tuple[str, ...] = ()
    at_s: float | None = None
    _by_name: Mapping[str, tuple[str, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        by_name: dict[str, tuple[str, ...]] = {}
        for name, value in self.fields:
            key = name.lower()
            by_name[key] = (*by_name.get(key, ()), value)
        object.__setattr__(self, "_by_name", by_name)

    def values(self, name: str) -> tuple[str, ...]:
        """Every value sent for the field, in wire order; names ignore case (RFC 9110 section 5.1)."""
        return self._by_name.get(name.lower(), ())

    def combined(self, name: str) -> str | None:
        """The field's values as one list (RFC 9110 section 5.3); None where the field was not sent."""
        values = self.values(name)
        return ", ".join(values) if values else None

    @property
    def is_https(self) -> bool:
        return self.url.startswith("https:")

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
