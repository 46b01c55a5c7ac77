"""The runbook, by its own words, on a system that works."""

import pytest

from tests.container.runbook import boxes
from tests.container.stack import Stack, wait_for

TESTED_BY_ITSELF = {"Back up", "Restore"}
ELSEWHERE = {"Kubernetes", "systemd"}  # in no engine of Docker's: `test_kubernetes`, `test_systemd`


def finish_a_job(stack: Stack) -> str:
    """The path of a job that is done."""
    urls = '{"urls": ["good.masthead.test", "poor.masthead.test"]}'
    job = f"/v1/jobs/{stack.ask('/v1/jobs', '--json', urls)['id']}"
    wait_for("the job's end", lambda: stack.ask(job)["state"] == "done")
    return job


@pytest.mark.parametrize("heading", [each for each in boxes() if each not in TESTED_BY_ITSELF | ELSEWHERE])
def test_a_section_s_commands_run_as_they_stand(stack: Stack, heading: str) -> None:
    stack.follow(boxes()[heading])
    assert stack.execute("masthead", "masthead", "health") == (0, "ready\n")


def test_a_restored_backup_has_the_jobs_that_it_had_and_no_others(stack: Stack) -> None:
    before = finish_a_job(stack)
    stack.follow(boxes()["Back up"])
    after = finish_a_job(stack)
    stack.follow(boxes()["Restore"])
    assert [job["id"] for job in stack.ask("/v1/jobs")["jobs"]].count(before.rpartition("/")[2]) == 1
    assert [record["seq"] for record in stack.ask(f"{before}/results")["results"]] in ([1, 2], [2, 1])
    assert after.rpartition("/")[2] not in {job["id"] for job in stack.ask("/v1/jobs")["jobs"]}
