"""Jobs over the API, with a real daemon, a real store and a real origin."""

import asyncio
import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientPayloadError
from yarl import URL

from tests.service.api.daemons import Daemon, Origin, run_daemon

NDJSON = "application/x-ndjson"
TEXT = {"Content-Type": "text/plain"}


async def submit(daemon: Daemon, urls: list[str], **options: object) -> dict[str, Any]:
    async with daemon.client.post("/v1/jobs", json={"urls": urls, "options": options}) as answer:
        assert answer.status == 202, await answer.text()
        job: dict[str, Any] = await answer.json()
        assert answer.headers["Location"] == f"/v1/jobs/{job['id']}"
    return job


async def show(daemon: Daemon, id_: str) -> dict[str, Any]:
    async with daemon.client.get(f"/v1/jobs/{id_}") as answer:
        assert answer.status == 200
        job: dict[str, Any] = await answer.json()
    return job


async def finish(daemon: Daemon, id_: str) -> dict[str, Any]:
    async with asyncio.timeout(60):
        while (job := await show(daemon, id_))["state"] not in ("done", "cancelled"):
            await asyncio.sleep(0.02)
    return job


async def records(daemon: Daemon, id_: str) -> list[dict[str, Any]]:
    async with daemon.client.get(f"/v1/jobs/{id_}/results", headers={"Accept": NDJSON}) as answer:
        assert answer.status == 200
        return [json.loads(line) for line in (await answer.read()).splitlines()]


async def test_a_job_ends_with_one_record_for_each_url(tmp_path: Path, origin: Origin) -> None:
    urls = [f"{origin.url}/{number}" for number in range(300)] + ["no url"]
    async with run_daemon(data=tmp_path) as daemon:
        job = await submit(daemon, urls)
        assert (job["state"], job["total"], job["done"]) == ("queued", 301, 0)
        job = await finish(daemon, job["id"])
        found = await records(daemon, job["id"])
    assert (job["state"], job["done"], job["ok"], job["error"]) == ("done", 301, 300, 1)
    assert job["finished_at"] >= job["created_at"]
    assert {record["seq"]: record["input"] for record in found} == dict(enumerate(urls, 1))
    assert len(found) == 301


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize(
    ("media_type", "body"),
    [
        ("text/plain", "# a list\n\nhttp://x.invalid/é\r\nsecond"),
        ("application/json", '{"options": {"timeout": 1}, "urls": ["http://x.invalid/é", "sec\\u006fnd"]}'),
        (NDJSON, '{"options": {"timeout": 1}}\n"http://x.invalid/é"\n\n{"url": "second"}\n'),
    ],
)
async def test_a_list_comes_in_any_format(tmp_path: Path, media_type: str, body: str, packed: bool) -> None:
    data = gzip.compress(body.encode()) if packed else body.encode()
    headers = {"Content-Type": media_type} | ({"Content-Encoding": "gzip"} if packed else {})
    async with run_daemon(data=tmp_path) as daemon:
        async with daemon.client.post("/v1/jobs", data=data, headers=headers) as answer:
            assert answer.status == 202, await answer.text()
            job = await answer.json()
        await finish(daemon, job["id"])
        inputs = {record["seq"]: record["input"] for record in await records(daemon, job["id"])}
    assert inputs == {1: "http://x.invalid/é", 2: "second"}


@pytest.mark.parametrize(
    ("media_type", "body", "status"),
    [
        ("application/json", '{"urls": ["a"', 400),
        ("application/json", '{"urls": [1]}', 422),
        ("application/json", '{"urls": []}', 422),
        ("application/json", "{}", 422),
        ("application/json", '{"urls": ["a"], "options": {"timeout": -1}}', 422),
        ("application/json", '{"urls": ["a"]} more', 400),
        ("text/plain", "# nothing\n", 422),
        (NDJSON, "{", 400),
        (NDJSON, '"a"\n{"options": {}}', 422),
        ("text/html", "a", 415),
    ],
)
async def test_what_is_wrong_is_told_and_leaves_no_job(
    tmp_path: Path, media_type: str, body: str, status: int
) -> None:
    async with run_daemon(data=tmp_path) as daemon:
        headers = {"Content-Type": media_type}
        async with daemon.client.post("/v1/jobs", data=body.encode(), headers=headers) as answer:
            assert answer.status == status, await answer.text()
            assert answer.content_type == "application/problem+json"
        async with daemon.client.get("/v1/jobs") as answer:
            assert await answer.json() == {"jobs": [], "next": None}


async def test_a_key_gives_the_first_job_again(tmp_path: Path) -> None:
    headers = TEXT | {"Idempotency-Key": "k1"}
    answers = []
    async with run_daemon(data=tmp_path) as daemon:
        for body in (b"no url", b"no url", b"another"):
            async with daemon.client.post("/v1/jobs", data=body, headers=headers) as answer:
                answers.append((answer.status, await answer.json()))
        async with daemon.client.get("/v1/jobs") as answer:
            assert len((await answer.json())["jobs"]) == 1
    assert [status for status, _ in answers] == [202, 202, 422]
    assert answers[0][1]["id"] == answers[1][1]["id"]


async def test_a_key_whose_request_is_under_way_is_a_conflict(tmp_path: Path) -> None:
    headers = TEXT | {"Idempotency-Key": "k1"}
    rest = asyncio.Event()

    async def body() -> Any:
        yield b"no url\n"
        await rest.wait()

    async with run_daemon(data=tmp_path) as daemon:
        first = asyncio.create_task(daemon.client.post("/v1/jobs", data=body(), headers=headers))
        async with asyncio.timeout(20):
            status = 202
            while status == 202:  # until the first has been begun
                probe = TEXT | {"Idempotency-Key": "k1"}
                if daemon.traffic.under_way:
                    async with daemon.client.post("/v1/jobs", data=b"other", headers=probe) as answer:
                        status = answer.status
                await asyncio.sleep(0.01)
        rest.set()
        async with await first as answer:
            assert answer.status == 202
    assert status == 409


async def test_pages_give_each_record_once(tmp_path: Path) -> None:
    async with run_daemon(data=tmp_path) as daemon:
        job = await submit(daemon, [f"no url {number}" for number in range(25)])
        await finish(daemon, job["id"])
        seen, pages, path = [], 0, f"/v1/jobs/{job['id']}/results?limit=10"
        while path:
            async with daemon.client.get(path) as answer:
                page = await answer.json()
                following = answer.links.get("next")
            assert (following is None) == (page["next"] is None)
            path = str(following["url"].relative()) if following is not None else ""
            seen += [record["seq"] for record in page["results"]]
            pages += 1
    assert pages == 3
    assert sorted(seen) == list(range(1, 26))


async def test_a_cursor_is_the_daemon_s_to_make(tmp_path: Path) -> None:
    async with run_daemon(data=tmp_path) as daemon:
        one, other = await submit(daemon, ["no url"] * 3), await submit(daemon, ["no url"] * 3)
        await finish(daemon, one["id"])
        async with daemon.client.get(f"/v1/jobs/{one['id']}/results?limit=1") as answer:
            cursor = (await answer.json())["next"]
        for path in ("/v1/jobs", f"/v1/jobs/{other['id']}/results", f"/v1/jobs/{other['id']}/events"):
            for made_up in ("1", "0", "-1", cursor, cursor[:-1], f"{cursor}A"):
                async with daemon.client.get(f"{path}?cursor={made_up}") as answer:
                    problem = await answer.json()
                detail = f"expected cursor to be a cursor that was given for this list, got {made_up!r}"
                assert (answer.status, problem["detail"]) == (400, detail)
                assert problem["errors"] == [{"detail": detail, "location": "query parameter cursor"}]


async def test_all_that_is_wrong_with_a_query_is_told_at_once(tmp_path: Path) -> None:
    path = "/v1/jobs?limit=0&state=lost&created_after=1&cursor=1"
    async with run_daemon(data=tmp_path) as daemon, daemon.client.get(path) as answer:
        problem = await answer.json()
    assert (answer.status, problem["detail"]) == (400, "4 faults in the request")
    assert [error["location"].split()[-1] for error in problem["errors"]] == [
        "limit",
        "state",
        "created_after",
        "cursor",
    ]
    assert problem["errors"][0]["detail"] == "expected limit to be a whole number, at least 1, got '0'"


async def test_csv_has_a_row_a_record(tmp_path: Path) -> None:
    async with run_daemon(data=tmp_path) as daemon:
        job = await submit(daemon, ["=no url", "b c"])
        await finish(daemon, job["id"])
        async with daemon.client.get(
            f"/v1/jobs/{job['id']}/results", headers={"Accept": "text/csv"}
        ) as answer:
            lines = (await answer.text()).splitlines()
    assert lines[0].startswith("seq,input,")
    assert sorted(line.split(",")[1] for line in lines[1:]) == ["'=no url", "b c"]


async def test_a_cancelled_job_keeps_what_it_has_and_can_be_deleted(tmp_path: Path, origin: Origin) -> None:
    async with run_daemon(data=tmp_path) as daemon:
        job = await submit(daemon, ["no url", f"{origin.url}/slow"])
        path = f"/v1/jobs/{job['id']}"
        await origin.asked.wait()
        async with asyncio.timeout(20):
            while not (await show(daemon, job["id"]))["done"]:
                await asyncio.sleep(0.02)
        async with daemon.client.delete(path) as answer:
            assert answer.status == 409
        async with daemon.client.post(f"{path}/cancel") as answer:
            assert (answer.status, (await answer.json())["state"]) == (202, "cancelled")
        await origin.abandoned.wait()
        assert [record["seq"] for record in await records(daemon, job["id"])] == [1]
        async with daemon.client.delete(path) as answer:
            assert answer.status == 204
        async with daemon.client.get(path) as answer:
            assert answer.status == 404


async def test_a_small_job_is_not_behind_a_long_one(tmp_path: Path, origin: Origin) -> None:
    async with run_daemon(data=tmp_path, concurrency=8, per_host=4) as daemon:
        await submit(daemon, [f"{origin.url}/slow"] * 2_000)
        await origin.asked.wait()
        small = await submit(daemon, ["no url"])
        assert (await finish(daemon, small["id"]))["state"] == "done"


async def test_what_a_drain_cuts_off_is_done_at_the_next_start(tmp_path: Path, origin: Origin) -> None:
    urls = [f"{origin.url}/slow", *(f"{origin.url}/{number}" for number in range(400))]
    async with run_daemon(data=tmp_path) as daemon:
        job = await submit(daemon, urls)
        await origin.asked.wait()
        daemon.traffic.drain()
        daemon.traffic.cut()
    origin.release.set()
    async with run_daemon(data=tmp_path) as daemon:
        job = await finish(daemon, job["id"])
        found = await records(daemon, job["id"])
    assert job["ok"] == 401
    assert sorted(record["seq"] for record in found) == list(range(1, 402))


async def test_a_reader_of_all_records_that_is_behind_holds_no_drain_and_sees_that_it_has_a_part(
    tmp_path: Path, origin: Origin
) -> None:
    async with run_daemon(data=tmp_path) as daemon:
        job = await submit(daemon, [f"{origin.url}/large"] * 300)
        await finish(daemon, job["id"])
        path = f"/v1/jobs/{job['id']}/results"
        async with daemon.client.get(path, headers={"Accept": NDJSON}) as answer:  # 60 MB: not read yet
            daemon.traffic.drain()
            async with asyncio.timeout(10):
                await daemon.traffic.wait_until_idle()
            assert json.loads(await answer.content.readline())["outcome"] == "ok"
            with pytest.raises(ClientPayloadError):
                await answer.content.read()


async def test_limits_are_told(tmp_path: Path) -> None:
    async with run_daemon(data=tmp_path, job_urls=2, job_limit=1_024) as daemon:
        for body in (b"a\nb\nc", b"#" * 2_000):
            async with daemon.client.post("/v1/jobs", data=body, headers=TEXT) as answer:
                assert answer.status == 413


async def test_jobs_are_listed_by_state_and_counted(tmp_path: Path) -> None:
    async with run_daemon(data=tmp_path) as daemon:
        ids = [(await submit(daemon, ["no url"]))["id"] for _ in range(3)]
        for id_ in ids:
            await finish(daemon, id_)
        async with daemon.client.get("/v1/jobs?state=done&limit=2") as answer:
            page = await answer.json()
            following = answer.links["next"]["url"]
        async with daemon.client.get(str(following.relative())) as answer:
            rest = await answer.json()
        assert [job["id"] for job in page["jobs"] + rest["jobs"]] == ids[::-1]
        assert rest["next"] is None
        async with daemon.client.get("/v1/jobs?state=running") as answer:
            assert (await answer.json())["jobs"] == []
        async with daemon.client.get("/metrics") as answer:
            lines = (await answer.text()).splitlines()
        async with daemon.client.get("/readyz") as answer:
            assert (await answer.json())["parts"]["store"] == {"ready": True}
    assert 'masthead_jobs{state="done"} 3.0' in lines
    assert 'masthead_queue_depth{queue="jobs"} 0.0' in lines


async def list_ids(daemon: Daemon, query: dict[str, str]) -> list[str]:
    """All pages of a list, by their links."""
    ids, path = list[str](), str(URL("/v1/jobs").with_query(query))
    while path:
        async with daemon.client.get(URL(path, encoded=True)) as answer:
            assert answer.status == 200, await answer.text()
            page = await answer.json()
            following = answer.links.get("next")
        ids += [job["id"] for job in page["jobs"]]
        path = "" if following is None else str(following["url"].relative())
    return ids


async def test_pages_of_jobs_are_newest_first_and_whole_while_more_come(tmp_path: Path) -> None:
    async with run_daemon(data=tmp_path) as daemon:
        ids = [(await submit(daemon, ["no url"]))["id"] for _ in range(7)]
        for limit in ("1", "3", "7", "100"):
            assert await list_ids(daemon, {"limit": limit}) == ids[::-1]
        async with daemon.client.get("/v1/jobs?limit=3") as answer:
            following = answer.links["next"]["url"]
        await submit(daemon, ["no url"])
        async with daemon.client.get(following) as answer:
            assert [job["id"] for job in (await answer.json())["jobs"]] == ids[3::-1][:3]


async def test_jobs_are_selected_by_the_time_of_their_creation(tmp_path: Path) -> None:
    async with run_daemon(data=tmp_path) as daemon:
        first, second = await submit(daemon, ["no url"]), await submit(daemon, ["no url"])
        async with asyncio.timeout(20):
            while second["created_at"] == first["created_at"]:
                second = await submit(daemon, ["no url"])
        since, before = {"created_after": second["created_at"]}, {"created_before": second["created_at"]}
        assert second["id"] in await list_ids(daemon, since)
        assert first["id"] not in await list_ids(daemon, since)
        assert first["id"] in await list_ids(daemon, before)
        assert second["id"] not in await list_ids(daemon, before)
        await finish(daemon, second["id"])
        assert second["id"] in await list_ids(daemon, since | {"state": "done"})
        assert await list_ids(daemon, since | {"state": "cancelled"}) == []


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=x", "cursor=x", "state=lost", "created_after=today", "created_before=2026-01-01"],
)
async def test_a_list_says_what_it_expects(tmp_path: Path, query: str) -> None:
    async with run_daemon(data=tmp_path) as daemon, daemon.client.get(f"/v1/jobs?{query}") as answer:
        assert answer.status == 400
        assert query.partition("=")[0] in (await answer.json())["detail"]


async def test_a_job_has_its_options_and_its_priority(tmp_path: Path, origin: Origin) -> None:
    options = {
        "priority": 9,
        "method": "get",
        "headers": {"X-Ours": "1"},
        "depth": "full",
        "checks": "none",
        "timeout": 5,
    }
    async with run_daemon(data=tmp_path) as daemon:
        job = await submit(daemon, [origin.url], **options)
        assert (job["priority"], (await finish(daemon, job["id"]))["priority"]) == (9, 9)
        assert (await submit(daemon, ["no url"]))["priority"] == 5
        (record,) = await records(daemon, job["id"])
    assert (record["depth"], record["report"], record["hops"][0]["method"]) == ("full", None, "GET")
    assert "X-Ours: 1" in origin.requests[0]


@pytest.mark.parametrize("priority", [0, 10, "5", 5.5, None, True])
async def test_a_priority_has_a_range(tmp_path: Path, priority: object) -> None:
    body = {"urls": ["no url"], "options": {"priority": priority}}
    async with run_daemon(data=tmp_path) as daemon, daemon.client.post("/v1/jobs", json=body) as answer:
        assert answer.status == 422
        assert (await answer.json())["errors"][0]["pointer"] == "/options/priority"


async def test_a_job_of_the_least_priority_is_not_behind_one_of_the_highest(
    tmp_path: Path, origin: Origin
) -> None:
    async with run_daemon(data=tmp_path, concurrency=8, per_host=4) as daemon:
        await submit(daemon, [f"{origin.url}/slow"] * 2_000, priority=9)
        await origin.asked.wait()
        small = await submit(daemon, ["no url"], priority=1)
        assert (await finish(daemon, small["id"]))["state"] == "done"


async def test_a_daemon_without_a_folder_says_so(daemon: Daemon) -> None:
    async with daemon.client.get("/v1/jobs") as answer:
        assert answer.status == 501
        assert "--data" in (await answer.json())["detail"]


async def test_a_draining_daemon_takes_no_jobs(tmp_path: Path) -> None:
    async with run_daemon(data=tmp_path) as daemon:
        daemon.traffic.drain()
        async with daemon.client.post("/v1/jobs", data=b"a", headers=TEXT) as answer:
            assert answer.status == 503
