"""What is judged: a response, and all that was gathered besides to grade its site by.

What the Observatory's tests depend on is asked for here, before they have the evidence: a new test, or one
that comes to look at more, has to be thought of here and in `observatory.read_likeness`.
"""

from collections.abc import Hashable
from typing import Final

from workers import observatory
from workers.checks import directory, host_beside
from workers.model import FOREIGN_ORIGIN, Gathered, Hop, Meta
from workers.observatory.cookie_jar import domains_of
from workers.observatory.preload import is_preloaded
from workers.page import read_content
from workers.response import HTML_TYPES, Access, Https, Response
from workers.syntax.declared_encoding import LIMIT_BYTES, tells_encoding
from workers.syntax.outline import with_outline

SILENT: Final = Meta((), None)


def read_https(evidence: observatory.Evidence) -> Https | None:
    """What is known of the site's https."""
    https = evidence.https
    if isinstance(https, observatory.HttpsAnswer):
        return "trusted" if https.verified else "untrusted"
    return "none" if https is observatory.NO_ANSWER else None


def read_declaration(gathered: Gathered, evidence: observatory.Evidence) -> bool | None:
    """Whether the page tells its encoding; None where there is none to read. What was fetched is read as it
    was sent, what was given as UTF-8, without the byte order mark that whoever gives it may have dropped."""
    body = evidence.body
    if not isinstance(body, str) or not body:
        return None
    sent = gathered.exchanges[-1].body if gathered.exchanges else None
    if sent is None:
        return tells_encoding(body[:LIMIT_BYTES].encode("utf-8", "replace"))
    content = read_content(sent, evidence.header("content-encoding") or "", LIMIT_BYTES)
    return None if content is None else tells_encoding(content)


def read_access(evidence: observatory.Evidence) -> Access | None:
    """Whom the preflight was told may read. Only an answer with a 2xx status is one (WHATWG Fetch section
    4.9), and only an origin that nobody can have named stands for any; both values count byte by byte."""
    preflight = evidence.preflight
    if isinstance(preflight, observatory.Absent) or not 200 <= preflight.status < 300:
        return None
    fields = with_outline(preflight.headers)
    credentials = fields.values("access-control-allow-credentials") == ("true",)
    origins = fields.values("access-control-allow-origin")
    if origins == ("null",):
        return "null-with-credentials" if credentials else "null"
    if origins == (FOREIGN_ORIGIN,) and preflight.origin == FOREIGN_ORIGIN:
        return "any-with-credentials" if credentials else "any"
    return None


class Subject(Response):
    """The last response of a chain of hops. Without `evidence`, it is read off what was gathered."""

    __slots__ = ("_evidence", "_gathered")

    def __init__(
        self,
        gathered: Gathered,
        hops: tuple[Hop, ...],
        evidence: observatory.Evidence | None,
        at_s: float | None,
    ) -> None:
        final = hops[-1]
        super().__init__(final.url, final.judged_status, final.headers, hops, final.defects, at_s)
        self._gathered, self._evidence = gathered, evidence
        # As mostly at `--depth headers`.
        is_web = self.is_https or final.url.startswith("http:")
        self.is_alone = is_web and evidence is None and gathered.surroundings is None and len(hops) == 1

    @property
    def evidence(self) -> observatory.Evidence:
        """For the Observatory's tests alone."""
        if self.is_alone:
            self.ask(Subject._is_preloaded)
            self._ask_about(domains_of(self.values("set-cookie")))
        elif self.ask(Subject._likeness_of_evidence) is None:
            self.was_read = True
        return self._read_evidence()

    @property
    def text(self) -> str | None:
        """The page's, where it was gathered and there is any."""
        if self.is_alone or not self.ask(Subject._has_text):
            return None
        self.was_read = True
        return str(self._read_evidence().body)

    @property
    def is_empty(self) -> bool:
        """Whether the page was gathered, and nothing is in it."""
        return not self.is_alone and self.ask(Subject._has_no_text)

    @property
    def meta(self) -> Meta | None:
        says_something = None if self.is_alone else self.ask(Subject._says_something)
        if not says_something:
            return None if says_something is None else SILENT
        self.was_read = True
        return self._read_meta()

    @property
    def https(self) -> Https | None:
        return None if self.is_alone else self.ask(Subject._https_of_site)

    @property
    def tells_encoding(self) -> bool | None:
        return None if self.is_alone else self.ask(Subject._is_declared)

    @property
    def preflight(self) -> Access | None:
        return None if self.is_alone else self.ask(Subject._access)

    @property
    def has_meta_policy(self) -> bool:
        """Whether the page has a Content-Security-Policy of its own."""
        if self.is_alone or not self.ask(Subject._says_something):
            return False
        return self.ask(Subject._has_policy)

    def _ask_about(self, domains: tuple[str, ...]) -> None:
        """What the Domains of cookies are to the host; "" is that of a cookie without one."""
        if domains:
            directory(self)
            if self.is_at_address:
                self.ask(Subject._whole_host)
        for domain in filter(None, domains):
            host_beside(self, domain)

    def _read_evidence(self) -> observatory.Evidence:
        if self._evidence is None:
            self._evidence = observatory.read_gathered(self._gathered, self._hops)
        return self._evidence

    def _likeness_of_evidence(self) -> Hashable | None:
        return observatory.read_likeness(self._read_evidence())

    def _has_text(self) -> bool:
        body = self._read_evidence().body
        return isinstance(body, str) and body != ""

    def _https_of_site(self) -> Https | None:
        return read_https(self._read_evidence())

    def _is_declared(self) -> bool | None:
        return read_declaration(self._gathered, self._read_evidence())

    def _access(self) -> Access | None:
        return read_access(self._read_evidence())

    def _has_no_text(self) -> bool:
        return self._read_evidence().body == ""

    def _says_something(self) -> bool | None:
        meta = self._read_meta()
        return None if meta is None else meta != SILENT

    def _has_policy(self) -> bool:
        meta = self._read_meta()
        return meta is not None and bool(meta.content_security_policy)

    def _read_meta(self) -> Meta | None:
        evidence = self._read_evidence()
        if evidence.meta is None and not isinstance(evidence.body, str):
            return None
        if evidence.mime_type not in HTML_TYPES:  # of which the Observatory reads nothing
            return None
        found = observatory.read_meta_headers(evidence)
        if found is observatory.NOT_GATHERED:
            return None
        return Meta(found.policies, found.referrer_policy)

    def _is_preloaded(self) -> bool:
        return is_preloaded(self.host)

    def _whole_host(self) -> str:
        return self.host
