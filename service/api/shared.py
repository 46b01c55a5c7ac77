"""What all handlers of one daemon share. Built by `server`, received by everything else."""

from dataclasses import dataclass
from typing import Final

from aiohttp import web

from service.api.access import Access
from service.api.memory import Memory
from service.api.reloading import Reloading
from service.api.traffic import Traffic
from service.inspection.fetch import FetchOptions
from service.inspection.inspects import Inspects
from service.jobs.runner import Runner
from service.probe.prober import Prober
from service.settings import Settings
from service.telemetry.events import Hook
from service.telemetry.metrics import Metrics


@dataclass(frozen=True, slots=True)
class Shared:
    """`options` is how URLs are fetched where a request says nothing of it. `jobs` is None where
    the daemon has no folder to keep them in."""

    settings: Settings
    options: FetchOptions
    inspector: Inspects
    access: Access
    traffic: Traffic
    memory: Memory
    metrics: Metrics
    emit: Hook
    prober: Prober
    reloading: Reloading
    jobs: Runner | None = None


SHARED: Final = web.AppKey("shared", Shared)
