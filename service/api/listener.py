"""The listening socket: serves an application on an endpoint, each client by a `Connection` of ours."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

from aiohttp import web

from service.api.connection import Connection, ConnectionOptions
from service.api.connections import Connections
from service.api.endpoint import Endpoint
from service.errors import UsageError

BACKLOG: Final = 1_024  # a client that finds the queue full tries again after a second; Linux caps it (4,096)
FLUSH_S: Final = 1.0  # for a last answer to be written, once the drain is over


@asynccontextmanager
async def listen(
    app: web.Application, endpoint: Endpoint, options: ConnectionOptions
) -> AsyncIterator[Sequence[str]]:
    """Serve the application within the block; gives the addresses that are bound, HOST:PORT each.

    Raises UsageError where an address cannot be bound. A client that goes away cancels its request.
    """
    loop = asyncio.get_running_loop()
    connections = Connections(options.limit)
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=FLUSH_S)
    await runner.setup()
    try:
        manager = runner.server
        assert manager is not None  # noqa: S101 - for the type checker: `setup` has just made it
        _tell_of_heads(manager)
        try:
            server = await loop.create_server(
                lambda: Connection(manager, loop, options, connections),
                endpoint.addresses,
                endpoint.port,
                backlog=BACKLOG,
            )
        except OSError as error:
            raise UsageError(f"listen: cannot be bound: {error.strerror or error}") from error
        try:
            yield [_format(socket.getsockname()) for socket in server.sockets]
        finally:
            server.close()
    finally:
        await runner.cleanup()


def _tell_of_heads(manager: web.Server) -> None:
    """A request is made of each head, a malformed one too: the moment at which its connection must know."""
    make_request = manager.request_factory

    def make(message: Any, payload: Any, protocol: Any, *rest: Any) -> web.BaseRequest:
        protocol.head_received()
        return make_request(message, payload, protocol, *rest)

    manager.request_factory = make


def _format(address: tuple[Any, ...]) -> str:
    host, port = address[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
