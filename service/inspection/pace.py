"""Politeness: how many connections one host gets at once, and how soon after each other.

A host is a name or an address as URLs have it. What finds its host busy is put aside, and told when its turn
has come; other hosts go on. A host that asks for patience (429, 503) is left alone for as long.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from time import monotonic
from typing import Final

from msgspec import Struct

SWEEP_S: Final = 1.0  # how often hosts are forgotten that nothing is known of any more


class _Host(Struct, eq=False):
    """One host's state. A turn is taken by what was told of it, too."""

    active: int = 0
    next_at_s: float = 0.0
    timer: asyncio.TimerHandle | None = None
    waiting: deque[Callable[[], None]] | None = None


class Pace:
    """At most `at_once` turns of one host, begun at least `gap_s` after each other. One instance a loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop, at_once: int, gap_s: float) -> None:
        self._loop = loop
        self._at_once = at_once
        self._gap_s = gap_s
        self._hosts: dict[str, _Host] = {}
        self._sweep_at_s = 0.0

    def enter(self, host: str) -> bool:
        """Take a turn, if there is one now. What is put aside comes first."""
        now_s = monotonic()
        if now_s >= self._sweep_at_s:
            self._sweep(now_s)
        state = self._hosts.get(host)
        if state is None:
            self._hosts[host] = _Host(1, now_s + self._gap_s)
            return True
        if state.waiting or state.active >= self._at_once or now_s < state.next_at_s:
            return False
        state.active += 1
        state.next_at_s = now_s + self._gap_s
        return True

    def put_aside(self, host: str, wake: Callable[[], None]) -> None:
        """Have `wake` called, from the loop, once a turn was taken for it."""
        state = self._hosts.get(host)
        if state is None:
            state = self._hosts[host] = _Host()
        if state.waiting is None:
            state.waiting = deque()
        state.waiting.append(wake)
        self._watch(state)

    async def wait(self, host: str) -> None:
        """Take a turn as soon as there is one."""
        if self.enter(host):
            return
        turn = self._loop.create_future()
        self.put_aside(host, lambda: self._tell(turn, host))
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.leave(host)  # it came, and nobody is there to use it
            raise

    def leave(self, host: str) -> None:
        """Give a turn back."""
        state = self._hosts[host]
        state.active -= 1
        if state.waiting:
            self._watch(state)

    def is_awaited(self, host: str) -> bool:
        """Whether something of the host was put aside."""
        state = self._hosts.get(host)
        return state is not None and bool(state.waiting)

    def hold(self, host: str, pause_s: float) -> None:
        """Begin nothing with a host for so long."""
        state = self._hosts.setdefault(host, _Host())
        state.next_at_s = max(state.next_at_s, monotonic() + pause_s)

    def _tell(self, turn: asyncio.Future[None], host: str) -> None:
        if turn.done():  # cancelled meanwhile
            self.leave(host)
        else:
            turn.set_result(None)

    def _watch(self, state: _Host) -> None:
        """See to it that what waits is served when it may be."""
        if state.timer is None and state.active < self._at_once:
            state.timer = self._loop.call_at(
                self._loop.time() + max(0.0, state.next_at_s - monotonic()), self._serve, state
            )

    def _serve(self, state: _Host) -> None:
        state.timer = None
        now_s = monotonic()
        while state.waiting and state.active < self._at_once and now_s >= state.next_at_s:
            state.active += 1
            state.next_at_s = now_s + self._gap_s
            state.waiting.popleft()()
        if state.waiting:
            self._watch(state)

    def _sweep(self, now_s: float) -> None:
        self._sweep_at_s = now_s + SWEEP_S
        self._hosts = {
            host: state
            for host, state in self._hosts.items()
            if state.active or state.waiting or state.next_at_s > now_s
        }
