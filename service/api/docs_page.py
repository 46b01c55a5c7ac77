"""The page of the document: HTML made of the OpenAPI document alone.

Everything is escaped where it is put in. It needs no script (examples open and close as `details` do) and no
other file, so that the policy it is sent with can be the strictest there is.
"""

import json
import shlex
from base64 import b64encode
from collections.abc import Iterator, Mapping
from hashlib import sha256
from html import escape
from typing import Any, Final
from urllib.parse import quote

from service.api.docs_schema import code, prose, table, tell_schema, tell_type
from service.api.docs_style import STYLE
from service.api.examples import JOB_ID
from service.api.openapi import COMMON_HEADERS
from service.api.problems import CONTENT_TYPE

Json = Mapping[str, Any]

POLICY: Final = (
    f"default-src 'none'; style-src 'sha256-{b64encode(sha256(STYLE.encode()).digest()).decode()}';"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def render(document: Json) -> str:
    """The whole page."""
    return "\n".join(_page(document)) + "\n"


def _page(document: Json) -> Iterator[str]:
    title = escape(document["info"]["title"])
    yield "<!doctype html>"
    yield '<html lang="en"><head><meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>{title} API</title><style>{STYLE}</style></head><body>"
    yield from _contents(document)
    yield f"<main><h1>{title} API</h1>{prose(document['info']['description'])}"
    yield '<p>The same as <a href="/openapi.json">OpenAPI 3.1</a>. The examples want to know the daemon,'
    yield " one of its tokens where it has any, and a job's id:</p>"
    yield f"<pre>MASTHEAD=http://127.0.0.1:8080 TOKEN=… id={JOB_ID}</pre>"
    for tag in document["tags"]:
        yield f"<h2>{escape(tag['name'].capitalize())}</h2>{prose(tag['description'])}"
        for method, path, operation in _operations(document, tag["name"]):
            yield from _operation(method, path, operation)
    yield '<h2 id="any">Any call</h2><p>These may be answered whatever is asked for.</p>'
    yield from _responses(document["components"]["responses"].items(), "any")
    yield '<h2 id="headers">Header fields of answers</h2>'
    headers = document["components"]["headers"].items()
    yield table(
        ("field", "what it says", "example"),
        [(code(name), prose(about["description"]), code(about["example"])) for name, about in headers],
    )
    yield '<h2 id="schemas">Schemas</h2>'
    for name, schema in document["components"]["schemas"].items():
        yield f'<section id="schema-{escape(name)}"><h3>{escape(name)}</h3>{tell_schema(schema)}</section>'
    yield "</main></body></html>"


def _contents(document: Json) -> Iterator[str]:
    yield "<nav><ul>"
    for tag in document["tags"]:
        for method, path, operation in _operations(document, tag["name"]):
            yield (
                f'<li><a href="#{escape(operation["operationId"])}">{_badge(method)} {escape(path)}</a>'
                f" {escape(operation['summary'])}"
            )
    yield '<li><a href="#any">Any call</a><li><a href="#headers">Header fields</a>'
    yield '<li><a href="#schemas">Schemas</a></ul></nav>'


def _operations(document: Json, tag: str) -> Iterator[tuple[str, str, Json]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if tag in operation["tags"]:
                yield method.upper(), path, operation


def _operation(method: str, path: str, operation: Json) -> Iterator[str]:
    yield f'<section id="{escape(operation["operationId"])}">'
    yield f"<h3>{_badge(method)} {escape(path)}</h3>"
    yield f"<p><strong>{escape(operation['summary'])}.</strong></p>{prose(operation['description'])}"
    if operation["security"]:
        optional = " where the daemon has tokens" if {} in operation["security"] else ""
        yield f"<p>Wants a bearer token{optional}.</p>"
    yield f"<pre>{escape(_curl(method, path, operation))}</pre>"
    if "parameters" in operation:
        yield "<h4>Parameters</h4>"
        yield table(
            ("name", "in", "what it is", "what it may be"),
            [
                (
                    code(parameter["name"]),
                    escape(parameter["in"]) + (", required" if parameter["required"] else ""),
                    prose(parameter["description"]),
                    tell_type(parameter["schema"]),
                )
                for parameter in operation["parameters"]
            ],
        )
    if "requestBody" in operation:
        yield "<h4>Body, one of</h4>"
        yield from _content(operation["requestBody"]["content"])
    yield "<h4>Answers</h4>"
    own = [(status, answer) for status, answer in operation["responses"].items() if "$ref" not in answer]
    yield from _responses(own, operation["operationId"])
    yield '<p>And as <a href="#any">any call</a>.</p></section>'


def _responses(responses: Any, place: str) -> Iterator[str]:
    for status, response in responses:
        number = status if status.isdigit() else str(_status_of(response))
        headers = [name for name in response["headers"] if name not in COMMON_HEADERS]
        told = f" ({', '.join(map(code, headers))})" if headers else ""
        yield f'<details id="{escape(place)}-{number}"><summary><b class="s{number[0]}">{number}</b>'
        yield f" {escape(response['description'])}{told}</summary>"
        yield from _content(response.get("content", {}))
        yield "</details>"


def _status_of(problem: Json) -> int:
    """Of a shared response, whose name says it in words."""
    status: int = problem["content"][CONTENT_TYPE]["schema"]["properties"]["status"]["const"]
    return status


def _content(content: Json) -> Iterator[str]:
    for media_type, media in content.items():
        yield f"<p>{code(media_type)}: {tell_type(media['schema'])}</p>"
        examples = media.get("examples") or {"": {"value": media["example"]}}
        for example in examples.values():
            yield f"<pre>{escape(_show(example['value']))}</pre>"


def _curl(method: str, path: str, operation: Json) -> str:
    """A call as it may be typed; what the path names is a variable of the shell."""
    query = [
        f"{parameter['name']}={quote(str(parameter['example']), safe='')}"
        for parameter in operation.get("parameters", ())
        if parameter["in"] == "query" and parameter["required"]
    ]
    place = f"$MASTHEAD{path.replace('{', '$').replace('}', '')}{'?' if query else ''}{'&'.join(query)}"
    body = operation.get("requestBody")
    words = [f'curl -sN "{place}"']
    if operation["security"] == [{"bearer": []}]:
        words.append('-H "Authorization: Bearer $TOKEN"')
    if body is not None:
        words.append(f"--json {shlex.quote(json.dumps(body['content']['application/json']['example']))}")
    elif method != "GET":
        words.append(f"-X {method}")
    return " \\\n  ".join(words)


def _show(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False)


def _badge(method: str) -> str:
    return f'<b class="{escape(method.lower())}">{escape(method)}</b>'
