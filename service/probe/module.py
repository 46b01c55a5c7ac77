"""What a module may say: how a target is asked, and what is expected of its answer.

The names are blackbox_exporter's, with its meaning and its defaults, as far as a module of its `http` prober
looks at status, headers and TLS. Ours are those from `fail_if_header_missing` on, `max_redirects` and
`checks`. What it has and we have not is named here with the reason, which whoever writes it is told.
"""

import re
from typing import Annotated, Any, ClassVar, Final, Literal

import re2
from msgspec import Meta, Struct

from service.model import RequestField, parse_request_field
from service.probe.credentials import Authorization, BasicAuth, HiddenToken, HiddenValue
from service.probe.document import Reads
from service.values import Checks, Grade, Roots, read_value
from workers.model import SEVERITIES, Severity

Version = Literal["TLS12", "TLS13"]
HttpVersion = Literal["HTTP/1.0", "HTTP/1.1", "HTTP/2.0"]
Status = Annotated[int, Meta(ge=100, le=599)]

AUTHORIZATION: Final = "Authorization"
HOST: Final = "host"
TIMEOUT_LIMIT_S: Final = 3_600.0  # as of the settings' times
_FIELD_NAME: Final = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_DURATION: Final = re.compile(r"(\d+(?:\.\d*)?|\.\d+)(ms|s|m|h)")
_UNITS_S: Final = {"ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3_600.0}
_REGEXP_OPTIONS: Final = re2.Options()
_REGEXP_OPTIONS.log_errors = False
_NO_BODIES: Final = "masthead looks at status and headers, not at bodies"
_BY_HEADERS: Final = "write the header itself under `headers`"


def read_duration(text: str) -> float:
    """Seconds of a duration as Go writes it (5s, 500ms, 1m30s)."""
    parts = _DURATION.findall(text)
    seconds = sum(float(number) * _UNITS_S[unit] for number, unit in parts)
    if "".join(map("".join, parts)) != text or not 0 < seconds <= TIMEOUT_LIMIT_S:
        raise ValueError("expected a duration such as 5s or 500ms, of an hour at the most")
    return seconds


def read_regexp(text: str) -> Any:
    """RE2's syntax, which is Go's; and its bound: what a server sends cannot make it slow."""
    try:
        return re2.compile(text, _REGEXP_OPTIONS)
    except re2.error as error:
        reason = error.args[0].decode("utf-8", "replace") if error.args else "no reason given"
        raise ValueError(f"expected a regular expression (RE2): {reason}") from error


def read_field_name(text: str) -> str:
    """The name of a response's header, its case as given."""
    if not _FIELD_NAME.fullmatch(text):
        raise ValueError("expected the name of a header")
    return text


def read_request_field_name(text: str) -> str:
    """The name of a header that is sent, and is not the connection's own; Host is the target's other name."""
    if text.lower() != HOST:
        parse_request_field(f"{read_field_name(text)}:")
    return text


def read_checks(text: str) -> str:
    """What to judge by."""
    _, faults = read_value(Checks, text)
    if faults:
        raise ValueError(
            "expected all, none, or check ids with commas between (`masthead checks` lists them)"
        )
    return text


Duration = Annotated[float, Reads(read_duration, lambda seconds: f"{seconds:g}s")]
Regexp = Annotated[Any, Reads(read_regexp, lambda regexp: regexp.pattern)]
FieldName = Annotated[str, Reads(read_field_name)]
RequestFieldName = Annotated[str, Reads(read_request_field_name)]


class HeaderMatch(Struct, frozen=True):
    """One header and a pattern, which is found anywhere in a value unless it is anchored."""

    header: FieldName
    regexp: Regexp
    allow_missing: bool = False


class TlsConfig(Struct, frozen=True):
    """What is expected of TLS."""

    unsupported: ClassVar[dict[str, str]] = {
        **dict.fromkeys(("cert_file", "cert", "key_file", "key"), "masthead has no certificate of its own"),
        **dict.fromkeys(("ca", "cert_ref", "key_ref", "ca_ref"), "name a file: `ca_file`"),
    }
    ca_file: Roots | None = None
    server_name: str | None = None
    insecure_skip_verify: bool = False
    min_version: Version | None = None
    max_version: Version | None = None


class FindingsLimits(Struct, frozen=True):
    """How many findings of a severity there may be; None: as many as there are."""

    info: Annotated[int, Meta(ge=0)] | None = None
    low: Annotated[int, Meta(ge=0)] | None = None
    medium: Annotated[int, Meta(ge=0)] | None = None
    high: Annotated[int, Meta(ge=0)] | None = None

    def items(self) -> list[tuple[Severity, int]]:
        """The severities that have a limit."""
        limits: list[tuple[Severity, int | None]] = [(name, getattr(self, name)) for name in SEVERITIES]
        return [(name, limit) for name, limit in limits if limit is not None]


class HttpProbe(Struct, frozen=True):
    """How a target is asked, and what is expected of its last response."""

    unsupported: ClassVar[dict[str, str]] = {
        **dict.fromkeys(
            (
                *("fail_if_body_matches_regexp", "fail_if_body_not_matches_regexp"),
                *("fail_if_body_json_matches_cel", "fail_if_body_json_not_matches_cel"),
                *("body_size_limit", "compression"),
            ),
            _NO_BODIES,
        ),
        **dict.fromkeys(("body", "body_file"), "masthead sends no body"),
        **dict.fromkeys(("http_headers", "oauth2"), _BY_HEADERS),
        **dict.fromkeys(("proxy_url", "no_proxy", "proxy_from_environment"), "masthead uses no proxy"),
        **dict.fromkeys(("proxy_connect_header", "skip_resolve_phase_with_proxy"), "masthead uses no proxy"),
        **dict.fromkeys(("enable_http2", "enable_http3"), "masthead speaks HTTP/1.1 alone"),
        "no_follow_redirects": "write `follow_redirects`",
    }
    method: Literal["GET", "HEAD"] = "GET"
    headers: dict[RequestFieldName, HiddenValue] = {}
    basic_auth: BasicAuth | None = None
    authorization: Authorization | None = None
    bearer_token: HiddenValue | None = None
    bearer_token_file: HiddenToken | None = None
    follow_redirects: bool = True
    max_redirects: Annotated[int, Meta(ge=0, le=100)] = 10
    preferred_ip_protocol: Literal["ip4", "ip6"] = "ip6"
    ip_protocol_fallback: bool = True
    tls_config: TlsConfig = TlsConfig()
    checks: Annotated[str, Reads(read_checks)] | None = None
    valid_status_codes: tuple[Status, ...] = ()
    valid_http_versions: tuple[HttpVersion, ...] = ()
    fail_if_ssl: bool = False
    fail_if_not_ssl: bool = False
    fail_if_header_matches: tuple[HeaderMatch, ...] = ()
    fail_if_header_not_matches: tuple[HeaderMatch, ...] = ()
    fail_if_header_missing: tuple[FieldName, ...] = ()
    fail_if_header_present: tuple[FieldName, ...] = ()
    fail_if_grade_below: Grade | None = None
    fail_if_findings_above: FindingsLimits = FindingsLimits()

    @property
    def host(self) -> str | None:
        """What is said for Host, and to TLS, in place of the target's own name."""
        return next((value for name, value in self.headers.items() if name.lower() == HOST), None)

    @property
    def fields(self) -> tuple[RequestField, ...]:
        """The other headers."""
        named = tuple((name, value) for name, value in self.headers.items() if name.lower() != HOST)
        return (*named, *((AUTHORIZATION, value) for value in self._credentials()))

    def find_fault(self) -> str | None:
        count = len(self._credentials()) + sum(name.lower() == AUTHORIZATION.lower() for name in self.headers)
        if count > 1:
            return f"expected to be told once what to send for {AUTHORIZATION}, got {count} times"
        return None

    def _credentials(self) -> list[str]:
        tokens = (self.bearer_token, self.bearer_token_file)
        written = [one.value for one in (self.basic_auth, self.authorization) if one is not None]
        return written + [f"Bearer {token}" for token in tokens if token is not None]


class Module(Struct, frozen=True):
    """One module. Without a `timeout`, the daemon's own holds."""

    unsupported: ClassVar[dict[str, str]] = dict.fromkeys(
        ("tcp", "icmp", "dns", "grpc", "unix", "websocket"), "masthead probes by HTTP alone"
    )
    prober: Literal["http"]
    timeout: Duration | None = None
    http: HttpProbe = HttpProbe()
