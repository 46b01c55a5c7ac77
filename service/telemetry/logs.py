"""The logs: structlog on stderr, one JSON object or one console line an event, and the hook that logs events.

What a stranger sent never reaches a terminal raw: control characters are written as escapes, and a
traceback's lines are set off by a margin, so that neither a colour nor a line can be forged.
"""

import logging
import sys
import unicodedata
from typing import Any, Final, Literal, TextIO

import structlog
from msgspec import structs
from structlog.typing import EventDict, FilteringBoundLogger, WrappedLogger

from service.telemetry.events import (
    ConfigurationRead,
    Event,
    FetchCrashed,
    JobExpired,
    LoopRestarted,
    RequestAnswered,
    WebhookTried,
    WorkerRestarted,
)

MARGIN: Final = "  | "
QUIET: Final = frozenset({"/livez", "/readyz", "/metrics"})  # asked every few seconds, for ever
_UNSAFE: Final = frozenset({"Cc", "Cf", "Zl", "Zp", "Cs"})  # controls, bidi overrides, line ends, surrogates

log: FilteringBoundLogger = structlog.get_logger("masthead")


def configure_logs(format_: Literal["json", "console"], level: str, stream: TextIO | None = None) -> None:
    """Set up structlog and the standard library's logging for this process, to stderr unless told.

    Libraries' records (asyncio's, aiohttp's) take the same way; aiohttp's access log is off, since the hook
    below tells each request.
    """
    stream = sys.stderr if stream is None else stream
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    # JSON's own escapes (all that is not ASCII) keep controls and bidi characters off the terminal.
    shown: list[structlog.typing.Processor] = (
        [structlog.processors.JSONRenderer(default=str)]
        if format_ == "json"
        else [escape_controls, structlog.dev.ConsoleRenderer(colors=stream.isatty())]
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *shown],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    logging.getLogger("aiohttp.access").disabled = True
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=False,
    )


class EventLog:
    """The hook. What happens for each URL is the metrics' to count; here is what an operator reads."""

    def __init__(self) -> None:
        self._restarts = 0
        self._loop_restarts = 0

    def __call__(self, event: Event) -> None:
        match event:
            case RequestAnswered():
                _log_request(event)
            case WorkerRestarted():
                self._restarts += 1
                log.warning("worker restarted", restarts=self._restarts)
            case LoopRestarted():
                self._loop_restarts += 1
                log.warning("loop restarted", restarts=self._loop_restarts)
            case ConfigurationRead(faults=()):
                log.info("configuration read", modules=len(event.modules))
            case ConfigurationRead():
                log.error("configuration refused, the old one is kept", faults=list(event.faults))
            case WebhookTried():
                tell = log.info if event.outcome == "delivered" else log.warning
                tell("webhook", **structs.asdict(event))
            case JobExpired():
                log.info("job expired", job=event.job, limit=event.limit)
            case FetchCrashed():
                log.error("fetch crashed", url=event.url, exc_info=event.error)


def escape_controls(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """A structlog processor: no value of the event can move the cursor, colour, or begin a line."""
    return {
        _escape(key): _set_off(value)
        if key == "exception" and isinstance(value, str)
        else _escape_value(value)
        for key, value in event.items()
    }


def _log_request(event: RequestAnswered) -> None:
    """A prober that is content is no news: it is told at level debug."""
    tell = log.debug if event.route in QUIET and event.status == 200 else log.info
    tell(
        "request",
        request_id=event.request_id,
        route=event.route,
        method=event.method,
        status=event.status,
        duration_s=round(event.duration_s, 6),
        **({} if event.client is None else {"client": event.client}),
    )


def _escape_value(value: Any) -> Any:
    # Numbers are safe as they are; anything else is shown by its text.
    if value is None or isinstance(value, bool | int | float):
        return value
    return _escape(value if isinstance(value, str) else str(value))


def _set_off(traceback: str) -> str:
    return "\n".join(MARGIN + _escape(line) for line in traceback.split("\n"))


def _escape(text: str) -> str:
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        character.encode("unicode_escape").decode("ascii")
        if unicodedata.category(character) in _UNSAFE
        else character
        for character in text
    )
