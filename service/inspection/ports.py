"""What fetching stands on, as it sees it: a resolver, and how to shake hands."""

from typing import Protocol

from service.inspection.answer import Addresses
from service.inspection.deadline import Limit
from service.inspection.transport import Security


class Resolves(Protocol):
    """From a host to its addresses: a `Resolver`, or what stands before one."""

    def known(self, host: str) -> Addresses | None:
        """The host's addresses, where no name server must be asked for them. Raises FetchFailed."""

    async def resolve(self, host: str, limit: Limit) -> Addresses:
        """The host's addresses, at least one. Raises FetchFailed."""


class Shakes(Protocol):
    """How to shake hands with servers: a `TlsPolicy`, or another."""

    @property
    def is_ready(self) -> bool:
        """Whether `towards` would return at once; else `prepare` it first."""

    async def prepare(self) -> None:
        """Load what is needed, without holding the loop. Never fails."""

    def towards(self, name: str, port: int, *, verify: bool = True) -> Security:
        """How to shake hands with one server. Raises FetchFailed."""
