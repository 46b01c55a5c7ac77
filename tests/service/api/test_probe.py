"""`GET /probe` as Prometheus asks for it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from service.api.probe import TIMEOUT_HEADER, read_timeout
from service.telemetry.metrics import OPENMETRICS
from tests.service.api.daemons import Daemon, Origin, run_daemon

MODULES = """\
modules:
  graded:
    prober: http
    http: {preferred_ip_protocol: ip4, fail_if_grade_below: A, headers: {X-Key: secret}}
"""


@pytest.fixture
async def judging(tmp_path: Path) -> AsyncIterator[Daemon]:
    file = tmp_path / "modules.yml"
    file.write_text(MODULES)
    async with run_daemon(checks="all", modules=str(file)) as daemon:
        yield daemon


async def ask(daemon: Daemon, headers: dict[str, str] | None = None, **query: str) -> tuple[int, str]:
    async with daemon.client.get("/probe", params=query, headers=headers) as response:
        return response.status, await response.text()


async def test_a_target_is_answered_with_metrics(judging: Daemon, origin: Origin) -> None:
    status, text = await ask(judging, target=origin.url)
    assert status == 200
    assert "probe_success 1.0\n" in text
    assert "probe_http_status_code 200.0\n" in text
    assert "probe_header_grade_score " in text
    assert origin.requests[0].startswith("GET / HTTP/1.1\r\n")
    assert "masthead_" not in text


async def test_why_it_failed_is_a_metric(judging: Daemon, origin: Origin) -> None:
    status, text = await ask(judging, target=origin.url, module="graded")
    assert status == 200
    assert "probe_success 0.0\n" in text
    assert 'probe_failure_info{code="grade_below",stage="expect"} 1.0\n' in text


async def test_debug_tells_the_probe_s_own_story_and_no_credential(judging: Daemon, origin: Origin) -> None:
    status, text = await ask(judging, target=origin.url, module="graded", debug="true")
    assert status == 200
    for part in ("Logs for the probe:", "Metrics that would have been returned:", "Module configuration:"):
        assert f"{part}\n" in text
    assert f"GET {origin.url}/ at 127.0.0.1:" in text
    assert "  HTTP/1.1 200 OK\n  Content-Type: text/html\n" in text
    assert "failed at expect with grade_below: expected the grade A or better, got " in text
    assert "fail_if_grade_below: A" in text
    assert "X-Key: secret" in origin.requests[0]
    assert "secret" not in text


async def test_openmetrics_is_given_to_who_accepts_it(daemon: Daemon, origin: Origin) -> None:
    headers = {"Accept": OPENMETRICS}
    async with daemon.client.get("/probe", params={"target": origin.url}, headers=headers) as response:
        assert response.headers["Content-Type"] == OPENMETRICS
        assert (await response.text()).endswith("# EOF\n")


@pytest.mark.parametrize(
    ("query", "detail"),
    [
        ("", "expected a target, got none"),
        ("target=", "expected a target, got none"),
        ("target=a&target=b", "expected one target, got 2"),
        ("target=a&hostname=a%0D%0AX:%20y", "expected a hostname such as example.com, got 'a\\r\\nX: y'"),
        ("target=a&module=no-such", "there is no module 'no-such'; there are http_2xx"),
    ],
)
async def test_what_cannot_be_probed_is_refused(query: str, detail: str, daemon: Daemon) -> None:
    async with daemon.client.get(f"/probe?{query}") as response:
        assert response.status == 400
        assert (await response.json())["detail"] == detail


@pytest.mark.parametrize(
    ("header", "module_s", "timeout_s"),
    [
        (None, 5.0, 5.0),
        ("10", 5.0, 5.0),
        ("3", 5.0, 2.5),
        ("0.4", 5.0, 5.0),
        ("0", 5.0, 5.0),
        ("1e1", 15.0, 9.5),
    ],
)
def test_a_probe_ends_before_its_scrape(header: str | None, module_s: float, timeout_s: float) -> None:
    assert read_timeout(header, module_s, 0.5) == timeout_s


@pytest.mark.parametrize("header", ["soon", "nan", "inf", "-1", ""])
def test_a_scrape_s_timeout_that_is_none_is_refused(header: str) -> None:
    assert read_timeout(header, 5.0, 0.5) is None


async def test_all_that_is_wrong_is_told_at_once(daemon: Daemon) -> None:
    wrong = "target=&module=no-such&module=other&hostname=a%20b"
    async with daemon.client.get(f"/probe?{wrong}", headers={TIMEOUT_HEADER: "soon"}) as response:
        problem = await response.json()
    assert (response.status, problem["detail"]) == (400, "5 faults in the request")
    assert problem["errors"] == [
        {"detail": "expected a target, got none", "location": "query parameter target"},
        {"detail": "expected one module, got 2", "location": "query parameter module"},
        {
            "detail": "there is no module 'no-such'; there are http_2xx",
            "location": "query parameter module",
        },
        {
            "detail": "expected a hostname such as example.com, got 'a b'",
            "location": "query parameter hostname",
        },
        {
            "detail": f"expected a number of seconds in {TIMEOUT_HEADER}, got 'soon'",
            "location": f"header {TIMEOUT_HEADER}",
        },
    ]


async def test_a_silent_target_is_given_up_in_time(daemon: Daemon, origin: Origin) -> None:
    status, text = await ask(daemon, {TIMEOUT_HEADER: "0.75"}, target=f"{origin.url}/slow")
    assert status == 200
    assert "probe_timeout_seconds 0.25\n" in text
    assert 'probe_failure_info{code="deadline_exceeded",stage="exchange"} 1.0\n' in text


async def test_a_probe_wants_a_token_where_tokens_are(origin: Origin) -> None:
    async with run_daemon(token=("prometheus:abc",)) as daemon:
        status, _ = await ask(daemon, target=origin.url)
        assert status == 401
        status, _ = await ask(daemon, {"Authorization": "Bearer abc"}, target=origin.url)
        assert status == 200
    assert len(origin.requests) == 1


async def test_probes_are_counted_by_module_and_result(daemon: Daemon, origin: Origin) -> None:
    await ask(daemon, target=origin.url)
    await ask(daemon, target="http://[/")
    async with daemon.client.get("/metrics") as response:
        text = await response.text()
    assert 'masthead_probes_total{module="http_2xx",result="success"} 1.0\n' in text
    assert 'masthead_probes_total{module="http_2xx",result="failure"} 1.0\n' in text
