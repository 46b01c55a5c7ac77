"""What one operation of the API is, said once beside its handler.

`@operation(…)` makes a handler an `Operation`. The table of them in `routes` is the only way to a route, and
what routes by it, `/openapi.json`, `/docs` and the tests that hold each answer against the document share it:
to add a call, decorate its handler and name it in the table. The handler's docstring is the description. What
every operation may be answered beside that (a token that is missing, a body that comes too slowly) is derived
in `openapi` from where the path lies and what the operation takes.
"""

import inspect
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from aiohttp import web

from service.api.problems import Kind

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Method = Literal["GET", "POST", "DELETE"]
Tag = Literal["inspections", "jobs", "checks", "operation"]
Schema = Mapping[str, Any]
"""A schema of JSON Schema 2020-12, which is that of OpenAPI 3.1."""

TEXT: Final[Schema] = {"type": "string"}  # of a media type that is no JSON
URL_LINES: Final[Schema] = {
    "type": "string",
    "description": "A URL a line; blank lines and `#` comments are none",
    "pattern": r"(?:^|\n)[ \t\r\f]*[^ \t\r\f\n#]",
}
RECORD_LINES: Final[Schema] = {"type": "string", "description": "A Record a line"}


def ref(name: str) -> Schema:
    """A schema of `schemas`, by its name."""
    return {"$ref": f"#/components/schemas/{name}"}


@dataclass(frozen=True, slots=True)
class Parameter:
    """A part of the path that has a name, a member of the query, or a request's header field."""

    name: str
    place: Literal["path", "query", "header"]
    description: str
    schema: Schema
    example: object
    is_required: bool = False


@dataclass(frozen=True, slots=True)
class Media:
    """A form of a body: its media type, its schema, and an example (text, where it is no JSON)."""

    type: str
    schema: Schema
    example: object


@dataclass(frozen=True, slots=True)
class Answer:
    """What is answered where all went well. `headers` are names of `headers`; `links` are ids of operations
    that take the answer's `id`."""

    status: int
    description: str
    media: Sequence[Media] = ()
    headers: Sequence[str] = ()
    links: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Refusal:
    """A problem that may be answered: its kind, and a detail as it may read."""

    status: int
    detail: str
    kind: Kind = Kind.PLAIN
    headers: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """`id` is OpenAPI's operationId; clients make function names of it. `body` is one of these forms. With
    `has_head`, what may be had by GET may be had by HEAD (RFC 9110 section 9.3.2)."""

    method: Method
    path: str
    id: str
    tag: Tag
    summary: str
    handler: Handler
    parameters: Sequence[Parameter] = ()
    body: Sequence[Media] = ()
    answers: Sequence[Answer]
    refusals: Sequence[Refusal] = ()
    has_head: bool = True

    @property
    def description(self) -> str:
        """The handler's docstring, a paragraph a line. Raises ValueError where it has none."""
        text = inspect.getdoc(self.handler)
        if text is None:
            raise ValueError(f"expected {self.method} {self.path} to have a docstring, got none")
        return "\n\n".join(" ".join(paragraph.split()) for paragraph in text.split("\n\n"))

    def add_to(self, router: web.UrlDispatcher) -> None:
        if self.method == "GET":
            router.add_get(self.path, self.handler, allow_head=self.has_head)
        else:
            router.add_route(self.method, self.path, self.handler)


def operation(
    method: Method,
    path: str,
    *,
    id: str,  # noqa: A002 - OpenAPI's own word
    tag: Tag,
    summary: str,
    answers: Sequence[Answer],
    parameters: Sequence[Parameter] = (),
    body: Sequence[Media] = (),
    refusals: Sequence[Refusal] = (),
    has_head: bool = True,
) -> Callable[[Handler], Operation]:
    """Make the handler below an operation; the fields are `Operation`'s."""

    def describe(handler: Handler) -> Operation:
        return Operation(
            method=method,
            path=path,
            id=id,
            tag=tag,
            summary=summary,
            handler=handler,
            parameters=parameters,
            body=body,
            answers=answers,
            refusals=refusals,
            has_head=has_head,
        )

    return describe
