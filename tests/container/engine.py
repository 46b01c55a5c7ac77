"""A Docker engine of the check's own: in a network namespace, with all that it keeps in one folder.

No registry can be asked from in there, and nothing of it is left when it ends: no process, mount, interface
or rule of a firewall on the host.
"""

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.container.commands import run

START_S: Final = 60  # it takes one
STOP_S: Final = 60  # its containers are given ten of them
FILES: Final = 8_192  # open files of a container: the host's hard limit may be no more than some 20,000


@dataclass(frozen=True, slots=True)
class Engine:
    """`environment` is what its clients need; `inside` goes before a command that is to see its network."""

    environment: Mapping[str, str]
    inside: tuple[str, ...]

    def docker(self, *arguments: str | Path, cwd: Path | None = None) -> str:
        return run("docker", *arguments, cwd=cwd, env=self.environment)


@contextmanager
def run_engine(directory: Path, compose: Path) -> Iterator[Engine]:
    """Within the block it runs, its files in the directory. `compose` is the plugin's binary."""
    with ExitStack() as stack:
        namespace = f"masthead-check-{os.getpid()}"
        run("ip", "netns", "add", namespace)
        stack.callback(run, "ip", "netns", "del", namespace)
        run("ip", "-n", namespace, "link", "set", "lo", "up")
        # Not `ip netns exec`, which would mount a /sys of its own, without the control groups.
        inside = ("nsenter", f"--net=/run/netns/{namespace}")
        stack.callback(_refuse_leftovers, directory)
        stack.callback(remove_control_groups, directory.parent.name)
        stack.enter_context(_daemon(directory, inside))
        engine = Engine(_environment(directory, compose), inside)
        engine.docker("version")
        yield engine


@contextmanager
def _daemon(directory: Path, inside: tuple[str, ...]) -> Iterator[None]:
    command = (
        *("dockerd", "--host", f"unix://{directory / 'docker.sock'}", "--pidfile", directory / "docker.pid"),
        *("--data-root", directory / "data", "--exec-root", directory / "exec"),
        *("--default-ulimit", f"nofile={FILES}:{FILES}", "--cgroup-parent", f"/{directory.parent.name}"),
    )
    log = directory / "dockerd.log"
    with log.open("wb") as output, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notified:
        notified.bind(str(directory / "notify.sock"))
        notified.settimeout(START_S)
        environment = {**os.environ, "NOTIFY_SOCKET": str(directory / "notify.sock")}
        process = subprocess.Popen(
            [*inside, *map(str, command)], env=environment, stdout=output, stderr=subprocess.STDOUT
        )
        try:
            while b"READY=1" not in notified.recv(4_096):  # as systemd waits for it
                pass
            yield
        except TimeoutError as error:
            raise RuntimeError(f"dockerd did not start:\n{log.read_text()[-4_000:]}") from error
        finally:
            process.terminate()  # `nsenter` has become dockerd, which stops its containers and its containerd
            process.wait(STOP_S)


def _environment(directory: Path, compose: Path) -> dict[str, str]:
    plugins = directory / "client" / "cli-plugins"
    plugins.mkdir(parents=True)
    shutil.copy(compose, plugins / "docker-compose")
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("MASTHEAD_", "COMPOSE_"))
    }
    return {
        **kept,
        "DOCKER_HOST": f"unix://{directory / 'docker.sock'}",
        "DOCKER_CONFIG": str(directory / "client"),
        "DOCKER_BUILDKIT": "0",  # Debian's client has no builder of its own
    }


def remove_control_groups(name: str) -> None:
    """Those of this name in every hierarchy, if nothing is in them: an engine leaves its own behind."""
    for parent in Path("/sys/fs/cgroup").glob(f"**/{name}"):
        for group in sorted(parent.glob("**/"), reverse=True):  # from the leaves up
            with suppress(OSError):
                group.rmdir()


def _refuse_leftovers(directory: Path) -> None:
    """What was not cleaned up is a fault of the check, and must not be found out by whoever has the host."""
    mounts = [line for line in Path("/proc/mounts").read_text().splitlines() if str(directory) in line]
    commands = {path.parent.name: path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline")}
    processes = [pid for pid, command in commands.items() if str(directory).encode() in command]
    if mounts or processes:
        raise RuntimeError(f"left over of the engine: mounts {mounts}, processes {processes}")
