"""The daemon with several loops: the same answers, one metrics page, and health that tells of them all."""

import asyncio
import os
import re

import aiohttp

from tests.service.api.daemons import Origin, run_daemon
from tests.service.loops.running import children, kill

DEADLINE_S = 30


async def test_results_are_in_order_and_counted_once_on_one_page(origin: Origin) -> None:
    urls = [f"{origin.url}/{n}" for n in range(20)] + ["10.0.0.1", "http://["] * 10
    async with run_daemon(loops=2) as daemon:
        for _ in range(3):
            async with daemon.client.post("/v1/inspections", json={"urls": urls}) as answer:
                assert answer.status == 200
                results = (await answer.json())["results"]
            assert [result["input"] for result in results] == urls
        page = await _metrics(daemon.client)
    assert page['masthead_inspections_total{code="",outcome="ok",stage=""}'] == 60
    assert page['masthead_inspections_total{code="blocked_address",outcome="error",stage="policy"}'] == 30
    assert page['masthead_inspections_total{code="invalid_url",outcome="error",stage="input"}'] == 30
    assert page['masthead_phase_duration_seconds_count{phase="response"}'] == 60
    assert page["masthead_inspection_duration_seconds_count"] == 120
    assert page["masthead_inflight"] == 0
    assert page["masthead_loop_restarts_total"] == 0


async def test_probes_are_judged_by_a_worker_of_their_own(origin: Origin) -> None:
    async with run_daemon(loops=2, checks="all", workers=2) as daemon:
        async with daemon.client.get("/probe", params={"target": origin.url}) as answer:
            text = await answer.text()
        page = await _metrics(daemon.client)
    assert "probe_success 1.0\n" in text
    assert "probe_header_grade_score " in text
    assert page['masthead_inspections_total{code="",outcome="ok",stage=""}'] == 1
    assert page["masthead_pool_workers"] == 2


async def test_gauges_and_lag_are_of_all_loops(origin: Origin) -> None:
    async with run_daemon(loops=2, checks="all", workers=3) as daemon:
        asking = asyncio.create_task(
            daemon.client.post("/v1/inspections", json={"urls": [f"{origin.url}/slow"] * 3})
        )
        await origin.asked.wait()
        async with asyncio.timeout(DEADLINE_S):
            while (page := await _metrics(daemon.client))["masthead_inflight"] < 3 or not _lags(page):
                await asyncio.sleep(0.01)
        assert page["masthead_pool_workers"] == 3
        lags = _lags(page)
        origin.release.set()
        async with await asking as answer:
            assert len((await answer.json())["results"]) == 3
        assert _lags(await _metrics(daemon.client)) >= lags


async def test_a_loop_that_is_killed_is_replaced_and_told(origin: Origin) -> None:
    async with run_daemon(loops=2) as daemon:
        for pid in children(os.getpid()):
            kill(pid)
        async with daemon.client.post("/v1/inspections", json={"urls": [origin.url] * 5}) as answer:
            results = (await answer.json())["results"]
        assert {result["outcome"] for result in results} == {"ok"}
        async with asyncio.timeout(DEADLINE_S):
            while (await _metrics(daemon.client))["masthead_loop_restarts_total"] < 2:
                await asyncio.sleep(0.01)
        async with daemon.client.get("/readyz") as answer:
            assert answer.status == 200


async def test_what_a_client_leaves_behind_is_nothing(origin: Origin) -> None:
    async with run_daemon(loops=2) as daemon:
        asking = asyncio.create_task(
            daemon.client.post("/v1/inspections", json={"urls": [f"{origin.url}/slow"]})
        )
        await origin.asked.wait()
        asking.cancel()
        async with asyncio.timeout(DEADLINE_S):
            await origin.abandoned.wait()
            while (await _metrics(daemon.client))["masthead_inflight"]:
                await asyncio.sleep(0.01)
        async with daemon.client.post("/v1/inspections", json={"urls": [origin.url]}) as answer:
            assert answer.status == 200


async def _metrics(client: aiohttp.ClientSession) -> dict[str, float]:
    async with client.get("/metrics") as answer:
        text = await answer.text()
    return {name: float(value) for name, value in re.findall(r"(?m)^([^#\s].*) (\S+)$", text)}


def _lags(page: dict[str, float]) -> float:
    return page["masthead_event_loop_lag_seconds_count"]
