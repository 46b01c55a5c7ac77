"""The image: what it is told to be, what it is made of, and what it does by itself."""

import json
import subprocess
from typing import Any

import pytest

from tests.container.commands import CommandError, attempt
from tests.container.conftest import BASE
from tests.container.engine import Engine

OURS_LIMIT_BYTES = 80_000_000  # on top of the base: 76 MB when this was written, 16 of them OpenSSL's

UNTIL_SIGTERM_IS_CAUGHT = (
    "until [ $((0x$(sed -n 's/^SigCgt:[[:space:]]*//p' /proc/1/status) & 0x4000)) -ne 0 ]; do :; done"
)


@pytest.fixture(scope="module")
def facts(engine: Engine, image: str) -> dict[str, Any]:
    (found,) = json.loads(engine.docker("image", "inspect", image))
    assert isinstance(found, dict)
    return found


def run_alone(engine: Engine, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return attempt("docker", "run", "--rm", *arguments, env=engine.environment)


def test_it_says_how_it_is_run(facts: dict[str, Any]) -> None:
    config = facts["Config"]
    assert (config["Entrypoint"], config["Cmd"]) == (["masthead"], ["serve"])
    assert config["User"] == "10001:10001"
    assert config["StopSignal"] == "SIGTERM"
    assert config["Healthcheck"]["Test"] == ["CMD", "masthead", "health"]
    assert set(config["Volumes"]) == {"/data"}
    assert set(config["ExposedPorts"]) == {"8080/tcp"}


def test_it_says_what_it_is(facts: dict[str, Any]) -> None:
    labels = facts["Config"]["Labels"]
    wanted = ("title", "description", "licenses", "version", "revision", "base.name")
    assert {f"org.opencontainers.image.{name}" for name in wanted} <= set(labels)
    assert labels["org.opencontainers.image.base.name"] == f"docker.io/library/{BASE}"


def test_it_is_small(engine: Engine, facts: dict[str, Any]) -> None:
    (base,) = json.loads(engine.docker("image", "inspect", BASE))
    assert facts["Size"] - base["Size"] < OURS_LIMIT_BYTES


def test_it_holds_no_tool_of_the_build(engine: Engine, image: str) -> None:
    listed = run_alone(engine, "--entrypoint=ls", image, "/opt", "/opt/masthead/lib/python3.11/site-packages")
    assert "masthead-" in listed.stdout
    assert not {"pip", "hatchling", "editables", "build", "src"} & set(listed.stdout.split())


def test_without_a_token_it_says_what_it_wants_and_ends(engine: Engine, image: str) -> None:
    ended = run_alone(engine, image)
    assert ended.returncode == 2
    assert "there is no token" in ended.stderr


def test_it_is_the_command_too(engine: Engine, image: str) -> None:
    ended = run_alone(engine, "--read-only", "--network=none", image, "checks", "x-content-type-options")
    assert (ended.returncode, "nosniff" in ended.stdout) == (0, True)


def test_it_turns_healthy_and_drains_on_a_read_only_root_with_nothing_more(
    engine: Engine, image: str
) -> None:
    name = "masthead-alone"
    engine.docker(
        *("run", "--detach", "--name", name, "--read-only", "--cap-drop=ALL"),
        *("--security-opt=no-new-privileges", "--health-interval=1s", "--env=MASTHEAD_TOKEN=t", image),
    )
    try:
        engine.docker("exec", name, "sh", "-c", "until masthead health; do sleep 0.2; done")
        engine.docker("stop", name)
        state = json.loads(engine.docker("inspect", name))[0]["State"]
        assert (state["ExitCode"], state["OOMKilled"]) == (0, False)
    finally:
        engine.docker("rm", "--force", "--volumes", name)


def test_a_stop_while_it_starts_is_heeded(engine: Engine, image: str) -> None:
    """It is the container's first process, to which a signal without a handler means nothing."""
    name = "masthead-starting"
    engine.docker("run", "--detach", "--name", name, "--env=MASTHEAD_TOKEN=t", image)
    try:
        engine.docker("exec", name, "sh", "-c", UNTIL_SIGTERM_IS_CAUGHT)
        engine.docker("stop", "--time=30", name)
        assert json.loads(engine.docker("inspect", name))[0]["State"]["ExitCode"] in (0, 143)
    finally:
        engine.docker("rm", "--force", "--volumes", name)


def test_a_lock_that_has_another_hash_is_not_built(engine: Engine, image: str) -> None:
    """What the stand-in base serves is checked against the lock, as an index's would be."""
    script = "pip download --no-deps --require-hashes -d /tmp/x -r /dev/stdin"
    with pytest.raises(CommandError, match="DO NOT MATCH THE HASHES"):
        engine.docker(
            *("run", "--rm", "--network=none", "--entrypoint=sh", BASE, "-c"),
            f"echo 'idna==3.20 --hash=sha256:{'0' * 64}' | {script}",
        )
