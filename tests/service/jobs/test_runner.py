"""The runner, where the store behind it does what none shall."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import pytest

from service.inspection.inspects import Inspects
from service.jobs.model import Chunk, Terms
from service.jobs.runner import Runner
from service.jobs.sqlite import SqliteStore, open_store
from service.model import Target
from tests.integration.inspecting import ignore


class Idle:
    """An inspector that is given nothing."""

    concurrency = 1


async def test_a_fault_of_ours_that_ends_the_work_is_seen_and_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = asyncio.Event()

    async def fail(*_: Any) -> Chunk | None:
        asked.set()
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(SqliteStore, "lease", fail)
    async with open_store(tmp_path) as store, Runner(store, cast("Inspects", Idle()), ignore) as runner:
        assert runner.alive
        runner.start(await accepted(store, [Target(1, "a")]))
        await asked.wait()
        await asyncio.sleep(0)  # the task ends, and tells
        await asyncio.sleep(0)
        assert not runner.alive
    assert "jobs stopped" in capsys.readouterr().out


async def accepted(store: SqliteStore, targets: Sequence[Target]) -> Any:
    job = await store.begin("j", Terms(b"{}"), None, 0)
    assert job is not None
    await store.add(job, targets)
    return await store.accept(job, len(targets), b"")
