"""The shape of a problem, as a client receives it (RFC 9457)."""

import pytest
from aiohttp import web
from msgspec import to_builtins

from service.api.problems import Fault, of_http_exception, phrase_of
from tests.service.api.daemons import Daemon

PATH = "/v1/inspections"


async def test_a_problem_has_an_entry_for_each_thing_wrong(daemon: Daemon) -> None:
    body = {"urls": [1, "x"], "options": {"timeout": 99}}
    async with daemon.client.post(PATH, json=body, headers={"X-Request-ID": "mine"}) as answer:
        assert (answer.status, answer.content_type) == (422, "application/problem+json")
        assert await answer.json() == {
            "type": "urn:problem-type:masthead:invalid-request",
            "title": "The request has faults",
            "status": 422,
            "detail": "2 faults in the request",
            "instance": "mine",
            "errors": [
                {"pointer": "/urls/0", "detail": "expected a string, got 1"},
                {
                    "pointer": "/options/timeout",
                    "detail": "expected at most 15, this daemon's timeout, got 99",
                },
            ],
        }


async def test_a_body_that_is_no_json_is_told_where(daemon: Daemon) -> None:
    headers = {"Content-Type": "application/json"}
    async with daemon.client.post(PATH, data=b'{"urls": [1', headers=headers) as answer:
        problem = await answer.json()
    assert answer.status == problem["status"] == 400
    assert problem["errors"][0]["location"] == "line 1, column 11"


async def test_a_problem_that_its_status_tells_is_of_no_type_of_its_own(daemon: Daemon) -> None:
    async with daemon.client.get("/nowhere") as answer:
        problem = await answer.json()
    assert (problem["type"], problem["title"]) == ("about:blank", "Not Found")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nowhere", 404),
        ("PUT", PATH, 405),
        ("POST", PATH, 415),
        ("POST", "/-/reload", 404),
        ("NO", PATH, 400),
    ],
)
async def test_a_problem_of_one_fault_has_an_entry_too(
    daemon: Daemon, method: str, path: str, status: int
) -> None:
    async with daemon.client.request(method, path) as answer:
        problem = await answer.json()
    assert answer.status == status
    assert problem["errors"] == [{"detail": problem["detail"]}]


@pytest.mark.parametrize(
    ("error", "status"), [(web.HTTPBadRequest(), 400), (web.HTTPNotFound(), 404), (web.HTTPGone(), 410)]
)
def test_aiohttp_s_own_refusals_become_problems(error: web.HTTPException, status: int) -> None:
    problem = of_http_exception(error, "GET", "/x")
    assert problem.status == status
    assert problem.detail


def test_a_status_without_words_gets_some() -> None:
    assert phrase_of(799) == "Error"


def test_a_fault_has_the_place_that_it_has() -> None:
    assert to_builtins(Fault("wrong", location="line 1")) == {"detail": "wrong", "location": "line 1"}
    assert to_builtins(Fault("wrong", pointer="")) == {"detail": "wrong", "pointer": ""}
