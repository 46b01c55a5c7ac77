"""Runs the real command in a process of its own, beside the servers on the test's loop."""

import asyncio
import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

LOOPBACK: Final = ("--allow-net", "127.0.0.0/8", "--allow-net", "::1/128")
LOOSENED: Final = "masthead: loosened: --allow-net 127.0.0.0/8, --allow-net ::1/128"  # what is said of that
# The tests' servers are one host, and need no politeness; for a handful of URLs one worker is started sooner.
HURRY: Final = {
    "MASTHEAD_PER_HOST": "1000",
    "MASTHEAD_HOST_GAP": "0",
    "MASTHEAD_PER_ADDRESS": "1000",
    "MASTHEAD_WORKERS": "1",
}
DEADLINE_S: Final = 30  # of a test's command: none takes a tenth of it


@dataclass(frozen=True, slots=True)
class Result:
    status: int
    out: bytes
    err: str

    @property
    def records(self) -> list[dict[str, Any]]:
        """The records on stdout, in the order of the input."""
        return sorted(map(json.loads, self.out.splitlines()), key=lambda record: record["seq"])


def environment(variables: Mapping[str, str] | None = None) -> dict[str, str]:
    """This process's, with no settings but these."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("MASTHEAD_")}
    return {**inherited, **(variables or {})}


async def start(*arguments: str | Path, **options: Any) -> asyncio.subprocess.Process:
    pipes = {"stdin": asyncio.subprocess.DEVNULL, "stdout": asyncio.subprocess.PIPE, **options}
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "service",
        *map(str, arguments),
        **{"stderr": asyncio.subprocess.PIPE, "env": environment(HURRY), **pipes},
    )


async def masthead(
    *arguments: str | Path, given: bytes | None = None, env: Mapping[str, str] | None = None, **options: Any
) -> Result:
    """Run it to its end; `given` is its stdin."""
    if given is not None:
        options["stdin"] = asyncio.subprocess.PIPE
    process = await start(*arguments, env=environment(HURRY if env is None else env), **options)
    try:
        out, err = await asyncio.wait_for(process.communicate(given), DEADLINE_S)
    except TimeoutError:
        process.kill()
        raise
    assert process.returncode is not None
    return Result(process.returncode, out or b"", (err or b"").decode())
