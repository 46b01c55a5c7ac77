"""Streams over real sockets, on both kinds of readiness."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator
from time import monotonic

import pytest

from service.errors import Code, FetchFailed
from service.inspection.deadline import Limit
from service.inspection.stream import EpollReadiness, LoopReadiness, Network, Stream
from tests.service.inspection.servers import serve


def within(seconds: float = 10.0) -> Limit:
    return Limit(monotonic() + seconds, Code.RESPONSE_TIMEOUT, "exchange", 5.0)


@pytest.fixture(params=[EpollReadiness, LoopReadiness])
async def network(request: pytest.FixtureRequest) -> AsyncIterator[Network]:
    loop = asyncio.get_running_loop()
    network = Network(loop, request.param(loop))
    yield network
    network.close()


async def connect(network: Network, port: int) -> Stream:
    connection = socket.socket()
    connection.setblocking(False)
    stream = Stream(network, connection, f"127.0.0.1:{port}")
    try:
        await stream.connect(("127.0.0.1", port), within())
    except OSError:
        stream.close()
        raise
    return stream


async def read_all(stream: Stream) -> bytes:
    parts = []
    while part := await stream.receive(within()):
        parts.append(part)
    return b"".join(parts)


async def test_what_is_sent_is_answered_and_read_to_the_end(network: Network) -> None:
    async with serve(b"answer") as port:
        stream = await connect(network, port)
        await stream.send(b"question\r\n\r\n", within())
        assert await read_all(stream) == b"answer"
        stream.close()


async def test_an_answer_in_many_parts_and_beyond_one_buffer_is_read_whole(network: Network) -> None:
    async def answer(_: bytes, __: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for _number in range(40):
            writer.write(b"x" * 10_000)
            await writer.drain()

    async with serve(answer) as port:
        stream = await connect(network, port)
        await stream.send(b"\r\n\r\n", within())
        assert len(await read_all(stream)) == 400_000
        stream.close()


async def test_a_request_beyond_the_socket_s_buffer_is_sent_whole(network: Network) -> None:
    received = asyncio.get_running_loop().create_future()

    async def answer(_: bytes, reader: asyncio.StreamReader, __: asyncio.StreamWriter) -> None:
        received.set_result(len(await reader.readexactly(8_000_000)))

    async with serve(answer) as port:
        stream = await connect(network, port)
        await stream.send(b"\r\n\r\n" + b"x" * 8_000_000, within())
        assert await received == 8_000_000
        stream.close()


async def test_a_server_that_speaks_first_is_not_missed(network: Network) -> None:
    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"hello")
        await reader.read()
        writer.close()

    server = await asyncio.start_server(greet, "127.0.0.1", 0)
    async with server:
        stream = await connect(network, server.sockets[0].getsockname()[1])
        other = asyncio.get_running_loop().create_future()
        asyncio.get_running_loop().call_later(0.05, other.set_result, None)
        await other  # the greeting arrives while nobody waits for it
        assert await stream.receive(within()) == b"hello"
        stream.close()


async def test_a_refused_connection_raises_the_system_s_error(network: Network) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        with pytest.raises(ConnectionRefusedError):
            await connect(network, unused.getsockname()[1])


async def test_silence_ends_at_the_limit(network: Network) -> None:
    async def keep_silent(_: bytes, reader: asyncio.StreamReader, __: asyncio.StreamWriter) -> None:
        await reader.read()

    async with serve(keep_silent) as port:
        stream = await connect(network, port)
        await stream.send(b"\r\n\r\n", within())
        with pytest.raises(FetchFailed, match="within 5 s"):
            await stream.receive(within(0.05))
        stream.close()


async def test_a_reset_is_a_reset(network: Network) -> None:
    async def reset(_: bytes, __: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        linger_not = struct.pack("ii", 1, 0)
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger_not)

    async with serve(reset) as port:
        stream = await connect(network, port)
        await stream.send(b"\r\n\r\n", within())
        with pytest.raises(FetchFailed, match="reset") as caught:
            await read_all(stream)
        assert caught.value.code is Code.CONNECTION_RESET
        stream.close()


async def test_cancelling_a_wait_leaves_the_stream_to_be_closed(network: Network) -> None:
    async def keep_silent(_: bytes, reader: asyncio.StreamReader, __: asyncio.StreamWriter) -> None:
        await reader.read()

    async with serve(keep_silent) as port:
        stream = await connect(network, port)
        waiting = asyncio.create_task(stream.receive(within()))
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        stream.close()
        stream.close()
        assert stream.fd == -1
