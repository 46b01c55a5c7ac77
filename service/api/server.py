"""The daemon: what it is built of, from settings, and how it stops.

The first SIGTERM or SIGINT drains: `/readyz` turns 503 at once, new inspections are refused while the
listener still answers (so that whoever balances load sees why), what is under way is finished, and the
process ends with 0. Whatever is not finished within `drain` is cut off, and told as `cancelled` beside what
is finished. A second signal cuts it off at once.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Final

from service.api.access import open_access
from service.api.connection import ConnectionOptions
from service.api.connections import afford
from service.api.endpoint import find_endpoint, refuse_exposure
from service.api.job_view import describe
from service.api.levels import watch_levels
from service.api.listener import listen
from service.api.memory import Memory
from service.api.reloading import Reloading, read_configuration
from service.api.routes import build_app
from service.api.shared import Shared
from service.api.traffic import CutOff, Traffic
from service.app import fetch_options, open_inspector, open_jobs, open_prober
from service.inspection.descriptors import tell_shortage
from service.jobs.runner import Runner
from service.lifecycle import in_background, leave_no_core, on_hangup, on_stop_signals
from service.settings import LOOSENING, Settings
from service.telemetry.events import ConfigurationRead, fan_out
from service.telemetry.lag import watch_loop_lag
from service.telemetry.logs import EventLog, configure_logs, log
from service.telemetry.metrics import Metrics
from workers.memory import settle_memory

_OPENING: Final = ("allow_anonymous", "allow_host")  # beside what loosens how URLs are fetched


async def serve(settings: Settings, exposed: Sequence[str] = ()) -> None:
    """Run the daemon until a signal ends it. `exposed` are secret settings that other users can read.

    Raises UsageError where it cannot be started as the settings have it, SystemExit with 130 or 143 where a
    second signal did not let it finish.
    """
    configure_logs(settings.log_format, settings.log_level)
    leave_no_core()
    _warn_of_risks(settings, exposed)
    traffic = Traffic(settings.request_concurrency)
    with on_stop_signals(traffic.drain) as stopping:
        try:
            async with open_daemon(settings, traffic) as addresses:
                settle_memory()
                log.info("listening", addresses=addresses)
                await traffic.wait_for_drain()
                await _drain(traffic, settings.drain)
        except asyncio.CancelledError:
            if stopping.signal is None:
                raise
            raise SystemExit(stopping.exit_status) from None
    log.info("stopped")


@asynccontextmanager
async def open_daemon(settings: Settings, traffic: Traffic) -> AsyncIterator[list[str]]:
    """All of the daemon but its end; gives the addresses that it listens on."""
    tokens, modules = await asyncio.to_thread(read_configuration, settings)
    endpoint = await find_endpoint(settings.listen)
    refuse_exposure(endpoint, tokens, allow_anonymous=settings.allow_anonymous)
    options = fetch_options(settings)
    metrics = Metrics()
    emit = fan_out((metrics, EventLog()))
    async with (
        open_inspector(settings, emit) as inspector,
        open_jobs(settings, inspector, describe, emit) as jobs,
        open_prober(settings, options, inspector, emit) as prober,
        in_background(watch_loop_lag(emit), "watch loop lag"),
        in_background(_pause_at_drain(jobs, traffic), "pause jobs"),
    ):
        shortage = tell_shortage(inspector.concurrency, settings.concurrency)
        if shortage is not None:
            log.warning(shortage)
        access = open_access(settings, tokens)
        prober.adopt(modules)
        emit(ConfigurationRead(tuple(modules)))
        reloading = Reloading(settings, access, prober, emit)
        memory = Memory(settings.request_memory)
        shared = Shared(
            settings,
            options,
            inspector,
            access,
            traffic,
            memory,
            metrics,
            emit,
            prober,
            reloading,
            jobs,
        )
        watch_levels(shared)
        app = build_app(shared)
        connections = afford(settings.connections, inspector.concurrency)
        if connections < settings.connections:
            log.warning("fewer connections than wanted: open files", connections=connections)
        connection = ConnectionOptions(settings.request_head_timeout, emit, connections, memory)
        async with (
            in_background(reloading.serve(), "reload"),
            listen(app, endpoint, connection) as addresses,
        ):
            with on_hangup(reloading.ask):
                yield list(addresses)


async def _drain(traffic: Traffic, limit_s: float) -> None:
    log.info("draining", requests=traffic.under_way, limit_s=limit_s)
    try:
        async with asyncio.timeout(limit_s):
            await traffic.wait_until_idle()
    except TimeoutError:
        log.warning("drain is over", requests_cut_off=traffic.cut())
    except asyncio.CancelledError:
        traffic.cut()
        raise


def _warn_of_risks(settings: Settings, exposed: Sequence[str]) -> None:
    """Safe is the default: whatever is looser than that is named at each start."""
    loosened = {name: value for name in (*LOOSENING, *_OPENING) if (value := getattr(settings, name))}
    unlimited = {name: 0 for name in ("address_rate", "token_rate") if not getattr(settings, name)}
    if loosened or unlimited:
        log.warning("loosened", **loosened, **unlimited)
    if exposed:
        log.warning("secrets on the command line, which others of this host can read", settings=exposed)


async def _pause_at_drain(jobs: Runner | None, traffic: Traffic) -> None:
    """What jobs have under way is waited for as a request is; what is cut off is done at the next start."""
    await traffic.wait_for_drain()
    if jobs is not None:
        with traffic.request(), suppress(CutOff):
            async with traffic.until_cut():
                await jobs.pause()
