"""How long a daemon that does not answer is waited for, and what is said of it.

A daemon is stopped and started as machines and releases need it, so a connection that breaks, or an answer
that says "later", is no end: it is tried again, less and less often, for as long as `Patience` says.
"""

import asyncio
import os
import random
import ssl
from collections.abc import Callable
from errno import errorcode
from time import monotonic

import aiohttp

FIRST_DELAY_S, LAST_DELAY_S = 0.25, 10.0  # between two tries: doubled each time


class DaemonAway(Exception):  # noqa: N818 - an expected state of a network
    """The daemon was waited for in vain; the message says what came instead of an answer."""


class Later(Exception):  # noqa: N818 - not an error: it is tried again
    """What is to be tried again, after `delay_s` at the earliest."""

    def __init__(self, reason: str, delay_s: float = 0.0) -> None:
        super().__init__(reason)
        self.delay_s = delay_s


class Patience:
    """Waits longer and longer between tries, until it has waited for `limit_s` since something came."""

    def __init__(self, url: str, limit_s: float, tell: Callable[[str], None]) -> None:
        self._url, self._limit_s, self._tell = url, limit_s, tell
        self.renew()

    def renew(self) -> None:
        self._since: float | None = None
        self._delay_s = FIRST_DELAY_S

    async def wait(self, error: Exception) -> None:
        """Raises DaemonAway where it is over, or where waiting will not mend what is wrong."""
        reason = f"{self._url}: {describe(error)}"
        if isinstance(error, aiohttp.ClientSSLError):
            raise DaemonAway(reason) from error
        if self._since is None:
            self._since = monotonic()
            self._tell(f"{reason}; trying again")
        spent_s = monotonic() - self._since
        left_s = self._limit_s - spent_s
        asked_s = getattr(error, "delay_s", 0.0)
        if left_s <= 0 or asked_s > left_s:
            raise DaemonAway(f"{reason}; given up after {spent_s:.0f} s") from error
        # The last try is made when the time is over: only the daemon's own delay is never cut short.
        delay_s = max(self._delay_s * random.uniform(0.5, 1.0), asked_s)  # noqa: S311
        await asyncio.sleep(min(delay_s, left_s))
        self._delay_s = min(2 * self._delay_s, LAST_DELAY_S)


def describe(error: Exception) -> str:
    """What broke, in a few words."""
    match error:
        case TimeoutError():
            return "no answer in time"
        case aiohttp.ClientPayloadError():
            return "the answer broke off"
        case aiohttp.ClientConnectorCertificateError(
            certificate_error=ssl.SSLCertVerificationError() as fault
        ):
            return f"its certificate does not verify: {fault.verify_message}"
        case aiohttp.ClientConnectorSSLError(os_error=ssl.SSLError() as fault):
            return f"TLS failed: {fault.reason}"
        case aiohttp.ClientConnectorError(os_error=OSError(errno=int(number)) as fault) if number > 0:
            return f"it cannot be reached: {os.strerror(number) if number in errorcode else fault}"
        case _:
            return str(error) or type(error).__name__
