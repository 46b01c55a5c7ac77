"""Log lines: what an operator reads, and what no stranger can write into them."""

import io
import json
import logging
from collections.abc import Iterator
from datetime import datetime

import pytest
import structlog

from service.loops.loop import CrashElsewhere
from service.telemetry.events import FetchCrashed, LoopLagged, LoopRestarted, RequestAnswered, WorkerRestarted
from service.telemetry.logs import MARGIN, EventLog, configure_logs, log

HOSTILE = "a\x1b[31mb\r\n2026-01-01 forged\x9b\u202e\u2028\x7f\ud800é"


@pytest.fixture(autouse=True)
def _restore() -> Iterator[None]:
    root, access = logging.getLogger(), logging.getLogger("aiohttp.access")
    handlers, level, disabled = root.handlers[:], root.level, access.disabled
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    access.disabled = disabled
    structlog.reset_defaults()


@pytest.fixture
def stream() -> io.StringIO:
    return io.StringIO()


def test_a_request_is_one_line_of_json(stream: io.StringIO) -> None:
    configure_logs("json", "info", stream)
    EventLog()(RequestAnswered("id-1", "/v1/checks", "GET", 200, 0.0123456789))
    (line,) = stream.getvalue().splitlines()
    entry = json.loads(line)
    moment = datetime.fromisoformat(entry.pop("timestamp"))
    assert moment.utcoffset() is not None
    assert entry == {
        "event": "request",
        "level": "info",
        "request_id": "id-1",
        "route": "/v1/checks",
        "method": "GET",
        "status": 200,
        "duration_s": 0.012346,
    }


def test_a_worker_s_end_is_a_warning_and_most_events_are_none(stream: io.StringIO) -> None:
    configure_logs("json", "info", stream)
    tell = EventLog()
    tell(WorkerRestarted())
    tell(LoopLagged(1.0))
    tell(WorkerRestarted())
    entries = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [(entry["level"], entry["restarts"]) for entry in entries] == [("warning", 1), ("warning", 2)]


def test_a_loop_s_end_is_a_warning_too_and_a_crash_in_it_shows_its_traceback(stream: io.StringIO) -> None:
    configure_logs("json", "info", stream)
    tell = EventLog()
    tell(LoopRestarted())
    tell(FetchCrashed("http://a/", CrashElsewhere("Traceback…\nZeroDivisionError: a bug\n")))
    restarted, crashed = map(json.loads, stream.getvalue().splitlines())
    assert (restarted["event"], restarted["level"], restarted["restarts"]) == ("loop restarted", "warning", 1)
    assert "ZeroDivisionError: a bug" in crashed["exception"]


@pytest.mark.parametrize("route", ["/livez", "/readyz", "/metrics"])
def test_a_prober_is_heard_at_debug_unless_it_was_refused(stream: io.StringIO, route: str) -> None:
    configure_logs("json", "debug", stream)
    for status in (200, 503):
        EventLog()(RequestAnswered("id-1", route, "GET", status, 0.1))
    levels = [json.loads(line)["level"] for line in stream.getvalue().splitlines()]
    assert levels == ["debug", "info"]


@pytest.mark.parametrize("format_", ["json", "console"])
def test_a_crash_comes_with_its_traceback(stream: io.StringIO, format_: str) -> None:
    configure_logs("json" if format_ == "json" else "console", "info", stream)
    EventLog()(FetchCrashed("http://a.test/", _raised("why it crashed")))
    text = stream.getvalue()
    assert "fetch crashed" in text
    assert "http://a.test/" in text
    assert "Traceback" in text
    assert "ValueError: why it crashed" in text


@pytest.mark.parametrize("format_", ["json", "console"])
def test_no_stranger_writes_to_the_terminal(stream: io.StringIO, format_: str) -> None:
    configure_logs("json" if format_ == "json" else "console", "info", stream)
    EventLog()(FetchCrashed(HOSTILE, _raised(HOSTILE)))
    EventLog()(RequestAnswered("id", "unmatched", HOSTILE, 404, 0.1))
    log.info(
        "addresses", addresses=[HOSTILE], nested={"key": HOSTILE}, raw=HOSTILE.encode("utf-8", "replace")
    )
    logging.getLogger("asyncio").warning("a library says %s", HOSTILE)
    text = stream.getvalue()
    assert not set(text) & set("\x1b\r\x9b\u202e\u2028\x7f\ud800")
    # A forged line would begin at the margin; a traceback's lines are set off from it.
    assert not [line for line in text.splitlines() if line.startswith("2026-01-01 forged")]
    if format_ == "console":
        assert f"{MARGIN}Traceback" in text


def test_libraries_take_the_same_way_and_the_access_log_none(stream: io.StringIO) -> None:
    configure_logs("json", "info", stream)
    logging.getLogger("asyncio").warning("slow %s", "callback")
    logging.getLogger("aiohttp.access").info("GET /")
    (line,) = stream.getvalue().splitlines()
    entry = json.loads(line)
    assert (entry["event"], entry["level"]) == ("slow callback", "warning")


def test_the_level_is_a_threshold(stream: io.StringIO) -> None:
    configure_logs("console", "error", stream)
    EventLog()(WorkerRestarted())
    assert stream.getvalue() == ""


def _raised(message: str) -> ValueError:
    with pytest.raises(ValueError) as caught:
        raise ValueError(message)
    return caught.value
