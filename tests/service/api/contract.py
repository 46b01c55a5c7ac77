"""Holds what a daemon answers against its description: a status, a media type, a header or a kind of problem
that the description does not have fails the test that met it, whatever that test is about."""

import re
from typing import Any, Final

from aiohttp import ClientResponse, ClientSession, TraceConfig, TraceRequestEndParams

from service.api.openapi import build_document
from service.api.problems import CONTENT_TYPE
from service.api.routes import OPERATIONS
from service.settings import Settings

# Fields of HTTP itself, which say nothing of the operation.
HTTPS_OWN: Final = frozenset(
    {
        "Connection",
        "Content-Encoding",
        "Content-Length",
        "Content-Type",
        "Date",
        "Keep-Alive",
        "Transfer-Encoding",
    }
)
DOCUMENT: Final = build_document(OPERATIONS, Settings(), wants_token=False)


def hold_to_description() -> TraceConfig:
    """For a client's session: each answer is looked at as it comes."""
    trace = TraceConfig()

    async def look(_: ClientSession, __: Any, ended: TraceRequestEndParams) -> None:
        responses = find_responses(ended.method, ended.url.raw_path)
        if responses is not None:
            problem = await ended.response.json() if ended.response.content_type == CONTENT_TYPE else None
            faults = find_faults(responses, ended.response, problem)
            assert not faults, f"{ended.method} {ended.url.raw_path}: {faults}"

    trace.on_request_end.append(look)
    return trace


def find_responses(method: str, path: str) -> dict[str, Any] | None:
    """What is said of an operation's answers; None for what is none (a 404 or 405 says that)."""
    wanted = "get" if method == "HEAD" else method.lower()
    for template, methods in DOCUMENT["paths"].items():
        if wanted in methods and re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path):
            responses: dict[str, Any] = methods[wanted]["responses"]
            return responses
    return None


def find_faults(responses: dict[str, Any], response: ClientResponse, problem: Any) -> list[str]:
    """What the answer has that its description has not."""
    described = responses.get(str(response.status))
    if described is None:
        return [f"status {response.status}"]
    if "$ref" in described:
        described = DOCUMENT["components"]["responses"][described["$ref"].rpartition("/")[2]]
    faults = [
        f"header {name}" for name in response.headers if name not in {*described["headers"], *HTTPS_OWN}
    ]
    content = described.get("content", {})
    if "Content-Type" in response.headers and response.content_type not in content:
        return [*faults, f"media type {response.content_type}"]
    if problem is not None:
        kinds = content[CONTENT_TYPE]["schema"]["properties"]["type"]["enum"]
        faults += [f"problem {problem['type']}"] if problem["type"] not in kinds else []
    return faults
