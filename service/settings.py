"""Every setting, its default, and where its value in force came from.

Command line beats environment (`MASTHEAD_…`) beats file (TOML) beats default. All faults of all sources are
told at once, each with the source that it came from.
"""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError

from service.errors import UsageError
from service.model import parse_request_field
from workers.registry import select_checks

PREFIX: Final = "MASTHEAD_"
_WORDS: Final = frozenset({"auto", "head", "get", "json", "console", "debug", "info", "warning", "error"})


def _split(value: object) -> object:
    """In the environment a list is one string, with commas, white space or line ends between."""
    return value.replace(",", " ").split() if isinstance(value, str) else value


def _split_lines(value: object) -> object:
    return [line for line in value.splitlines() if line.strip()] if isinstance(value, str) else value


def _lower(value: object) -> object:
    """Words that choose something may be written in any case."""
    return value.lower() if isinstance(value, str) and value.lower() in _WORDS else value


def _check_network(value: str) -> str:
    try:
        return str(ip_network(value))
    except ValueError as error:
        raise ValueError("expected a network such as 10.0.0.0/8 or 2001:db8::/32") from error


def _check_endpoint(value: str) -> str:
    """ADDR or ADDR:PORT, an IPv6 address in brackets where a port follows."""
    host, colon, port = value.rpartition(":")
    if not colon or (value.count(":") > 1 and not host.endswith("]")):
        host, port = value, "53"
    try:
        ip_address(host.strip("[]"))
        if not 0 < int(port) < 65_536:
            raise ValueError  # noqa: TRY301 - one message for every way of being wrong
    except ValueError as error:
        raise ValueError("expected an address such as 192.0.2.53 or [2001:db8::53]:53") from error
    return value


def _check_header(value: str) -> str:
    parse_request_field(value)
    return value


def _check_checks(value: str) -> str:
    if value not in ("all", "none"):
        select_checks(value)  # imports them all: only for who names some
    return value


def _check_roots(value: Path) -> Path:
    import ssl

    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(value)
    except (OSError, ssl.SSLError) as error:
        raise ValueError(f"expected a PEM file of certificates: {error.strerror or error}") from error
    return value


Networks = Annotated[tuple[Annotated[str, AfterValidator(_check_network)], ...], BeforeValidator(_split)]
Seconds = Annotated[float, Field(gt=0, le=3_600)]
Count = Annotated[int, Field(ge=1)]
Bytes = Annotated[int, Field(ge=1_024)]
Port = Annotated[int, Field(ge=1, le=65_535)]


class Settings(BaseModel):
    """All settings. A description is the option's help text and the documentation's."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    # What is fetched, and how
    concurrency: Annotated[Count, Field(le=100_000)] = Field(256, description="URLs in flight at once")
    timeout: Seconds = Field(15.0, description="seconds for one URL in all, redirects included")
    connect_timeout: Seconds = Field(5.0, description="seconds to connect")
    tls_timeout: Seconds = Field(5.0, description="seconds for the TLS handshake")
    response_timeout: Seconds = Field(10.0, description="seconds for the response head")
    dns_timeout: Seconds = Field(5.0, description="seconds to resolve a name")
    max_redirects: Annotated[int, Field(ge=0, le=100)] = Field(
        10, description="redirects followed for one URL"
    )
    method: Annotated[Literal["auto", "head", "get"], BeforeValidator(_lower)] = Field(
        "auto", description="auto: HEAD, then GET where HEAD is refused (405, 501, a closed connection)"
    )
    header: Annotated[
        tuple[Annotated[str, AfterValidator(_check_header)], ...], BeforeValidator(_split_lines)
    ] = Field((), description="a request header 'Name: value', for the URL's own origin only (repeatable)")
    user_agent: Annotated[str, Field(pattern=r"^[\x20-\x7e]+$")] = Field(
        "masthead", description="the User-Agent that is sent"
    )
    insecure: bool = Field(
        False, description="report on a certificate that does not verify instead of failing"
    )
    ca_file: Annotated[Path, AfterValidator(_check_roots)] | None = Field(
        None, description="PEM file of trusted roots in place of the system's"
    )
    resolver: Annotated[str, AfterValidator(_check_endpoint)] | None = Field(
        None, description="DNS server ADDR[:PORT] in place of the system's"
    )
    allow_net: Networks = Field(
        (), description="address range that the egress guard lets through (repeatable)"
    )
    deny_net: Networks = Field((), description="address range that the egress guard refuses (repeatable)")
    allow_port: Annotated[tuple[Port, ...], BeforeValidator(_split)] = Field(
        (), description="port that the egress guard lets through though browsers refuse it (repeatable)"
    )
    head_limit: Bytes = Field(262_144, description="bytes of a response head in all, 1xx included")
    line_limit: Bytes = Field(65_536, description="bytes of one line of a response head")
    field_limit: Count = Field(1_000, description="field lines of a response head")
    informational_limit: Count = Field(10, description="1xx responses before the final one")
    url_limit: Annotated[int, Field(ge=64, le=65_536)] = Field(8_192, description="bytes of a URL")

    # How it is judged
    checks: Annotated[str, AfterValidator(_check_checks)] = Field(
        "all", description="all, none (record only), or check ids with commas between"
    )
    workers: Annotated[int, Field(ge=1, le=256)] = Field(
        default_factory=lambda: os.cpu_count() or 1, description="analysis processes [default: the cores]"
    )

    # The daemon
    listen: str = Field("127.0.0.1:8080", description="HOST:PORT that the daemon listens on")
    allow_anonymous: bool = Field(False, description="listen beyond loopback without a token")
    token: Annotated[tuple[SecretStr, ...], BeforeValidator(_split)] = Field(
        (), description="bearer token that the API takes (repeatable)"
    )
    token_file: Path | None = Field(None, description="file of bearer tokens, one a line")
    request_limit: Bytes = Field(1_048_576, description="bytes of a request's body to /v1/inspections")
    request_urls: Count = Field(100, description="URLs in one request to /v1/inspections")
    request_concurrency: Count = Field(
        64, description="requests to /v1/inspections under way at once; a further one gets 503"
    )
    request_head_timeout: Seconds = Field(10.0, description="seconds for a client to send a request's head")
    request_rate: Count = Field(
        1_024, description="bytes a second of a request's body that must come, over any 30 s"
    )
    drain: Seconds = Field(25.0, description="seconds that a stopping daemon gives to work under way")

    # What is told
    log_format: Annotated[Literal["json", "console"], BeforeValidator(_lower)] = Field(
        "json", description="how log lines are written"
    )
    log_level: Annotated[Literal["debug", "info", "warning", "error"], BeforeValidator(_lower)] = Field(
        "info", description="what is logged"
    )


@dataclass(frozen=True, slots=True)
class Loaded:
    """The settings in force, and for each one a name for where its value came from."""

    settings: Settings
    origins: Mapping[str, str]


def load_settings(
    command_line: Mapping[str, object], environ: Mapping[str, str], file: Path | None = None
) -> Loaded:
    """Join the sources. Raises UsageError with every fault, one line each, by source."""
    values: dict[str, object] = {}
    origins = dict.fromkeys(Settings.model_fields, "default")
    for source, given in (
        (f"file {file}", _read_file(file)),
        ("environment", _read_environment(environ)),
        ("command line", command_line),
    ):
        for name, value in given.items():
            values[name] = value
            origins[name] = source
    try:
        return Loaded(Settings.model_validate(values), origins)
    except ValidationError as error:
        raise UsageError(*(_describe(fault, origins) for fault in error.errors())) from error


def option_of(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def variable_of(name: str) -> str:
    return f"{PREFIX}{name.upper()}"


def _read_environment(environ: Mapping[str, str]) -> dict[str, object]:
    # Other programs' MASTHEAD_… variables are not ours to refuse; a misspelt one shows in `masthead config`.
    return {
        name: environ[variable_of(name)] for name in Settings.model_fields if variable_of(name) in environ
    }


def _read_file(path: Path | None) -> dict[str, Any]:
    if path is None:
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: expected TOML: {error}") from error


def _describe(fault: Any, origins: Mapping[str, str]) -> str:
    name = str(fault["loc"][0])
    spelt = {"command line": option_of(name), "environment": variable_of(name)}.get(
        origins.get(name, ""), name
    )
    if fault["type"] == "extra_forbidden":
        near = get_close_matches(name, Settings.model_fields, 1)
        hint = f"; did you mean {near[0]}?" if near else ""
        return f"{origins.get(name)}: {spelt}: there is no such setting{hint}"
    message = fault["msg"].removeprefix("Value error, ")
    # A header's value may be a credential, and what is wrong with it is told already.
    got = "" if name in ("token", "header", "checks") else f", got {str(fault['input'])!r}"
    return f"{origins.get(name)}: {spelt}: {message[:1].lower()}{message[1:]}{got}"
