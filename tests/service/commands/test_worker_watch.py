"""Runs beside worker processes that never come up: the fork server's children die, or it does itself."""

import asyncio
from pathlib import Path

import pytest

from tests.service.commands.running import HURRY, LOOPBACK, masthead
from tests.service.inspection.servers import serve

# Read by each process at its start; of a fork server the arguments tell.
CHILDREN_DIE = """
import multiprocessing.process, os, sys
if "forkserver" in " ".join(sys.orig_argv):
    multiprocessing.process.BaseProcess._bootstrap = lambda *_, **__: os._exit(1)
"""
SERVER_DIES = """
import os, sys
if "forkserver" in " ".join(sys.orig_argv):
    os._exit(1)
"""
# What a run waits in all, which in a test is not to be a third of a minute.
HASTY = """
import service.commands.worker_watch
service.commands.worker_watch.GIVEN_UP_AFTER_S = 0.5
"""


async def answer(_: bytes, __: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
    await writer.drain()


@pytest.mark.parametrize("startup", [CHILDREN_DIE, SERVER_DIES])
async def test_a_list_that_nobody_can_judge_says_so_and_is_given_up(tmp_path: Path, startup: str) -> None:
    (tmp_path / "sitecustomize.py").write_text(startup + "else:\n" + HASTY.replace("\n", "\n    "))
    env = {**HURRY, "PYTHONPATH": f"{tmp_path}:."}
    async with serve(answer) as port:
        given = f"http://127.0.0.1:{port}/\n".encode()
        result = await masthead("batch", "-", "--workers", "2", *LOOPBACK, given=given, env=env)
        recorded = await masthead("batch", "-", "--checks", "none", *LOOPBACK, given=given, env=env)
    assert (result.status, result.out) == (5, b"")
    assert "masthead: no worker process lives long enough to judge anything" in result.err
    assert "masthead: given up after 0.5 s: no worker process has ever come up" in result.err
    assert "Traceback" not in result.err
    assert [record["status"] for record in recorded.records] == [200]


async def test_grade_gives_up_alike(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(CHILDREN_DIE + "else:\n" + HASTY.replace("\n", "\n    "))
    given = b'{"url": "https://a.example/", "headers": []}\n'
    result = await masthead("grade", "-", given=given, env={"PYTHONPATH": f"{tmp_path}:."})
    assert (result.status, result.out) == (5, b"")
    assert "no worker process has ever come up" in result.err
