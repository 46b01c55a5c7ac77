"""A daemon to be measured: a process of its own, asked over one connection that stands."""

import http.client
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

READY_S: Final = 60.0


@dataclass(slots=True)
class Daemon:
    process: "subprocess.Popen[bytes]"
    port: int
    connection: http.client.HTTPConnection

    def ask(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> tuple[int, bytes]:
        """The status and the whole body."""
        self.connection.request(method, path, body, headers or {})
        answer = self.connection.getresponse()
        return answer.status, answer.read()

    @property
    def peak_mib(self) -> float:
        """The most memory that its main process has had (its workers are others)."""
        lines = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        (peak,) = (line.split()[1] for line in lines if line.startswith("VmHWM:"))
        return int(peak) / 1_024

    @property
    def cpu_s(self) -> float:
        """User and system time of its main process, so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def serving_daemon(folder: Path, port: int, *options: str) -> Iterator[Daemon]:
    """Runs `masthead serve` with its jobs in the folder, for the block's time, from when it is ready."""
    command = (sys.executable, "-m", "service", "serve", "--listen", f"127.0.0.1:{port}")
    network = ("--allow-net", "127.0.0.0/8", "--address-rate", "0")
    with (folder / "daemon.log").open("wb") as log:
        process = subprocess.Popen([*command, "--data", str(folder / "data"), *network, *options], stderr=log)
    try:
        daemon = Daemon(process, port, http.client.HTTPConnection("127.0.0.1", port, timeout=READY_S))
        ends = time.monotonic() + READY_S
        while not _is_ready(daemon):
            if process.poll() is not None or time.monotonic() > ends:
                raise SystemExit(f"the daemon did not start: {(folder / 'daemon.log').read_text()}")
            time.sleep(0.05)
        yield daemon
    finally:
        process.terminate()
        process.wait()


def _is_ready(daemon: Daemon) -> bool:
    try:
        return daemon.ask("GET", "/readyz")[0] == 200
    except OSError:
        daemon.connection.close()
        return False
