"""TLS as a probe sees it: every certificate is looked at, whether it verifies or not.

Verification is done in the handshake as everywhere, but what it finds is asked for after it: so the
certificates of a server that is not to be trusted are known, from the same connection. To such a server
nothing is sent, unless the module says that verification is to be skipped. No session is resumed: one that is
shows the certificates of the past.
"""

import asyncio
import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from msgspec import structs
from OpenSSL import SSL

from service.errors import Code, FetchFailed
from service.inspection import binding
from service.inspection.context import noting_context
from service.inspection.openssl import TlsConnection, TlsContext
from service.inspection.transport import Secured, Security
from service.probe.module import TlsConfig
from workers.model import Tls

_VERSIONS: Final = {"TLS12": SSL.TLS1_2_VERSION, "TLS13": SSL.TLS1_3_VERSION, None: 0}


class Shown(NamedTuple):
    """What one handshake showed: certificates as DER, the server's own first; `verified` is the chain up to a
    root, empty where `doubt` says why there is none."""

    name: str
    version: str
    cipher: str
    presented: tuple[bytes, ...]
    verified: tuple[bytes, ...]
    doubt: str | None


class ProbeTls:
    """How one module shakes hands. Its context is made when it is first needed, and shared by its probes."""

    def __init__(self, config: TlsConfig, ca_file: Any) -> None:
        self._config = config
        self._ca_file = config.ca_file or ca_file
        self._preparing: asyncio.Task[None] | None = None
        self.context: TlsContext | None = None
        self._fault: OSError | None = None

    @property
    def is_ready(self) -> bool:
        return self.context is not None

    async def prepare(self) -> None:
        """Load the roots, which takes some 60 ms, in a thread."""
        if self._preparing is None:
            self._preparing = asyncio.create_task(asyncio.to_thread(self._load), name="load a module's roots")
        await asyncio.shield(self._preparing)

    def _load(self) -> None:
        versions = _VERSIONS[self._config.min_version], _VERSIONS[self._config.max_version]
        try:
            self.context = noting_context(self._ca_file, *versions)
        except OSError as error:
            self._fault = error

    def towards(self, name: str, tell: Callable[[Shown], None]) -> Security:
        """How to shake hands with `name`, which `tell` is told of. Raises FetchFailed without roots."""
        if self.context is None:
            raise FetchFailed(Code.TLS_FAILED, f"the root certificates cannot be used: {self._fault}")
        return _Handshake(self.context, name, tell, requires=not self._config.insecure_skip_verify)


@dataclass(frozen=True, slots=True)
class _Handshake:
    context: TlsContext
    name: str
    tell: Callable[[Shown], None]
    requires: bool

    def secure(self, connection: socket.SocketType) -> Secured:
        return _Connection(self, connection)


class _Connection(TlsConnection):
    """A connection that tells what it was shown, and goes no further where that does not verify."""

    __slots__ = ("_doubt", "_handshake")

    def __init__(self, handshake: _Handshake, connection: socket.SocketType) -> None:
        super().__init__(handshake.context, connection, handshake.name, None, None)
        self._handshake = handshake
        self._doubt: str | None = None

    def shake_hands(self) -> int:
        waits_for = super().shake_hands()
        if waits_for == 0:
            self._look()
            if self._doubt is not None and self._handshake.requires:
                raise self._mistrust(self._doubt)
        return waits_for

    def facts(self) -> Tls:
        return structs.replace(super().facts(), verified=self._doubt is None)

    def _look(self) -> None:
        tls = self._ssl
        fault = binding.SSL_get_verify_result(tls)
        verified: tuple[bytes, ...] = ()
        if fault:
            self._doubt = binding.text(binding.X509_verify_cert_error_string(fault))
        else:
            verified = binding.certificates_of(binding.SSL_get0_verified_chain(tls))
        self._handshake.tell(
            Shown(
                self._handshake.name,
                binding.text(binding.SSL_get_version(tls)),
                binding.text(binding.SSL_CIPHER_get_name(binding.SSL_get_current_cipher(tls))),
                binding.certificates_of(binding.SSL_get_peer_cert_chain(tls)),
                verified,
                self._doubt,
            )
        )
