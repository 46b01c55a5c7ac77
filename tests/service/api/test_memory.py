"""What requests hold in memory, and who gives way: by a clock of ours, and by clients that do not read."""

import asyncio
import json
import socket
from contextlib import ExitStack

from service.api.memory import Account, Memory
from tests.service.api.daemons import Daemon, Origin, run_daemon

PATH = "/v1/inspections"
LARGE = 60  # URLs of /large: 12 MB of records, more than the system takes off our hands for one connection


class Clock:
    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


class Clients:
    """Accounts by name, and who had to give way."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._open = ExitStack()
        self.gave_way: list[str] = []

    def enter(self, name: str) -> Account:
        return self._open.enter_context(self._memory.account(lambda: self.gave_way.append(name)))


def test_who_has_held_most_for_longest_gives_way() -> None:
    clock = Clock()
    memory = Memory(100, clock)
    clients = Clients(memory)
    slow = clients.enter("slow")
    slow.take(20)
    clock.now_s = 60.0
    heavy, light = clients.enter("heavy"), clients.enter("light")
    light.take(10)
    heavy.take(70)
    assert clients.gave_way == []
    heavy.take(11)
    assert clients.gave_way == ["slow"]
    light.take(20)
    assert clients.gave_way == ["slow", "heavy"]
    assert memory.held_bytes == light.held_bytes == 30


def test_one_that_takes_too_much_at_once_gives_way_itself_and_is_not_counted_any_more() -> None:
    memory = Memory(100, Clock())
    clients = Clients(memory)
    small, large = clients.enter("small"), clients.enter("large")
    small.take(40)
    large.take(70)
    assert clients.gave_way == ["large"]
    large.take(70)
    large.give(70)
    assert memory.held_bytes == 40


def test_a_closed_account_holds_nothing() -> None:
    memory = Memory(100, Clock())
    with memory.account(lambda: None) as account:
        account.take(60)
        account.give(10)
        assert memory.held_bytes == 50
    assert memory.held_bytes == 0


async def test_a_list_that_is_too_heavy_is_refused_and_a_light_one_beside_it_is_not(origin: Origin) -> None:
    async with run_daemon(request_memory=2_000_000) as daemon:
        light = asyncio.create_task(daemon.client.post(PATH, json={"urls": [f"{origin.url}/slow"]}))
        await origin.asked.wait()
        async with daemon.client.post(PATH, json={"urls": [f"{origin.url}/large"] * LARGE}) as answer:
            assert answer.status == 503
            assert answer.headers["Retry-After"] == "2"
            assert (await answer.json())["type"].endswith(":busy")
        origin.release.set()
        async with await light as answer:
            assert answer.status == 200


async def test_answers_that_are_not_taken_are_given_up_for_others(origin: Origin) -> None:
    """Two clients ask for 12 MB each and read nothing: the first of them is cut off for the second."""
    async with run_daemon(request_memory=16_000_000) as daemon:
        silent = [await ask_and_not_read(daemon, origin, "application/json") for _ in range(2)]
        assert await read_on(silent[0]) < 12_000_000
        answer = await read_on(silent[1])
        assert answer > 12_000_000


async def test_records_that_are_not_taken_hold_no_place_and_are_given_up_for_others(origin: Origin) -> None:
    async with run_daemon(request_memory=8_000_000, request_concurrency=1) as daemon:
        silent = await ask_and_not_read(daemon, origin, "application/x-ndjson")
        async with asyncio.timeout(20):  # until its list is inspected, or it gave way
            while True:
                async with daemon.client.post(PATH, json={"urls": [origin.url]}) as answer:
                    if answer.status == 200:
                        break
                await asyncio.sleep(0.05)
        assert await read_on(silent) < 12_000_000


async def ask_and_not_read(daemon: Daemon, origin: Origin, accept: str) -> socket.socket:
    """Returns once the daemon has begun to answer."""
    body = json.dumps({"urls": [f"{origin.url}/large"] * LARGE}).encode()
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    client.setblocking(False)
    loop = asyncio.get_running_loop()
    await loop.sock_connect(client, (daemon.host, daemon.port))
    head = (
        f"POST {PATH} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nAccept: {accept}\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    await loop.sock_sendall(client, head.encode() + body)
    async with asyncio.timeout(20):
        assert (await loop.sock_recv(client, 12)).startswith(b"HTTP/1.1 200")
    return client


async def read_on(client: socket.socket) -> int:
    """How many bytes still come until the end, or until the connection is cut."""
    count = 0
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(20):
        try:
            while part := await loop.sock_recv(client, 65_536):
                count += len(part)
        except ConnectionResetError:
            pass
        finally:
            client.close()
    return count
