"""How to shake hands: contexts that are made when the first https URL comes, and sessions to resume.

A list of http URLs needs neither OpenSSL nor roots, and pays for neither.
"""

import asyncio
import socket
from collections import OrderedDict
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from msgspec import Struct, field

from service.errors import Code, FetchFailed
from service.inspection.transport import Secured

if TYPE_CHECKING:
    from service.inspection.openssl import Session, TlsContext

# Most origins of a long list come once: a session is only worth its memory for those that come again.
ORIGINS_KEPT: Final = 16_384  # some 3 MiB; what a loop gets done in about ten seconds
SESSIONS_KEPT: Final = 1_024  # some 5 MiB: each has its certificate in it

Origin = tuple[str, int]


class TlsPolicy(Struct):
    """How to shake hands: verifying, or without verification for `--insecure`'s report."""

    ca_file: Path | None
    _verifying: "Trust | None" = None
    _trusting: "Trust | None" = None
    _preparing: asyncio.Task[None] | None = None

    @classmethod
    def load(cls, ca_file: Path | None) -> "TlsPolicy":
        """`ca_file` (PEM) takes the place of the system's roots. It is read at once: raises OSError where it
        cannot be used."""
        policy = cls(ca_file)
        if ca_file is not None:
            policy._verify()
        return policy

    @property
    def is_ready(self) -> bool:
        """Whether `towards` would return at once; else `prepare` it first, in another thread."""
        return self._verifying is not None

    async def prepare(self) -> None:
        """Load OpenSSL and the roots without holding the loop, which takes some 60 ms. Never fails: `towards`
        tells each URL why it did."""
        if self._preparing is None:
            self._preparing = asyncio.create_task(asyncio.to_thread(self._try), name="load roots")
        await asyncio.shield(self._preparing)  # one URL's end is not the others'

    def _try(self) -> None:
        with suppress(OSError):
            self._verify()

    def towards(self, name: str, port: int, *, verify: bool = True) -> "Handshake":
        """How to shake hands with the server `name`, which is sent (SNI) and compared with its own. Raises
        FetchFailed where there are no roots to verify with."""
        try:
            trust = self._verify() if verify else self._trust()
        except OSError as error:
            message = f"the system's root certificates cannot be used: {error}"
            raise FetchFailed(Code.TLS_FAILED, message) from error
        return Handshake(trust, (name, port))

    def _verify(self) -> "Trust":
        if self._verifying is None:
            from service.inspection.context import verifying_context

            self._verifying = Trust(verifying_context(self.ca_file))
        return self._verifying

    def _trust(self) -> "Trust":
        if self._trusting is None:
            from service.inspection.context import trusting_context

            self._trusting = Trust(trusting_context())
        return self._trusting


class Trust(Struct):
    """A context, and the sessions that began in it. One that is resumed is not verified again: it must never
    be of another context, nor of another origin."""

    context: "TlsContext"
    _origins: OrderedDict[Origin, None] = field(default_factory=OrderedDict)
    _sessions: OrderedDict[Origin, "Session"] = field(default_factory=OrderedDict)

    def meets_again(self, origin: Origin) -> bool:
        """Whether `origin` has been met before."""
        if origin in self._origins:
            self._origins.move_to_end(origin)
            return True
        self._origins[origin] = None
        if len(self._origins) > ORIGINS_KEPT:
            self._origins.popitem(last=False)
        return False

    def keep(self, origin: Origin, session: "Session") -> None:
        self._sessions[origin] = session
        self._sessions.move_to_end(origin)
        if len(self._sessions) > SESSIONS_KEPT:
            self._sessions.popitem(last=False)

    def take(self, origin: Origin) -> "Session | None":
        """A session is resumed once, as RFC 8446 appendix C.4 asks."""
        return self._sessions.pop(origin, None)


class Handshake(Struct, frozen=True):
    """How to shake hands with one server."""

    trust: Trust
    origin: Origin

    def secure(self, connection: socket.SocketType) -> Secured:
        """Begin TLS over `connection`, which stays the caller's. Raises FetchFailed."""
        trust, origin = self.trust, self.origin
        if trust.meets_again(origin):
            session, keep = trust.take(origin), partial(trust.keep, origin)
            return trust.context.connect(connection, origin[0], session, keep)
        return trust.context.connect(connection, origin[0], None, None)
