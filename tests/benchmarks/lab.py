"""A small internet on one machine, with no way out: a near network and a far one, 80 ms there and back.

In the far network every address of `LIVE` is a web server, and a name server knows them as hN.bench.example;
what is sent to `SILENT` is lost on the way. `relay.c` is the line, and holds both networks: nothing is left
behind when it ends. Needs root and iproute2.
"""

import subprocess
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.names import ZONE, name_server
from tests.benchmarks.programs import compile_c, require, serving
from tests.benchmarks.targets import nginx

ONE_WAY_MS = 40
NETWORK = "198.18.0.0/15"  # RFC 2544: for benchmarks
FIRST = "198.18.0.0"
LIVE = ("198.18.0.0/16", "198.19.0.0/17")
SILENT = ("198.19.128.0", "17")
LIVE_LIMIT, SILENT_LIMIT = 98_304, 32_768  # how many addresses those are; the silent come behind the live
NEAR, FAR = "10.0.0.1", "10.0.0.2"
PACKETS_QUEUED = "16384"


@dataclass(frozen=True, slots=True)
class Lab:
    """`near` is a command that runs another one where the clients are; `resolver` is their name server."""

    near: Sequence[str]
    resolver: str

    def live_url(self, n: int) -> str:
        return f"http://h{n}.{ZONE}/"

    def silent_url(self, n: int) -> str:
        return f"http://h{LIVE_LIMIT + n}.{ZONE}/"

    def dead_url(self, n: int) -> str:
        return f"http://dead{n}.{ZONE}/"


@contextmanager
def lab(folder: Path) -> Iterator[Lab]:
    """Runs the lab for the block's time."""
    with ExitStack() as stack:
        line = stack.enter_context(serving([compile_c("relay.c", folder), str(ONE_WAY_MS), *SILENT]))
        near, far = (
            (require("nsenter", "util-linux"), f"--net=/proc/{line.process.pid}/fd/{fd}")
            for fd in line.said.split()
        )
        _join(near, NEAR)
        _join(far, FAR)
        for network in LIVE:
            _ip(far, f"route add local {network} dev lo")
        stack.enter_context(name_server(folder, FAR, first=FIRST, within=far))
        stack.enter_context(nginx(folder, port=80, within=far))
        yield Lab(near, FAR)


def _join(within: Sequence[str], address: str) -> None:
    _ip(within, "link set lo up")
    _ip(within, f"address add {address}/30 dev line")
    _ip(within, f"link set line up txqueuelen {PACKETS_QUEUED}")
    _ip(within, "route add default dev line")


def _ip(within: Sequence[str], arguments: str) -> None:
    subprocess.run([*within, require("ip", "iproute2"), *arguments.split()], check=True)
