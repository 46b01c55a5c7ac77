"""The table of what the API answers."""

from aiohttp import web

from service.api import checks, health, inspections, job_events, job_results, job_submission, jobs
from service.api.envelope import dress, envelope
from service.api.shared import SHARED, Shared


def build_app(shared: Shared) -> web.Application:
    """The application, ready to be served by `listener.listen`."""
    app = web.Application(middlewares=[envelope])
    app[SHARED] = shared
    app.on_response_prepare.append(dress)
    app.router.add_post("/v1/inspections", inspections.inspect)
    app.router.add_post("/v1/jobs", job_submission.submit)
    app.router.add_get("/v1/jobs", jobs.list_jobs)
    app.router.add_get("/v1/jobs/{id}", jobs.show)
    app.router.add_delete("/v1/jobs/{id}", jobs.delete)
    app.router.add_post("/v1/jobs/{id}/cancel", jobs.cancel)
    app.router.add_get("/v1/jobs/{id}/results", job_results.results)
    app.router.add_get("/v1/jobs/{id}/events", job_events.events, allow_head=False)
    app.router.add_get("/v1/checks", checks.list_checks)
    app.router.add_get("/metrics", health.metrics)
    app.router.add_get("/livez", health.livez)
    app.router.add_get("/readyz", health.readyz)
    return app
