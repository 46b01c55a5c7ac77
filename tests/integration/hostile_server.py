"""A server of many misdeeds, in a process of its own: what it costs is then not measured as the client's.

`python -m tests.integration.hostile_server FOLDER` writes its authority to FOLDER/authority.pem, prints where
each misdeed is met (JSON: the row's name and scheme to a URL), and serves until its input ends.
"""

import asyncio
import json
import ssl
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from tests.integration.authority import Authority
from tests.integration.broken_server import at_connection, says, serve
from tests.integration.hostile_behaviours import AFTER_HANDSHAKE, AT_CONNECTION, HTTP, OK, TLS, bomb
from tests.integration.hostile_tls import after_handshake, contexts

AUTHORITY = "authority.pem"


@asynccontextmanager
async def hostile_server(folder: Path) -> AsyncIterator[dict[str, str]]:
    """The process above for the block's time; yields where each misdeed is met, by "name scheme"."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        __name__,
        str(folder),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=1 << 20,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield json.loads(await process.stdout.readline())
    finally:
        process.stdin.close()
        await process.wait()


async def _serve(folder: Path) -> None:
    authority = Authority(folder, "authority")
    stranger = Authority(folder, "stranger")
    own = authority.issue("127.0.0.1", "localhost")
    (folder / "server.pem").write_bytes(own.certificate.read_bytes())
    (folder / "server.key").write_bytes(own.key.read_bytes())
    good = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    good.load_cert_chain(own.certificate, own.key)
    places: dict[str, str] = {}
    async with AsyncExitStack() as stack:
        by_path = {row.name: row.does for row in HTTP}
        for scheme, tls in (("http", None), ("https", good)):
            server = await stack.enter_async_context(serve(by_path, tls))
            places |= {f"{name} {scheme}": f"{scheme}://127.0.0.1:{server.port}/{name}/" for name in by_path}
        for row in AT_CONNECTION:
            server = await stack.enter_async_context(at_connection(row.does))
            places |= {
                f"{row.name} {scheme}": f"{scheme}://127.0.0.1:{server.port}/" for scheme in row.schemes
            }
        for row, say in AFTER_HANDSHAKE:
            server = await stack.enter_async_context(at_connection(after_handshake(folder, say)))
            places[f"{row.name} https"] = f"https://127.0.0.1:{server.port}/"
        lying = contexts(authority, stranger)
        for row in TLS:
            server = await stack.enter_async_context(serve({"": says(OK + b"\r\n")}, lying[row.name]))
            places[f"{row.name} https"] = f"https://127.0.0.1:{server.port}/"
        for codings in (1, 2):
            bomb(codings)  # now, for it takes a while
        print(json.dumps(places), flush=True)
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(_serve(Path(sys.argv[1])))
