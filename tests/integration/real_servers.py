"""Debian's web servers, started as they come, each with a configuration of its own on free loopback ports.

Every one serves the same small site, in its own way:

    /           200, several fields twice and three cookies     /moved     302 to /
    /missing    404, the server's own page                      /no-head   405 to HEAD, 200 to GET

over http and https, with a certificate for `one.test` (and 127.0.0.1) and another for `two.test`, by SNI.
"""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.integration.authority import Certificate
from tests.integration.ports import free_port
from tests.integration.server_configurations import CONFIGURATIONS, Site

START_LIMIT_S = 15.0
STOP_LIMIT_S = 5.0
SEARCH_PATH = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"  # Debian's servers are not on a user's path


@dataclass(frozen=True, slots=True)
class RealServer:
    name: str
    http: int
    https: int

    def port(self, scheme: str) -> int:
        return self.https if scheme == "https" else self.http


@contextmanager
def running(name: str, program: str, one: Certificate, two: Certificate) -> Iterator[RealServer]:
    """Start `program` (a path) with the configuration that `name` has, and end it afterwards."""
    with TemporaryDirectory(prefix=f"masthead-{name}-") as made:
        folder = Path(made)
        folder.chmod(0o755)  # where root starts them, some servers serve files as another user
        site = Site(folder, free_port(), free_port(), one, two)
        log = folder / "output.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [program, *CONFIGURATIONS[name](site)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env={**os.environ, "HOME": made, "XDG_DATA_HOME": made, "XDG_CONFIG_HOME": made},
                cwd=folder,
            )
        try:
            for port in (site.http, site.https):
                await_listener(process, port, log)
            yield RealServer(name, site.http, site.https)
        finally:
            end(process)


def find(program: str) -> str | None:
    return shutil.which(program, path=SEARCH_PATH)


def end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_LIMIT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def await_listener(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + START_LIMIT_S
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1.0).close()
        except OSError:
            told = log.read_text(errors="replace")
            assert process.poll() is None, f"it ended at its start: {told}"
            assert time.monotonic() < deadline, f"nothing listens on its port: {told}"
            time.sleep(0.02)  # no server of these tells its parent that it listens
        else:
            return
