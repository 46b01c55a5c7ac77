"""`POST /v1/inspections`, by a client, with a real origin behind."""

import asyncio
import gzip
import json

import aiohttp
import pytest
from aiohttp import web
from structlog.testing import capture_logs

from tests.service.api.daemons import Daemon, Origin, run_daemon

PATH = "/v1/inspections"
NDJSON = {"Accept": "application/x-ndjson"}


async def test_results_come_in_the_order_of_the_input(daemon: Daemon, origin: Origin) -> None:
    urls = [f"{origin.url}/slow", f"{origin.url}/2", "no url", f"{origin.url}/4"]
    asking = asyncio.create_task(daemon.client.post(PATH, json={"urls": urls}))
    await origin.asked.wait()
    origin.release.set()
    async with await asking as answer:
        assert answer.status == 200
        assert answer.content_type == "application/json"
        results = (await answer.json())["results"]
    assert [result["input"] for result in results] == urls
    assert [result["seq"] for result in results] == [1, 2, 3, 4]
    assert [result["outcome"] for result in results] == ["ok", "ok", "error", "ok"]


async def test_a_worker_judges_what_was_fetched(origin: Origin) -> None:
    async with (
        run_daemon(checks="all") as daemon,
        daemon.client.post(PATH, json={"urls": [origin.url]}) as answer,
    ):
        (result,) = (await answer.json())["results"]
    assert result["report"]["gradable"]
    assert result["report"]["findings"]


async def test_a_url_that_is_none_is_a_record_and_no_error_of_the_request(daemon: Daemon) -> None:
    async with daemon.client.post(PATH, json={"urls": ["ftp://example.com/", ""]}) as answer:
        assert answer.status == 200
        codes = [result["error"]["code"] for result in (await answer.json())["results"]]
    assert codes == ["unsupported_scheme", "invalid_url"]


async def test_text_is_a_url_a_line(daemon: Daemon, origin: Origin) -> None:
    body = f"\ufeff# a comment\n\n{origin.url}/a\r\n  {origin.url}/b  "
    headers = {"Content-Type": "text/plain; charset=utf-8"}
    async with daemon.client.post(PATH, data=body.encode(), headers=headers) as answer:
        results = (await answer.json())["results"]
    assert [result["input"] for result in results] == [f"{origin.url}/a", f"{origin.url}/b"]


async def test_a_line_that_is_no_text_is_one_record_of_the_list(daemon: Daemon, origin: Origin) -> None:
    body = f"{origin.url}/a\n".encode() + b"\xff\n"
    async with daemon.client.post(PATH, data=body, headers={"Content-Type": "text/plain"}) as answer:
        assert answer.status == 200
        results = (await answer.json())["results"]
    assert [result["outcome"] for result in results] == ["ok", "error"]
    assert results[1]["error"]["code"] == "invalid_url"
    assert "line 2" in results[1]["error"]["message"]


async def test_a_url_with_a_line_end_in_it_is_one_record_that_says_so(daemon: Daemon, origin: Origin) -> None:
    urls = [f"{origin.url}/a\n{origin.url}/b", f"{origin.url}/c\r\n"]
    async with daemon.client.post(PATH, json={"urls": urls}) as answer:
        results = (await answer.json())["results"]
    assert [result["outcome"] for result in results] == ["error", "ok"]
    assert results[0]["error"]["code"] == "invalid_url"
    assert "got a line end within" in results[0]["error"]["message"]


async def test_a_compressed_body_is_unpacked(daemon: Daemon, origin: Origin) -> None:
    body = gzip.compress(json.dumps({"urls": [origin.url]}).encode())
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    async with daemon.client.post(PATH, data=body, headers=headers) as answer:
        assert answer.status == 200


async def test_ndjson_gives_each_record_as_soon_as_it_is_ready(daemon: Daemon, origin: Origin) -> None:
    urls = [f"{origin.url}/slow", f"{origin.url}/fast"]
    async with daemon.client.post(PATH, json={"urls": urls}, headers=NDJSON) as answer:
        assert answer.content_type == "application/x-ndjson"
        first = json.loads(await answer.content.readline())
        assert (first["seq"], first["input"]) == (2, urls[1])
        origin.release.set()
        assert json.loads(await answer.content.readline())["seq"] == 1
        assert await answer.content.readline() == b""


async def test_options_rule_how_this_request_is_fetched(daemon: Daemon, origin: Origin) -> None:
    options = {
        "method": "get",
        "max_redirects": 1,
        "headers": {"X-One": "1", "User-Agent": "theirs"},
        "timeout": 5,
        "checks": "none",
    }
    body = {"urls": [f"{origin.url}/to/here"], "options": options}
    async with daemon.client.post(PATH, json=body) as answer:
        (result,) = (await answer.json())["results"]
    assert result["error"]["code"] == "too_many_redirects"
    assert len(origin.requests) == 2
    assert origin.requests[0].startswith("GET /to/here ")
    assert "X-One: 1\r\n" in origin.requests[0]
    assert "User-Agent: theirs\r\n" in origin.requests[0]


async def test_headers_may_be_a_list_and_replace_the_daemon_s_of_the_same_name(origin: Origin) -> None:
    async with run_daemon(header=("X-A: ours", "X-B: ours")) as daemon:
        body = {"urls": [origin.url], "options": {"headers": ["x-a: theirs", "X-C: 1", "X-C: 2"]}}
        async with daemon.client.post(PATH, json=body) as answer:
            assert answer.status == 200
    sent = [line for line in origin.requests[0].split("\r\n") if line.lower().startswith("x-")]
    assert sent == ["X-B: ours", "x-a: theirs", "X-C: 1", "X-C: 2"]


async def test_checks_named_in_a_list_are_the_only_ones(origin: Origin) -> None:
    async with run_daemon(checks="all") as daemon:
        body = {"urls": [origin.url], "options": {"checks": ["referrer-policy"]}}
        async with daemon.client.post(PATH, json=body) as answer:
            (result,) = (await answer.json())["results"]
    assert {finding["field"] for finding in result["report"]["findings"]} == {"Referrer-Policy"}


@pytest.mark.parametrize("headers", [{}, NDJSON])
async def test_a_client_that_goes_away_leaves_no_work_behind(
    daemon: Daemon, origin: Origin, headers: dict[str, str]
) -> None:
    before = asyncio.all_tasks()
    async with aiohttp.ClientSession(f"http://{daemon.host}:{daemon.port}") as client:
        asking = asyncio.create_task(
            client.post(PATH, json={"urls": [f"{origin.url}/slow"]}, headers=headers)
        )
        await origin.asked.wait()
    asking.cancel()
    async with asyncio.timeout(10):
        (begun,) = await asyncio.gather(asking, return_exceptions=True)
        if isinstance(begun, aiohttp.ClientResponse):  # a stream's head may have come already
            begun.close()
        await origin.abandoned.wait()
        await daemon.traffic.wait_until_idle()
        while left := {task for task in asyncio.all_tasks() - before if not task.done()}:
            await asyncio.wait(left)
    async with daemon.client.post(PATH, json={"urls": [origin.url]}) as answer:
        assert answer.status == 200
    async with daemon.client.get("/metrics") as answer:
        lines = (await answer.text()).splitlines()
    assert 'masthead_http_requests_total{code="499",method="POST",route="/v1/inspections"} 1.0' in lines
    assert "masthead_inflight 0.0" in lines


async def test_a_client_that_goes_away_while_its_responses_are_judged_disturbs_nobody(origin: Origin) -> None:
    async with run_daemon(checks="all") as daemon:
        urls = [f"{origin.url}/{number}" for number in range(50)]
        body = json.dumps({"urls": urls}).encode()
        for _ in range(10):
            reader, writer = await asyncio.open_connection(daemon.host, daemon.port)
            writer.write(
                b"POST /v1/inspections HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                b"Accept: application/x-ndjson\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
            )
            await reader.readuntil(b'"seq":')
            writer.transport.abort()
        async with daemon.client.post(PATH, json={"urls": urls}) as answer:
            assert len((await answer.json())["results"]) == 50
        async with daemon.client.get("/readyz") as answer:
            assert answer.status == 200


async def test_a_client_that_does_not_read_is_given_up_and_holds_up_nobody(
    daemon: Daemon, origin: Origin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.api.inspections.WRITE_TIMEOUT_S", 0.3)
    body = json.dumps({"urls": [f"{origin.url}/large"] * 100}).encode()
    reader, writer = await asyncio.open_connection(daemon.host, daemon.port, limit=1_024)
    writer.write(
        b"POST /v1/inspections HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        b"Accept: application/x-ndjson\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
    )
    with capture_logs() as logs:
        async with asyncio.timeout(20):
            assert (await reader.readline()).startswith(b"HTTP/1.1 200 ")
            async with daemon.client.post(PATH, json={"urls": [origin.url]}) as answer:
                assert answer.status == 200
            await daemon.traffic.wait_until_idle()
        await asyncio.sleep(0)  # aiohttp's turn to tell of it
    writer.transport.abort()
    assert [entry for entry in logs if entry["log_level"] == "error"] == []


async def test_a_client_that_does_not_take_the_end_is_given_up_too(
    daemon: Daemon, origin: Origin, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never_ends(_: web.StreamResponse, __: bytes = b"") -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr("service.api.inspections.WRITE_TIMEOUT_S", 0.1)
    monkeypatch.setattr(web.StreamResponse, "write_eof", never_ends)
    async with asyncio.timeout(20):
        async with daemon.client.post(PATH, json={"urls": [origin.url]}, headers=NDJSON) as answer:
            with pytest.raises(aiohttp.ClientPayloadError):
                await answer.read()
        await daemon.traffic.wait_until_idle()


@pytest.mark.parametrize("loops", [1, 2])
async def test_a_stream_whose_drain_runs_out_has_a_record_for_every_url_and_an_end(
    loops: int, origin: Origin
) -> None:
    slow = origin.url.upper() + "/a/../slow"
    urls = [origin.url, slow, slow]
    async with run_daemon(loops=loops) as daemon, asyncio.timeout(30):
        async with daemon.client.post(PATH, json={"urls": urls}, headers=NDJSON) as answer:
            first = json.loads(await answer.content.readline())
            while len(origin.requests) < 3:
                await asyncio.sleep(0)
            assert [daemon.traffic.cut(), daemon.traffic.cut()] == [1, 0]
            rest = [json.loads(line) for line in (await answer.content.read()).splitlines()]
        await origin.abandoned.wait()
    assert (first["seq"], first["outcome"]) == (1, "ok")
    assert sorted(record["seq"] for record in rest) == [2, 3]
    assert {(record["error"]["code"], record["error"]["stage"]) for record in rest} == {
        ("cancelled", "exchange")
    }
    assert [hop["status"] for record in rest for hop in record["hops"]] == [None, None], "both were connected"
    assert {(record["input"], record["url"]) for record in rest} == {(slow, f"{origin.url}/slow")}


async def test_a_list_whose_drain_runs_out_is_answered_with_what_is_finished(
    daemon: Daemon, origin: Origin
) -> None:
    urls = [f"{origin.url}/slow", origin.url, "no url"]
    asking = asyncio.create_task(daemon.client.post(PATH, json={"urls": urls}))
    async with asyncio.timeout(10):
        await origin.asked.wait()
        while (
            lines := await _metrics(daemon)
        ) and "masthead_inspection_duration_seconds_count 2.0" not in lines:
            pass
        assert daemon.traffic.cut() == 1
        async with await asking as answer:
            assert answer.status == 200
            results = (await answer.json())["results"]
        await origin.abandoned.wait()
    assert [(result["seq"], result["input"]) for result in results] == [*enumerate(urls, 1)]
    assert [result["error"] and result["error"]["code"] for result in results] == [
        "cancelled",
        None,
        "invalid_url",
    ]
    counted = 'masthead_inspections_total{code="cancelled",outcome="error",stage="exchange"} 1.0'
    assert counted in await _metrics(daemon)


async def test_a_body_that_is_still_coming_when_the_drain_runs_out_is_refused(daemon: Daemon) -> None:
    head = (
        b"POST /v1/inspections HTTP/1.1\r\nHost: localhost\r\n"
        b"Content-Type: text/plain\r\nContent-Length: 9\r\n\r\n"
    )
    asking = asyncio.create_task(daemon.ask(head))
    while not daemon.traffic.under_way:
        await asyncio.sleep(0)
    daemon.traffic.cut()
    assert (await asking).startswith(b"HTTP/1.1 503 ")


async def test_more_requests_at_once_than_may_be_are_asked_to_come_again(origin: Origin) -> None:
    async with run_daemon(request_concurrency=1) as daemon:
        body = {"urls": [f"{origin.url}/slow"]}
        asking = asyncio.create_task(daemon.client.post(PATH, json=body))
        await origin.asked.wait()
        async with daemon.client.post(PATH, json=body) as answer:
            assert answer.status == 503
            assert int(answer.headers["Retry-After"]) > 0
            assert (await answer.json())["title"] == "Too many requests under way"
        origin.release.set()
        async with await asking as answer:
            assert answer.status == 200
        async with daemon.client.post(PATH, json={"urls": [origin.url]}) as answer:
            assert answer.status == 200


async def test_more_urls_than_the_limit_are_sent_to_jobs(daemon: Daemon) -> None:
    for body, media_type in (
        (json.dumps({"urls": ["x"] * 101}), "application/json"),
        ("x\n" * 101, "text/plain"),
    ):
        headers = {"Content-Type": media_type}
        async with daemon.client.post(PATH, data=body.encode(), headers=headers) as answer:
            problem = await answer.json()
            assert (answer.status, answer.content_type) == (413, "application/problem+json")
        assert problem["detail"] == (
            "expected at most 100 URLs in one request, got 101; longer lists are for jobs (/v1/jobs)"
            " or for `masthead batch`"
        )
        assert problem["type"].endswith("too-many-urls")


@pytest.mark.parametrize(
    ("headers", "status", "told"),
    [
        ({"Content-Type": "application/xml"}, 415, "application/xml"),
        ({"Content-Type": "application/json; charset=utf-16"}, 415, "utf-16"),
        ({"Content-Type": "application/json", "Content-Encoding": "zopfli"}, 415, "zopfli"),
        ({"Content-Type": "application/json", "Accept": "text/html"}, 406, "application/x-ndjson"),
    ],
)
async def test_media_types_that_cannot_be_had_are_told(
    daemon: Daemon, headers: dict[str, str], status: int, told: str
) -> None:
    async with daemon.client.post(PATH, data=b'{"urls": ["x"]}', headers=headers) as answer:
        problem = await answer.json()
    assert answer.status == problem["status"] == status
    assert answer.content_type == "application/problem+json"
    assert told in problem["detail"]


async def test_a_body_without_content_type_is_not_guessed_at(daemon: Daemon) -> None:
    answer = await daemon.ask(
        b"POST /v1/inspections HTTP/1.1\r\nHost: localhost\r\n"
        b"Content-Length: 2\r\nConnection: close\r\n\r\n{}"
    )
    assert answer.startswith(b"HTTP/1.1 415 ")
    assert b"Accept: application/json, text/plain\r\n" in answer


async def _metrics(daemon: Daemon) -> list[str]:
    async with daemon.client.get("/metrics") as answer:
        return (await answer.text()).splitlines()
