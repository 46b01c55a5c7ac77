"""Every setting, and its default. Where their values come from is `configuration`'s to know."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, ClassVar, Final, Literal, cast

from msgspec import Meta, Struct, field, structs

from service.values import (
    Bytes,
    Checks,
    Count,
    Daemon,
    Days,
    Endpoint,
    Grade,
    Headers,
    Listen,
    Names,
    Networks,
    Ports,
    Printable,
    Rate,
    Roots,
    Seconds,
    Secrets,
    WebhookSecrets,
    read_value,
    strip_optional,
)

# A header's value may be a credential, and what is wrong with it is told already.
SECRET: Final = frozenset({"token", "webhook_secret", "header"})
# What lets more be fetched than is safe, and is therefore named whenever it is in force.
LOOSENING: Final = ("allow_net", "allow_port", "insecure")
_UNSHOWN: Final = SECRET | {"checks"}


class Field(Struct, frozen=True):
    """What `Settings` says of one setting; `default` is `msgspec.NODEFAULT` where it is computed."""

    annotation: Any
    description: str
    default: object


class SettingsError(ValueError):
    """Values that settings cannot have. `faults` holds, of each, the setting's name and what is wrong."""

    def __init__(self, faults: list[tuple[str, str]]) -> None:
        super().__init__("; ".join(f"{name}: {message}" for name, message in faults))
        self.faults = faults


class Settings(Struct, frozen=True, kw_only=True):
    """All settings. A description is the option's help text and the documentation's."""

    model_fields: ClassVar[Mapping[str, Field]]

    # What is fetched, and how
    concurrency: Annotated[int, Meta(ge=1, le=100_000), "URLs in flight at once"] = 256
    timeout: Annotated[Seconds, "seconds for one URL in all, redirects included"] = 15.0
    connect_timeout: Annotated[Seconds, "seconds to connect"] = 5.0
    tls_timeout: Annotated[Seconds, "seconds for the TLS handshake"] = 5.0
    response_timeout: Annotated[Seconds, "seconds for the response head"] = 10.0
    dns_timeout: Annotated[Seconds, "seconds to resolve a name"] = 5.0
    per_host: Annotated[Count, "URLs of one host in flight at once"] = 4
    host_gap: Annotated[
        float, Meta(ge=0, le=3_600), "seconds from the beginning of one of a host's URLs to the next's"
    ] = 0.05
    per_address: Annotated[Count, "URLs in flight at once to one address, of whatever names"] = 32
    retries: Annotated[int, Meta(ge=0, le=10), "times that a 429 or 503 is asked again"] = 1
    retry_wait: Annotated[
        Seconds, "seconds that a 429 or 503 is waited for at the most: for longer, it is the answer"
    ] = 30.0
    max_redirects: Annotated[int, Meta(ge=0, le=100), "redirects followed for one URL"] = 10
    method: Annotated[
        Literal["auto", "head", "get"],
        "auto: HEAD, then GET where HEAD is refused (405, 501, a closed connection)",
    ] = "auto"
    depth: Annotated[
        Literal["headers", "full"] | None,
        "headers: one chain a URL; full: its page by GET, a preflight and the site's other entry, http:// or "
        "https://, as well [default: headers; inspect: full]",
    ] = None
    header: Annotated[
        Headers, "a request header 'Name: value', for the URL's own origin only (repeatable)"
    ] = ()
    user_agent: Annotated[Printable, "the User-Agent that is sent"] = "masthead"
    insecure: Annotated[bool, "report on a certificate that does not verify instead of failing"] = False
    ca_file: Annotated[Roots | None, "PEM file of trusted roots in place of the system's"] = None
    resolver: Annotated[Endpoint | None, "DNS server ADDR[:PORT] in place of the system's"] = None
    allow_net: Annotated[Networks, "address range that the egress guard lets through (repeatable)"] = ()
    deny_net: Annotated[Networks, "address range that the egress guard refuses (repeatable)"] = ()
    allow_port: Annotated[
        Ports, "port that the egress guard lets through though browsers refuse it (repeatable)"
    ] = ()
    head_limit: Annotated[Bytes, "bytes of a response head in all, 1xx included"] = 262_144
    line_limit: Annotated[Bytes, "bytes of one line of a response head"] = 65_536
    page_limit: Annotated[Bytes, "bytes of a page that are read with --depth full"] = 1_048_576
    field_limit: Annotated[Count, "field lines of a response head"] = 1_000
    informational_limit: Annotated[Count, "1xx responses before the final one"] = 10
    url_limit: Annotated[int, Meta(ge=64, le=65_536), "bytes of a URL"] = 8_192

    # How it is judged
    checks: Annotated[Checks, "all, none (record only), or check ids with commas between"] = "all"
    lint: Annotated[bool, "httplint's notes as well (needs the extra: masthead[lint])"] = False
    workers: Annotated[int, Meta(ge=1, le=256), "analysis processes [default: the cores]"] = field(
        default_factory=lambda: os.cpu_count() or 1
    )
    loops: Annotated[
        int, Meta(ge=1, le=64), "event loops, several in a process each, where one is the bottleneck"
    ] = 1

    # What a run has to meet
    fail_under: Annotated[
        Grade | None,
        "exit 1 where a URL's grade is below this one, it failed or cannot be graded, or there was none",
    ] = None
    fail_on: Annotated[
        Literal["info", "low", "medium", "high"] | None,
        "exit 1 where a finding is this severe or more, a URL failed or cannot be graded, or there was none",
    ] = None

    # How a run is shown. Which file it writes, and whether it goes on with that, are of one run alone: no
    # settings, for an environment that said so would have the next run replace what this one wrote.
    format: Annotated[
        Literal["table", "jsonl", "csv", "markdown", "sarif", "junit"] | None,
        "how records are written [default: jsonl; inspect: table]",
    ] = None
    quiet: Annotated[bool, "neither progress nor summary on stderr"] = False
    follow: Annotated[bool, "follow redirects, and print each response on the way"] = False

    # The daemon
    listen: Annotated[Listen, "HOST:PORT that the daemon listens on"] = "127.0.0.1:8080"
    allow_anonymous: Annotated[bool, "listen beyond loopback without a token"] = False
    token: Annotated[Secrets, "bearer token that the API takes, as TOKEN or NAME:TOKEN (repeatable)"] = ()
    token_file: Annotated[Path | None, "file of bearer tokens, one a line, as TOKEN or NAME:TOKEN"] = None
    token_rate: Annotated[Rate, "requests a second to /v1 with tokens of one name; 0: no limit"] = 50.0
    address_rate: Annotated[Rate, "requests a second to /v1 from one address; 0: no limit"] = 50.0
    allow_host: Annotated[
        Names, "name that a Host may have where no token is asked for, beside localhost (repeatable)"
    ] = ()
    connections: Annotated[
        Count, "clients connected at once; further ones take the place of idle ones, or get 503"
    ] = 4_096
    request_limit: Annotated[Bytes, "bytes of a request's body to /v1/inspections"] = 1_048_576
    request_urls: Annotated[Count, "URLs in one request to /v1/inspections"] = 100
    request_memory: Annotated[
        Bytes, "bytes that all requests together hold; beyond it those get 503 that hold most for longest"
    ] = 268_435_456
    request_concurrency: Annotated[Count, "requests with URLs under way at once; a further one gets 503"] = 64
    data: Annotated[Path | None, "folder where the daemon keeps its jobs; none without it"] = None
    jobs_open: Annotated[Count, "jobs that are not finished; a further one gets 503"] = 1_000
    job_urls: Annotated[int, Meta(ge=1, le=4_000_000_000), "URLs in one job"] = 5_000_000
    job_listeners: Annotated[Count, "clients that follow jobs' events at once; a further one gets 503"] = 100
    job_limit: Annotated[Bytes, "bytes of a job's list, unpacked"] = 1_073_741_824
    retention_age: Annotated[Days | None, "days that a job is kept once it has ended [default: for ever]"] = (
        None
    )
    retention_size: Annotated[
        Bytes | None, "bytes of all jobs kept; beyond, those that ended first go [default: no limit]"
    ] = None
    webhook_secret: Annotated[
        WebhookSecrets,
        "secret that jobs' webhooks are signed with, whsec_ and base64 (repeatable: each signs); "
        "no webhooks without it",
    ] = ()
    request_head_timeout: Annotated[Seconds, "seconds for a client to send a request's head"] = 10.0
    request_rate: Annotated[Count, "bytes a second of a request's body that must come, over any 30 s"] = 1_024
    modules: Annotated[Path | None, "YAML file of what /probe expects, as blackbox_exporter's modules"] = None
    probe_timeout_offset: Annotated[
        float, Meta(ge=0, le=60), "seconds that a probe ends before Prometheus gives it up"
    ] = 0.5
    enable_reload: Annotated[bool, "take POST /-/reload, with a token: reads modules and tokens again"] = (
        False
    )
    drain: Annotated[Seconds, "seconds that a stopping daemon gives to work under way"] = 25.0

    # Where a list is sent
    to: Annotated[Daemon | None, "URL of the daemon that does the job"] = None
    priority: Annotated[
        int | None, Meta(ge=1, le=9), "the job's share of the daemon beside other jobs [default: 5]"
    ] = None

    # What is told
    log_format: Annotated[Literal["json", "console"], "how log lines are written"] = "json"
    log_level: Annotated[Literal["debug", "info", "warning", "error"], "what is logged"] = "info"

    @classmethod
    def model_validate(cls, values: Mapping[str, object], formats: Sequence[str] = ()) -> "Settings":
        """From strings or what TOML has; with `formats`, `format` is one of them. Raises SettingsError with
        every fault; none shows a credential."""
        read: dict[str, Any] = {}
        wrong: list[tuple[str, str]] = []
        for name in filter(values.__contains__, cls.model_fields):
            annotation = cls.model_fields[name].annotation
            if name == "format" and formats:
                annotation = cast("Any", Literal)[tuple(formats)]
            read[name], faults = read_value(annotation, values[name])
            wrong += [
                (name, message if name in _UNSHOWN else f"{message}, got {value!r}")
                for message, value in faults
            ]
        wrong += [(name, _no_setting(name)) for name in values if name not in cls.model_fields]
        if wrong:
            raise SettingsError(wrong)
        return cls(**read)

    def model_copy(self, *, update: Mapping[str, Any]) -> "Settings":
        """These with other values, which are right already."""
        return structs.replace(self, **update)


def _field_of(info: structs.FieldInfo) -> Field:
    description = next(mark for mark in info.type.__metadata__ if isinstance(mark, str))
    return Field(strip_optional(info.type), description, info.default)


Settings.model_fields = {info.name: _field_of(info) for info in structs.fields(Settings)}


def _no_setting(name: str) -> str:
    from difflib import get_close_matches

    near = get_close_matches(name, Settings.model_fields, 1)
    hint = f"; did you mean {near[0]}?" if near else ""
    return f"there is no such setting{hint}"
