"""Ports of loopback: a free one, one that answers no connection at all, and where fixed ones are free."""

import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

# Of loopback, and of no other process that runs tests: for servers on the ports that their schemes have.
OWN_ADDRESS = f"127.80.{os.getpid() // 250 % 250}.{os.getpid() % 250 + 1}"
BACKLOG_TRIES = 8
NO_ANSWER_S = 0.05  # on loopback a connection that will be made is made at once


def free_port(address: str = "127.0.0.1") -> int:
    """A port where nothing listens now. Another process may take it: who starts a server there may retry."""
    with socket.socket() as probe:
        probe.bind((address, 0))
        return int(probe.getsockname()[1])


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
