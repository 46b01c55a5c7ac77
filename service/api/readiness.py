"""Whether the daemon takes work: what `/readyz` tells, and what a submission is held against."""

from typing import Final

from service.api.answers import Part
from service.api.operation import Refusal
from service.api.problems import Kind, Problem
from service.api.shared import Shared
from service.inspection.transport import find_shortage

RETRY_AFTER_S: Final = 5  # whether a fault has passed is tried every second
REFUSALS: Final = (
    Refusal(503, "descriptors: no_descriptors: too many open files", Kind.NOT_READY, ["Retry-After"]),
)


def parts_of(shared: Shared) -> dict[str, Part]:
    """How it is with each thing that taking work depends on. `fault` is of a closed set."""
    parts = {
        "pool": _pool(shared),
        "drain": Part(not shared.traffic.draining, requests=shared.traffic.under_way),
        "descriptors": _descriptors(),
    }
    if shared.jobs is not None:
        fault = shared.jobs.store.fault
        parts["store"] = Part(True) if fault is None else Part(False, fault=fault.reason, detail=fault.detail)
        detail = "a fault in masthead ended the work on jobs: the log has it"
        parts["jobs"] = Part(True) if shared.jobs.alive else Part(False, fault="stopped", detail=detail)
    return parts


def require_ready(shared: Shared) -> None:
    """Raise a 503 Problem where a list could not be worked on: it would be taken, and lie there. A drain is
    the traffic's to tell."""
    for name, part in parts_of(shared).items():
        if not part.ready and name != "drain":
            kind = Kind.STORE_FAILED if name == "store" else Kind.NOT_READY
            headers = {"Retry-After": str(RETRY_AFTER_S)}
            raise Problem(503, f"{name}: {part.fault}: {part.detail}", kind, headers=headers)


def _pool(shared: Shared) -> Part:
    inspector = shared.inspector
    if inspector.alive:
        return Part(True, workers=inspector.workers)
    detail = "no worker process lives long enough to judge anything"
    return Part(False, workers=inspector.workers, fault="processes_dying", detail=detail)


def _descriptors() -> Part:
    """Whether one more file may be opened: neither a client nor a URL gets a connection else."""
    reason = find_shortage()
    return Part(True) if reason is None else Part(False, fault="no_descriptors", detail=reason)
