"""How full the daemon is, and whether its parts take work: for whoever watches it, looked at when asked."""

import shutil
from pathlib import Path

from service.api.readiness import parts_of
from service.api.shared import Shared
from service.jobs.model import STATES, State
from service.jobs.store import Store


def watch_levels(shared: Shared) -> None:
    """Have the metrics read all of it. Called once for a daemon."""
    watch, inspector, traffic = shared.metrics.watch, shared.inspector, shared.traffic
    watch("masthead_inflight", lambda: inspector.inflight)
    watch("masthead_inflight_limit", lambda: inspector.concurrency)
    watch("masthead_queue_depth", lambda: inspector.queued, "analyse")
    watch("masthead_pool_workers", lambda: inspector.workers)
    watch("masthead_http_requests_inflight", lambda: traffic.under_way)
    watch("masthead_inspecting_requests", lambda: traffic.inspections)
    watch("masthead_inspecting_requests_limit", lambda: traffic.inspections_limit)
    watch("masthead_request_memory_bytes", lambda: shared.memory.held_bytes)
    watch("masthead_request_memory_limit_bytes", lambda: shared.settings.request_memory)
    for part in parts_of(shared):
        _watch_part(shared, part)
    if shared.jobs is not None and shared.settings.data is not None:
        _watch_store(shared, shared.jobs.store, shared.settings.data)


def _watch_part(shared: Shared, part: str) -> None:
    shared.metrics.watch("masthead_ready", lambda: parts_of(shared)[part].ready, part)


def _watch_store(shared: Shared, store: Store, folder: Path) -> None:
    watch = shared.metrics.watch
    watch("masthead_queue_depth", lambda: store.waiting, "jobs")
    watch("masthead_queue_depth", lambda: store.unwritten, "store")
    watch("masthead_store_free_bytes", lambda: _free_bytes(folder))
    for state in STATES:
        _watch_state(shared, store, state)


def _watch_state(shared: Shared, store: Store, state: State) -> None:
    shared.metrics.watch("masthead_jobs", lambda: store.states[state], state)


def _free_bytes(folder: Path) -> float:
    """Not a number where nobody can say: a fault of the disk is told by the store."""
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return float("nan")
