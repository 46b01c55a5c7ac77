"""Problems: how the API says no (RFC 9457), with one entry in `errors` for each thing that is wrong.

Owns the shape. Handlers raise a `Problem`; `envelope` answers with it.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from http import HTTPStatus
from typing import Final
from urllib.parse import quote

import msgspec
from aiohttp import web
from msgspec import Struct

CONTENT_TYPE: Final = "application/problem+json"
NO_PHRASE: Final = "Error"
LONGER_LISTS: Final = "longer lists are for jobs (/v1/jobs) or for `masthead batch`"


class Kind(Enum):
    """The kinds that a program may want to tell apart where a status says too little: (name, title)."""

    PLAIN = ("about:blank", None)  # RFC 9457 section 4.2.1: no more than the status says
    MALFORMED_BODY = ("malformed-body", "The body cannot be read")
    INVALID_REQUEST = ("invalid-request", "The request has faults")
    TOO_MANY_URLS = ("too-many-urls", "Too many URLs for one request")
    BODY_TOO_LARGE = ("body-too-large", "The body is too large")
    BODY_TOO_SLOW = ("body-too-slow", "The body came too slowly")
    TOO_OFTEN = ("too-often", "Too many requests in a short time")
    FOREIGN_ORIGIN = ("foreign-origin", "A page of another origin may not ask")
    FOREIGN_HOST = ("foreign-host", "The Host is not this daemon's")
    BUSY = ("busy", "Too many requests under way")
    NO_JOBS = ("no-jobs", "The daemon keeps no jobs")
    STORE_FAILED = ("store-failed", "The store of jobs does not work now")
    NOT_READY = ("not-ready", "The daemon cannot work now")
    KEY_IN_USE = ("idempotency-key-in-use", "The first request with this key is under way")
    KEY_REUSED = ("idempotency-key-reused", "The key is another request's")
    JOB_RUNNING = ("job-running", "The job has not ended")
    BAD_CONFIGURATION = ("bad-configuration", "The configuration on the disk has faults")
    NO_TOKENS = ("no-tokens", "The daemon has no tokens")
    DRAINING = ("draining", "The daemon is stopping")

    @property
    def uri(self) -> str:
        name = self.value[0]
        return name if self is Kind.PLAIN else f"urn:problem-type:masthead:{name}"

    def title_of(self, status: int) -> str:
        return self.value[1] or phrase_of(status)


class Fault(Struct, frozen=True, omit_defaults=True):
    """One thing wrong. `pointer` (RFC 6901) is its place in a JSON body, `location` anywhere else."""

    detail: str
    pointer: str | None = None
    location: str | None = None


class ProblemDetails(Struct, frozen=True, omit_defaults=True):
    """A problem as it is answered (RFC 9457). `type` is what a program may tell problems apart by; `instance`
    is the request's id, percent-encoded; `errors` has an entry for each thing that is wrong: one that says
    what `detail` does, where that is all."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    errors: Sequence[Fault]


@dataclass(eq=False)
class Problem(Exception):  # noqa: N818 - RFC 9457's own word
    """A request that is answered by an error: raised where that is seen."""

    status: int
    detail: str
    kind: Kind = Kind.PLAIN
    faults: Sequence[Fault] = ()
    headers: Mapping[str, str] = field(default_factory=dict)


def body_of(problem: Problem, request_id: str) -> bytes:
    """The problem details as JSON."""
    details = ProblemDetails(
        problem.kind.uri,
        problem.kind.title_of(problem.status),
        problem.status,
        problem.detail,
        quote(request_id, safe=""),
        problem.faults or [Fault(problem.detail)],
    )
    # Not msgspec's: what a detail quotes may have characters that UTF-8 has not.
    return json.dumps(msgspec.to_builtins(details)).encode() + b"\n"


def response_of(problem: Problem, request_id: str) -> web.Response:
    return web.Response(
        status=problem.status,
        body=body_of(problem, request_id),
        content_type=CONTENT_TYPE,
        headers=problem.headers,
    )


def of_http_exception(error: web.HTTPException, method: str, path: str) -> Problem:
    """aiohttp's own refusals (no such path, no such method, an expectation) as ours."""
    headers = {"Allow": error.headers["Allow"]} if "Allow" in error.headers else {}
    match error.status:
        case 404:
            detail = f"there is nothing at {path[:200]}"
        case 405:
            detail = f"{method[:20]} is not among what this path allows: {headers.get('Allow', 'nothing')}"
        case _:
            detail = phrase_of(error.status)
    return Problem(error.status, detail, headers=headers)


def phrase_of(status: int) -> str:
    """The status's own words."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return NO_PHRASE
