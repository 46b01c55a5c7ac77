"""The JSON that the API answers, as structs: what writes an answer and what describes it is the same.

Problems are `problems`', records are the workers'. A docstring is what the document says of a schema.
"""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from service.api import examples
from service.api.cursor import PATTERN
from service.jobs.fault import Reason
from service.jobs.model import LEAST_PRIORITY, MOST_PRIORITY, State
from workers.model import Record, Severity

Count = Annotated[int, Meta(ge=0)]
PartFault = Reason | Literal["processes_dying", "no_descriptors", "stopped"]
Priority = Annotated[int, Meta(ge=LEAST_PRIORITY, le=MOST_PRIORITY)]
Time = Annotated[str, Meta(description="RFC 3339, UTC", examples=["2026-01-01T00:00:00.000Z"])]
Cursor = Annotated[
    str, Meta(pattern=f"^{PATTERN}$", description="where the next page begins", examples=[examples.CURSOR])
]


class Inspections(Struct, frozen=True):
    """The records of a short list, in the order of the request."""

    results: list[Record]


class Webhook(Struct, frozen=True):
    """How the telling of a job's end went: the last attempt's `status`, or the code of its `error`. Of its
    URL the origin is told. It is `waiting` for the job's end, and then for `next_attempt_at`."""

    origin: str
    outcome: Literal["waiting", "delivered", "failed"]
    attempts: Count
    status: int | None
    error: str | None
    next_attempt_at: Time | None


class Job(Struct, frozen=True):
    """A list that was taken on. `done` is `ok` and `error` together, and `total` in the end unless the job
    was cancelled. What its options were is not told: a header among them may be a credential."""

    id: Annotated[str, Meta(pattern="^[0-9a-f]{24}$")]
    state: State
    priority: Priority
    total: Count
    done: Count
    ok: Count
    error: Count
    created_at: Time
    finished_at: Time | None
    webhook: Webhook | None


class Jobs(Struct, frozen=True):
    """A page of jobs, the newest first; `next` is null on the last."""

    jobs: list[Job]
    next: Cursor | None


class Results(Struct, frozen=True):
    """A page of a job's records, in the order in which they were done. `next` is null once there is no more
    to come; while the job goes on, it is where to ask again."""

    results: list[Record]
    next: Cursor | None


class Rule(Struct, frozen=True):
    """What a check may find. What stands in braces in `message` is filled in from the response."""

    id: str
    severity: Severity
    field: str
    message: str
    why: str
    fix: str | None
    reference: str


class Check(Struct, frozen=True):
    """One check: what it looks at, and why that matters."""

    id: str
    title: str
    why: str
    reference: str
    rules: list[Rule]


class Checks(Struct, frozen=True):
    """The catalogue, by id."""

    checks: list[Check]


class Alive(Struct, frozen=True):
    """The event loop turns."""

    status: Literal["alive"] = "alive"


class Part(Struct, frozen=True, omit_defaults=True):
    """What taking work depends on: the pool's `workers`, `requests` under way; what is wrong as a `fault`,
    and its `detail` in words."""

    ready: bool
    workers: Count | UnsetType = UNSET
    requests: Count | UnsetType = UNSET
    fault: PartFault | UnsetType = UNSET
    detail: str | UnsetType = UNSET


class Readiness(Struct, frozen=True):
    """Whether work is taken, and how it is with each part."""

    status: Literal["ready", "not ready"]
    parts: dict[str, Part]


class Reloaded(Struct, frozen=True):
    """Modules and tokens were read; `modules` are those in use now."""

    status: Literal["reloaded"]
    modules: list[str]
