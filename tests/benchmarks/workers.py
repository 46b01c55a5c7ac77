"""Is the pool used? Input that is heavy to judge, with one worker process and with two.

Each response has a policy, cookies and a head of its own, so nothing can be computed once for several.
"""

import asyncio
import multiprocessing
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path

from tests.benchmarks.measure import Run, machine, ratios, run_in_rounds, run_masthead, spread
from tests.benchmarks.options import Options
from tests.benchmarks.table import Table

ROUNDS = 7
RECORDS = 1_500
SOURCES = 400  # in each of the policy's directives
COOKIES = 60


def measure(options: Options) -> Table:
    rounds = options.rounds or ROUNDS
    with serving() as port, tempfile.TemporaryDirectory() as folder:
        urls, output = Path(folder) / "urls", Path(folder) / "records"
        urls.write_text("".join(f"http://127.0.0.1:{port}/{number}\n" for number in range(RECORDS)))

        def judge(count: str) -> Run:
            network = ("--allow-net", "127.0.0.0/8", "--per-host", "1000", "--host-gap", "0")
            return run_masthead(str(urls), "--workers", count, *network, records=RECORDS, output=output)

        runs = run_in_rounds(
            {
                "1 worker": partial(judge, "1"),
                "1 worker again": partial(judge, "1"),
                "2 workers": partial(judge, "2"),
            },
            rounds,
        )
    walls = {name: [run.wall_s for run in done] for name, done in runs.items()}
    rows = [
        (name, spread(seconds), spread(ratios(walls["1 worker"], seconds))) for name, seconds in walls.items()
    ]
    title = f"judging {RECORDS:,} heavy heads, {rounds} rounds in turn, {machine()}"
    return Table(title, ("processes", "wall s", "1 worker ÷ it"), rows)


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
