"""The table of what the API answers: an operation that is not in it has no route."""

from functools import partial
from typing import Final

from aiohttp import web

from service.api import (
    checks,
    docs,
    health,
    inspections,
    job_events,
    job_results,
    job_submission,
    jobs,
    probe,
    reload,
)
from service.api.docs import DESCRIPTION, Description
from service.api.envelope import dress, envelope
from service.api.openapi import build_document
from service.api.operation import Operation
from service.api.shared import SHARED, Shared

OPERATIONS: Final[tuple[Operation, ...]] = (
    inspections.inspect,
    job_submission.submit,
    jobs.list_jobs,
    jobs.show,
    jobs.delete,
    jobs.cancel,
    job_results.results,
    job_events.events,
    checks.list_checks,
    probe.probe,
    reload.reload,
    health.metrics,
    health.livez,
    health.readyz,
    docs.openapi,
    docs.page,
)


def build_app(shared: Shared) -> web.Application:
    """The application, ready to be served by `listener.listen`."""
    app = web.Application(middlewares=[envelope])
    app[SHARED] = shared
    wants_token = bool(shared.access.tokens)
    app[DESCRIPTION] = Description(
        partial(build_document, OPERATIONS, shared.settings, wants_token=wants_token)
    )
    app.on_response_prepare.append(dress)
    for operation in OPERATIONS:
        operation.add_to(app.router)
    return app
