"""A network in which every address of IPv4 and IPv6 is ours: what masthead connects to there is seen.

It is a network namespace with a local route to everything. A server answers on every address and many
ports and notes each request; a packet socket notes each connection that is merely tried, and each datagram,
whatever its port; a name server answers from `egress_cases.NAMES`. The part within the namespace is this
module as a program; `any_ip` is the test's side. Needs root or user namespaces, and iproute2.
"""

import asyncio
import json
import os
import re
import socket
import ssl
import struct
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes

from tests.integration.egress_cases import BAD_PORTS, NAMES, OWN, PROXY_PORT, TEMPTING
from tests.integration.name_server import NameServer, read_question
from tests.service.commands.running import HURRY, environment

ROOT = Path(__file__).parents[2]
RESOLVER_PORT = 5_353
STALLING_PORT = 8_081  # answers TLS late, and with something else
PLAIN_PORTS = (80, 8_080, PROXY_PORT, STALLING_PORT, *sorted(BAD_PORTS - {0}))
TLS_PORTS = (443, 8_443)
LATE_S = 1.3  # longer than masthead keeps an answer with a TTL of 0
DEADLINE_S = 120

TCP, UDP, SYN, SYN_ACK_MASK = 6, 17, 0x02, 0x12
# Of Linux's headers; Python names none of them.
ETH_P_ALL, SOL_PACKET, PACKET_STATISTICS, SO_RCVBUFFORCE = 0x0003, 263, 6, 33


@dataclass(frozen=True, slots=True)
class Seen:
    """`tried`: all that packets were sent to, as ("tcp", address, port); `requests`: (peer, SNI, head);
    `questions`: what the name server was asked; `lost`: packets that were not looked at."""

    tried: tuple[tuple[str, str, int], ...]
    requests: tuple[tuple[str, str | None, str], ...]
    questions: tuple[tuple[str, str], ...]
    lost: int

    @property
    def addresses(self) -> set[str]:
        return {address for _, address, _ in self.tried}


@dataclass(frozen=True, slots=True)
class Ran:
    """One run of the command: its records in the order of the input, and what the network saw of it."""

    status: int
    records: list[dict[str, Any]]
    told: str
    seen: Seen


@dataclass(frozen=True, slots=True)
class AnyIp:
    """The network, as the tests have it."""

    process: "subprocess.Popen[str]"
    within: Sequence[str]

    def batch(self, urls: Sequence[str], *options: str, env: dict[str, str] | None = None) -> Ran:
        """`masthead batch` over a list on stdin."""
        return self._run(("batch", "-", "--quiet", *options), "".join(f"{url}\n" for url in urls), env)

    def inspect(self, *arguments: str) -> Ran:
        """`masthead inspect`, which takes URLs that no line can hold, and goes to full depth."""
        return self._run(("inspect", "--format", "jsonl", *arguments), None, None)

    def _run(self, arguments: Sequence[str], given: str | None, env: dict[str, str] | None) -> Ran:
        self._take()
        more = ("--checks", "none", "--insecure", "--resolver", f"127.0.0.1:{RESOLVER_PORT}")
        done = subprocess.run(
            [*self.within, sys.executable, "-m", "service", *arguments, *more],
            cwd=ROOT,
            input=given or "",
            env=environment({**HURRY, **(env or {})}),
            capture_output=True,
            encoding="utf-8",
            timeout=DEADLINE_S,
            check=False,
        )
        lines = filter(None, done.stdout.split("\n"))  # a record may hold other ends of lines
        records = sorted(map(json.loads, lines), key=lambda record: record["seq"])
        return Ran(done.returncode, records, done.stderr, self._take())

    def _take(self) -> Seen:
        """What was seen since the last time."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        tried, requests, questions, lost = json.loads(self.process.stdout.readline())
        return Seen(tuple(map(tuple, tried)), tuple(map(tuple, requests)), tuple(map(tuple, questions)), lost)


@contextmanager
def any_ip(certificate: Path, key: Path) -> Iterator[AnyIp]:
    """The network for the block's time. Raises OSError where this user may not make one."""
    user = () if os.geteuid() == 0 else ("--user", "--map-root-user")
    command = ["unshare", *user, "--net", sys.executable, "-m", "tests.integration.any_ip"]
    with subprocess.Popen(
        [*command, str(certificate), str(key)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        if process.stdout.readline() != "ready\n":
            raise OSError(process.stderr.read().strip() or "it did not start")
        joined = ("--user", "--preserve-credentials") if user else ()
        try:
            yield AnyIp(process, ("nsenter", f"--target={process.pid}", *joined, "--net"))
        finally:
            process.terminate()


# What follows runs within the namespace.


class ChangingNames(NameServer):
    """Each of a name's replies in turn, counted by type of question; the last one stays."""

    def __init__(self) -> None:
        super().__init__({})
        self._counts: Counter[tuple[str, str]] = Counter()

    def datagram_received(self, data: bytes, peer: tuple[str, int]) -> None:
        name, kind, _ = read_question(data)
        if replies := NAMES.get(name):
            self.table[name] = replies[min(self._counts[name, kind], len(replies) - 1)]
            self._counts[name, kind] += 1
        NameServer.datagram_received(self, data, peer)


class Watch:
    """Notes what is tried, by the packets on the loopback interface."""

    def __init__(self) -> None:
        self.tried: list[tuple[str, str, int]] = []
        self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(ETH_P_ALL))
        self._socket.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 64 << 20)
        self._socket.bind(("lo", ETH_P_ALL))
        self._socket.setblocking(False)
        asyncio.get_running_loop().add_reader(self._socket, self.read)

    def read(self) -> None:
        with suppress(BlockingIOError):
            while True:
                packet, about = self._socket.recvfrom(128)
                if about[2] == socket.PACKET_OUTGOING:  # on loopback each comes in again
                    self._note(packet)

    def _note(self, packet: bytes) -> None:
        if packet[0] >> 4 == 4:
            protocol, target, rest = packet[9], packet[16:20], packet[(packet[0] & 15) * 4 :]
        else:
            protocol, target, rest = packet[6], packet[24:40], packet[40:]
        (port,) = struct.unpack_from("!H", rest, 2) if protocol in (TCP, UDP) else (0,)
        address = str(ip_address(target))
        if protocol == TCP and rest[13] & SYN_ACK_MASK == SYN:
            self.tried.append(("tcp", address, port))
        elif protocol == UDP and address != "127.0.0.1":  # the name server's, and its clients'
            self.tried.append(("udp", address, port))

    def lost(self) -> int:
        _, lost = struct.unpack("II", self._socket.getsockopt(SOL_PACKET, PACKET_STATISTICS, 8))
        return int(lost)


class Web:
    """Answers as the target says: `/to/302?LOCATION` redirects, `/late…` takes its time."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, str | None, str]] = []

    async def answer(self, is_tls: bool, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            address, port, *_ = writer.get_extra_info("sockname")
            first = await reader.readexactly(1)
            if first == b"\x16":  # a TLS hello, where there is none
                await asyncio.sleep(LATE_S if port == STALLING_PORT else 0)
                writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            else:
                head = first + await reader.readuntil(b"\r\n\r\n")
                secured = writer.get_extra_info("ssl_object")
                peer = f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
                self.requests.append((peer, getattr(secured, "asked_for", None), head.decode("latin-1")))
                await self._say(head, is_tls, writer)
            await writer.drain()
        writer.close()

    async def _say(self, head: bytes, is_tls: bool, writer: asyncio.StreamWriter) -> None:
        method, target, _ = head.split(b"\r\n", 1)[0].split(b" ")
        if target.startswith(b"/late"):
            await asyncio.sleep(LATE_S)
        redirect = re.fullmatch(rb"/(?:late/)?to/(\d+)\?(.*)", target)
        if redirect is not None:
            answer = b"%s Found\r\nLocation: %s" % (redirect[1], unquote_to_bytes(redirect[2]))
        elif (target == b"/entry" and not is_tls) or (target == b"/preflight" and method == b"OPTIONS"):
            answer = b"302 Found\r\nLocation: http://10.9.9.9/"
        elif target == b"/tempting":
            answer = b"200 OK\r\n" + "\r\n".join(TEMPTING.fields).encode()
        else:
            answer = b"200 OK"
        page = b"" if method == b"HEAD" else TEMPTING.page.encode()
        writer.write(
            b"HTTP/1.1 %s\r\nContent-Type: text/html\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s"
            % (answer, len(TEMPTING.page), page)
        )


async def main(certificate: str, key: str) -> None:
    for arguments in (
        *("link set lo up", "route add local 0.0.0.0/0 dev lo", "-6 route add local ::/0 dev lo"),
        *(f"address add {address} dev lo" for address in OWN),
    ):
        subprocess.run(["ip", *arguments.split()], check=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    context.sni_callback = _remember_name
    web, watch, loop = Web(), Watch(), asyncio.get_running_loop()
    for port in (*PLAIN_PORTS, *TLS_PORTS):
        tls = context if port in TLS_PORTS else None
        for address in ("0.0.0.0", "::"):
            await asyncio.start_server(partial(web.answer, tls is not None), address, port, ssl=tls)
    _, names = await loop.create_datagram_endpoint(ChangingNames, local_addr=("127.0.0.1", RESOLVER_PORT))
    print("ready", flush=True)
    while await loop.run_in_executor(None, sys.stdin.readline):
        watch.read()
        print(json.dumps([watch.tried, web.requests, names.asked, watch.lost()]), flush=True)
        for log in (watch.tried, web.requests, names.asked):
            log.clear()


def _remember_name(connection: ssl.SSLObject, name: str | None, _: ssl.SSLContext) -> None:
    connection.asked_for = name  # type: ignore[attr-defined]  # there is no other place for it


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
