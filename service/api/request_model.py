"""What the bodies of `POST /v1/inspections` and `/v1/jobs` may hold.

Options only tighten what the daemon's settings allow: its times and redirects are upper bounds, and nothing
that loosens the egress guard or the trust in certificates can be said here. Validated with the settings as
context.
"""

from typing import Annotated, Final, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    ValidationInfo,
)

from service.errors import FetchFailed
from service.inspection.url import parse_url, strip_input
from service.jobs.model import LEAST_PRIORITY, MOST_PRIORITY, PRIORITY
from service.model import parse_request_field
from service.settings import Settings
from workers.registry import UnknownCheckError, select_checks

FIELDS_LIMIT: Final = 32  # header fields to add: a browser sends about 20
SHOWN: Final = 80  # characters of a wrong value that are told
FIELD_LIMIT: Final = 8_192  # characters of one: what servers commonly take


def _within(name: str) -> AfterValidator:
    """At most what the daemon's setting of that name says."""

    def check(value: float, info: ValidationInfo[Settings]) -> float:
        bound = getattr(info.context, name)
        if value > bound:
            got = str(value).removesuffix(".0")
            got = got if len(got) <= SHOWN else f"{got[:SHOWN]}…"  # it may have thousands of digits
            raise ValueError(f"expected at most {bound:g}, this daemon's {name}, got {got}")
        return value

    return AfterValidator(check)


def _check_field(text: str) -> str:
    parse_request_field(text)
    return text


def _check_name(name: str) -> str:
    parse_request_field(f"{name}:")
    return name


def _check_value(value: str) -> str:
    parse_request_field(f"x:{value}")
    return value


def _check_selection(selection: str, info: ValidationInfo[Settings]) -> str:
    try:
        select_checks(selection)
    except UnknownCheckError as error:
        raise ValueError(str(error)) from error
    if selection != "none" and info.context.checks == "none":
        raise ValueError("expected 'none': this daemon records and does not judge")
    return selection


def _check_together(selections: list[str]) -> list[str]:
    if len(selections) > 1 and "none" in selections:
        raise ValueError("expected 'none' alone, got it beside others")
    return selections


def _to_whole(value: object) -> object:
    """2.0 is a whole number in JSON (RFC 8259 section 6; JSON Schema's "integer")."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _check_webhook(url: str, info: ValidationInfo[Settings]) -> str:
    """As the WHATWG parser writes it. Credentials in it would not be sent."""
    if not info.context.webhook_secret:
        raise ValueError("expected none: this daemon sends no webhooks, since it has no --webhook-secret")
    if len(url) > info.context.url_limit:
        raise ValueError(f"expected at most {info.context.url_limit} characters")
    try:
        parsed = parse_url(strip_input(url))
    except FetchFailed as error:
        raise ValueError(str(error)) from error
    if "@" in url.partition("://")[2].partition("/")[0]:
        raise ValueError("expected a URL without credentials")
    return parsed.href


def _shape_of(value: object) -> str:
    return f"({type(value).__name__})"


Line = Annotated[str, Field(max_length=FIELD_LIMIT), AfterValidator(_check_field)]
Name = Annotated[str, Field(max_length=FIELD_LIMIT), AfterValidator(_check_name)]
Value = Annotated[str, Field(max_length=FIELD_LIMIT), AfterValidator(_check_value)]
Headers = Annotated[
    Annotated[list[Line], Field(max_length=FIELDS_LIMIT), Tag("(list)")]
    | Annotated[dict[Name, Value], Field(max_length=FIELDS_LIMIT), Tag("(dict)")],
    Discriminator(
        _shape_of,
        custom_error_type="headers",
        custom_error_message="",  # `faults` has the words
    ),
]
WHOLE: Final = BeforeValidator(_to_whole)  # behind the bounds: what it takes is not described
Selection = Annotated[str, AfterValidator(_check_selection)]
Checks = Annotated[
    Annotated[Selection, Tag("(str)")]
    | Annotated[list[Selection], Field(min_length=1), AfterValidator(_check_together), Tag("(list)")],
    Discriminator(
        _shape_of,
        custom_error_type="checks",
        custom_error_message="",  # `faults` has the words
    ),
]


class Options(BaseModel):
    """How this request's URLs are to be inspected; what is not said is as the daemon's settings have it."""

    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)

    timeout: Annotated[float, Field(gt=0, allow_inf_nan=False), _within("timeout")] | None = None
    method: Literal["auto", "head", "get"] | None = None
    headers: Headers = Field(default_factory=list)
    max_redirects: Annotated[int, Field(ge=0), _within("max_redirects"), WHOLE] | None = None
    checks: Checks | None = None
    depth: Literal["headers", "full"] | None = None


class Body(BaseModel):
    """The whole body. A URL that is none is not an error of the request: its record says so."""

    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)

    urls: Annotated[list[str], Field(min_length=1)]
    options: Options = Field(default_factory=Options)


class JobOptions(Options):
    """How a job is to be done: `priority` is its share of the daemon beside other jobs, `webhook` the URL
    that its end is told."""

    priority: Annotated[int, Field(ge=LEAST_PRIORITY, le=MOST_PRIORITY), WHOLE] = PRIORITY
    webhook: Annotated[str, AfterValidator(_check_webhook)] | None = None


class JobBody(Body):
    """The whole of a job's list, where it is JSON."""

    options: JobOptions = Field(default_factory=JobOptions)
