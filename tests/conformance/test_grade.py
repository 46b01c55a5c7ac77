"""`masthead grade`, run as users run it, against the Observatory: real sites, and its own test suite."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.cases import folder, rows, table
from tests.service.commands.running import masthead
from workers.observatory.evidence import read_address

SOME_SITE = "https://example.com/"  # where a real row has no URL, or a template of one


@pytest.mark.parametrize("says_redirects", [True, False])
async def test_real_sites_get_the_observatorys_grades(tmp_path: Path, says_redirects: bool) -> None:
    """Every test, score and grade of every row. The chain that the set assumes is the one that is taken for
    granted where a line names none."""
    expected = {row["id"]: row for row in rows("real_observatory")}
    lines = [_real_line(row, says_redirects) for row in rows("real_headers")]
    wrong = []
    for record in await _grade(tmp_path, lines):
        row = expected.pop(record["id"])
        if record["report"]["observatory"] is None:  # the Observatory would refuse the page: it has no grade
            assert not 200 <= record["status"] < 400
            continue
        got = _verdict(record)
        wanted = {name: tuple(test) for name, test in row["tests"].items()}, row["score"], row["grade"]
        if got != wanted or record["report"].get("partial"):
            wrong.append((record["id"], got, wanted))
    assert wrong == []
    assert expected == {}


async def test_the_observatorys_own_cases_get_its_own_results(tmp_path: Path) -> None:
    """Each case runs one test. Those that a header set can say are run: all but the few on a host other than
    the URL's, on no https at all, and on certificates of the two sites that differ."""
    scores = {row["result"]: row["modifier"] for row in table("observatory_v6_scores")["results"]}
    cases = {
        row["id"]: row for row in rows("observatory_cases") if "test" in row and _can_be_said(row["input"])
    }
    assert len(cases) >= 195
    wrong = []
    for record in await _grade(tmp_path, [_case_line(case) for case in cases.values()]):
        case = cases.pop(record["id"])
        if record["report"]["observatory"] is None:
            assert not 200 <= record["status"] < 400
            continue
        expected = case["expected"]["result"]
        got = _verdict(record)[0][case["test"]]
        if got != (expected, scores[expected], case["expected"]["pass"]):
            wrong.append((record["id"], expected, got))
    assert wrong == []
    assert cases == {}


@pytest.fixture(autouse=True)
def _needs_the_sets() -> None:
    folder()


async def _grade(tmp_path: Path, lines: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    file = tmp_path / "sets.jsonl"
    file.write_text("".join(f"{json.dumps(line)}\n" for line in lines), encoding="utf-8")
    result = await masthead("grade", "-q", file)
    assert (result.status, result.err) == (0, "")
    records = list(map(json.loads, result.out.splitlines()))
    assert [record["seq"] for record in records] == list(range(1, len(lines) + 1))
    return iter(records)


def _verdict(record: dict[str, Any]) -> tuple[dict[str, tuple[str, int, bool | None]], int, str]:
    observatory = record["report"]["observatory"]
    tests = {
        name: (test["result"], test["modifier"], test["pass"]) for name, test in observatory["tests"].items()
    }
    return tests, observatory["score"], observatory["grade"]


def _real_line(row: dict[str, Any], says_redirects: bool) -> dict[str, Any]:
    url = row["url"] if read_address(row["url"] or "").host else SOME_SITE
    line = {"id": row["id"], "url": url, "status": row["status"], "headers": row["headers"]}
    if says_redirects:
        page = {"url": url, "status": row["status"]}
        address = read_address(url)
        entry = [{"url": f"http://{address.host}/", "status": 301}] if address.scheme == "https" else []
        line["redirects"] = [*entry, page]
    return line


def _can_be_said(case: dict[str, Any]) -> bool:
    return (
        case["https"]
        and case["hostname"] == read_address(case["url"]).host
        and (not case["http"] or case["verified_http"] or not case["verified_https"])
    )


def _case_line(row: dict[str, Any]) -> dict[str, Any]:
    case = row["input"]
    line = {name: case[name] for name in ("url", "status", "headers", "redirects", "https_headers", "body")}
    line |= {"id": row["id"], "http": case["http"], "verified": case["verified_https"]}
    if case["cors"]:
        line["cors"] = {name: case["cors"][name] for name in ("status", "headers", "origin")}
    return line
