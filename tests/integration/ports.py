"""Ports of loopback: a free one, one that answers no connection at all, and where fixed ones are free."""

import os
import random
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

# Of loopback, and of no other process that runs tests: for servers on the ports that their schemes have.
OWN_ADDRESS = f"127.80.{os.getpid() // 250 % 250}.{os.getpid() % 250 + 1}"
# Below those that Linux gives to clients (ip_local_port_range): with one of theirs, another test's connection
# could take it before a server has it.
SERVERS = range(20_000, 32_000)
BACKLOG_TRIES = 8
NO_ANSWER_S = 0.05  # on loopback a connection that will be made is made at once


def free_port(address: str = "127.0.0.1") -> int:
    """A port where nothing listens now, and hardly anything will but who has asked."""
    for port in random.sample(SERVERS, len(SERVERS)):
        with socket.socket() as probe, suppress(OSError):
            probe.bind((address, port))
            return port
    raise AssertionError(f"no port of {address} is free from {SERVERS.start} on")


@contextmanager
def silence(address: str, port: int = 0) -> Iterator[int]:
    """A port whose connections are never answered, as behind a firewall that drops them.

    Linux drops a SYN where the listener's backlog is full; so one is opened, and filled.
    """
    with ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind((address, port))
        listener.listen(0)
        for _ in range(BACKLOG_TRIES):
            filler = stack.enter_context(socket.socket())
            filler.settimeout(NO_ANSWER_S)
            try:
                filler.connect(listener.getsockname())
            except TimeoutError:
                break
        yield int(listener.getsockname()[1])
