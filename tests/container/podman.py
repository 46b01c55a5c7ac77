"""Podman as a cluster of one: it plays Kubernetes' objects. What it does not know is left out.

Version 4.3 knows Pods, claims and secrets, no StatefulSet; its probes want curl in the image; and a pod that
names ports wants a network that this one has no need of.
"""

import base64
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from tests.container.commands import attempt, run
from tests.container.engine import FILES, Engine, remove_control_groups

# The host's own limits may be below what podman would raise a container's to.
CONFIGURATION: Final = f"""\
[containers]
default_ulimits = ["nofile={FILES}:{FILES}", "nproc=4096:4096"]
[engine]
cgroup_manager = "cgroupfs"
runtime = "runc"
"""
NAME: Final = "masthead"
UNKNOWN: Final = ("ports", "startupProbe", "livenessProbe", "readinessProbe")


@dataclass(frozen=True, slots=True)
class Podman:
    command: tuple[str, ...]
    environment: dict[str, str]

    def run(self, *arguments: str | Path) -> str:
        return run(*self.command, *arguments, env=self.environment)

    def execute(self, *command: str) -> tuple[int, str]:
        """The exit status of a command in the pod's container, and what it said."""
        done = attempt(*self.command, "exec", f"{NAME}-{NAME}", *command, env=self.environment)
        return done.returncode, done.stdout + done.stderr


@contextmanager
def play(engine: Engine, stateful_set: dict[str, Any], token: str, directory: Path) -> Iterator[Podman]:
    """The pod of a StatefulSet, with the image of that name from the engine; gone after the block."""
    (directory / "containers.conf").write_text(CONFIGURATION)
    environment = {**os.environ, "CONTAINERS_CONF": str(directory / "containers.conf")}
    storage = ("--root", str(directory / "root"), "--runroot", str(directory / "run"))
    podman = Podman((*engine.inside, "podman", *storage), environment)
    engine.docker("save", "--output", directory / "image.tar", NAME)
    podman.run("load", "--quiet", "--input", directory / "image.tar")
    (directory / "image.tar").unlink()
    (directory / "pod.yaml").write_text(yaml.safe_dump_all(_objects(stateful_set["spec"], token)))
    try:
        podman.run("play", "kube", "--network=none", directory / "pod.yaml")
        yield podman
    finally:
        attempt(*podman.command, "pod", "rm", "--force", "--all", env=environment)
        attempt(*podman.command, "system", "reset", "--force", env=environment)
        remove_control_groups("libpod_parent")


def _objects(spec: dict[str, Any], token: str) -> list[dict[str, Any]]:
    pod = spec["template"]["spec"]
    (container,) = pod["containers"]
    (claim,) = spec["volumeClaimTemplates"]
    (secret,) = (volume["secret"]["secretName"] for volume in pod["volumes"] if "secret" in volume)
    kept = {key: value for key, value in container.items() if key not in UNKNOWN}
    volumes = [*pod["volumes"], {"name": "data", "persistentVolumeClaim": {"claimName": "data"}}]
    return [
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": secret},
            "data": {"token": base64.b64encode(token.encode()).decode()},
        },
        {
            "apiVersion": "v1",
            "kind": "PersistentVolumeClaim",
            "metadata": {"name": "data"},
            "spec": claim["spec"],
        },
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": NAME},
            "spec": {**pod, "containers": [kept], "volumes": volumes},
        },
    ]
