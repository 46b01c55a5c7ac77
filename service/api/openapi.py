"""The document: OpenAPI 3.1.1, made from the operations and the types of their bodies.

What an operation may be answered beside what it says itself is derived here: from where its path lies (tokens
and rates are for some roots only), from what it takes (a body can be too slow, say) and from what it offers.
A status that may have several reasons has an example of each.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from service.api import access, auth, body, connection, envelope, memory, rate
from service.api.envelope import REQUEST_ID_HEADER, SECURITY_HEADERS
from service.api.headers import HEADERS
from service.api.operation import Answer, Media, Operation, Parameter, Refusal, ref
from service.api.problems import CONTENT_TYPE, phrase_of
from service.api.schemas import schemas
from service.settings import Settings

Json = dict[str, Any]

TAGS: Final = {
    "inspections": "Short lists, inspected while the client waits.",
    "jobs": "Long lists, kept on disk until they are done. They need a daemon with `--data DIR`.",
    "checks": "What is looked for.",
    "operation": "For what runs and watches the daemon; only `/-/reload` asks for a token.",
}
ABOUT: Final = """\
Every response header of every site it is pointed at, told exactly, and judged.

Where the daemon has tokens, `/probe` and everything under `/v1` and `/-` want one of them (`Authorization:
Bearer …`). Without, it takes nothing from pages of other origins. What goes wrong is told as a problem (RFC
9457); a status can have several reasons, which `type` tells apart. Every answer has the request's
`X-Request-ID`, or one of its own. What may be had by GET may be had by HEAD, but for streams and probes; a
path that there is not is 404, a method that a path has not is 405 with `Allow`."""
COMMON_HEADERS: Final = (REQUEST_ID_HEADER, *SECURITY_HEADERS)
_EVERYWHERE: Final = (*connection.REFUSALS, *access.REFUSALS, *envelope.REFUSALS)
_PROTECTED: Final = (*access.PAGE_REFUSALS, *auth.REFUSALS)


def build_document(operations: Iterable[Operation], settings: Settings, *, wants_token: bool) -> Json:
    """Of a daemon with these settings; `wants_token` where it has any."""
    paths: dict[str, Json] = {}
    for one in operations:
        paths.setdefault(one.path, {})[one.method.lower()] = _describe(one, wants_token=wants_token)
    return {
        "openapi": "3.1.1",
        # The version of the API, which its paths have too: which release answers is nobody's affair.
        "info": {
            "title": "Masthead",
            "version": "1",
            "description": ABOUT,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": name, "description": text} for name, text in TAGS.items()],
        "paths": paths,
        "components": {
            "schemas": schemas(settings),
            "headers": {name: _header(name) for name in HEADERS},
            "responses": {
                _name(status): _response(status, _EVERYWHERE, ()) for status in _statuses(_EVERYWHERE)
            },
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer", "description": "A token of the daemon's"}
            },
        },
    }


def refusals_of(one: Operation) -> tuple[Refusal, ...]:
    """All problems that an operation may be answered with, its own first."""
    protected = auth.is_under(one.path, auth.PROTECTED)
    limited = auth.is_under(one.path, (access.LIMITED,))
    return (
        *one.refusals,
        *((*body.REFUSALS, *memory.REFUSALS) if one.body else ()),
        *(_PROTECTED if protected else ()),
        *(rate.REFUSALS if limited else ()),
        *_EVERYWHERE,
    )


def _describe(one: Operation, *, wants_token: bool) -> Json:
    protected = auth.is_under(one.path, auth.PROTECTED)
    refusals = refusals_of(one)
    responses = {
        str(status): {"$ref": f"#/components/responses/{_name(status)}"}
        if (found := _of(status, refusals)) == _of(status, _EVERYWHERE) and not _of(status, one.answers)
        else _response(status, found, _of(status, one.answers))
        for status in _statuses((*one.answers, *refusals))
    }
    described: Json = {
        "operationId": one.id,
        "tags": [one.tag],
        "summary": one.summary,
        "description": one.description,
        "security": ([{"bearer": []}] if wants_token else [{}, {"bearer": []}]) if protected else [],
        "responses": responses,
    }
    if one.parameters:
        described["parameters"] = [_parameter(parameter) for parameter in one.parameters]
    if one.body:
        described["requestBody"] = {"required": True, "content": _content(one.body)}
    return described


def _parameter(parameter: Parameter) -> Json:
    return {
        "name": parameter.name,
        "in": parameter.place,
        "required": parameter.is_required or parameter.place == "path",
        "description": parameter.description,
        "schema": parameter.schema,
        "example": parameter.example,
    }


def _response(status: int, refusals: Sequence[Refusal], answers: Sequence[Answer]) -> Json:
    parts: list[Answer | Refusal] = [*answers, *refusals]
    headers = dict.fromkeys((*COMMON_HEADERS, *(name for part in parts for name in part.headers)))
    content = {name: form for answer in answers for name, form in _content(answer.media).items()}
    if refusals:
        content[CONTENT_TYPE] = _problems(status, refusals)
    titles = dict.fromkeys(
        [answer.description for answer in answers] + [refusal.kind.title_of(status) for refusal in refusals]
    )
    links = {
        name: {"operationId": name, "parameters": {"id": "$response.body#/id"}}
        for answer in answers
        for name in answer.links
    }
    response: Json = {
        "description": "; or ".join(titles),
        "headers": {name: {"$ref": f"#/components/headers/{name}"} for name in headers},
    }
    return response | ({"content": content} if content else {}) | ({"links": links} if links else {})


def _content(forms: Iterable[Media]) -> Json:
    return {form.type: {"schema": form.schema, "example": form.example} for form in forms}


def _problems(status: int, refusals: Sequence[Refusal]) -> Json:
    types = list(dict.fromkeys(refusal.kind.uri for refusal in refusals))
    return {
        "schema": {
            **ref("ProblemDetails"),
            "properties": {"type": {"enum": types}, "status": {"const": status}},
        },
        "examples": {
            f"{number}-{refusal.kind.value[0].removeprefix('about:')}": {
                "summary": refusal.kind.title_of(status),
                "value": {
                    "type": refusal.kind.uri,
                    "title": refusal.kind.title_of(status),
                    "status": status,
                    "detail": refusal.detail,
                    "instance": "0b9f6f2e55c14d7e9c7a3f8f9d0f4b11",
                    "errors": [{"detail": refusal.detail}],
                },
            }
            for number, refusal in enumerate(refusals, 1)
        },
    }


def _header(name: str) -> Json:
    return {
        "description": HEADERS[name].description,
        "required": name in COMMON_HEADERS,
        "schema": {"type": "string"},
        "example": HEADERS[name].example,
    }


def _of(status: int, parts: Sequence[Any]) -> list[Any]:
    return [part for part in parts if part.status == status]


def _statuses(parts: Iterable[Answer | Refusal]) -> list[int]:
    return sorted({part.status for part in parts})


def _name(status: int) -> str:
    return phrase_of(status).replace(" ", "")
