"""What a loop's process has to tell, gathered into messages: one a record would cost more than the record."""

import asyncio
import traceback
from collections import deque
from collections.abc import Awaitable
from typing import Final

from service.inspection.inspects import Inspects
from service.loops.messages import BATCH_LIMIT, News, write_message
from service.telemetry.events import Event, FetchCrashed, Fetched, LoopLagged, Spent, WorkerRestarted
from workers.model import Gathered, Verdict

LINGER_S: Final = 0.005  # what a lone record waits for company
UNSENT_LIMIT_BYTES: Final = 256 * 1024  # beside the socket's own room: beyond that, fetching waits
LAGS_LIMIT: Final = 1_200  # a minute's samples, where the main process takes none


class Outbox:
    """One process's news: sent when there is a batch of it, or when it has waited long enough."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        self._writer.transport.set_write_buffer_limits(UNSENT_LIMIT_BYTES)
        self._inspector: Inspects | None = None
        self._linger: asyncio.TimerHandle | None = None
        self._verdicts: list[tuple[int, Verdict]] = []
        self._spent: list[Spent] = []
        self._lags_s: deque[float] = deque(maxlen=LAGS_LIMIT)
        self._crashes: list[tuple[str, str]] = []
        self._restarts = 0
        self._cut: list[tuple[int, Gathered]] = []
        self._over: list[int] = []

    def observe(self, inspector: Inspects) -> None:
        """Tell how it stands with each message from now on."""
        self._inspector = inspector

    def tell(self, event: Event) -> None:
        """The hook of this process's flow. A finished record is told of where it arrives."""
        match event:
            case Fetched():
                for exchange in event.gathered.exchanges:
                    timing = exchange.timing_ms
                    self._spent.append((timing.resolve, timing.connect, timing.tls, timing.response))
            case LoopLagged():
                self._lags_s.append(event.lag_s)
                if not self._is_full:
                    self._send()
            case FetchCrashed():
                text = "".join(traceback.format_exception(event.error))
                self._crashes.append((event.url, text))
            case WorkerRestarted():
                self._restarts += 1

    def deliver(self, run: int, verdict: Verdict) -> Awaitable[None] | None:
        """A record of a run. What is returned, if anything, is to be awaited, as of any `Deliver`."""
        self._verdicts.append((run, verdict))
        if len(self._verdicts) >= BATCH_LIMIT:
            self._send()
        elif self._linger is None:
            self._linger = asyncio.get_running_loop().call_later(LINGER_S, self._send)
        return self._writer.drain() if self._is_full else None

    def cut(self, run: int, gathered: Gathered) -> None:
        """What there was of a URL when its run was cancelled; goes with the run's end."""
        self._cut.append((run, gathered))

    def end(self, run: int) -> None:
        """All records of a run have been delivered, or told to be cut short."""
        self._over.append(run)
        self._send()

    @property
    def _is_full(self) -> bool:
        return self._writer.transport.get_write_buffer_size() > UNSENT_LIMIT_BYTES

    def _send(self) -> None:
        if self._linger is not None:
            self._linger.cancel()
            self._linger = None
        inspector = self._inspector
        if inspector is None:  # not yet ready: it is heard from then on
            return
        news = News(
            inspector.inflight,
            inspector.under_way,
            inspector.queued,
            inspector.alive,
            self._verdicts,
            self._spent,
            list(self._lags_s),
            self._crashes,
            self._restarts,
            self._cut,
            self._over,
        )
        self._writer.write(write_message(news))
        self._verdicts, self._spent, self._crashes, self._cut, self._over = [], [], [], [], []
        self._restarts = 0
        self._lags_s.clear()
