"""What crosses the process boundary, and the record that comes out of it.

Everything here is immutable. What is fetched goes over as `Gathered` (raw heads, not parsed ones: the
parent pays 3-4 µs a record this way); what comes back is a `Verdict`, the finished JSON line and the few
facts that counters need. `Record` is the public shape, fixed by the interface.

What is made for each URL is kept out of the garbage collector's lists: immutable, and made of text, numbers
and its like, it cannot be part of a cycle.
"""

from typing import Final, Literal

from msgspec import UNSET, Struct, UnsetType, field

Severity = Literal["info", "low", "medium", "high"]
Depth = Literal["headers", "full"]
Stage = Literal["input", "policy", "resolve", "connect", "tls", "exchange", "redirect", "analyse"]

# What a CORS preflight says it comes from: a site that nobody can have allowed by name (RFC 2606 section 2).
FOREIGN_ORIGIN: Final = "https://masthead.invalid"

SEVERITIES: tuple[Severity, ...] = ("info", "low", "medium", "high")


class Failure(Struct, frozen=True, gc=False):
    """Why a URL has no report: a stable `code`, the `stage` it belongs to, and a sentence for people."""

    code: str
    stage: Stage
    message: str


class Tls(Struct, frozen=True, gc=False):
    """Facts of one TLS connection and the leaf certificate; times are RFC 3339, `sha256` is of the DER."""

    version: str
    cipher: str
    alpn: str | None
    verified: bool
    subject: str
    issuer: str
    not_after: str
    sans: tuple[str, ...]
    sha256: str


class Timing(Struct, frozen=True, gc=False):
    """Milliseconds of one hop's phases; None is a phase that the hop did not have (TLS on http, say)."""

    resolve: float | None = None
    connect: float | None = None
    tls: float | None = None
    response: float | None = None


class Content(Struct, frozen=True, gc=False, array_like=True):
    """What came of a response's content: so many bytes as they were sent, up to a bound, in so many
    milliseconds after the head; `failure` is what ended it early."""

    length: int
    spent_ms: float
    failure: Failure | None = None


class Exchange(Struct, frozen=True, gc=False, array_like=True):
    """One request and the raw bytes of the response head that answered it, blank line included; none of one
    that was not answered.

    `body` is the content as it was sent, up to a bound, and `content` its measure; None where they were not
    asked for.
    """

    url: str
    method: str
    address: str
    head: bytes
    tls: Tls | None
    timing_ms: Timing
    body: bytes | None = None
    content: Content | None = None


class Chain(Struct, frozen=True, array_like=True):
    """What one more request, and where it led, has brought; `failure` is what ended it early, and
    `unanswered` the request that failed with it on a connection that stood."""

    exchanges: tuple[Exchange, ...]
    failure: Failure | None = None
    unanswered: Exchange | None = None


class Surroundings(Struct, frozen=True, array_like=True):
    """What `--depth full` gathers besides the URL's own chain: the http:// entry of an https:// URL, what a
    CORS preflight to the page was answered, and the https:// entry of an http:// URL whose chain does not
    hold it. An entry is None where it is not wanted."""

    http_entry: Chain | None
    preflight: Chain
    https_entry: Chain | None = None


class Gathered(Struct, frozen=True, gc=False, array_like=True):
    """All that was fetched for one URL of the input. `url` is None where the input is no URL.

    `checks` names what to judge with: "all", "none" or a comma-separated list of check ids.
    `started_at` is in seconds since the epoch. `unanswered` is the request that failed on a connection that
    stood: its address, and what TLS there was.
    """

    seq: int
    input: str
    url: str | None
    exchanges: tuple[Exchange, ...]
    failure: Failure | None
    started_at: float
    elapsed_ms: float
    attempts: int = 1
    depth: Depth = "headers"
    checks: str = "all"
    surroundings: Surroundings | None = None
    unanswered: Exchange | None = None


class Verdict(Struct, frozen=True, gc=False, array_like=True):
    """A finished record as one JSON line (no newline), and what counters and gates need of it. `counted`
    are its findings, as `workers.counted` reads them."""

    seq: int
    line: bytes
    failure: Failure | None
    status: int | None
    grade: str | None
    counted: bytes
    elapsed_ms: float
    analysis_ms: float
    partial: bool = False


class Hop(Struct, frozen=True, gc=False):
    """One request and its response as the record shows them. Headers are Latin-1: each character is one byte
    of the wire.

    `status`, `reason` and `http_version` are None where a connection stood and no response came.
    """

    url: str
    method: str
    status: int | None
    reason: str | None
    http_version: str | None
    address: str
    headers: tuple[tuple[str, str], ...]
    defects: tuple[str, ...]
    tls: Tls | None
    timing_ms: Timing

    @property
    def judged_status(self) -> int:
        """The status of a hop that is judged, which only one that was answered is."""
        assert self.status is not None  # noqa: S101 - a record with a failure in it is not judged
        return self.status


class Finding(Struct, frozen=True, gc=False):
    """One thing to say about a response. `evidence` is the exact part of the value it rests on."""

    id: str
    severity: Severity
    field: str
    message: str
    evidence: str | None
    fix: str | None
    reference: str


class TestResult(Struct, frozen=True, rename={"passed": "pass"}):
    """One Observatory test: its result's name, what it adds to the score, and whether it passed.

    `passed` is None, and the modifier 0, where what the test needs was not gathered.
    """

    __test__ = False  # not a pytest class

    result: str
    modifier: int
    passed: bool | None


class Observatory(Struct, frozen=True):
    """The MDN HTTP Observatory's verdict; `grade` and `score` are None where it refuses to grade."""

    algorithm: int
    grade: str | None
    score: int | None
    tests: dict[str, TestResult]


class Report(Struct, frozen=True, omit_defaults=True):
    """What the judges say. `reason` tells why a response is not gradable; `partial` that some tests had
    to be left out because `--depth headers` does not gather what they need."""

    gradable: bool
    observatory: Observatory | None
    findings: tuple[Finding, ...]
    reason: str | None = None
    partial: bool = False


class Followed(Struct, frozen=True):
    """One more chain as the record shows it: what was seen, and what ended it early."""

    hops: tuple[Hop, ...]
    error: Failure | None


class Meta(Struct, frozen=True):
    """What the page's `<meta>` elements say in place of headers: policies in order, the last referrer."""

    content_security_policy: tuple[str, ...] = field(name="content-security-policy")
    referrer: str | None


class Record(Struct, frozen=True, gc=False):
    """The one record of one URL of the input: the public shape, in the order in which it is written.

    The last four are there with `--depth full` only: `meta` is None where no page was read, `http_entry`
    and `https_entry` where the URL's own hops are that entry or hold it.
    """

    schema: int
    seq: int
    input: str
    url: str | None
    outcome: Literal["ok", "error"]
    depth: Depth
    final_url: str | None
    status: int | None
    hops: tuple[Hop, ...]
    report: Report | None
    error: Failure | None
    attempts: int
    started_at: str
    elapsed_ms: float
    http_entry: Followed | UnsetType | None = UNSET
    https_entry: Followed | UnsetType | None = UNSET
    preflight: Followed | UnsetType | None = UNSET
    meta: Meta | UnsetType | None = UNSET
