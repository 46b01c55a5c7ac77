"""`GET /openapi.json` and `GET /docs`: the document, for programs and for people.

The page is made here, of the document alone: no script, no other host, nothing but one style, which the
page's own policy names by its hash.
"""

import asyncio
from collections.abc import Callable
from functools import cached_property
from typing import Final

import msgspec
from aiohttp import web

from service.api import negotiation
from service.api.docs_page import POLICY, render
from service.api.negotiation import JSON, negotiate
from service.api.openapi import Json
from service.api.operation import TEXT as ANY_TEXT
from service.api.operation import Answer, Media, operation

HTML: Final = "text/html"


class Description:
    """A daemon's document, and its page. Each is made when it is first asked for, which is to be in a thread:
    all checks, whose ids are in it, have to be loaded for that."""

    def __init__(self, build: Callable[[], Json]) -> None:
        self._build = build

    @cached_property
    def document(self) -> bytes:
        return msgspec.json.encode(self._build()) + b"\n"

    @cached_property
    def page(self) -> str:
        return render(self._build())


DESCRIPTION: Final = web.AppKey("description", Description)


@operation(
    "GET",
    "/openapi.json",
    id="openapi",
    tag="operation",
    summary="This description, as OpenAPI",
    answers=[Answer(200, "An OpenAPI 3.1 document", [Media(JSON, {"type": "object"}, {"openapi": "3.1.1"})])],
    refusals=negotiation.REFUSALS,
)
async def openapi(request: web.Request) -> web.Response:
    """What this daemon answers, with the limits that it has been given."""
    negotiate(request, (JSON,))
    description = request.app[DESCRIPTION]
    body = await asyncio.to_thread(lambda: description.document)
    return web.Response(body=body, content_type=JSON)


@operation(
    "GET",
    "/docs",
    id="docs",
    tag="operation",
    summary="This description, as a page",
    answers=[Answer(200, "The page", [Media(HTML, ANY_TEXT, "<!doctype html>…")])],
)
async def page(request: web.Request) -> web.Response:
    """To be read in a browser; it loads nothing."""
    description = request.app[DESCRIPTION]
    text = await asyncio.to_thread(lambda: description.page)
    return web.Response(text=text, content_type=HTML, headers={"Content-Security-Policy": POLICY})
