"""A newcomer's path, and the guard that stays on beside it."""

import json
from typing import Any

from tests.container.commands import attempt
from tests.container.stack import API, Stack

LIST = "good.masthead.test\npoor.masthead.test\nbroken.masthead.test\nhttp://prometheus:9090/\nhttp://10.0.0.1/\n"


def post(stack: Stack, urls: str) -> list[dict[str, Any]]:
    options = ("--header", "Content-Type: text/plain", "--data-binary", urls)
    results = stack.ask("/v1/inspections", *options)["results"]
    assert isinstance(results, list)
    return results


def tell(record: dict[str, Any]) -> Any:
    """The grade; the status of what cannot be graded; the code of what failed."""
    if record["error"]:
        return record["error"]["code"]
    return record["report"]["observatory"]["grade"] if record["report"]["gradable"] else record["status"]


def test_readme_s_commands_end_in_a_graded_list_and_an_answer_of_prometheus(stack: Stack) -> None:
    print(f"README's commands took {stack.took_s:.0f} s, the image being built already")
    answers = stack.told[stack.told.index('{"results"') :]
    inspected, end = json.JSONDecoder().raw_decode(answers)
    grades = [record["report"]["observatory"]["grade"] for record in inspected["results"]]
    assert grades == ["A+", "F"]
    (sample,) = json.loads(answers[end:])["data"]["result"]
    assert float(sample["value"][1]) == 2


def test_a_list_comes_back_whole_graded_where_it_can_be(stack: Stack) -> None:
    records = post(stack, LIST)
    assert [record["input"] for record in records] == LIST.split()
    assert [tell(record) for record in records] == ["A+", "F", 500, "blocked_address", "blocked_address"]


def test_https_is_verified_against_the_demonstration_s_authority(stack: Stack) -> None:
    good, self_signed = post(stack, "https://good.masthead.test/\nhttps://self-signed.masthead.test:8443/\n")
    assert good["hops"][0]["tls"]["verified"] is True
    assert self_signed["error"]["code"] == "tls_certificate"


def test_without_the_token_nothing_is_fetched(stack: Stack) -> None:
    command = ("curl", "--silent", "--output", "/dev/null", "--write-out", "%{http_code}")
    data = ("--json", '{"urls": ["good.masthead.test"]}', f"{API}/v1/inspections")
    assert attempt(*stack.engine.inside, *command, *data).stdout == "401"


def test_another_s_network_is_not_reached_from_the_sites(stack: Stack) -> None:
    """Their network is internal: what they are shown is all that they see."""
    code, said = stack.execute(
        "sites", "masthead", "headers", "--allow-net", "0.0.0.0/0", "http://prometheus:9090/"
    )
    assert (code, ": dns_" in said) == (1, True), said
