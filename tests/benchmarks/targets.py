"""What is measured against: one nginx, which answers on every address of 127.0.0.0/8 with a head of eleven
lines. So many addresses are as many hosts, each asked once, as in a list of the world's sites."""

import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.benchmarks.programs import require

PORTS = range(18_080, 18_200)  # below those that the system gives to clients
HOSTS_LIMIT = 16_000_000
CONFIGURATION = """
daemon off; pid {folder}/nginx.pid; error_log stderr crit; worker_processes 1; worker_rlimit_nofile 16384;
events {{ worker_connections 16000; }}
http {{
    access_log off;
    server {{
        listen {listen} backlog=4096;
        {more}
        add_header Strict-Transport-Security "max-age=31536000";
        add_header Content-Security-Policy "default-src 'self'; script-src 'self' 'unsafe-inline'";
        add_header X-Frame-Options DENY;
        add_header Set-Cookie "a=1; HttpOnly";
        add_header Cache-Control no-store;
        return 200 "hello";
    }}
}}
"""


@contextmanager
def nginx(
    folder: Path, *, port: int | None = None, listen: str = "", more: str = "", within: Sequence[str] = ()
) -> Iterator[int]:
    """Runs nginx for the block's time; yields its port, a free one unless it is given.

    `listen` and `more` are words of its `listen` directive and directives of its server (`ssl`, a
    certificate); `within` is a command that runs it elsewhere, in another network namespace.
    """
    port = port or free_port()
    configuration, running = folder / "nginx.conf", folder / "nginx.pid"
    configuration.write_text(CONFIGURATION.format(folder=folder, listen=f"{port} {listen}", more=more))
    running.unlink(missing_ok=True)
    binary = require("nginx", "nginx-light")
    process = subprocess.Popen([*within, binary, "-c", str(configuration), "-p", str(folder)])
    try:
        while not running.exists():  # it is written once the port is listened on
            if process.poll() is not None:
                raise SystemExit(f"nginx did not start on port {port}")
            time.sleep(0.02)
        yield port
    finally:
        process.terminate()
        process.wait()


def write_addresses(path: Path, count: int, port: int, scheme: str = "http") -> None:
    """A list of `count` URLs, each of an address of its own. Written as it is made: it may be a long one."""
    if count > HOSTS_LIMIT:
        raise SystemExit(f"expected at most {HOSTS_LIMIT} hosts, got {count}")
    with path.open("w") as lines:
        for n in range(count):
            lines.write(f"{scheme}://{address(n)}:{port}/\n")


def address(n: int) -> str:
    """The nth loopback address; those in 127.0 are left to others."""
    return f"127.{1 + n // 65_536}.{n // 256 % 256}.{n % 256}"


def free_port() -> int:
    """A port of every address that nobody listens on now."""
    for port in PORTS:
        with socket.socket() as probe:
            probe.setsockopt(
                socket.SOL_SOCKET, socket.SO_REUSEADDR, 1
            )  # connections that have ended do not count
            try:
                probe.bind(("", port))
            except OSError:
                continue
            return port
    raise SystemExit(f"all ports from {PORTS.start} to {PORTS.stop - 1} are taken")
