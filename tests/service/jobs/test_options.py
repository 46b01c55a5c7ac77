"""Jobs whose options were damaged where they are kept, through the real store, runner and inspector."""

import asyncio
import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from service.app import open_inspector
from service.inspection.fetch import FetchOptions
from service.jobs.files import FILE
from service.jobs.model import CHUNK_URLS, Job, Terms
from service.jobs.options import write_options
from service.jobs.runner import Runner
from service.jobs.sqlite import open_store
from service.model import Target
from service.settings import Settings
from service.telemetry.events import Event, Inspected
from tests.integration.inspecting import LOOPBACK
from tests.service.inspection.servers import HELLO, respond, serve

SOUND = write_options(FetchOptions(checks="none"))
COUNT = CHUNK_URLS + 1  # two chunks, each of which meets the damage


@pytest.mark.parametrize(
    ("kept", "why"),
    [
        (SOUND[:20], "Input data was truncated"),
        (SOUND.replace(b'"headers"', b'"deeper"'), "Invalid enum value 'deeper' - at `$.depth`"),
        (
            SOUND.replace(b'"timeout_s":15.0', b'"timeout_s":"15"'),
            "Expected `float`, got `str` - at `$.timeout_s`",
        ),
        ("no JSON", "JSON is malformed: invalid character (byte 4)"),
        (5, "Expected `object`, got `int`"),
        (b'{"checks":"\xff"}', "'utf-8' codec can't decode byte 0xff"),
    ],
)
async def test_a_job_with_damaged_options_fails_by_itself_and_others_go_on(
    kept: object, why: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    events: list[Event] = []
    settings = Settings.model_validate(
        {"checks": "none", "allow_net": LOOPBACK, "per_host": COUNT, "host_gap": 0, "per_address": COUNT}
    )
    async with serve(respond(HELLO)) as port:
        await keep(tmp_path, port)
        damage(tmp_path, kept)
        async with (
            open_store(tmp_path) as store,
            open_inspector(settings, events.append) as inspector,
            Runner(store, inspector, events.append) as runner,
        ):
            with runner.watch.follow_ends() as ends:
                async with asyncio.timeout(30):
                    while store.states["done"] < 2:
                        ends.clear()
                        await ends.wait()
            assert runner.alive
            jobs = {id_: await store.find(id_) for id_ in ("damaged", "sound")}
            lines = await store.read(found(jobs["damaged"]), 0, COUNT, 1 << 20)
    assert (found(jobs["sound"]).ok, found(jobs["sound"]).error) == (COUNT, 0)
    assert (found(jobs["damaged"]).ok, found(jobs["damaged"]).error) == (0, COUNT)
    records: list[dict[str, Any]] = [json.loads(line.line) for line in lines]
    assert sorted(record["seq"] for record in records) == list(range(1, COUNT + 1))
    message = f"the options that are kept of this job cannot be read: {why}"
    for record in records:
        assert (record["outcome"], record["hops"]) == ("error", [])
        assert record["error"]["code"] == "internal"
        assert record["error"]["stage"] == "input"
        assert record["error"]["message"].startswith(message), record["error"]["message"]
    counted = [event.verdict.failure for event in events if isinstance(event, Inspected)]
    assert sum(failure is not None for failure in counted) == COUNT
    assert capsys.readouterr().out.count("job damaged") == 1


@pytest.mark.parametrize(("kept", "priority"), [(0, 1), (-3, 1), ("high", 1), (2.5, 2), (1_000, 9)])
async def test_a_priority_that_none_may_have_is_the_nearest_that_one_may(
    kept: object, priority: int, tmp_path: Path
) -> None:
    """Turns are divided by it."""
    await keep(tmp_path, port=1)
    damage(tmp_path, kept, "priority")
    async with open_store(tmp_path) as store:
        assert {job.id: job.priority for job in await store.open_jobs()} == {"damaged": priority, "sound": 5}


async def keep(folder: Path, port: int) -> None:
    async with open_store(folder) as store:
        for id_ in ("damaged", "sound"):
            job = found(await store.begin(id_, Terms(SOUND), None, 0))
            targets = [Target(seq, f"http://127.0.0.1:{port}/") for seq in range(1, COUNT + 1)]
            await store.add(job, targets)
            await store.accept(job, COUNT, b"")


def damage(folder: Path, kept: object, column: str = "options") -> None:
    """As `sqlite3` lets an operator do it."""
    with closing(sqlite3.connect(folder / FILE)) as shell, shell:
        shell.execute(f"UPDATE jobs SET {column} = ? WHERE id = 'damaged'", (kept,))


def found(job: Job | None) -> Job:
    assert job is not None
    return job
