"""The page: everything the document has, and nothing that loads or runs."""

import asyncio
import hashlib
import html
import os
import re
from asyncio.subprocess import PIPE
from base64 import b64encode
from html.parser import HTMLParser
from pathlib import Path

from service.api.docs_page import render
from service.api.routes import OPERATIONS
from tests.service.api.contract import DOCUMENT
from tests.service.api.daemons import Daemon, run_daemon

VOID = {"meta"}
OPTIONAL_END = {"li"}


class Page(HTMLParser):
    """Keeps elements, ids and links; complains of tags that do not match."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: set[str] = set()
        self.ids: list[str] = []
        self.links: set[str] = set()
        self.attributes: set[str] = set()
        self.style = ""
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        for name, value in attrs:
            self.attributes.add(name)
            if name == "id":
                self.ids.append(value or "")
            if name == "href":
                self.links.add(value or "")
        if tag not in VOID | OPTIONAL_END:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag, self.getpos()

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] == "style":
            self.style += data


async def test_the_page_runs_nothing_and_loads_nothing(daemon: Daemon) -> None:
    async with daemon.client.get("/docs") as answer:
        assert (answer.status, answer.content_type, answer.charset) == (200, "text/html", "utf-8")
        policy = answer.headers["Content-Security-Policy"]
        page = Page(await answer.text())
    assert page.elements.isdisjoint({"script", "link", "img", "iframe", "form", "object", "base"})
    assert page.attributes <= {"id", "href", "class", "lang", "charset", "name", "content"}
    assert all(link.startswith("#") or link == "/openapi.json" for link in page.links)
    digest = b64encode(hashlib.sha256(page.style.encode()).digest()).decode()
    assert policy.startswith(f"default-src 'none'; style-src 'sha256-{digest}';")


def test_everything_is_on_it_and_each_link_leads_somewhere() -> None:
    page = Page(render(DOCUMENT))
    assert len(page.ids) == len(set(page.ids))
    assert {operation.id for operation in OPERATIONS} <= set(page.ids)
    assert {f"schema-{name}" for name in DOCUMENT["components"]["schemas"]} <= set(page.ids)
    assert {link[1:] for link in page.links if link.startswith("#")} <= set(page.ids)


def test_what_the_document_says_is_text() -> None:
    document = DOCUMENT | {"info": DOCUMENT["info"] | {"title": "<script>", "description": "`<b>` & <i>"}}
    text = render(document)
    assert "<script>" not in text
    assert "<code>&lt;b&gt;</code> &amp; &lt;i&gt;" in text


async def test_each_call_works_as_the_page_has_it(tmp_path: Path) -> None:
    async with run_daemon(
        data=tmp_path, token="secret", enable_reload=True, resolver="127.0.0.1:1"
    ) as daemon:
        daemon.client.headers["Authorization"] = "Bearer secret"
        async with daemon.client.get("/docs") as answer:
            text = html.unescape(await answer.text())
        calls = re.findall(r"<pre>(curl .*?)</pre>", text, flags=re.DOTALL)
        assert len(calls) == len(OPERATIONS)
        for call in calls:
            async with daemon.client.post(
                "/v1/jobs", data="no url", headers={"Content-Type": "text/plain"}
            ) as answer:
                job = (await answer.json())["id"]
            async with daemon.client.get(f"/v1/jobs/{job}/events") as answer:
                await answer.read()  # until it ends
            variables = {
                "MASTHEAD": f"http://{daemon.host}:{daemon.port}",
                "TOKEN": "secret",
                "id": job,
                "PATH": os.environ["PATH"],
            }
            shell = await asyncio.create_subprocess_exec(
                "bash", "-c", f"{call} -o /dev/null -w '%{{http_code}}'", env=variables, stdout=PIPE
            )
            status, _ = await asyncio.wait_for(shell.communicate(), 30)
            assert status[:1] == b"2", (call, status)
