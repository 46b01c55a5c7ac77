"""Is the pool used? Input that is heavy to judge, with one worker process and with two.

Each response has a policy, cookies and a head of its own, so nothing can be computed once for several.
"""

import asyncio
import multiprocessing
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path

from tests.benchmarks.measure import machine, ratios, run_masthead, spread

ROUNDS = 7
RECORDS = 1_500
SOURCES = 400  # in each of the policy's directives
COOKIES = 60


def main() -> None:
    print(f"judging {RECORDS} heavy heads, {ROUNDS} rounds in turn, {machine()}")
    walls: dict[str, list[float]] = {"1 worker": [], "1 worker again": [], "2 workers": []}
    with serving() as port, tempfile.TemporaryDirectory() as folder:
        urls, output = Path(folder) / "urls", Path(folder) / "records"
        urls.write_text("".join(f"http://127.0.0.1:{port}/{number}\n" for number in range(RECORDS)))
        for turn in range(ROUNDS):
            names = list(walls)
            for name in names[turn % 3 :] + names[: turn % 3]:
                options = ("--workers", name[0], "--allow-net", "127.0.0.0/8")
                walls[name].append(run_masthead(str(urls), *options, records=RECORDS, output=output).wall_s)
    for name, seconds in walls.items():
        print(f"  {name:<16} wall {spread(seconds, ' s')}")
    print(f"  1 worker ÷ 2 workers   {spread(ratios(walls['1 worker'], walls['2 workers']))}")
    print(f"  A/A (1 ÷ 1 again)      {spread(ratios(walls['1 worker'], walls['1 worker again']))}")


def heavy_head(path: str) -> bytes:
    sources = " ".join(f"https://h{number}{path.replace('/', '-')}.test" for number in range(SOURCES))
    directives = ("script-src", "style-src", "img-src", "connect-src", "frame-src", "font-src")
    policy = "; ".join(f"{directive} 'self' {sources}" for directive in directives)
    cookies = "".join(
        f"Set-Cookie: c{number}={path}; Path=/; SameSite=None; Max-Age={number}\r\n"
        for number in range(COOKIES)
    )
    head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Security-Policy: {policy}\r\n{cookies}\r\n"
    return head.encode()


@contextmanager
def serving() -> Iterator[int]:
    """A server in a process of its own; yields its port."""
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_serve, args=(sender,), daemon=True)
    process.start()
    try:
        yield receiver.recv()
    finally:
        process.terminate()
        process.join()


def _serve(sender: Connection) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await reader.readuntil(b"\r\n\r\n")
        writer.write(heavy_head(request.split(b" ", 2)[1].decode()))
        writer.close()

    async def serve() -> None:
        server = await asyncio.start_server(answer, "127.0.0.1", 0, backlog=4_096)
        sender.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(serve())
