"""Whatever is asked of it, a daemon answers as its own description says, and with no 5xx that is not in it.

schemathesis makes the requests from the description: its examples, every bound of every schema from both
sides, random ones that fit and that do not, and sequences along the links. The share here is short;
`MASTHEAD_FUZZ_S=600` goes on for so many seconds, each time with other requests.
"""

import asyncio
import json
import os
import re
import sys
from asyncio.subprocess import PIPE, STDOUT
from pathlib import Path

import aiohttp
import pytest

from tests.service.api.test_server import run_process

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
SCHEMATHESIS = str(Path(sys.executable).with_name("schemathesis"))
FUZZ_S = os.environ.get("MASTHEAD_FUZZ_S", "")
SHORT = {
    None: ("--max-examples", "5", "--seed", "1", "--phases", "examples,coverage,fuzzing,stateful"),
    "fuzz": ("--mode", "positive", "--seed", "1", "--phases", "examples,coverage"),
}
COUNT = re.compile(r"^\s+(\d+) generated", flags=re.MULTILINE)
# Nobody is asked for anything: whatever URL comes up, it ends at the guard, or finds no name server.
SHUT_OFF = {"deny_net": ["0.0.0.0/0", "::/0"], "resolver": "127.0.0.1:1", "allow_net": []}


@pytest.mark.parametrize("token", [None, "fuzz"])
async def test_a_daemon_answers_as_its_description_says(tmp_path: Path, token: str | None) -> None:
    changes = {"data": str(tmp_path / "data"), "token_rate": 0, "address_rate": 0, "timeout": 5} | SHUT_OFF
    config = tmp_path / "schemathesis.toml"
    auth = f'\n[auth.openapi.bearer]\nbearer = "{token}"\n' if token else ""
    config.write_text((HERE / "schemathesis.toml").read_text() + auth)
    extent = ("--max-time", FUZZ_S) if FUZZ_S else SHORT[token]
    async with run_process(**changes, token=token or "", enable_reload=token is not None) as daemon:
        reading = asyncio.create_task(read_faults(daemon.process.stderr), name="read the daemon's log")
        output, status = await run_schemathesis(config, f"http://{daemon.address}", extent)
        async with (
            aiohttp.ClientSession(f"http://{daemon.address}") as client,
            client.get("/readyz") as answer,
        ):
            assert answer.status == 200
        daemon.process.terminate()
        assert await daemon.ended() == 0
        assert await reading == []
    count = COUNT.search(output)
    assert count is not None, output
    print(f"{count[1]} requests {'with' if token else 'without'} a token")
    assert status == 0, output


async def run_schemathesis(config: Path, url: str, extent: tuple[str, ...]) -> tuple[str, int]:
    process = await asyncio.create_subprocess_exec(
        *(SCHEMATHESIS, "--config-file", str(config), "run", f"{url}/openapi.json"),
        *("--checks", "all", "--continue-on-failure", "--no-color", *extent),
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=PIPE,
        stderr=STDOUT,
    )
    output, _ = await process.communicate()
    return output.decode(), process.returncode or 0


async def read_faults(log: asyncio.StreamReader | None) -> list[dict[str, object]]:
    """What the daemon logs as an error. It has to be read for the daemon to go on."""
    assert log is not None
    entries = [json.loads(line) async for line in log]
    return [entry for entry in entries if entry["level"] == "error"]
