"""Questions to the name servers, by aiodns with c-ares's answers taken on the loop's own thread.

aiodns 4 lets c-ares run a thread, and each answer crosses to the loop by a lock and a wake-up (measured:
85 µs of CPU a query). With c-ares's sockets among the loop's readers, aiodns's own fallback, it is 36;
without a future for each query 28; without EDNS 24. Here names are asked for and answers read; who waits,
and what is kept, is the resolver's.
"""

import asyncio
from collections.abc import Callable
from time import monotonic
from typing import Any, Final
from weakref import WeakSet, ref

import aiodns
import pycares

from service.errors import Code
from service.inspection.answer import FAILURE_TTL_S, NEGATIVE_TTL_S, Answer, Kind, absence, shortage
from service.inspection.transport import find_shortage

KINDS: Final = {"A": pycares.QUERY_TYPE_A, "AAAA": pycares.QUERY_TYPE_AAAA}
MINIMUM_TTL_S: Final = 1.0  # a TTL of 0 still serves the redirects of the same URL
MAXIMUM_TTL_S: Final = 3_600.0  # a daemon should see a site move within the hour
TRIES: Final = 4  # a lost datagram is no verdict; c-ares waits 0.25 s for the first where a server is quick
FLAGS: Final = 0  # no EDNS, as with glibc: addresses seldom exceed 512 bytes, and TCP brings those that do
RECEIVE_BUFFER_BYTES: Final = 1 << 20  # a burst of QUERIES_LIMIT answers, each some 2 KiB to the kernel
# c-ares keeps answers itself, 1.2 KiB each, without a limit to their number; and that a name has no address,
# for an hour, whatever the zone says. pycares cannot turn that off, but it goes with the channel.
CHANNEL_QUERIES: Final = 8_192  # 10 MiB; a new channel costs 0.1 ms
CHANNEL_S: Final = NEGATIVE_TTL_S  # a new channel reads resolv.conf again, too, and asks from another port


Told = Callable[[Answer], None]


class NameServers:
    """Asks `server` (ADDR or ADDR:PORT), or the system's servers where there is none."""

    def __init__(self, loop: asyncio.AbstractEventLoop, server: str | None, timeout_s: float) -> None:
        self._loop = loop
        self._server = server
        # Each try waits twice as long as the one before: this fits all of them into the timeout.
        self._first_try_s = timeout_s / (2**TRIES - 1)
        self._channels: WeakSet[_Channel] = WeakSet()
        self._channel: _Channel | None = None

    def ask(self, name: str, kind: Kind, told: Told) -> None:
        """Ask for the A or AAAA records of a name, as it stands: no search domains, since the list means what
        it says. `told` is called once, from the loop or, where c-ares knows already, before this returns."""
        channel = self._channel
        if channel is None or channel.queries >= CHANNEL_QUERIES or channel.until_s <= monotonic():
            reason = find_shortage()
            if reason is None:
                # The old one lives on by its queries' references, and closes with the last of them.
                channel = self._channel = self._open()
            elif channel is None:
                # c-ares would take a resolv.conf that cannot be opened for one that names this host.
                told(shortage(name, reason))
                return
        channel.ask(name, kind, told)

    async def close(self) -> None:
        """No question under way is told anything any more."""
        for channel in tuple(self._channels):
            channel.is_deaf = True
            await channel.close()

    def _open(self) -> "_Channel":
        channel = _Channel(
            nameservers=[self._server] if self._server else None,
            loop=self._loop,
            timeout=self._first_try_s,
            tries=TRIES,
            flags=FLAGS,
            socket_receive_buffer_size=RECEIVE_BUFFER_BYTES,
        )
        self._channels.add(channel)
        return channel


class _Channel(aiodns.DNSResolver):
    """aiodns in the mode that it falls back to: c-ares's sockets are the loop's readers, there is no thread.

    That mode has no option, hence the method that is replaced. A test holds that no thread is back.
    """

    queries = 0
    is_deaf = False

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.until_s = monotonic() + CHANNEL_S

    def _make_channel(self, **options: Any) -> tuple[bool, pycares.Channel]:
        weak = ref(self)  # the channel would hold us, and we hold the channel

        def tell_socket(fd: int, is_read: bool, is_written: bool) -> None:
            this = weak()
            if this is not None:
                this._sock_state_cb(fd, is_read, is_written)

        return False, pycares.Channel(sock_state_cb=tell_socket, timeout=self._timeout, **options)

    def ask(self, name: str, kind: Kind, told: Told, *, is_again: bool = False) -> None:
        self.queries += 1
        query = _Query(self, name, kind, told, is_again)
        try:
            self._channel.query(name, KINDS[kind], callback=query)
        except pycares.AresError as error:
            query(None, error.args[0])

    def ask_again(self, name: str, kind: Kind, told: Told) -> None:
        if not self.is_deaf:
            self.ask(name, kind, told, is_again=True)


class _Query:
    """One question's callback. c-ares may call it, and then raise the same error from the call that asked."""

    __slots__ = ("_channel", "_is_again", "_kind", "_name", "_told")

    def __init__(self, channel: _Channel, name: str, kind: Kind, told: Told, is_again: bool) -> None:
        self._channel = channel
        self._name = name
        self._kind = kind
        self._told: Told | None = told
        self._is_again = is_again

    def __call__(self, result: pycares.DNSResult | None, error: int | None) -> None:
        told, self._told = self._told, None
        if told is None or self._channel.is_deaf:
            return
        reason = find_shortage() if error in _PERHAPS_OURS else None
        if reason is not None:
            told(shortage(self._name, reason))
        elif error == pycares.errno.ARES_ECONNREFUSED and not self._is_again:
            # Of a burst to a server that is down, c-ares gives some up at once, though others are there.
            self._channel.loop.call_soon(self._channel.ask_again, self._name, self._kind, told)
        else:
            told(_read(self._name, result, error))


def _read(name: str, result: pycares.DNSResult | None, error: int | None) -> Answer:
    if result is None or error is not None:
        error = error or pycares.errno.ARES_EBADRESP
        code = _CODES.get(error, Code.DNS_FAILED)
        if code is Code.DNS_NOT_FOUND:
            return absence(name, is_nowhere=error == pycares.errno.ARES_ENOTFOUND)
        message = f"{name} cannot be resolved: {str(pycares.errno.strerror(error)).lower()}"
        return Answer(monotonic() + FAILURE_TTL_S, (), (code, message))
    addresses = []
    ttl_s = MAXIMUM_TTL_S
    for record in result.answer:
        if record.ttl < ttl_s:  # the CNAMEs on the way have TTLs too: the shortest counts
            ttl_s = record.ttl
        if isinstance(record.data, _ADDRESSES):
            addresses.append(record.data.addr)
    if not addresses:
        return absence(name)
    return Answer(monotonic() + max(ttl_s, MINIMUM_TTL_S), tuple(addresses))


_ADDRESSES: Final = (pycares.ARecordData, pycares.AAAARecordData)
_PERHAPS_OURS: Final = frozenset({pycares.errno.ARES_ECONNREFUSED, pycares.errno.ARES_ENOMEM})
_CODES: Final = {
    pycares.errno.ARES_ENOTFOUND: Code.DNS_NOT_FOUND,
    pycares.errno.ARES_ENODATA: Code.DNS_NOT_FOUND,
    pycares.errno.ARES_EBADNAME: Code.DNS_NOT_FOUND,
    pycares.errno.ARES_ETIMEOUT: Code.DNS_TIMEOUT,
}
