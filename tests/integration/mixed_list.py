"""A long list in which everything that can happen happens, and what each line must end as."""

import random
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from tests.service.inspection.dns_server import Zone, serve_names
from tests.service.inspection.servers import HELLO, serve

LISTEN_BACKLOG = 4_096


@dataclass(frozen=True, slots=True)
class MixedList:
    """The lines, the error code (None: ok) that each must end with, and the DNS server to use."""

    lines: tuple[str, ...]
    codes: tuple[str | None, ...]
    resolver: str


@asynccontextmanager
async def serve_mixed_list(count: int) -> AsyncIterator[MixedList]:
    """Real servers for the block's time, and `count` lines: 60 % live, 10 % of them repeated; the rest dead,
    silent, refused, malformed, blocked or invalid. The order is shuffled, always the same way."""
    async with AsyncExitStack() as stack:
        live = await stack.enter_async_context(serve(HELLO))
        malformed = await stack.enter_async_context(serve(b"SSH-2.0-OpenSSH_9.2\r\n"))
        resolver = await stack.enter_async_context(serve_names(Zone({"live.test": ["127.0.0.1"]})))
        silent = stack.enter_context(socket.socket())
        silent.bind(("127.0.0.1", 0))
        silent.listen(LISTEN_BACKLOG)  # the system connects; nobody ever answers
        refused = stack.enter_context(socket.socket())
        refused.bind(("127.0.0.1", 0))
        kinds = {
            "live": (0.40, None, lambda n: f"http://127.0.0.1:{live}/{n}"),
            "named": (0.10, None, lambda n: f"http://live.test:{live}/{n}"),
            "repeated": (0.10, None, lambda _: f"http://127.0.0.1:{live}/"),
            "dead": (0.10, "dns_not_found", lambda n: f"http://dead{n}.test/"),
            "silent": (
                0.05,
                "deadline_exceeded",
                lambda n: f"http://127.0.0.1:{silent.getsockname()[1]}/{n}",
            ),
            "refused": (
                0.10,
                "connect_refused",
                lambda n: f"http://127.0.0.1:{refused.getsockname()[1]}/{n}",
            ),
            "malformed": (0.05, "response_malformed", lambda n: f"http://127.0.0.1:{malformed}/{n}"),
            "blocked": (0.05, "blocked_address", lambda n: f"http://10.0.{n % 256}.1/"),
            "invalid": (0.05, "invalid_url", lambda n: f"http://[{n}/"),
        }
        rows = [
            (line(number), code)
            for share, code, line in kinds.values()
            for number in range(int(count * share))
        ]
        random.Random(0).shuffle(rows)
        yield MixedList(tuple(line for line, _ in rows), tuple(code for _, code in rows), resolver)
