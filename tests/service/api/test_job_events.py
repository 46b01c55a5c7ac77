"""Jobs followed by server-sent events, with a real daemon, a real store and a real origin."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientPayloadError

from service.api import job_events
from service.api.cursor import read_cursor, write_cursor
from service.jobs.model import Line
from service.jobs.sqlite import SqliteStore
from tests.service.api.daemons import Daemon, Origin, run_daemon
from tests.service.api.test_jobs import finish, submit

DEADLINE_S = 30


@dataclass(frozen=True, slots=True)
class Event:
    name: str
    id: str | None
    data: dict[str, Any]


async def read_events(lines: Any) -> AsyncIterator[Event]:
    """As section 9.2.6 of WHATWG HTML has it, for what this daemon sends; comments are no events."""
    name, id_, data = "message", None, ""
    async for raw in lines:
        line = raw.decode().removesuffix("\n")
        field, _, value = line.partition(": ")
        if not line and data:
            yield Event(name, id_, json.loads(data))
            name, id_, data = "message", None, ""
        elif field == "event":
            name = value
        elif field == "id":
            id_ = value
        elif field == "data":
            assert not data
            data = value


async def follow(daemon: Daemon, job: str, last: str | None = None, query: str = "") -> list[Event]:
    """All that comes until the daemon ends the stream."""
    headers = {} if last is None else {"Last-Event-ID": last}
    async with asyncio.timeout(DEADLINE_S):
        async with daemon.client.get(f"/v1/jobs/{job}/events{query}", headers=headers) as answer:
            assert answer.status == 200, await answer.text()
            assert answer.content_type == "text/event-stream"
            return [event async for event in read_events(answer.content)]


async def test_progress_each_record_and_the_end_are_told(tmp_path: Path, origin: Origin) -> None:
    async with run_daemon(data=tmp_path) as daemon:
        job = await submit(
            daemon, [*(f"{origin.url}/{number}" for number in range(300)), f"{origin.url}/slow"]
        )
        following = asyncio.create_task(follow(daemon, job["id"]))
        await origin.asked.wait()
        origin.release.set()
        events = await following
        async with daemon.client.get(f"/v1/jobs/{job['id']}/results?limit=1000") as answer:
            records = (await answer.json())["results"]
    assert [event.data for event in events if event.name == "record"] == records
    places = [read_cursor(job["id"], event.id or "") for event in events if event.name == "record"]
    assert places == list(range(1, 302))
    progress = [event.data["done"] for event in events if event.name == "progress"]
    assert progress == sorted(progress)
    assert all(event.data["total"] == 301 for event in events if event.name == "progress")
    assert (events[-1].name, events[-1].id) == ("end", "end")
    assert events[-1].data["state"] == "done"


async def test_a_client_that_comes_back_gets_what_it_has_not_seen(tmp_path: Path) -> None:
    async with run_daemon(data=tmp_path) as daemon:
        job = await submit(daemon, [f"no url {number}" for number in range(10)])
        await finish(daemon, job["id"])
        ids = [event.id for event in await follow(daemon, job["id"]) if event.name == "record"]
        for events in (
            await follow(daemon, job["id"], last=ids[6]),
            await follow(daemon, job["id"], query=f"?cursor={ids[6]}"),
            await follow(daemon, job["id"], last=ids[6], query=f"?cursor={ids[1]}"),
        ):
            assert [event.id for event in events] == [*ids[7:], "end"]
        async with daemon.client.get(
            f"/v1/jobs/{job['id']}/events", headers={"Last-Event-ID": "end"}
        ) as answer:
            assert answer.status == 204  # which ends an EventSource's coming back


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/v1/jobs/none/events", {}, 404),
        ("/v1/jobs/none/events", {"Last-Event-ID": "end"}, 404),
        ("/v1/jobs/{id}/events", {"Last-Event-ID": "7"}, 400),
        ("/v1/jobs/{id}/events", {"Last-Event-ID": write_cursor("another job", 7)}, 400),
        ("/v1/jobs/{id}/events?cursor=-1", {}, 400),
        ("/v1/jobs/{id}/events", {"Accept": "application/json"}, 406),
    ],
)
async def test_what_cannot_be_followed_is_a_problem(
    tmp_path: Path, path: str, headers: dict[str, str], status: int
) -> None:
    async with run_daemon(data=tmp_path) as daemon:
        job = await submit(daemon, ["no url"])
        async with daemon.client.get(path.format(id=job["id"]), headers=headers) as answer:
            assert answer.status == status
            assert answer.content_type == "application/problem+json"


async def test_a_job_that_is_cancelled_ends_its_streams(tmp_path: Path, origin: Origin) -> None:
    async with run_daemon(data=tmp_path) as daemon:
        job = await submit(daemon, ["no url", f"{origin.url}/slow"])
        followings = [asyncio.create_task(follow(daemon, job["id"])) for _ in range(5)]
        await origin.asked.wait()
        async with daemon.client.post(f"/v1/jobs/{job['id']}/cancel") as answer:
            assert answer.status == 202
        for events in await asyncio.gather(*followings):
            assert events[-1].data["state"] == "cancelled"


async def test_a_silent_job_is_heard_from_all_the_same(
    tmp_path: Path, origin: Origin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job_events, "HEARTBEAT_S", 0.01)
    async with run_daemon(data=tmp_path) as daemon:
        job = await submit(daemon, [f"{origin.url}/slow"])
        async with asyncio.timeout(DEADLINE_S), daemon.client.get(f"/v1/jobs/{job['id']}/events") as answer:
            beats = 0
            while beats < 3:
                line = await answer.content.readline()
                assert line, f"the stream ended after {beats} beats"
                beats += line == b":\n"


async def test_a_stream_ends_with_the_drain_and_goes_on_with_the_next_daemon(
    tmp_path: Path, origin: Origin
) -> None:
    urls = [f"{origin.url}/slow", *(f"{origin.url}/{number}" for number in range(400))]
    async with run_daemon(data=tmp_path, concurrency=8) as daemon:
        job = await submit(daemon, urls)
        following = asyncio.create_task(follow(daemon, job["id"]))
        await origin.asked.wait()
        daemon.traffic.drain()
        origin.release.set()  # what was begun is finished, and told
        events = await following
        await daemon.traffic.wait_until_idle()
        late = await follow(daemon, job["id"])
    seen = [event for event in events if event.name == "record"]
    assert 0 < len(seen) < 401
    assert events[-1].name == "progress"
    assert [event.id for event in late if event.name == "record"] == [event.id for event in seen]
    async with run_daemon(data=tmp_path) as daemon:
        events = await follow(daemon, job["id"], last=seen[-1].id)
    rest = [event for event in events if event.name == "record"]
    assert sorted(event.data["seq"] for event in seen + rest) == list(range(1, 402))
    assert events[-1].name == "end"


async def test_a_reader_that_is_behind_holds_no_drain_and_loses_nothing(
    tmp_path: Path, origin: Origin
) -> None:
    """It is given a second of waiting, once there is no more to come; not the whole time of the drain."""
    urls = [f"{origin.url}/large"] * 300
    async with run_daemon(data=tmp_path) as daemon:
        job = await submit(daemon, urls)
        await finish(daemon, job["id"])
        async with daemon.client.get(f"/v1/jobs/{job['id']}/events") as answer:  # 60 MB: not read yet
            daemon.traffic.drain()
            async with asyncio.timeout(10):
                await daemon.traffic.wait_until_idle()
            seen = [event async for event in read_events(answer.content)]
    assert 0 < len(seen) < 300
    assert {event.name for event in seen} == {"record"}
    async with run_daemon(data=tmp_path) as daemon:
        rest = await follow(daemon, job["id"], last=seen[-1].id)
    assert [event.name for event in rest] == ["record"] * (300 - len(seen)) + ["end"]


async def test_one_more_client_than_may_follow_is_refused(tmp_path: Path, origin: Origin) -> None:
    async with run_daemon(data=tmp_path, job_listeners=2) as daemon:
        job = await submit(daemon, [f"{origin.url}/slow"])
        path = f"/v1/jobs/{job['id']}/events"
        async with daemon.client.get(path) as first:
            async with daemon.client.get(path) as second, daemon.client.get(path) as third:
                assert (first.status, second.status, third.status) == (200, 200, 503)
                assert "Retry-After" in third.headers
            async with asyncio.timeout(DEADLINE_S):
                status = 503
                while status == 503:  # until the daemon has seen that the second has gone
                    async with daemon.client.get(path) as again:
                        status = again.status


async def test_a_job_that_is_deleted_is_not_told_as_if_it_had_ended(tmp_path: Path, origin: Origin) -> None:
    """What a client has of it by then is a part, and must not look like the whole."""
    async with run_daemon(data=tmp_path) as daemon:
        job = await submit(daemon, [f"{origin.url}/large"] * 400)
        await finish(daemon, job["id"])
        path = f"/v1/jobs/{job['id']}"
        async with daemon.client.get(f"{path}/events") as answer:  # 80 MB: it is not read yet
            async with daemon.client.delete(path) as deleted:
                assert deleted.status == 204
            with pytest.raises(ClientPayloadError):
                await answer.content.read()


async def test_a_slow_reader_holds_a_part_only(
    tmp_path: Path, origin: Origin, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads: list[int] = []
    read = SqliteStore.read

    async def count(*args: Any) -> list[Line]:
        lines = await read(*args)
        reads.append(sum(len(line.line) for line in lines))
        return lines

    async with run_daemon(data=tmp_path) as daemon:
        job = await submit(daemon, [f"{origin.url}/large"] * 300)
        await finish(daemon, job["id"])
        monkeypatch.setattr(SqliteStore, "read", count)
        async with daemon.client.get(f"/v1/jobs/{job['id']}/events") as answer:
            seen = -1
            async with asyncio.timeout(DEADLINE_S):
                while not reads or len(reads) != seen:  # until it has stopped for its reader
                    seen = len(reads)
                    await asyncio.sleep(0.2)
            assert sum(reads) < 30_000_000  # of 60 MB: what the sockets hold
            names = [event.name async for event in read_events(answer.content)]
    assert names.count("record") == 300
    assert max(reads) <= job_events.TOGETHER_BYTES + 250_000
