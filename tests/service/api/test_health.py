"""Health and metrics, as probers and scrapers ask for them."""

import asyncio

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse_text

from tests.service.api.daemons import Daemon, Origin, run_daemon


async def test_alive(daemon: Daemon) -> None:
    async with daemon.client.get("/livez") as answer:
        assert (answer.status, await answer.json()) == (200, {"status": "alive"})


async def test_ready_tells_each_part() -> None:
    async with run_daemon(checks="all") as daemon, daemon.client.get("/readyz") as answer:
        assert answer.status == 200
        assert await answer.json() == {
            "status": "ready",
            "parts": {
                "pool": {"ready": True, "workers": 1},
                "drain": {"ready": True, "requests": 1},
                "descriptors": {"ready": True},
            },
        }


async def test_a_draining_daemon_is_alive_but_not_ready_and_takes_no_inspections(daemon: Daemon) -> None:
    daemon.traffic.drain()
    async with daemon.client.get("/readyz") as answer:
        assert answer.status == 503
        parts = (await answer.json())["parts"]
        assert (parts["pool"]["ready"], parts["drain"]["ready"]) == (True, False)
    async with daemon.client.get("/livez") as answer:
        assert answer.status == 200
    async with daemon.client.post("/v1/inspections", json={"urls": ["x"]}) as answer:
        assert answer.status == 503
        assert answer.headers["Connection"] == "close"
        assert "Retry-After" in answer.headers


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        (None, "text/plain; version=0.0.4; charset=utf-8"),
        ("text/html", "text/plain; version=0.0.4; charset=utf-8"),
        (
            "application/openmetrics-text;version=1.0.0",
            "application/openmetrics-text; version=1.0.0; charset=utf-8",
        ),
        (  # what Prometheus 3 sends
            "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,text/plain;q=0.4,*/*;q=0.1",
            "application/openmetrics-text; version=1.0.0; charset=utf-8",
        ),
        ("application/openmetrics-text;q=0.1,text/plain;q=0.9", "text/plain; version=0.0.4; charset=utf-8"),
    ],
)
async def test_metrics_come_in_the_format_that_is_accepted(
    daemon: Daemon, accept: str | None, content_type: str
) -> None:
    async with daemon.client.get("/metrics", headers={"Accept": accept} if accept else {}) as answer:
        assert answer.status == 200
        assert answer.headers["Content-Type"] == content_type
        parse = parse_openmetrics if "openmetrics" in content_type else parse_text
        names = {family.name for family in parse(await answer.text())}
    assert {"masthead_event_loop_lag_seconds", "masthead_inflight", "process_cpu_seconds"} <= names


async def test_metrics_tell_what_was_inspected_and_what_is_under_way(origin: Origin) -> None:
    async with run_daemon(checks="all") as daemon:
        urls = [origin.url, "no url", "http://10.0.0.1/"]
        async with daemon.client.post("/v1/inspections", json={"urls": urls}) as answer:
            assert answer.status == 200
        asking = asyncio.create_task(
            daemon.client.post("/v1/inspections", json={"urls": [f"{origin.url}/slow"]})
        )
        await origin.asked.wait()
        async with daemon.client.get("/metrics") as answer:
            lines = set((await answer.text()).splitlines())
        origin.release.set()
        (await asking).close()
    assert {
        'masthead_inspections_total{code="",outcome="ok",stage=""} 1.0',
        'masthead_inspections_total{code="invalid_url",outcome="error",stage="input"} 1.0',
        'masthead_inspections_total{code="blocked_address",outcome="error",stage="policy"} 1.0',
        'masthead_inspections_total{code="dns_timeout",outcome="error",stage="resolve"} 0.0',
        'masthead_phase_duration_seconds_count{phase="connect"} 1.0',
        'masthead_phase_duration_seconds_count{phase="tls"} 0.0',
        'masthead_responses_total{code="200"} 1.0',
        'masthead_findings_total{id="referrer-policy-missing"} 1.0',
        "masthead_inspection_duration_seconds_count 3.0",
        "masthead_analysis_duration_seconds_count 1.0",
        "masthead_inflight 1.0",
        "masthead_pool_workers 1.0",
        "masthead_pool_restarts_total 0.0",
        'masthead_queue_depth{queue="analyse"} 0.0',
        'masthead_http_requests_total{code="200",method="POST",route="/v1/inspections"} 1.0',
    } <= lines


async def test_the_loop_s_lag_is_sampled(daemon: Daemon) -> None:
    async with asyncio.timeout(10):
        while True:
            async with daemon.client.get("/metrics") as answer:
                lines = (await answer.text()).splitlines()
            (count,) = [line for line in lines if line.startswith("masthead_event_loop_lag_seconds_count ")]
            if float(count.split()[1]) > 0:
                return
