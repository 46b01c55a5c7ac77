"""The memo's program, kept as the baseline: one URL's header lines by asyncio's streams, and gather.

It is as simple as asyncio's streams make it: a task a URL, all of them at the start, a semaphore for how many
are in flight and `wait_for` for those that never answer. Mended is only what stands in the way of a long
list: a port in the URL, an end at the blank line, one TLS context for all, a head's lines printed together.

usage: memo.py LIST CONCURRENCY
"""

import asyncio
import functools
import ssl
import sys
from pathlib import Path
from urllib.parse import urlsplit

TIMEOUT_S = 15


async def print_http_headers(url: str) -> None:
    parts = urlsplit(url)
    is_secure = parts.scheme == "https"
    port = parts.port or (443 if is_secure else 80)
    context = tls_context() if is_secure else None
    reader, writer = await asyncio.open_connection(parts.hostname, port, ssl=context)
    query = f"HEAD {parts.path or '/'} HTTP/1.0\r\nHost: {parts.hostname}\r\n\r\n"
    writer.write(query.encode("latin-1"))
    lines = []
    while line := (await reader.readline()).decode("latin-1").rstrip():
        lines.append(f"HTTP header> {line}")
    print("\n".join(lines))
    writer.close()


@functools.cache
def tls_context() -> ssl.SSLContext:
    return ssl.create_default_context()


async def print_all(urls: list[str], concurrency: int) -> None:
    slots = asyncio.Semaphore(concurrency)

    async def in_turn(url: str) -> None:
        async with slots:
            await asyncio.wait_for(print_http_headers(url), TIMEOUT_S)

    await asyncio.gather(*map(in_turn, urls))


if __name__ == "__main__":
    asyncio.run(print_all(Path(sys.argv[1]).read_text().split(), int(sys.argv[2])))
