"""Streams over real sockets, on both kinds of readiness."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import closing

import pytest

from service.errors import Code, FetchFailed
from service.inspection.deadline import Deadline, Timeouts
from service.inspection.readiness import EpollReadiness, LoopReadiness, Network, Watched
from service.inspection.stream import Stream
from service.inspection.transport import Shortage
from service.inspection.wire import HeadLimits
from tests.integration.ports import silence
from tests.service.inspection.servers import HELLO, serve

QUESTION = b"HEAD / HTTP/1.1\r\n\r\n"
LIMITS = HeadLimits()
DEFAULTS = Timeouts()
ANSWER = (200, HELLO)


@pytest.fixture(params=[EpollReadiness, LoopReadiness])
async def network(request: pytest.FixtureRequest) -> AsyncIterator[Network]:
    loop = asyncio.get_running_loop()
    network = Network(loop, request.param(loop))
    yield network
    network.close()


def open_stream(network: Network, port: int, *, whole_s: float = 10, timeouts: Timeouts = DEFAULTS) -> Stream:
    return Stream(network, "127.0.0.1", port, Deadline.after(whole_s), timeouts)


async def keep_silent(_: bytes, reader: asyncio.StreamReader, __: asyncio.StreamWriter) -> None:
    await reader.read()


async def test_what_is_written_is_answered(network: Network) -> None:
    async with serve(HELLO) as port:
        with closing(open_stream(network, port)) as stream:
            stream.write(QUESTION)
            assert await stream.read_head(LIMITS) == ANSWER
            assert stream.peer == f"127.0.0.1:{port}"
            assert stream.began_at_s <= stream.connected_at_s == stream.ready_at_s


async def test_a_connection_can_be_waited_for_before_anything_is_written(network: Network) -> None:
    async with serve(HELLO) as port:
        with closing(open_stream(network, port)) as stream:
            await stream.connected()
            await stream.connected()
            stream.write(QUESTION)
            assert await stream.read_head(LIMITS) == ANSWER


async def test_a_head_in_many_parts_and_beyond_one_buffer_is_read_whole(network: Network) -> None:
    async def answer(_: bytes, __: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n")
        for number in range(20):
            writer.write(b"X-%d: %s\r\n" % (number, b"x" * 10_000))
            await writer.drain()
            await asyncio.sleep(0.001)  # so that it comes in parts
        writer.write(b"\r\n")

    async with serve(answer) as port:
        with closing(open_stream(network, port)) as stream:
            stream.write(QUESTION)
            status, head = await stream.read_head(LIMITS)
            assert (status, head.count(b"\r\n"), len(head) > 200_000) == (200, 22, True)


async def test_a_request_beyond_the_socket_s_buffer_is_sent_whole(network: Network) -> None:
    async def answer(_: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(8_000_000)
        writer.write(HELLO)

    async with serve(answer) as port:
        with closing(open_stream(network, port)) as stream:
            stream.write(b"\r\n\r\n" + b"x" * 8_000_000)
            assert await stream.read_head(LIMITS) == ANSWER


async def test_a_server_that_speaks_first_is_not_missed(network: Network) -> None:
    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(HELLO)
        await reader.read()
        writer.close()

    server = await asyncio.start_server(greet, "127.0.0.1", 0)
    async with server:
        with closing(open_stream(network, server.sockets[0].getsockname()[1])) as stream:
            await stream.connected()
            await asyncio.sleep(0.05)  # the greeting arrives while nobody waits for it
            assert await stream.read_head(LIMITS) == ANSWER


async def test_a_refused_connection_is_refused(network: Network) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        with closing(open_stream(network, unused.getsockname()[1])) as stream:
            stream.write(QUESTION)
            with pytest.raises(FetchFailed) as caught:
                await stream.read_head(LIMITS)
    assert caught.value.code is Code.CONNECT_REFUSED


async def test_silence_ends_at_the_phase_s_limit(network: Network) -> None:
    async with serve(keep_silent) as port:
        with closing(open_stream(network, port, timeouts=Timeouts(response_s=0.05))) as stream:
            stream.write(QUESTION)
            with pytest.raises(FetchFailed, match=r"no response head within 0\.05 s") as caught:
                await stream.read_head(LIMITS)
    assert caught.value.code is Code.RESPONSE_TIMEOUT


async def test_a_limit_that_was_met_is_followed_by_the_next_phase_s(network: Network) -> None:
    async with serve(keep_silent) as port:
        timeouts = Timeouts(connect_s=0.05, response_s=0.2)
        with closing(open_stream(network, port, timeouts=timeouts)) as stream:
            stream.write(QUESTION)
            with pytest.raises(FetchFailed, match=r"no response head within 0\.2 s"):
                await stream.read_head(LIMITS)


async def test_a_phase_s_limit_can_end_before_that_of_the_phase_before(network: Network) -> None:
    async with serve(keep_silent) as port:
        timeouts = Timeouts(connect_s=60, response_s=0.1)
        with closing(open_stream(network, port, timeouts=timeouts)) as stream:
            stream.write(QUESTION)
            async with asyncio.timeout(10):
                with pytest.raises(FetchFailed, match=r"no response head within 0\.1 s"):
                    await stream.read_head(LIMITS)


async def test_silence_ends_at_the_whole_deadline(network: Network) -> None:
    async with serve(keep_silent) as port:
        with closing(open_stream(network, port, whole_s=0.05)) as stream:
            stream.write(QUESTION)
            with pytest.raises(FetchFailed, match=r"the URL's whole deadline of 0\.05 s") as caught:
                await stream.read_head(LIMITS)
    assert (caught.value.code, caught.value.failure.stage) == (Code.DEADLINE_EXCEEDED, "exchange")


@pytest.mark.parametrize(
    ("answer", "told"), [(b"", "got nothing"), (b"HTTP/1.1 200 OK\r\n", "got a part of it")]
)
async def test_an_end_before_the_blank_line_is_told(network: Network, answer: bytes, told: str) -> None:
    async with serve(answer) as port:
        with closing(open_stream(network, port)) as stream:
            stream.write(QUESTION)
            with pytest.raises(FetchFailed, match=told) as caught:
                await stream.read_head(LIMITS)
    assert caught.value.code is Code.CONNECTION_CLOSED


async def test_a_reset_is_a_reset(network: Network) -> None:
    async def reset(_: bytes, __: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        linger_not = struct.pack("ii", 1, 0)
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger_not)

    async with serve(reset) as port:
        with closing(open_stream(network, port)) as stream:
            stream.write(QUESTION)
            with pytest.raises(FetchFailed, match="reset") as caught:
                await stream.read_head(LIMITS)
    assert caught.value.code is Code.CONNECTION_RESET


async def test_a_close_is_a_reset_that_keeps_no_port(network: Network) -> None:
    seen = asyncio.get_running_loop().create_future()

    async def watch(_: bytes, reader: asyncio.StreamReader, __: asyncio.StreamWriter) -> None:
        try:
            seen.set_result(await reader.read())
        except ConnectionResetError as error:
            seen.set_result(error)

    async with serve(watch) as port:
        stream = open_stream(network, port)
        await stream.connected()
        stream.write(QUESTION)
        stream.close()
        assert isinstance(await seen, ConnectionResetError)


@pytest.mark.parametrize("turns", range(6))
async def test_cancelling_at_any_moment_leaves_nothing_but_the_stream_to_be_closed(
    network: Network, turns: int
) -> None:
    async def converse(stream: Stream) -> None:
        await stream.connected()
        stream.write(QUESTION)
        await stream.read_head(LIMITS)

    with socket.create_server(("127.0.0.1", 0)) as silent:  # the system accepts, and nobody answers
        stream = open_stream(network, silent.getsockname()[1])
        conversing = asyncio.create_task(converse(stream))
        for _ in range(turns):
            await asyncio.sleep(0)
        conversing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await conversing
        assert not any(network.deadlines._buckets.values())
        stream.close()
        stream.close()
        assert stream.fd == -1


async def test_connections_of_one_turn_that_fail_or_hang_are_none_of_the_others_trouble(
    network: Network,
) -> None:
    with socket.socket() as unused, silence("127.0.0.1") as hanging:
        unused.bind(("127.0.0.1", 0))
        async with serve(HELLO) as port:
            ports = port, unused.getsockname()[1], port, hanging, port, unused.getsockname()[1], port
            streams = [open_stream(network, each, timeouts=Timeouts(connect_s=0.2)) for each in ports]
            for stream in streams:
                stream.write(QUESTION)
            results = await asyncio.gather(
                *(stream.read_head(LIMITS) for stream in streams), return_exceptions=True
            )
            for stream in streams:
                stream.close()
    codes = [result.code if isinstance(result, FetchFailed) else result for result in results]
    refused, silent = Code.CONNECT_REFUSED, Code.CONNECT_TIMEOUT
    assert codes == [ANSWER, refused, ANSWER, silent, ANSWER, refused, ANSWER]


async def test_what_was_closed_before_its_turn_has_ended_is_not_opened(network: Network) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        open_stream(network, server.getsockname()[1]).close()
        with closing(open_stream(network, server.getsockname()[1])) as stream:
            await stream.connected()
        server.accept()[0].close()
        with pytest.raises(BlockingIOError):
            server.accept()


async def test_no_room_to_watch_one_connection_is_a_shortage_of_its_own() -> None:
    class FullOnce(EpollReadiness):
        is_full = True

        def watch(self, watched: Watched) -> None:
            if self.is_full:
                self.is_full = False
                raise Shortage("no room")
            super().watch(watched)

    loop = asyncio.get_running_loop()
    network = Network(loop, FullOnce(loop))
    async with serve(HELLO) as port:
        streams = [open_stream(network, port) for _ in range(2)]
        for stream in streams:
            stream.write(QUESTION)
        short, answered = await asyncio.gather(
            *(stream.read_head(LIMITS) for stream in streams), return_exceptions=True
        )
        for stream in streams:
            stream.close()
    network.close()
    assert (type(short), answered) == (Shortage, ANSWER)
