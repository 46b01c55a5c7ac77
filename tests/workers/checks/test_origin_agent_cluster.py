"""Origin-Agent-Cluster: a structured boolean."""

import pytest

from tests.workers.checks.cases import PAGE, Case, found_ids
from workers.checks.origin_agent_cluster import CHECK


def sent(name: str, *values: str, finds: tuple[str, ...] = (), url: str = "https://example.com/") -> Case:
    return Case(name, (PAGE, *(("Origin-Agent-Cluster", value) for value in values)), finds, url=url)


CASES = (
    sent("none"),
    sent("asked for", "?1"),
    sent("asked for, with a parameter", "?1;a=b"),
    sent("a word", "true", finds=("origin-agent-cluster-invalid",)),
    sent("a number", "1", finds=("origin-agent-cluster-invalid",)),
    sent("twice", "?1", "?1", finds=("origin-agent-cluster-invalid",)),
    sent("given up", "?0", finds=("origin-agent-cluster-given-up",)),
    sent("over http", "?1", finds=("origin-agent-cluster-over-http",), url="http://example.com/"),
    Case("an image's", (("Content-Type", "image/png"), ("Origin-Agent-Cluster", "1"))),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_finds_what_the_case_says(case: Case) -> None:
    assert found_ids(CHECK, case) == case.finds
