"""A URL that a cancelled run cut off: how far it was, on its way up to whoever writes its record."""

import asyncio

from service.errors import cancelled
from workers.model import Exchange, Gathered, Stage


class CutShort(asyncio.CancelledError):
    """A run was cancelled while one of its URLs was at a stage. `gathered` is set on the way up: what there
    was until then, and the failure `cancelled`."""

    gathered: Gathered

    def __init__(self, stage: Stage, unanswered: Exchange | None = None) -> None:
        super().__init__()
        self.failure = cancelled(stage)
        self.unanswered = unanswered
