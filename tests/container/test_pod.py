"""The chart's pod, played: what it mounts, sets and forbids fits the image."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.container.chart import render
from tests.container.engine import Engine
from tests.container.podman import Podman, play

HEALTHY = "until masthead health 2>/dev/null; do sleep 0.2; done"


@pytest.fixture(scope="module")
def pod(engine: Engine, image: str, work: Path) -> Iterator[Podman]:
    directory = work / "podman"
    directory.mkdir()
    objects = render({"image": {"repository": f"localhost/{image}", "tag": "latest"}})
    with play(engine, objects["StatefulSet"], "token", directory) as podman:
        yield podman


def test_it_turns_ready_with_the_secret_s_token(pod: Podman) -> None:
    assert pod.execute("timeout", "60", "sh", "-c", HEALTHY) == (0, "ready\n")
    code, said = pod.execute("masthead", "config")
    assert code == 0
    assert 'token_file = "/run/secrets/masthead/token"' in said
    assert 'data = "/data"' in said


def test_it_is_confined(pod: Podman) -> None:
    _, status = pod.execute("cat", "/proc/1/status")
    told = {name: value.split() for name, _, value in (line.partition(":") for line in status.splitlines())}
    assert set(told["Uid"]) == {"10001"}
    assert told["NoNewPrivs"] == ["1"]
    assert int(told["CapBnd"][0], 16) == 0
    assert "Read-only file system" in pod.execute("touch", "/x")[1]
    assert pod.execute("touch", "/data/x", "/tmp/x")[0] == 0
