"""Our Observatory against the Observatory: its own test suite's cases, and real sites it graded."""

import pytest

from tests.conformance.cases import folder, rows, table
from workers.model import Observatory
from workers.observatory import (
    NO_ANSWER,
    Evidence,
    HttpEntry,
    HttpsAnswer,
    Preflight,
    Step,
    grade,
)
from workers.observatory.csp_policy import InvalidPolicy, parse_policies
from workers.observatory.evidence import read_address
from workers.observatory.http_equiv import read_meta_headers
from workers.observatory.score_table import ALGORITHM, GRADES, SCORES
from workers.observatory.scoring import BASE_SCORE, EXTRA_CREDIT_FROM, grade_of
from workers.syntax.outline import with_outline

SOME_SITE = "https://example.com/"  # where a real row has no URL, or a template of one


def test_the_observatorys_own_cases_get_its_own_results():
    """Each case runs one test: result, modifier and pass are its own."""
    scores = {row["result"]: row["modifier"] for row in table("observatory_v6_scores")["results"]}
    wrong = []
    for row in rows("observatory_cases"):
        if "test" not in row:
            continue
        got = grade(_case_evidence(row["input"])).tests[row["test"]]
        expected = row["expected"]["result"], scores[row["expected"]["result"]], row["expected"]["pass"]
        if (got.result, got.modifier, got.passed) != expected:
            wrong.append((row["id"], expected, got))
    assert wrong == []


def test_real_sites_get_the_observatorys_grades():
    """Every test, score and grade of every row."""
    headers = {row["id"]: row for row in rows("real_headers")}
    wrong = []
    for row in rows("real_observatory"):
        expected = {name: tuple(test) for name, test in row["tests"].items()}
        got = grade(_real_evidence(headers[row["id"]]))
        different = {
            name: (test, expected[name]) for name, test in _tests(got).items() if test != expected[name]
        }
        if different or (got.score, got.grade, got.algorithm) != (
            row["score"],
            row["grade"],
            row["algorithm"],
        ):
            wrong.append((row["id"], different, got.score, row["score"]))
    assert wrong == []


def test_policies_are_parsed_as_its_parser_does():
    cases = [row for row in rows("observatory_cases") if row.get("function") == "parseCsp"]
    wrong = [
        (row["id"], row["expected"]) for row in cases if _parse_policies(row["args"][0]) != row["expected"]
    ]
    assert wrong == []


def test_pages_are_read_as_its_reader_does():
    wrong = []
    for row in rows("observatory_cases"):
        if row.get("function") != "parseHttpEquivHeaders":
            continue
        html, url = row["args"]
        page = Evidence(url=url, status=200, headers=with_outline([("Content-Type", "text/html")]), body=html)
        meta = read_meta_headers(page)
        got = {"content-security-policy": list(meta.policies)}
        if meta.referrer_policy is not None:
            got["referrer-policy"] = [meta.referrer_policy]
        if got != row["expected"]:
            wrong.append((row["id"], got, row["expected"]))
    assert wrong == []


def test_scores_become_grades_as_its_grader_does():
    cases = [row for row in rows("observatory_cases") if row.get("function") == "getGradeForScore"]
    got = [{"score": max(row["args"][0], 0), "grade": grade_of(row["args"][0])} for row in cases]
    assert got == [row["expected"] for row in cases]


def test_the_figures_are_those_of_algorithm_6():
    figures = table("observatory_v6_scores")
    assert figures["algorithm_version"] == ALGORITHM
    assert figures["base"] == BASE_SCORE
    assert figures["extra_credit_min_uncurved"] == EXTRA_CREDIT_FROM
    assert {int(score): letter for score, letter in figures["grades"].items()} == GRADES
    assert {row["result"]: (row["modifier"], row["pass"]) for row in figures["results"]} == SCORES


@pytest.fixture(autouse=True)
def _needs_the_sets() -> None:
    folder()


def _tests(observatory: Observatory) -> dict[str, tuple[str, int, bool | None]]:
    return {name: (test.result, test.modifier, test.passed) for name, test in observatory.tests.items()}


def _parse_policies(policies: list[str]) -> dict[str, list[str]] | None:
    try:
        policy = parse_policies(policies)
    except InvalidPolicy:
        return None
    found = {name: sorted(sources) for name, sources in policy.directives.items()}
    if policy.repeats:
        repeated = [name for name in ("report-to", "report-uri") if name in found]
        found["_observatory_duplicate_key_warnings"] = repeated
    return found


def _fields(pairs: list[list[str]]) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name, value in pairs)


def _steps(chain: list[dict[str, object]]) -> tuple[Step, ...]:
    return tuple(Step(str(step["url"]), int(str(step["status"]))) for step in chain)


def _case_evidence(case: dict) -> Evidence:
    url = case["url"]
    cors = case["cors"]
    return Evidence(
        url=url,
        status=case["status"],
        headers=with_outline(_fields(case["headers"])),
        site=f"{read_address(url).scheme}://{case['hostname']}/",
        https=HttpsAnswer(_fields(case["https_headers"]), case["verified_https"])
        if case["https"]
        else NO_ANSWER,
        http_entry=HttpEntry(_steps(case["redirects"]), case["verified_http"]) if case["http"] else NO_ANSWER,
        preflight=Preflight(cors["status"], _fields(cors["headers"]), cors["origin"]) if cors else NO_ANSWER,
        body=case["body"] or "",
    )


def _real_evidence(row: dict) -> Evidence:
    """As the set's README says: all of it gathered, and nothing there but the page."""
    url = row["url"] if read_address(row["url"] or "").host else SOME_SITE
    address = read_address(url)
    page = Step(url, row["status"])
    https = address.scheme == "https"
    return Evidence(
        url=url,
        status=row["status"],
        headers=with_outline(_fields(row["headers"])),
        https=HttpsAnswer(_fields(row["headers"])) if https else NO_ANSWER,
        http_entry=HttpEntry((Step(f"http://{address.host}/", 301), page) if https else (page,)),
        preflight=NO_ANSWER,
        body="",
    )
