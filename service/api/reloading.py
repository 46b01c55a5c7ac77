"""What can be read again while the daemon runs: tokens and modules. All is right, or the old is kept."""

import asyncio

from service.api.access import Access
from service.api.auth import SAFE_LENGTH, Tokens, load_tokens
from service.errors import UsageError
from service.probe.module import Module
from service.probe.modules import load_modules
from service.probe.prober import Prober
from service.settings import Settings
from service.telemetry.events import ConfigurationRead, Hook
from service.telemetry.logs import log

Read = tuple[Tokens, dict[str, Module]]


class Reloading:
    """Reads tokens and modules anew, for whoever asks: one after another."""

    def __init__(self, settings: Settings, access: Access, prober: Prober, emit: Hook) -> None:
        self._settings = settings
        self._access = access
        self._prober = prober
        self._emit = emit
        self._reading = asyncio.Lock()
        self._is_asked = asyncio.Event()

    async def reload(self) -> None:
        """Raises UsageError with every fault; what there was is then still used."""
        async with self._reading:
            try:
                tokens, modules = await asyncio.to_thread(read_configuration, self._settings)
            except UsageError as error:
                self._emit(ConfigurationRead(tuple(self._prober.modules), error.faults))
                raise
            self._access.tokens = tokens
            self._prober.adopt(modules)
            self._emit(ConfigurationRead(tuple(modules)))

    def ask(self) -> None:
        """Have it read soon, where nobody waits for it: whether it is right is told to the hooks."""
        self._is_asked.set()

    async def serve(self) -> None:
        """Read whenever asked, for ever."""
        while True:
            await self._is_asked.wait()
            self._is_asked.clear()
            try:
                await self.reload()
            except UsageError:
                continue  # told already


def read_configuration(settings: Settings) -> Read:
    """From the disk, which blocks. Raises UsageError with the faults of all of it; warns of what is weak."""
    faults: list[str] = []
    tokens, modules = Tokens(), {}
    try:
        tokens = load_tokens(settings)
    except UsageError as error:
        faults += error.faults
    try:
        modules = dict(load_modules(settings.modules))
    except UsageError as error:
        faults += error.faults
    if faults:
        raise UsageError(*faults)
    if tokens.short:
        log.warning("short tokens, which can be guessed", names=tokens.short, least_characters=SAFE_LENGTH)
    return tokens, modules
