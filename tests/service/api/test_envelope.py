"""What every request has around it: ids, headers, and crashes that are seen only in the log."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import web
from structlog.testing import capture_logs

from service.api.access import open_access
from service.api.auth import Tokens
from service.api.connection import ConnectionOptions
from service.api.endpoint import Endpoint
from service.api.envelope import SECURITY_HEADERS, choose_request_id
from service.api.listener import listen
from service.api.memory import Memory
from service.api.reloading import Reloading
from service.api.routes import build_app
from service.api.shared import Shared
from service.api.traffic import Traffic
from service.app import fetch_options, open_inspector, open_prober
from service.settings import Settings
from service.telemetry.events import Event, RequestAnswered
from service.telemetry.metrics import Metrics
from tests.service.api.daemons import Daemon


async def crash(_: web.Request) -> web.Response:
    raise ValueError("the secret reason")


async def crash_halfway(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    await response.write(b"a part")
    raise ValueError("the secret reason")


@asynccontextmanager
async def run_crashing(events: list[Event]) -> AsyncIterator[aiohttp.ClientSession]:
    settings = Settings(workers=1, checks="none")
    traffic, memory = Traffic(1), Memory(settings.request_memory)
    emit = events.append
    async with (
        open_inspector(settings, emit) as inspector,
        open_prober(settings, fetch_options(settings), inspector, emit) as prober,
    ):
        access = open_access(settings, Tokens())
        shared = Shared(
            settings,
            fetch_options(settings),
            inspector,
            access,
            traffic,
            memory,
            Metrics(),
            emit,
            prober,
            Reloading(settings, access, prober, emit),
        )
        app = build_app(shared)
        app.router.add_get("/crash/{how}", crash)
        app.router.add_get("/halfway", crash_halfway)
        options = ConnectionOptions(10, events.append, 100, memory)
        async with (
            listen(app, Endpoint(("127.0.0.1",), 0), options) as addresses,
            aiohttp.ClientSession(f"http://{addresses[0]}") as client,
        ):
            yield client


async def test_a_crash_is_a_problem_without_its_reason_and_a_log_line_with_it() -> None:
    events: list[Event] = []
    async with run_crashing(events) as client:
        with capture_logs() as logs:
            async with client.get("/crash/1") as answer:
                text = await answer.text()
        assert (answer.status, answer.content_type) == (500, "application/problem+json")
        assert "secret" not in text
        assert "Traceback" not in text
        (line,) = [line for line in logs if line["log_level"] == "error"]
        assert line["request_id"] == answer.headers["X-Request-ID"]
        assert isinstance(line["exc_info"], ValueError)
    (event,) = [event for event in events if isinstance(event, RequestAnswered)]
    assert (event.route, event.status) == ("/crash/{how}", 500)


async def test_a_crash_after_the_first_byte_cuts_the_connection() -> None:
    async with run_crashing([]) as client, client.get("/halfway") as answer:
        assert answer.status == 200
        with pytest.raises(aiohttp.ClientPayloadError):
            await answer.read()


@pytest.mark.parametrize(
    "given", ["a", "0b9f6f2e-55c1-4d7e-9c7a-3f8f9d0f4b11", "A" * 128, "a/b+c==", "a:b@c~d"]
)
def test_a_sane_request_id_is_kept(given: str) -> None:
    assert choose_request_id(given) == given


@pytest.mark.parametrize("given", [None, "", "A" * 129, "a b", "a\tb", "é", "a\n", '"', "<x>"])
def test_any_other_is_replaced(given: str | None) -> None:
    made = choose_request_id(given)
    assert made != given
    assert len(made) == 32


async def test_the_request_s_id_comes_back_in_header_and_problem(daemon: Daemon) -> None:
    async with daemon.client.get("/nowhere", headers={"X-Request-ID": "mine/1"}) as answer:
        assert answer.headers["X-Request-ID"] == "mine/1"
        assert (await answer.json())["instance"] == "mine%2F1"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/livez"),
        ("HEAD", "/livez"),
        ("GET", "/readyz"),
        ("GET", "/metrics"),
        ("GET", "/v1/checks"),
        ("GET", "/nowhere"),
        ("DELETE", "/v1/checks"),
        ("POST", "/v1/inspections"),
    ],
)
async def test_every_response_has_the_security_headers(daemon: Daemon, method: str, path: str) -> None:
    async with daemon.client.request(method, path) as answer:
        assert SECURITY_HEADERS.items() <= answer.headers.items()
        assert "Server" not in answer.headers
        assert answer.headers["X-Request-ID"]


async def test_streamed_responses_have_them_too(daemon: Daemon) -> None:
    async with daemon.client.post(
        "/v1/inspections", json={"urls": ["no url"]}, headers={"Accept": "application/x-ndjson"}
    ) as answer:
        assert SECURITY_HEADERS.items() <= answer.headers.items()
        assert "Server" not in answer.headers


async def test_a_method_that_is_not_allowed_is_told_which_are(daemon: Daemon) -> None:
    async with daemon.client.delete("/v1/inspections") as answer:
        assert answer.status == 405
        assert answer.headers["Allow"] == "POST"


async def test_a_method_that_is_not_allowed_is_counted_under_the_path_s_route() -> None:
    events: list[Event] = []
    async with run_crashing(events) as client:
        for path in ("/v1/inspections", "/crash/7", "/nowhere"):
            (await client.delete(path)).close()
    answered = [event for event in events if isinstance(event, RequestAnswered)]
    assert [(event.route, event.status) for event in answered] == [
        ("/v1/inspections", 405),
        ("/crash/{how}", 405),
        ("unmatched", 404),
    ]
