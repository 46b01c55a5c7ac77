"""Rows that a hand has damaged: each is its job's trouble alone."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from service.jobs.files import FILE
from service.jobs.model import Terms, Written
from service.jobs.sqlite import open_store
from service.model import Target
from tests.service.api.daemons import run_daemon
from tests.service.api.test_jobs import finish, show, submit

SECRET = "whsec_" + "A" * 32
EPOCH = "1970-01-01T00:00:00.000Z"
CASES: list[tuple[str, object, dict[str, object]]] = [
    ("created_at", "yesterday", {"created_at": EPOCH}),
    ("created_at", b"\xff", {"created_at": EPOCH}),
    ("created_at", 1e300, {"created_at": "9999-12-31T23:59:59.000Z"}),
    ("created_at", -1e300, {"created_at": EPOCH}),
    ("finished_at", "tomorrow", {"finished_at": None}),
    ("finished_at", float("inf"), {"finished_at": "9999-12-31T23:59:59.000Z"}),
    ("state", "asleep", {"state": "cancelled"}),
    ("state", b"done", {"state": "cancelled"}),
    ("total", "many", {"total": 0}),
    ("total", -3, {"total": 0}),
    ("ok", "some", {"ok": 0, "done": 1}),
    ("ok", 2.5, {"ok": 2, "done": 3}),
    ("ok", 2**63 - 1, {"ok": 2**63 - 1, "done": 2**63}),
    ("error", b"\x00", {"error": 0, "done": 0}),
    ("priority", "high", {"priority": 1}),
]
WEBHOOKS: list[tuple[str, object, dict[str, object]]] = [
    ("url", "no url", {"origin": ""}),
    ("url", b"\xff", {"origin": ""}),
    ("outcome", "lost", {"outcome": "failed"}),
    ("attempts", "few", {"attempts": 0}),
    ("due_at", "soon", {}),
    ("status", "good", {"status": 0}),
    ("failure", b"\xff", {"error": "\ufffd"}),
]


def change(folder: Path, statement: str, *values: object) -> None:
    """As `sqlite3` lets an operator do it, beside the daemon."""
    with closing(sqlite3.connect(folder / FILE, timeout=10)) as shell, shell:
        assert shell.execute(statement, values).rowcount == 1


async def test_a_damaged_row_hides_no_other_and_is_told_and_can_be_deleted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    jobs: list[tuple[dict[str, Any], str, dict[str, object]]] = []
    async with run_daemon(data=tmp_path) as daemon:
        sound = await finish(daemon, (await submit(daemon, ["no url"]))["id"])
        for column, value, told in CASES:
            job = await finish(daemon, (await submit(daemon, ["no url"]))["id"])
            change(tmp_path, f"UPDATE jobs SET {column} = ? WHERE id = ?", value, job["id"])
            jobs.append((job, column, told))
            assert await show(daemon, job["id"]) == job | told
        async with daemon.client.get("/v1/jobs") as answer:  # held to the API's description
            listed = (await answer.json())["jobs"]
    assert listed == [*(job | told for job, _, told in reversed(jobs)), sound]
    capsys.readouterr()
    async with run_daemon(data=tmp_path, retention_age=1_000) as daemon:
        logged = capsys.readouterr().out
        for job, column, _ in jobs:
            assert f"what is kept of it cannot be so: {column}" in logged
            path = f"/v1/jobs/{job['id']}"
            async with (
                daemon.client.get(f"{path}/results") as records,
                daemon.client.get(f"{path}/events") as events,
            ):
                assert [record["input"] for record in (await records.json())["results"]] == ["no url"]
                assert b"event: end\n" in await events.read()
            async with daemon.client.delete(path) as answer:
                assert answer.status == 204
        assert await show(daemon, sound["id"]) == sound
    assert logged.count("job damaged") == len(CASES) - 1  # a count may be as large as one can be


async def test_a_damaged_webhook_hides_no_job_and_keeps_no_other_from_being_sent(tmp_path: Path) -> None:
    async with run_daemon(data=tmp_path, webhook_secret=(SECRET,), deny_net=("0.0.0.0/0",)) as daemon:
        for column, value, told in WEBHOOKS:
            job = await submit(daemon, ["no url"], webhook="http://a.invalid/")
            await finish(daemon, job["id"])
            change(
                tmp_path,
                f"UPDATE webhooks SET {column} = ? WHERE job = (SELECT number FROM jobs WHERE id = ?)",
                *(value, job["id"]),
            )
            webhook = (await show(daemon, job["id"]))["webhook"]
            assert webhook | told == webhook
        async with daemon.client.get("/v1/jobs") as answer:
            assert len((await answer.json())["jobs"]) == len(WEBHOOKS)


@pytest.mark.parametrize("value", ["some", 0, 7, b"\xff"])
async def test_a_count_that_is_wrong_costs_no_record(tmp_path: Path, value: object) -> None:
    async with open_store(tmp_path) as store:
        job = await store.begin("j", Terms(b"{}"), None, 0)
        assert job is not None
        await store.add(job, [Target(seq, "no url") for seq in range(1, 5)])
        await store.accept(job, 4, b"")
        chunk = await store.lease(job.number)
        assert chunk is not None
        await store.write([Written(job.number, chunk.number, seq, b"{}", False) for seq in (1, 2)])
        change(tmp_path, "UPDATE jobs SET ok = ? WHERE id = ?", value, "j")
        await store.write([Written(job.number, chunk.number, seq, b"{}", False) for seq in (3, 4)])
        lines = await store.read(job, 0, 10, 1 << 20)
    assert [(line.position, line.seq) for line in lines] == [(1, 1), (2, 2), (3, 3), (4, 4)]
