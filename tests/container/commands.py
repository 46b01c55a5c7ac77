"""Runs the programs of the check: what one printed where it succeeded, all that it said where it did not."""

import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Final

DEADLINE_S: Final = 240  # for whatever one command does; the longest, a build, takes a quarter of it


class CommandError(Exception):
    """A command ended with another exit status than 0, or was not done in time."""


def run(
    *command: str | Path,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    given: str | None = None,
) -> str:
    """What it wrote to stdout. Raises CommandError with stdout and stderr where it did not end well."""
    result = attempt(*command, cwd=cwd, env=env, given=given)
    if result.returncode:
        spelt = " ".join(map(str, command))
        raise CommandError(f"{spelt}: exit status {result.returncode}\n{result.stdout}\n{result.stderr}")
    return result.stdout


def attempt(
    *command: str | Path,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    given: str | None = None,
) -> "subprocess.CompletedProcess[str]":
    """Run it to its end, whatever that is."""
    return subprocess.run(
        list(map(str, command)),
        cwd=cwd,
        env=env,
        input="" if given is None else given,
        capture_output=True,
        text=True,
        timeout=DEADLINE_S,
        check=False,
    )
