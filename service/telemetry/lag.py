"""Loop lag: the memo's lesson, that one blocking call stops everything, made visible."""

import asyncio
from typing import Final

from service.telemetry.events import Hook, LoopLagged

INTERVAL_S: Final = 0.05  # twenty samples a second see any block that a user could notice


async def watch_loop_lag(emit: Hook) -> None:
    """Emit a sample each interval, for ever: how late the loop came back from a sleep."""
    loop = asyncio.get_running_loop()
    while True:
        due = loop.time() + INTERVAL_S
        await asyncio.sleep(INTERVAL_S)
        emit(LoopLagged(max(0.0, loop.time() - due)))
