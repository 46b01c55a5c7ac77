"""A job outlives the container that works on it."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tests.container.stack import Stack, wait_for

URLS = 32  # at a host that takes a second, four at once: eight seconds, of which the stop takes some away


def list_of_slow_sites() -> str:
    return "".join(f"http://slow.masthead.test/?page={number}\n" for number in range(URLS))


def records_of(stack: Stack, job: str) -> list[dict[str, Any]]:
    records = stack.ask(f"{job}/results?limit=1000")["results"]
    assert isinstance(records, list)
    return records


def test_a_stop_drains_and_after_the_next_start_the_job_ends_whole(stack: Stack) -> None:
    options = ("--header", "Content-Type: text/plain", "--data-binary", list_of_slow_sites())
    job = f"/v1/jobs/{stack.ask('/v1/jobs', *options)['id']}"
    wait_for("the first records", lambda: stack.ask(job)["done"])
    stack.compose("stop", "masthead")
    assert stack.inspect("masthead")["State"]["ExitCode"] == 0
    stack.compose("up", "--detach", "--wait", "masthead")
    wait_for("the job's end", lambda: stack.ask(job)["state"] == "done")
    records = records_of(stack, job)
    assert sorted(record["seq"] for record in records) == list(range(1, URLS + 1))
    assert {record["outcome"] for record in records} == {"ok"}, json.dumps(records)[:2_000]


def test_a_stop_in_the_middle_of_a_request_lets_it_be_answered(stack: Stack) -> None:
    """Within the drain: `docker stop` does not return before."""
    urls = json.dumps({"urls": [f"http://slow.masthead.test/?{n}" for n in range(8)]})
    with ThreadPoolExecutor() as threads:
        asked = threads.submit(stack.ask, "/v1/inspections", "--json", urls)
        wait_for("the request", lambda: stack.scrape("masthead_inflight"))
        stack.compose("stop", "masthead")
        results = asked.result()["results"]
    assert [record["outcome"] for record in results] == ["ok"] * 8
    assert stack.inspect("masthead")["State"]["ExitCode"] == 0
    stack.compose("up", "--detach", "--wait", "masthead")
